import { ProgressDisplay, formatDuration } from '@lacuna/sweep';

/** One line about where a job stands and how long it will take. */
export class UpscaleProgress {
  private readonly total: number;
  private readonly display: ProgressDisplay | null;
  private done = 0;
  /** Pixels of this process: what lay there before took no time. */
  private worked = 0;
  private readonly started = performance.now();

  /**
   * @param total LR pixels of all files, planes and channels.
   * @param display null keeps silent.
   */
  constructor(total: number, display: ProgressDisplay | null = new ProgressDisplay()) {
    this.total = total;
    this.display = display;
  }

  /** Pixels that were found done. */
  skip(pixels: number): void {
    this.done += pixels;
  }

  add(name: string, pixels: number, place: string): void {
    this.done += pixels;
    this.worked += pixels;
    const seconds = (performance.now() - this.started) / 1000;
    const left = ((this.total - this.done) * seconds) / this.worked;
    this.display?.update('upscale', {
      name,
      text: `${place}${Math.floor((100 * this.done) / this.total)} %  ${formatDuration(left)} left`,
    });
  }

  /** Pixels that must be made again. */
  take(pixels: number): void {
    this.done -= pixels;
    this.worked -= pixels;
  }

  end(name: string, text: string): void {
    this.display?.end('upscale', { name, text });
  }

  print(text: string): void {
    this.display?.print(text);
  }
}

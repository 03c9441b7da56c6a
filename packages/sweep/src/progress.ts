/** Where one trial stands, as the display shows it. */
export interface TrialLine {
  readonly name: string;
  readonly text: string;
}

/**
 * One line a trial. On a terminal running trials are redrawn in place and ended ones scroll up; elsewhere (a log, CI) a line is
 * written when a trial changes its state and at most every ten seconds in between.
 */
export class ProgressDisplay {
  private readonly out: NodeJS.WriteStream;
  private readonly running = new Map<string, TrialLine>();
  private readonly lastWritten = new Map<string, number>();
  private drawn = 0;
  private readonly everyMs: number;

  constructor(out: NodeJS.WriteStream = process.stdout, options: { everyMs?: number } = {}) {
    this.out = out;
    this.everyMs = options.everyMs ?? 10_000;
  }

  update(id: string, line: TrialLine): void {
    this.running.set(id, line);
    if (this.out.isTTY) return this.draw();
    const now = Date.now();
    if (now - (this.lastWritten.get(id) ?? 0) < this.everyMs) return;
    this.lastWritten.set(id, now);
    this.out.write(`${line.name}  ${line.text}\n`);
  }

  /** The last word on a trial. */
  end(id: string, line: TrialLine): void {
    this.running.delete(id);
    this.print(`${line.name}  ${line.text}`);
  }

  /** A line between the trials' lines. */
  print(text: string): void {
    this.erase();
    this.out.write(`${text}\n`);
    if (this.out.isTTY) this.draw();
  }

  private erase(): void {
    if (this.out.isTTY && this.drawn > 0) this.out.write(`\x1b[${this.drawn}A\x1b[J`);
    this.drawn = 0;
  }

  private draw(): void {
    this.erase();
    const width = this.out.columns ?? 80;
    const lines = [...this.running.values()].map(({ name, text }) => `${name}  ${text}`.slice(0, width - 1));
    if (lines.length > 0) this.out.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }
}

/** "1 h 12 min", "3 min 20 s", "45 s". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole} s`;
}

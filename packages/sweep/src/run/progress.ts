import { printable } from '@lacuna/core';

/** Where one trial stands, as the display shows it. */
export interface TrialLine {
  readonly name: string;
  readonly text: string;
}

/**
 * One line a trial. On a terminal running trials are redrawn in place and ended ones scroll up; elsewhere (a log, CI)
 * a line is written when a trial changes its state and at most every ten seconds in between.
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
    this.out.write(printable(`${line.name}  ${line.text}\n`));
  }

  /** The last word on a trial. */
  end(id: string, line: TrialLine): void {
    this.running.delete(id);
    this.lastWritten.delete(id);
    this.print(`${line.name}  ${line.text}`);
  }

  /** A line between the trials' lines. */
  print(text: string): void {
    const line = printable(`${text}\n`);
    if (this.out.isTTY) this.draw(line);
    else this.out.write(line);
  }

  /**
   * One write a change, so that nothing flickers. What was drawn must fit the screen: the cursor cannot go up beyond
   * it.
   */
  private draw(above = ''): void {
    const width = (this.out.columns || 80) - 1;
    const room = Math.max(1, (this.out.rows || 24) - 2);
    const lines = [...this.running.values()].map(({ name, text }) => printable(`${name}  ${text}`));
    const shown = (
      lines.length <= room ? lines : [...lines.slice(0, room - 1), `... and ${lines.length - room + 1} more`]
    ).map((line) => `${line.slice(0, width)}\n`);
    this.out.write(`${this.drawn > 0 ? `\x1b[${this.drawn}A\x1b[J` : ''}${above}${shown.join('')}`);
    this.drawn = shown.length;
  }
}

/** "1 h 12 min", "3 min 20 s", "45 s". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return whole >= 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole} s`;
}

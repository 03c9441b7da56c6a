/** The end of what a process wrote, and the one line of it that says why it died. */
export class FailureReason {
  private tail = Buffer.alloc(0);
  private readonly bytes: number;

  constructor(bytes = 16_384) {
    this.bytes = bytes;
  }

  add(chunk: Buffer): void {
    const joined = Buffer.concat([this.tail, chunk]);
    this.tail = joined.subarray(Math.max(0, joined.length - this.bytes));
  }

  /**
   * The last line that names an error; without one, the last line that is no part of a stack trace; null for no
   * output.
   */
  text(): string | null {
    const lines = this.tail
      .toString('utf8')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !isTrace(line));
    return (
      lines.findLast((line) => /^(Uncaught\s+)?(\w*Error\b|FATAL ERROR\b|F\d{4} |terminate called)/.test(line)) ??
      lines.at(-1) ??
      null
    );
  }
}

/** Frames of JavaScript and native stacks, carets under source lines, and Node's own last line. */
const isTrace = (line: string): boolean => /^(at .+:\d+|at .+\)|\d+: 0x[0-9a-f]+|\^+|Node\.js v[\d.]+|[{}])/.test(line);

const NEWLINE = 10;

/**
 * Passes a stream of bytes on, line by line, without the lines that are noise. A line without its end is passed on
 * when the stream ends.
 */
export class LineFilter {
  private rest: Buffer = Buffer.alloc(0);
  private readonly isNoise: (line: string) => boolean;
  private readonly pass: (bytes: Buffer) => void;

  constructor(isNoise: (line: string) => boolean, pass: (bytes: Buffer) => void) {
    this.isNoise = isNoise;
    this.pass = pass;
  }

  add(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.passLine(bytes.subarray(from, end + 1));
      from = end + 1;
    }
    this.rest = bytes.subarray(from);
  }

  end(): void {
    if (this.rest.length > 0) this.passLine(this.rest);
    this.rest = Buffer.alloc(0);
  }

  private passLine(line: Buffer): void {
    if (!this.isNoise(line.toString('utf8').trimEnd())) this.pass(line);
  }
}

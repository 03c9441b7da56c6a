// What set-up says: one line a step, with time and size.

export const megabytes = (bytes) =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** Collects what was done, downloaded and missing; prints as it goes. */
export class Report {
  missing = [];
  downloaded = 0;
  #out;
  #started = Date.now();
  #spoke = false;

  constructor(out = process.stdout) {
    this.#out = out;
  }

  /** Whether anything was done, that is, whether any line was printed. */
  get spoke() {
    return this.#spoke;
  }

  get seconds() {
    return (Date.now() - this.#started) / 1000;
  }

  line(text) {
    this.#spoke = true;
    this.#out.write(`  ${text}\n`);
  }

  /** Runs one step and says how long it took. `work` returns what to say; null says nothing. */
  async step(name, work) {
    const start = Date.now();
    const said = await work();
    if (said) this.line(`${name}: ${said} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  }

  /** A piece that is not at hand: what goes without it, and the command that brings it. */
  lacks(piece, consequence, remedy) {
    this.missing.push({ piece, consequence, remedy });
  }

  /** A line every few seconds while something large arrives. */
  progress(name, bytesNow, total) {
    const began = Date.now();
    let last = 0;
    const timer = setInterval(() => {
      const bytes = bytesNow();
      if (bytes <= last) return;
      last = bytes;
      const share = total ? ` of ${megabytes(total)}, ${Math.min(99, Math.floor((100 * bytes) / total))} %` : '';
      this.line(`${name}: ${megabytes(bytes)}${share}, ${megabytes(bytes / ((Date.now() - began) / 1000))}/s`);
    }, 5000);
    return () => clearInterval(timer);
  }
}

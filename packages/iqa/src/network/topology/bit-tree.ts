/**
 * A set of numbers 0..size-1 that toggles members and tells its largest: words of 32 bits, and levels above that say
 * which words are not 0.
 */
export class BitTree {
  private readonly levels: Int32Array[] = [];

  constructor(size: number) {
    for (let n = size; ; n = (n + 31) >>> 5) {
      this.levels.push(new Int32Array((n + 31) >>> 5));
      if (n <= 32) break;
    }
  }

  /** Adds `i`, or takes it out. */
  toggle(i: number): void {
    for (const words of this.levels) {
      const word = i >>> 5;
      const before = words[word];
      words[word] = before ^ (1 << (i & 31));
      // A level above changes only where a word becomes, or ceases to be, 0.
      if (before !== 0 && words[word] !== 0) return;
      i = word;
    }
  }

  /** The largest member; -1 if there is none. */
  largest(): number {
    const { levels } = this;
    if (levels[levels.length - 1][0] === 0) return -1;
    let i = 0;
    for (let level = levels.length - 1; level >= 0; level--) i = (i << 5) | (31 - Math.clz32(levels[level][i]));
    return i;
  }

  /** All members, largest first; the set is empty afterwards. */
  drain(): Int32Array {
    const members: number[] = [];
    for (let i = this.largest(); i >= 0; i = this.largest()) {
      members.push(i);
      this.toggle(i);
    }
    return Int32Array.from(members);
  }
}

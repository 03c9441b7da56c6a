/** Below so many, the platform's own sort is faster. */
const FEW = 512;
const DIGIT = 11, VALUES = 1 << DIGIT;

/** Sorts lists of indices by their digits of eleven bits, the lowest first: a few steps for each index, however many there are. */
export class IndexSorter {
  private readonly digits: number;
  private readonly counts = new Int32Array(VALUES);
  private spare = new Int32Array(0);

  /** @param bound above every index. */
  constructor(bound: number) {
    this.digits = Math.ceil(Math.max(1, 32 - Math.clz32(bound - 1)) / DIGIT);
  }

  /** @returns the first `length` items in order: in `items` itself, or in an array that the next call uses again. */
  sort(items: Int32Array, length: number): Int32Array {
    if (length < FEW) {
      items.subarray(0, length).sort();
      return items;
    }
    if (this.spare.length < length) this.spare = new Int32Array(2 * length);
    let from: Int32Array = items, to: Int32Array = this.spare;
    for (let digit = 0; digit < this.digits; digit++) {
      const shift = digit * DIGIT, { counts } = this;
      counts.fill(0);
      for (let n = 0; n < length; n++) counts[(from[n] >>> shift) & (VALUES - 1)]++;
      for (let value = 0, start = 0; value < VALUES; value++) {
        const count = counts[value];
        counts[value] = start;
        start += count;
      }
      for (let n = 0; n < length; n++) to[counts[(from[n] >>> shift) & (VALUES - 1)]++] = from[n];
      [from, to] = [to, from];
    }
    return from;
  }
}

/** A growing list of pixel indices: four bytes each, where an array of numbers takes eight. */
export class IndexList {
  items: Int32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.items = new Int32Array(capacity);
  }

  /** Makes room for `more` indices behind the last: `items` may be another array then. */
  reserve(more: number): void {
    if (this.length + more <= this.items.length) return;
    const larger = new Int32Array(2 * this.items.length + more);
    larger.set(this.items);
    this.items = larger;
  }

  push(index: number): void {
    if (this.length === this.items.length) this.reserve(1);
    this.items[this.length++] = index;
  }
}

/** Hands out places in a kernel's memory, one after the other, each at a multiple of 16 bytes. */
export class Layout {
  private end = 0;

  take(bytes: number): number {
    const start = this.end;
    this.end = start + Math.ceil(bytes / 16) * 16;
    return start;
  }

  get bytes(): number {
    return this.end;
  }
}

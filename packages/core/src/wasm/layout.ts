/**
 * Where places begin. Large arrays of JavaScript lie 16 bytes behind the beginning of a page: copied to there from
 * the very beginning of one, each load would wait for a store whose address looks the same in its lowest twelve bits
 * (seven times slower on an AMD EPYC).
 */
export const FIRST_PLACE = 64;

/** Hands out places in a kernel's memory, one after the other, each at a multiple of 16 bytes. */
export class Layout {
  private end = FIRST_PLACE;

  take(bytes: number): number {
    const start = this.end;
    this.end = start + Math.ceil(bytes / 16) * 16;
    return start;
  }

  get bytes(): number {
    return this.end;
  }
}

import type { Intensities } from '../intensities.js';

/** Copies rows of any kind of image into a kernel's memory as float64. */
export class RowLoader {
  private readonly numbers: Float64Array;
  private readonly floats: Float32Array;

  /**
   * @param scratch where four bytes a pixel are free, rows rounded up to a multiple of 8.
   * @param promote the kernel's float32 to float64, by groups of four.
   */
  constructor(
    buffer: ArrayBuffer,
    private readonly scratch: number,
    private readonly promote: (from: number, to: number, count: number) => void,
  ) {
    this.numbers = new Float64Array(buffer);
    this.floats = new Float32Array(buffer);
  }

  /**
   * `count` pixels from index `from` on, `step` values apart, go to the address `to` (whose row may be overwritten up
   * to a multiple of 4).
   */
  load(data: Intensities['data'], from: number, step: number, count: number, to: number): void {
    const { numbers, floats, scratch } = this;
    if (step === 1 && data instanceof Float32Array) {
      floats.set(data.subarray(from, from + count), scratch / 4);
      this.promote(scratch, to, count);
    } else if (step === 1) numbers.set(data.subarray(from, from + count), to / 8);
    else for (let i = 0, at = to / 8; i < count; i++) numbers[at + i] = data[from + i * step];
  }
}

import type { Rng } from '@lacuna/core';

const WORDS = 4294967296;

/**
 * Standard normal numbers for whole images, one 32-bit word each (Box-Muller; cut at 6.7 sigma). `Rng.normal` has 53
 * bits and costs twice as much.
 */
export class NormalField {
  private readonly rng: Rng;
  private spare = 0;
  private hasSpare = false;

  constructor(rng: Rng) {
    this.rng = rng;
  }

  draw(): number {
    if (this.hasSpare) {
      this.hasSpare = false;
      return this.spare;
    }
    const radius = Math.sqrt(-2 * Math.log((this.rng.uint32() + 1) / WORDS));
    const angle = (2 * Math.PI * this.rng.uint32()) / WORDS;
    this.spare = radius * Math.sin(angle);
    this.hasSpare = true;
    return radius * Math.cos(angle);
  }

  /** Adds the next numbers, times a strength, to values. */
  addTo(values: Float32Array, strength: number): void {
    const { rng } = this;
    let i = 0;
    if (this.hasSpare && values.length > 0) values[i++] += strength * this.draw();
    for (; i + 1 < values.length; i += 2) {
      const radius = Math.sqrt(-2 * Math.log((rng.uint32() + 1) / WORDS));
      const angle = (2 * Math.PI * rng.uint32()) / WORDS;
      values[i] += strength * (radius * Math.cos(angle));
      values[i + 1] += strength * (radius * Math.sin(angle));
    }
    if (i < values.length) values[i] += strength * this.draw();
  }
}

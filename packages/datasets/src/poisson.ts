import type { Rng } from '@lacuna/core';

const WORDS = 4294967296;
/** Counts that inversion reaches at most. */
const MOST = 200;
/** 1 / k: a division in each step of the walk would take most of its time. */
const RECIPROCALS = Float64Array.from({ length: MOST + 1 }, (_, k) => 1 / k);

/**
 * Poisson numbers for whole volumes, one 32-bit word each: below a mean of 60 by inversion, walking up the distribution from 0; above it the nearest
 * whole number to the Cornish-Fisher quantile μ + √μ·z + (z² - 1)/6 + (z - z³)/(72·√μ), whose cumulative error there is below 10⁻³.
 * `Rng.poisson` is exact at any mean and costs ten times as much. Most of a volume is background of one mean: its table is kept.
 */
export class PoissonField {
  private readonly rng: Rng;
  private mean = -1;
  private readonly cumulative: number[] = [];
  /** Where to start for each first byte of a word. */
  private readonly guide = new Uint16Array(256);

  constructor(rng: Rng) {
    this.rng = rng;
  }

  draw(mean: number): number {
    if (mean >= 60) return fromNormal(mean, this.rng.normal());
    const word = this.rng.uint32();
    const u = (word + 0.5) / WORDS;
    if (mean === this.mean) {
      if (this.cumulative.length === 0) this.tabulate(mean);
      let count = this.guide[word >>> 24]!;
      while (u > this.cumulative[count]!) count++;
      return count;
    }
    this.mean = mean;
    this.cumulative.length = 0;
    let left = u, probability = Math.exp(-mean), count = 0;
    while (left > probability && count < MOST) {
      left -= probability;
      probability *= mean * RECIPROCALS[++count]!;
    }
    return count;
  }

  private tabulate(mean: number): void {
    let probability = Math.exp(-mean), sum = probability;
    this.cumulative.push(sum);
    for (let k = 1; k < MOST && sum < 1; k++) {
      probability *= mean / k;
      sum += probability;
      this.cumulative.push(sum);
    }
    this.cumulative[this.cumulative.length - 1] = 1;
    for (let byte = 0, k = 0; byte < 256; byte++) {
      while (this.cumulative[k]! < byte / 256) k++;
      this.guide[byte] = k;
    }
  }
}

function fromNormal(mean: number, z: number): number {
  const root = Math.sqrt(mean);
  return Math.max(0, Math.round(mean + root * z + (z * z - 1) / 6 + (z - z * z * z) / (72 * root)));
}

import type { Rng } from '@lacuna/core';
import { Layout } from '@lacuna/core/wasm';
import { TOGETHER, poissonKernel } from './kernels/poisson-walk.js';

const WORDS = 4294967296;
/** Counts that inversion reaches at most. */
const MOST = 200;
/** 1/1, 1/2, ...: a division in each step of the walk would take most of its time. */
const RECIPROCALS = Float64Array.from({ length: MOST }, (_, k) => 1 / (k + 1));
/** Numbers that are drawn before they walk. */
const BATCH = 4096;
/** Where the numbers that walk came from. */
const walkers = new Int32Array(BATCH);

/**
 * Poisson numbers for whole volumes, one 32-bit word each: below a mean of 60 by inversion, walking up the
 * distribution from 0; above it the nearest whole number to the Cornish-Fisher quantile μ + √μ·z + (z² - 1)/6 + (z -
 * z³)/(72·√μ), whose cumulative error there is below 10⁻³. `Rng.poisson` is exact at any mean and costs ten times as
 * much. Most of a volume is background of one mean: its table is kept.
 */
export class PoissonField {
  private readonly rng: Rng;
  private mean = -1;
  /** The distribution of that mean, once it comes a second time. */
  private cumulative: readonly number[] | null = null;
  /** Where to start for each first byte of a word. */
  private readonly guide = new Uint16Array(256);

  constructor(rng: Rng) {
    this.rng = rng;
  }

  /** Replaces each mean by a count. */
  replace(values: Float64Array): void {
    for (let from = 0; from < values.length; from += BATCH) this.replaceFew(values.subarray(from, from + BATCH));
  }

  private replaceFew(values: Float64Array): void {
    const layout = new Layout();
    const bytes = 8 * (values.length + TOGETHER);
    const [left, probability, mean, steps, reciprocals] = [
      layout.take(bytes),
      layout.take(bytes),
      layout.take(bytes),
      layout.take(bytes),
      layout.take(8 * MOST),
    ] as const;
    const { functions, buffer } = poissonKernel().reserve(layout.bytes);
    const numbers = new Float64Array(buffer);
    const words = new Int32Array(buffer);
    numbers.set(RECIPROCALS, reciprocals / 8);
    let count = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value >= 60) {
        values[i] = fromNormal(value, this.rng.normal());
        continue;
      }
      const word = this.rng.uint32();
      if (value === this.mean) {
        values[i] = this.fromTable(word);
        continue;
      }
      this.mean = value;
      this.cumulative = null;
      numbers[left / 8 + count] = (word + 0.5) / WORDS;
      numbers[probability / 8 + count] = Math.exp(-value);
      numbers[mean / 8 + count] = value;
      walkers[count++] = i;
    }
    const whole = Math.ceil(count / TOGETHER) * TOGETHER;
    // Who only fills the last group up is there at once.
    numbers.fill(0, left / 8 + count, left / 8 + whole);
    functions.walk(left, probability, mean, reciprocals, MOST, steps, whole);
    for (let n = 0; n < count; n++) values[walkers[n]] = words[steps / 4 + 2 * n];
  }

  private fromTable(word: number): number {
    const cumulative = (this.cumulative ??= this.tabulate(this.mean));
    const u = (word + 0.5) / WORDS;
    let count = this.guide[word >>> 24];
    while (u > cumulative[count]) count++;
    return count;
  }

  private tabulate(mean: number): readonly number[] {
    let probability = Math.exp(-mean);
    let sum = probability;
    const cumulative = [sum];
    for (let k = 1; k < MOST && sum < 1; k++) {
      probability *= mean / k;
      sum += probability;
      cumulative.push(sum);
    }
    cumulative[cumulative.length - 1] = 1;
    for (let byte = 0, k = 0; byte < 256; byte++) {
      while (cumulative[k] < byte / 256) k++;
      this.guide[byte] = k;
    }
    return cumulative;
  }
}

function fromNormal(mean: number, z: number): number {
  const root = Math.sqrt(mean);
  return Math.max(0, Math.round(mean + root * z + (z * z - 1) / 6 + (z - z * z * z) / (72 * root)));
}

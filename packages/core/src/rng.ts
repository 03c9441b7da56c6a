import { philoxBlocks } from './philox-kernel.js';

/**
 * Seeded random numbers that do not depend on the order in which they are asked for.
 *
 * Philox 4x32-10 (Salmon et al., SC 2011, doi 10.1145/2063384.2063405): a block of four 32-bit words is a function
 * of a 64-bit key and a 128-bit counter. `fork(label)` derives an independent stream from the key and the label
 * alone, so adding a draw in one place never changes the numbers in another.
 */
export interface Rng {
  /** An unsigned 32-bit integer. */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** A whole number, uniform in [0, bound). Unbiased (rejection). */
  integer(bound: number): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Poisson with the given mean: inversion below 30, else PTRS (Hörmann 1993), exact at any mean. */
  poisson(mean: number): number;
  /** Fisher-Yates, in place; returns the array. */
  shuffle<T>(items: T[]): T[];
  /** An independent stream; equal labels give equal streams, whatever was drawn before. */
  fork(label: string | number): Rng;
  /** Key and position: enough to go on exactly here. */
  state(): RngState;
}

/** Serialisable position of an {@link Rng}. */
export interface RngState {
  readonly key: readonly [number, number];
  readonly counter: number;
  readonly index: number;
  readonly spareNormal: number | null;
}

const MUL0 = 0xd2511f53;
const MUL1 = 0xcd9e8d57;
const WEYL0 = 0x9e3779b9;
const WEYL1 = 0xbb67ae85;

/** High 32 bits of the product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle = aHigh * bLow + (low >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(cross / 65536)) >>> 0;
}

/** One Philox 4x32-10 block: counter (4 words) and key (2 words) to 4 words, written into `out`. */
export function philox4x32(counter: ArrayLike<number>, key: readonly [number, number], out: Uint32Array): Uint32Array {
  let c0 = counter[0] >>> 0;
  let c1 = counter[1] >>> 0;
  let c2 = counter[2] >>> 0;
  let c3 = counter[3] >>> 0;
  let k0 = key[0] >>> 0;
  let k1 = key[1] >>> 0;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(MUL0, c0);
    const low0 = Math.imul(MUL0, c0) >>> 0;
    const high1 = multiplyHigh(MUL1, c2);
    const low1 = Math.imul(MUL1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL0) >>> 0;
    k1 = (k1 + WEYL1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
  return out;
}

/** 64-bit FNV-1a of a text's UTF-16 code units and a key, as two 32-bit words: the key of a fork. */
function deriveKey(key: readonly [number, number], label: string): [number, number] {
  let low = 0x84222325;
  let high = 0xcbf29ce4;
  const mix = (byte: number) => {
    // Times the prime 2^40 + 435, in halves of 32 bits: both products stay exact.
    const product = ((low ^ byte) >>> 0) * 435;
    high = (Math.imul(high, 435) + Math.floor(product / 4294967296) + ((low ^ byte) << 8)) >>> 0;
    low = product >>> 0;
  };
  for (const word of key) for (let shift = 0; shift < 32; shift += 8) mix((word >>> shift) & 0xff);
  for (let i = 0; i < label.length; i++) {
    const unit = label.charCodeAt(i);
    mix(unit & 0xff);
    mix(unit >>> 8);
  }
  // FNV alone leaves related labels correlated in the low bits: one Philox block mixes them fully.
  const block = philox4x32([low, high, label.length, 0x1ac], key, new Uint32Array(4));
  return [block[0], block[1]];
}

/** 53 bits of two words, in [0, 1). */
function fraction(high: number, low: number): number {
  return ((high >>> 5) * 67108864 + (low >>> 6)) / 9007199254740992;
}

/** Blocks that a stream makes ahead at most, in one call of the kernel. */
const MOST_AHEAD = 64;

class Philox implements Rng {
  /** Words of the blocks before block `next`: those from `at` to `end` are still to be drawn. */
  private words = new Uint32Array(4);
  private at = 0;
  private end = 0;
  private next = 0;
  private spareNormal: number | null = null;

  constructor(
    private readonly key: readonly [number, number],
    from?: RngState,
  ) {
    if (!from) return;
    this.spareNormal = from.spareNormal;
    this.next = from.counter;
    if (from.index === 4) return;
    this.next--;
    this.refill(1);
    this.at = from.index;
  }

  private refill(blocks: number): void {
    if (blocks === 1) philox4x32([this.next >>> 0, Math.floor(this.next / 4294967296), 0, 0], this.key, this.words);
    else {
      if (this.words.length < 4 * blocks) this.words = new Uint32Array(4 * MOST_AHEAD);
      philoxBlocks(this.next, this.key, blocks, this.words);
    }
    this.next += blocks;
    this.at = 0;
    this.end = 4 * blocks;
  }

  uint32(): number {
    if (this.at === this.end) {
      // Most streams are short: each step makes as many blocks as came before it. A counter's word of 32 bits must
      // not pass its end.
      const ahead = this.next < MOST_AHEAD ? this.next & -4 : MOST_AHEAD;
      this.refill(ahead === 0 || (this.next >>> 0) + ahead > 4294967295 ? 1 : ahead);
    }
    return this.words[this.at++];
  }

  uniform(): number {
    const { words, at } = this;
    if (at + 1 >= this.end) return fraction(this.uint32(), this.uint32());
    this.at = at + 2;
    return fraction(words[at], words[at + 1]);
  }

  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 4294967296)
      throw new RangeError(`rng.integer: bound ${bound} is not a whole number in 1..2^32`);
    const limit = 4294967296 - (4294967296 % bound);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % bound;
  }

  normal(): number {
    if (this.spareNormal !== null) {
      const spare = this.spareNormal;
      this.spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  poisson(mean: number): number {
    if (!(mean >= 0) || !Number.isFinite(mean))
      throw new RangeError(`rng.poisson: mean ${mean} is not a finite number >= 0`);
    if (mean < 30) {
      const limit = Math.exp(-mean);
      let count = 0;
      for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
      return count;
    }
    const b = 0.931 + 2.53 * Math.sqrt(mean);
    const a = -0.059 + 0.02483 * b;
    const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
    const accept = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
      const u = this.uniform() - 0.5;
      const v = this.uniform();
      const us = 0.5 - Math.abs(u);
      const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
      if (us >= 0.07 && v <= accept) return k;
      if (k < 0 || (us < 0.013 && v > us)) continue;
      if (
        Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b) <=
        -mean + k * Math.log(mean) - logFactorial(k)
      )
        return k;
    }
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }

  fork(label: string | number): Rng {
    return new Philox(deriveKey(this.key, String(label)));
  }

  state(): RngState {
    const drawn = 4 * this.next - (this.end - this.at);
    return { key: this.key, counter: Math.ceil(drawn / 4), index: drawn % 4 || 4, spareNormal: this.spareNormal };
  }
}

/** ln k!, by table below 10 and Stirling's series above (relative error below 1e-12). */
function logFactorial(k: number): number {
  if (k < 10) {
    let product = 1;
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  const n = k + 1;
  const inverse = 1 / n;
  const square = inverse * inverse;
  return (
    (n - 0.5) * Math.log(n) -
    n +
    0.5 * Math.log(2 * Math.PI) +
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
  );
}

/** A stream from a whole-number seed. */
export function createRng(seed: number): Rng {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`createRng: seed ${seed} is not a whole number >= 0`);
  return new Philox([seed >>> 0, Math.floor(seed / 4294967296) >>> 0]);
}

/** A stream that goes on exactly where {@link Rng.state} was taken. */
export function restoreRng(state: RngState): Rng {
  return new Philox(state.key, state);
}

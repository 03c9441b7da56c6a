import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { Intensities, Mask } from '../src/index.js';

/** An array as `tools/golden/store.py` packs it. */
export interface Packed {
  kind: 'bits' | 'u1' | 'u2' | 'i4' | 'f4' | 'f8';
  shape: number[];
  sha256: string;
  data: string;
}

/** The cases of one file of vectors. */
export function readGolden<Case>(name: string): Case[] {
  const file = JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), 'utf8')) as { cases: Case[] };
  return file.cases;
}

/** Unpacks and checks the digest. */
export function unpack(packed: Packed): Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array {
  const raw = inflateSync(Buffer.from(packed.data, 'base64'));
  const digest = createHash('sha256').update(raw).digest('hex');
  if (digest !== packed.sha256)
    throw new Error(`golden array ${packed.shape.join(' x ')}: SHA-256 ${digest}, wanted ${packed.sha256}`);
  const bytes = new Uint8Array(raw).buffer;
  switch (packed.kind) {
    case 'u2':
      return new Uint16Array(bytes);
    case 'i4':
      return new Int32Array(bytes);
    case 'f4':
      return new Float32Array(bytes);
    case 'f8':
      return new Float64Array(bytes);
    case 'u1':
      return new Uint8Array(bytes);
    case 'bits': {
      const out = new Uint8Array(packed.shape.reduce((a, b) => a * b, 1));
      for (let i = 0; i < out.length; i++) out[i] = (raw[i >> 3] >> (i & 7)) & 1;
      return out;
    }
  }
}

/** A packed array of 2 or 3 axes as a grid of one channel. */
export function unpackGrid(packed: Packed): Intensities {
  const [width, height, depth = 1] = [...packed.shape].reverse();
  const data = unpack(packed);
  if (data instanceof Int32Array) throw new Error('labels are no grid');
  return { data, width, height, depth, channels: 1 };
}

/** A packed mask of 2 or 3 axes. */
export function unpackMask(packed: Packed): Mask {
  const [width, height, depth = 1] = [...packed.shape].reverse();
  return { data: unpack(packed) as Uint8Array, width, height, depth };
}

/** Numbers as JSON holds them: infinities are text. */
export const numberOf = (value: number | string): number =>
  typeof value === 'number' ? value : ({ inf: Infinity, '-inf': -Infinity }[value] ?? NaN);

/** The largest |a - b|. */
export function largestDeviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, a[i] === b[i] ? 0 : Math.abs(a[i] - b[i]));
  return largest;
}

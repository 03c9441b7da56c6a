import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { LacunaError, createImage, createRng, type Rng } from '@lacuna/core';
import { encodeTiff } from '../src/index.js';
import { bytesInMemory } from '../src/formats/byte-source.js';
import type { OpenImage } from '../src/formats/open-image.js';
import { openRaster } from '../src/formats/raster.js';
import { openTiffBytes, readWhole } from '../src/formats/tiff.js';
import { openZarrStore } from '../src/formats/zarr/open.js';
import { mapStore } from '../src/formats/zarr/store.js';

/** Mutated files for each reader: 3,000 by default, 100,000 by `LACUNA_FUZZ=100000`. */
const count = Number(process.env['LACUNA_FUZZ'] ?? 3000);
/** Memory beyond the start that a whole run may hold; the readers' own bound is 4096 bytes a byte of a file, and 64 MB of decoded chunks. */
const MOST_MEMORY = 768 << 20;

const kinds = JSON.parse(readFileSync(new URL('./fixtures/kinds.json', import.meta.url), 'utf8')) as { tiff: Record<string, string>; zarr: Record<string, Record<string, string>> };
const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const picture = (channels: number, depth = 1) => createImage({ data: Float32Array.from({ length: 40 * 24 * channels * depth }, (_, i) => (i * 61) % 65536), width: 40, height: 24, depth, channels, dataRange: [0, 65535] });

/** Numbers that break readers. */
const edges = [0, 1, 2, 3, 7, 8, 15, 16, 127, 128, 255, 256, 4096, 32767, 32768, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const pick = <T>(rng: Rng, from: readonly T[]): T => from[Math.floor(rng.uniform() * from.length)]!;
const below = (rng: Rng, limit: number) => Math.floor(rng.uniform() * limit);

/** One to four changes: bits, bytes, numbers at even places, cuts, repeats, and swapped pieces. */
function mutate(seed: Uint8Array, rng: Rng): Uint8Array {
  let bytes = seed.slice();
  for (let times = 1 + below(rng, 4); times > 0 && bytes.length > 8; times--) {
    const at = below(rng, bytes.length), view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    switch (below(rng, 8)) {
      case 0: bytes[at]! ^= 1 << below(rng, 8); break;
      case 1: bytes[at] = pick(rng, edges) & 255; break;
      case 2: if (at + 2 <= bytes.length) view.setUint16(at & ~1, pick(rng, edges) & 65535, rng.uniform() < 0.5); break;
      case 3: if ((at & ~1) + 4 <= bytes.length) view.setUint32(at & ~1, pick(rng, edges), rng.uniform() < 0.5); break;
      case 4: if (rng.uniform() < 0.3) bytes = bytes.slice(0, at); break;
      case 5: bytes.copyWithin(below(rng, bytes.length), at, Math.min(bytes.length, at + below(rng, 64))); break;
      case 6: bytes[at] = below(rng, 256); break;
      default: if (rng.uniform() < 0.3) bytes = new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - below(rng, 100)))]));
    }
  }
  return bytes;
}

/** The same for TIFF, and changes to the entries of its first directory, where most of what a reader believes is said. */
function mutateTiff(seed: Uint8Array, rng: Rng): Uint8Array {
  if (rng.uniform() < 0.4) return mutate(seed, rng);
  const bytes = seed.slice(), view = new DataView(bytes.buffer), little = bytes[0] === 0x49, big = view.getUint16(2, little) === 43;
  const at = big ? Number(view.getBigUint64(8, little)) : view.getUint32(4, little), entries = big ? Number(view.getBigUint64(at, little)) : view.getUint16(at, little);
  for (let times = 1 + below(rng, 3); times > 0; times--) {
    const entry = at + (big ? 8 : 2) + below(rng, entries) * (big ? 20 : 12), value = rng.uniform() < 0.7 ? pick(rng, edges) : below(rng, 2000);
    switch (below(rng, 4)) {
      case 0: view.setUint16(entry, 254 + below(rng, 90), little); break;
      case 1: view.setUint16(entry + 2, below(rng, 20), little); break;
      case 2: if (big) view.setBigUint64(entry + 4, BigInt(value), little); else view.setUint32(entry + 4, value, little); break;
      default: if (rng.uniform() < 0.5) view.setUint16(entry + (big ? 12 : 8), value & 65535, little); else view.setUint32(entry + (big ? 12 : 8), value, little);
    }
  }
  return rng.uniform() < 0.2 ? mutate(bytes, rng) : bytes;
}

/** Numbers, names and brackets of JSON exchanged. */
function mutateJson(seed: Uint8Array, rng: Rng): Uint8Array {
  const text = Buffer.from(seed).toString('utf8'), words = text.split(/(\d+|"[^"]*"|[{}[\],:])/);
  const which = below(rng, words.length), word = words[which]!;
  words[which] = /^\d+$/.test(word) ? pick(rng, ['0', '-1', '1', '1.5', '1e9', '4294967296', '1e308', 'null', '"x"', `${below(rng, 5000)}`]) : rng.uniform() < 0.5 ? pick(rng, words) : pick(rng, ['null', '[]', '{}', '""', '1', 'true', '']);
  return new Uint8Array(Buffer.from(words.join('')));
}

interface Tally { images: number; refused: number; slowestMs: number; memory: number; other: string[] }

/** Feeds `count` files; anything but an image or a typed error is kept for the report. */
async function feed(name: string, one: (rng: Rng, index: number) => Promise<{ image: OpenImage; size: number }>): Promise<Tally> {
  const rng = createRng(20).fork(name), before = process.memoryUsage().rss;
  const tally: Tally = { images: 0, refused: 0, slowestMs: 0, memory: 0, other: [] };
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    try {
      const { image, size } = await one(rng.fork(i), i);
      try {
        await readWhole(image, size);
      } finally {
        await image.close();
      }
      tally.images++;
    } catch (error) {
      if (error instanceof LacunaError) tally.refused++;
      else tally.other.push(`${name} ${i}: ${(error as Error).stack?.split('\n').slice(0, 3).join(' ') ?? String(error)}`);
    }
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - start);
    if (i % 256 === 0) tally.memory = Math.max(tally.memory, process.memoryUsage().rss - before);
  }
  console.log(`${name}: ${count} files, ${tally.images} read, ${tally.refused} refused, slowest ${tally.slowestMs.toFixed(0)} ms, ${(tally.memory / 2 ** 20).toFixed(0)} MB more`);
  return tally;
}

function expectTyped({ images, refused, other, memory }: Tally): void {
  expect(other.slice(0, 5)).toEqual([]);
  expect(images + refused).toBe(count);
  expect(refused).toBeGreaterThan(0);
  expect(images).toBeGreaterThan(0);
  expect(memory).toBeLessThan(MOST_MEMORY);
}

beforeAll(() => {
  sharp.cache(false);
  sharp.concurrency(1);
});

describe('mutated files give an image or one typed error', () => {
  const hour = { timeout: 3_600_000 };

  it('every fixture opens as it is', async () => {
    for (const [name, text] of Object.entries(kinds.tiff)) {
      const bytes = fromBase64(text), image = await readWhole(openTiffBytes(bytesInMemory(name, bytes)), bytes.length);
      expect([image.width, image.height], name).toEqual(name === 'jpeg-tiles' ? [32, 16] : [40, 24]);
      if (['lzw', 'lzw-predictor', 'zstd'].includes(name)) expect([...image.data], name).toEqual(Array.from({ length: 960 }, (_, i) => Math.floor(i / 40) * 300 + (i % 40) * 111));
    }
    for (const [name, files] of Object.entries(kinds.zarr)) {
      const store = mapStore(name, new Map(Object.entries(files).map(([key, text]) => [key, fromBase64(text)])));
      expect((await readWhole(openZarrStore(store), store.size())).data[2 * 959], name).toBe(23 * 300 + 39 * 111);
    }
  });

  it('TIFF', hour, async () => {
    const seeds = [...Object.values(kinds.tiff).map(fromBase64), encodeTiff(picture(1, 3), { type: 'uint16' }), encodeTiff(picture(3), { type: 'float32', compression: 'deflate', metadata: 'ome' })].map((bytes) => new Uint8Array(bytes));
    expectTyped(await feed('TIFF', async (rng, i) => {
      const bytes = mutateTiff(seeds[i % seeds.length]!, rng);
      return { image: openTiffBytes(bytesInMemory('fuzz.tif', bytes)), size: bytes.length };
    }));
  });

  it('OME-Zarr', hour, async () => {
    const seeds = Object.values(kinds.zarr).map((files) => new Map(Object.entries(files).map(([key, text]) => [key, fromBase64(text)])));
    expectTyped(await feed('OME-Zarr', async (rng, i) => {
      const files = new Map<string, Uint8Array>(seeds[i % seeds.length]!), key = pick(rng, [...files.keys()]), json = /\.z|json/.test(key);
      files.set(key, json && rng.uniform() < 0.8 ? mutateJson(files.get(key)!, rng) : mutate(files.get(key)!, rng));
      if (rng.uniform() < 0.05) files.delete(pick(rng, [...files.keys()]));
      const store = mapStore('fuzz.zarr', files);
      return { image: openZarrStore(store), size: store.size() };
    }));
  });

  it('PNG', hour, async () => {
    const raw = { width: 20, height: 12 }, seeds = [
      await sharp(new Uint8Array(240).map((_, i) => i), { raw: { ...raw, channels: 1 } }).toColourspace('b-w').png().toBuffer(),
      await sharp(new Uint16Array(720).map((_, i) => i * 91), { raw: { ...raw, channels: 3 } }).toColourspace('rgb16').png().toBuffer(),
      await sharp(new Uint8Array(960).map((_, i) => i), { raw: { ...raw, channels: 4 } }).png({ palette: true }).toBuffer(),
    ].map((bytes) => new Uint8Array(bytes));
    expectTyped(await feed('PNG', async (rng, i) => {
      const bytes = mutate(seeds[i % seeds.length]!, rng);
      return { image: await openRaster('fuzz.png', 'png', bytes), size: bytes.length };
    }));
  });

  it('JPEG', hour, async () => {
    const raw = { width: 40, height: 24 }, seeds = [
      await sharp(new Uint8Array(960).map((_, i) => i), { raw: { ...raw, channels: 1 } }).toColourspace('b-w').jpeg().toBuffer(),
      await sharp(new Uint8Array(2880).map((_, i) => i), { raw: { ...raw, channels: 3 } }).jpeg({ progressive: true }).toBuffer(),
    ].map((bytes) => new Uint8Array(bytes));
    expectTyped(await feed('JPEG', async (rng, i) => {
      const bytes = mutate(seeds[i % seeds.length]!, rng);
      return { image: await openRaster('fuzz.jpg', 'jpeg', bytes), size: bytes.length };
    }));
  });
});

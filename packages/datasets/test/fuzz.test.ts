import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LacunaError, createImage, createRng, type Rng } from '@lacuna/core';
import { encodeTiff } from '../src/index.js';
import { bytesInMemory } from '../src/formats/byte-source.js';
import { decodeMrc } from '../src/formats/mrc.js';
import type { OpenImage } from '../src/formats/open-image.js';
import { openRaster } from '../src/formats/raster.js';
import { readWhole } from '../src/formats/read-whole.js';
import { openTiffBytes } from '../src/formats/tiff/open.js';
import { decodeZstd, encodeZstd } from '../src/formats/zstd.js';
import { openZarrStore } from '../src/formats/zarr/open.js';
import { mapStore } from '../src/formats/zarr/store.js';
import { parseManifest } from '../src/sources/manifest.js';
import { mutate, mutateJson, mutateText, mutateTiff, pick } from './mutations.js';

/**
 * Mutated files for each reader: 3,000 by default (1,200 where libvips decodes, which takes longer), 100,000 by `npm
 * run fuzz`.
 */
const count = Number(process.env['LACUNA_FUZZ'] ?? 3000);
const countOfRasters = Number(process.env['LACUNA_FUZZ'] ?? 1200);
/** A file that takes a reader this long hangs: the process is ended and the file named. */
const HANG_MS = 60_000;
/**
 * Memory beyond the start that a whole run may hold; the readers' own bound is 4096 bytes a byte of a file, and 64 MB
 * of decoded chunks.
 */
const MOST_MEMORY = 768 << 20;

const kinds = JSON.parse(readFileSync(new URL('./fixtures/kinds.json', import.meta.url), 'utf8')) as {
  tiff: Record<string, string>;
  zarr: Record<string, Record<string, string>>;
};
const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const picture = (channels: number, depth = 1) =>
  createImage({
    data: Float32Array.from({ length: 40 * 24 * channels * depth }, (_, i) => (i * 61) % 65536),
    width: 40,
    height: 24,
    depth,
    channels,
    dataRange: [0, 65535],
  });

interface Tally {
  files: number;
  images: number;
  refused: number;
  slowestMs: number;
  memory: number;
  other: string[];
}

/** Files begun so far, for the thread that watches: a reader that never comes back cannot be stopped from its own. */
const begun = new BigInt64Array(new SharedArrayBuffer(8));
let guard: Worker;

/** Feeds `files` files, `lanes` at a time; anything but a result or a typed error is kept for the report. */
async function feed(
  name: string,
  files: number,
  lanes: number,
  one: (rng: Rng, index: number) => Promise<void>,
): Promise<Tally> {
  const rng = createRng(20).fork(name);
  const before = process.memoryUsage().rss;
  const tally: Tally = { files, images: 0, refused: 0, slowestMs: 0, memory: 0, other: [] };
  guard.postMessage(name);
  let next = 0;
  const lane = async () => {
    while (next < files) {
      const i = next++;
      const start = performance.now();
      Atomics.store(begun, 0, BigInt(i));
      try {
        await one(rng.fork(i), i);
        tally.images++;
      } catch (error) {
        if (error instanceof LacunaError) tally.refused++;
        else
          tally.other.push(
            `${name} ${i}: ${(error as Error).stack?.split('\n').slice(0, 3).join(' ') ?? String(error)}`,
          );
      }
      tally.slowestMs = Math.max(tally.slowestMs, performance.now() - start);
      if (i % 256 === 0) tally.memory = Math.max(tally.memory, process.memoryUsage().rss - before);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  guard.postMessage('');
  console.log(
    `${name}: ${files} files, ${tally.images} read, ${tally.refused} refused, ` +
      `slowest ${tally.slowestMs.toFixed(0)} ms, ${(tally.memory / 2 ** 20).toFixed(0)} MB more`,
  );
  return tally;
}

async function readAndClose(image: OpenImage, size: number): Promise<void> {
  try {
    await readWhole(image, size);
  } finally {
    await image.close();
  }
}

function expectTyped({ files, images, refused, other, memory }: Tally): void {
  expect(other.slice(0, 5)).toEqual([]);
  expect(images + refused).toBe(files);
  expect(refused).toBeGreaterThan(0);
  expect(images).toBeGreaterThan(0);
  expect(memory).toBeLessThan(MOST_MEMORY);
}

beforeAll(() => {
  sharp.cache(false);
  sharp.concurrency(1);
  guard = new Worker(
    `
    const { parentPort, workerData: { begun, limit } } = require('node:worker_threads');
    const { writeSync } = require('node:fs');
    let name = '', before = -1n;
    parentPort.on('message', (text) => { name = text; before = -1n; });
    setInterval(() => {
      const now = Atomics.load(begun, 0);
      if (name && now === before) {
        writeSync(2, name + ': file ' + now + ' hangs\\n');
        process.kill(process.pid, 'SIGKILL');
      }
      before = now;
    }, limit).unref();`,
    { eval: true, workerData: { begun, limit: HANG_MS } },
  );
});
afterAll(() => guard.terminate());

describe('mutated files give an image or one typed error', () => {
  const hour = { timeout: 3_600_000 };

  it('every fixture opens as it is', async () => {
    for (const [name, text] of Object.entries(kinds.tiff)) {
      const bytes = fromBase64(text);
      const image = await readWhole(await openTiffBytes(bytesInMemory(name, bytes)), bytes.length);
      expect([image.width, image.height], name).toEqual(name === 'jpeg-tiles' ? [32, 16] : [40, 24]);
      if (['lzw', 'lzw-predictor', 'zstd'].includes(name))
        expect([...image.data], name).toEqual(
          Array.from({ length: 960 }, (_, i) => Math.floor(i / 40) * 300 + (i % 40) * 111),
        );
    }
    for (const [name, files] of Object.entries(kinds.zarr)) {
      const store = mapStore(name, new Map(Object.entries(files).map(([key, text]) => [key, fromBase64(text)])));
      expect((await readWhole(openZarrStore(store), store.size())).data[2 * 959], name).toBe(23 * 300 + 39 * 111);
    }
  });

  it('TIFF', hour, async () => {
    const seeds = [
      ...Object.values(kinds.tiff).map(fromBase64),
      encodeTiff(picture(1, 3), { type: 'uint16' }),
      encodeTiff(picture(3), { type: 'float32', compression: 'deflate', metadata: 'ome' }),
    ].map((bytes) => new Uint8Array(bytes));
    expectTyped(
      await feed('TIFF', count, 1, async (rng, i) => {
        const bytes = mutateTiff(seeds[i % seeds.length], rng);
        await readAndClose(await openTiffBytes(bytesInMemory('fuzz.tif', bytes)), bytes.length);
      }),
    );
  });

  it('OME-Zarr', hour, async () => {
    const seeds = Object.values(kinds.zarr).map(
      (files) => new Map(Object.entries(files).map(([key, text]) => [key, fromBase64(text)])),
    );
    expectTyped(
      await feed('OME-Zarr', count, 1, async (rng, i) => {
        const files = new Map<string, Uint8Array>(seeds[i % seeds.length]);
        const key = pick(rng, [...files.keys()]);
        const json = /\.z|json/.test(key);
        files.set(key, json && rng.uniform() < 0.8 ? mutateJson(files.get(key)!, rng) : mutate(files.get(key)!, rng));
        if (rng.uniform() < 0.05) files.delete(pick(rng, [...files.keys()]));
        const store = mapStore('fuzz.zarr', files);
        await readAndClose(openZarrStore(store), store.size());
      }),
    );
  });

  it('PNG', hour, async () => {
    const raw = { width: 20, height: 12 };
    const seeds = [
      await sharp(
        new Uint8Array(240).map((_, i) => i),
        { raw: { ...raw, channels: 1 } },
      )
        .toColourspace('b-w')
        .png()
        .toBuffer(),
      await sharp(
        new Uint16Array(720).map((_, i) => i * 91),
        { raw: { ...raw, channels: 3 } },
      )
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
      await sharp(
        new Uint8Array(960).map((_, i) => i),
        { raw: { ...raw, channels: 4 } },
      )
        .png({ palette: true })
        .toBuffer(),
    ].map((bytes) => new Uint8Array(bytes));
    expectTyped(
      await feed('PNG', countOfRasters, 8, async (rng, i) => {
        const bytes = mutate(seeds[i % seeds.length], rng);
        await readAndClose(await openRaster('fuzz.png', 'png', bytes), bytes.length);
      }),
    );
  });

  it('JPEG', hour, async () => {
    const raw = { width: 40, height: 24 };
    const seeds = [
      await sharp(
        new Uint8Array(960).map((_, i) => i),
        { raw: { ...raw, channels: 1 } },
      )
        .toColourspace('b-w')
        .jpeg()
        .toBuffer(),
      await sharp(
        new Uint8Array(2880).map((_, i) => i),
        { raw: { ...raw, channels: 3 } },
      )
        .jpeg({ progressive: true })
        .toBuffer(),
    ].map((bytes) => new Uint8Array(bytes));
    expectTyped(
      await feed('JPEG', countOfRasters, 8, async (rng, i) => {
        const bytes = mutate(seeds[i % seeds.length], rng);
        await readAndClose(await openRaster('fuzz.jpg', 'jpeg', bytes), bytes.length);
      }),
    );
  });

  it('CSV manifests', hour, async () => {
    const seeds = [
      'path,specimen,role,lr\n1.tif,"tooth, ' +
        'left",training,1-lr.tif\n2.tif,b,validation,2-lr.tif\n3.tif,c,test,"3 ""lr"".tif"\n',
      '\uFEFFpath\r\na.tif\r\n# remark\r\nb.tif\r\n',
      'specimen,path\na,1.tif\na,2.tif\nb,3.tif',
    ].map((text) => new Uint8Array(Buffer.from(text)));
    expectTyped(
      await feed(
        'CSV manifests',
        Math.max(count, 20_000),
        1,
        async (rng, i) =>
          void parseManifest('fuzz.csv', Buffer.from(mutateText(seeds[i % seeds.length], rng)).toString('utf8')),
      ),
    );
  });

  it('MRC', hour, async () => {
    const seed = new Uint8Array(1024 + 64 + 2 * 20 * 12 * 3);
    const view = new DataView(seed.buffer);
    [20, 12, 3, 6].forEach((value, i) => view.setInt32(4 * i, value, true));
    view.setInt32(92, 64, true);
    // Most of a header is not looked at: the changes go where something is.
    const places = [0, 4, 8, 12, 92];
    expectTyped(
      await feed('MRC', count, 1, async (rng) => {
        const bytes = seed.slice();
        for (let times = 1 + Math.floor(rng.uniform() * 3); times > 0; times--)
          bytes[pick(rng, places) + Math.floor(rng.uniform() * 4)] = Math.floor(
            rng.uniform() * (rng.uniform() < 0.5 ? 8 : 256),
          );
        decodeMrc(bytesInMemory('fuzz.mrc', rng.uniform() < 0.5 ? mutate(bytes, rng) : bytes), null);
      }),
    );
  });

  it('a Zstandard frame that the next one begins to follow, and one that does not say its size', async () => {
    // The decoder waited for the rest of the second frame for ever.
    const plain = new Uint8Array(128).map((_, i) => i);
    const frame = await encodeZstd(plain);
    const followed = Buffer.concat([frame, frame.subarray(0, 4)]);
    expect([...(await decodeZstd(followed, 128))]).toEqual([...plain]);
    await expect(decodeZstd(frame.subarray(0, frame.length - 1), 128)).rejects.toThrow('a Zstandard frame cut short');
    expect([frame[4] & 0xe3, frame[5]]).toEqual([0x20, 128]);
    const silent = Buffer.concat([frame.subarray(0, 4), Uint8Array.of(frame[4] & ~0x20, 0x58), frame.subarray(6)]);
    expect([...(await decodeZstd(silent, 128))]).toEqual([...plain]);
  });
});

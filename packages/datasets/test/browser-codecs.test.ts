import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import * as browser from '../src/formats/native-codecs-browser.js';
import * as native from '../src/formats/native-codecs.js';
import { swapBytes } from '../src/formats/byte-order.js';

const rng = createRng(7);
const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? 7 : Math.floor(256 * rng.uniform())));

describe('codecs that stand in browsers for those of Node', () => {
  it('inflate and deflate what the others do', () => {
    for (const { inflateGzip, inflateZlib, deflateZlib } of [browser, native]) {
      expect(Uint8Array.from(inflateGzip(gzipSync(bytes), bytes.length))).toEqual(bytes);
      expect(Uint8Array.from(inflateZlib(deflateSync(bytes), bytes.length))).toEqual(bytes);
      expect(Uint8Array.from(inflateSync(deflateZlib(bytes)))).toEqual(bytes);
    }
  });

  it('refuse what is damaged, and do not grow without bound', () => {
    const zeros = new Uint8Array(1 << 20);
    for (const { inflateGzip, inflateZlib } of [browser, native]) {
      for (const [inflate, packed] of [
        [inflateZlib, deflateSync(zeros)],
        [inflateGzip, gzipSync(zeros)],
      ] as const) {
        expect(() => inflate(packed.subarray(0, 100), 1 << 20)).toThrow();
        expect(() => inflate(packed, 1000)).toThrow();
        expect(() => inflate(new Uint8Array(20), 1000)).toThrow();
      }
    }
  });

  it('name JPEG inside a TIFF as what is not read', async () => {
    await expect(browser.decodeJpegStream('scan.tif')).rejects.toThrow(
      /^scan\.tif: got JPEG inside a TIFF, .*; save it again without compression or with LZW$/,
    );
  });
});

it('bytes are turned about as Buffer turns them', () => {
  for (const width of [2, 4, 8] as const) {
    const mine = Uint8Array.from(bytes.subarray(0, 8 * 9 + 3));
    const theirs = Buffer.from(mine.subarray(0, mine.length - (mine.length % width)));
    swapBytes(mine, width);
    const swapped = { 2: () => theirs.swap16(), 4: () => theirs.swap32(), 8: () => theirs.swap64() }[width]();
    expect(mine.subarray(0, theirs.length)).toEqual(Uint8Array.from(swapped));
  }
});

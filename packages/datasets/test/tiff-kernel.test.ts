import { constants, deflateSync, inflateSync } from 'node:zlib';
import { createRng, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { ChunkMemory, type SampleForm } from '../src/formats/tiff/kernels/chunk-memory.js';
import { below, mutate } from './mutations.js';

function memoryOf(stored: Uint8Array, length: number, compressed = true): ChunkMemory {
  const memory = new ChunkMemory(stored.length, length, compressed);
  memory.target.set(stored);
  return memory;
}

/** Bytes of several kinds: some that compress to next to nothing, some that do not compress. */
function contents(length: number): Record<string, Uint8Array> {
  const rng = createRng(length + 1);
  const make = (of: (i: number) => number) => Uint8Array.from({ length }, (_, i) => of(i));
  return {
    noise: make(() => below(rng, 256)),
    zeros: make(() => 0),
    few: make(() => below(rng, 3) * 40),
    skewed: make(() => Math.floor(256 * rng.uniform() ** 6)),
    ramp: make((i) => (i & 1 ? i >> 9 : 100 + below(rng, 4))),
    text: Buffer.from('the canaliculi of a lacuna meet those of the next. '.repeat(Math.ceil(length / 51))).subarray(
      0,
      length,
    ),
    ...Object.fromEntries(
      [2, 3, 7, 15, 16, 17, 31, 33].map((period) => [
        `period ${period}`,
        make((i) => (i % period === 0 && rng.uniform() < 0.02 ? below(rng, 256) : (i % period) * 37)),
      ]),
    ),
  };
}

describe('inflate', () => {
  const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants;

  it.each([0, 1, 2, 3, 15, 16, 17, 255, 256, 1000, 40_000, 150_000])(
    '%i bytes come back from every level, strategy and window',
    (length) => {
      for (const [name, bytes] of Object.entries(contents(length))) {
        const settings = [
          ...(length > 40_000 ? [1, 6, 9] : [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).map((level) => ({ level })),
          ...[Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED].map((strategy) => ({ strategy })),
          { windowBits: 9, memLevel: 1 },
          { windowBits: 15, memLevel: 9 },
          { level: 0, memLevel: 1 },
        ];
        for (const setting of settings) {
          const stored = deflateSync(bytes, setting);
          const memory = memoryOf(stored, length);
          expect(memory.inflate(), `${name} ${JSON.stringify(setting)}`).toBe(length);
          expect(Buffer.compare(memory.bytes, bytes), `${name} ${JSON.stringify(setting)}`).toBe(0);
        }
      }
    },
  );

  it('a stream that holds more gives what was asked for, one that holds less says how much', () => {
    for (const [name, bytes] of Object.entries(contents(5000))) {
      for (const level of [0, 1, 9]) {
        const stored = deflateSync(bytes, { level });
        for (const length of [0, 1, 17, 4742, 4743, 4999]) {
          const memory = memoryOf(stored, length);
          expect(memory.inflate(), `${name}, ${length} bytes`).toBe(length);
          expect(Buffer.compare(memory.bytes, bytes.subarray(0, length)), `${name}, ${length} bytes`).toBe(0);
        }
        expect(memoryOf(stored, 6000).inflate(), name).toBe(5000);
      }
    }
  });

  it('a stream that is cut anywhere says so', () => {
    for (const bytes of [contents(300)['few'], contents(300)['noise'], contents(3)['noise']]) {
      for (const setting of [{ level: 0 }, { level: 9 }, { strategy: Z_FIXED }]) {
        const stored = deflateSync(bytes, setting);
        for (let length = 0; length < stored.length; length++)
          expect(memoryOf(stored.subarray(0, length), bytes.length).inflate(), `${length} of ${stored.length}`).toBe(
            'the compressed data end early',
          );
      }
    }
  });

  it('says of damaged streams what zlib says', () => {
    const rng = createRng(5);
    const kinds = { data: 0, cut: 0, broken: 0, checksum: 0 };
    const seeds = Object.values(contents(700)).flatMap((bytes) =>
      [{ level: 9 }, { strategy: Z_FIXED }, { strategy: Z_HUFFMAN_ONLY }, { level: 0 }].map(
        (setting) => new Uint8Array(deflateSync(bytes, setting)),
      ),
    );
    for (let i = 0; i < 20_000; i++) {
      const seed = seeds[i % seeds.length];
      const stored = mutate(seed, rng);
      // Room enough for all that so few bytes can hold.
      const memory = memoryOf(stored, 1032 * stored.length);
      const got = memory.inflate();
      try {
        const wanted = inflateSync(stored);
        expect(got, `stream ${i}`).toBe(wanted.length);
        expect(Buffer.compare(memory.bytes.subarray(0, wanted.length), wanted), `stream ${i}`).toBe(0);
        kinds.data++;
      } catch (error) {
        const message = (error as Error).message;
        if (!('code' in (error as object)) || !/^Z_/.test((error as { code: string }).code)) throw error;
        if (message === 'unexpected end of file') {
          expect(got, `stream ${i}`).toBe('the compressed data end early');
          kinds.cut++;
        } else if (message === 'incorrect data check') {
          expect(got, `stream ${i}`).toBe('a wrong checksum');
          kinds.checksum++;
        }
        // What is broken may also end early: which of the two is seen first is open.
        else {
          expect(typeof got, `stream ${i}: ${message}`).toBe('string');
          kinds.broken++;
        }
      }
    }
    for (const [kind, count] of Object.entries(kinds)) expect(count, kind).toBeGreaterThan(200);
  });

  it('a memory that was used before does not matter', () => {
    const bytes = contents(1000)['skewed'];
    const stored = deflateSync(bytes);
    memoryOf(new Uint8Array(deflateSync(contents(40_000)['noise'])), 40_000).inflate();
    memoryOf(new Uint8Array(50_000).fill(255), 50_000).lzw();
    const memory = memoryOf(stored, 1000);
    expect(memory.inflate()).toBe(1000);
    expect(Buffer.compare(memory.bytes, bytes)).toBe(0);
  });
});

describe('LZW', () => {
  /** As TIFF 6.0 writes it down (section 13), string by string. */
  function reference(codes: readonly number[]): number[] {
    const out: number[] = [];
    let strings: number[][] = [];
    let last: number[] | undefined;
    for (const code of codes) {
      if (code === 257) break;
      if (code === 256) {
        strings = [...Array.from({ length: 256 }, (_, i) => [i]), [], []];
        last = undefined;
        continue;
      }
      if (code > strings.length || (code === strings.length && !last)) break;
      const string = strings[code] ?? [...last!, last![0]];
      out.push(...string);
      if (last && strings.length < 4096) strings.push([...last, string[0]]);
      last = string;
    }
    return out;
  }

  /** Codes in as many bits as their reader expects: one more as soon as the table holds 511, 1023 and 2047 strings. */
  function pack(codes: readonly number[]): Uint8Array {
    let bits = '';
    let size = 258;
    let first = true;
    for (const code of codes) {
      bits += code.toString(2).padStart(size < 511 ? 9 : size < 1023 ? 10 : size < 2047 ? 11 : 12, '0');
      if (code === 256) [size, first] = [258, true];
      else if (first) first = false;
      else size++;
    }
    return Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
      parseInt(bits.slice(8 * i, 8 * i + 8).padEnd(8, '0'), 2),
    );
  }

  /**
   * Codes at random, all of which name something: single bytes, strings, the newest ones, and the one that is only
   * being made.
   */
  function draw(rng: Rng, count: number, clears: number): number[] {
    const codes = [256];
    let size = 258;
    let first = true;
    while (codes.length < count) {
      const kind = rng.uniform();
      if (kind < clears) {
        codes.push(256);
        [size, first] = [258, true];
        continue;
      }
      const known = size - 258;
      codes.push(
        first || (known === 0 && kind < 0.9) || kind < 0.2
          ? below(rng, 256)
          : kind < 0.3 && size < 4096
            ? size
            : kind < 0.5
              ? size - 1 - below(rng, Math.min(known, 3) || 1)
              : known
                ? 258 + below(rng, known)
                : below(rng, 256),
      );
      if (codes.at(-1)! === 257 || codes.at(-1)! === 256) codes[codes.length - 1] = 65;
      if (first) first = false;
      else if (size < 4096) size++;
    }
    return [...codes, 257];
  }

  it('codes of every width, strings of strings, and full tables', () => {
    const rng = createRng(3);
    for (const [count, clears] of [
      [2, 0],
      [3, 0],
      [300, 0.02],
      [1000, 0.001],
      [5000, 0],
      [9000, 0.0002],
    ] as const) {
      for (let turn = 0; turn < 20; turn++) {
        const codes = draw(rng, count, clears);
        const wanted = reference(codes);
        const memory = memoryOf(pack(codes), wanted.length);
        expect(memory.lzw()).toBe(wanted.length);
        expect(Buffer.compare(memory.bytes, Uint8Array.from(wanted))).toBe(0);
      }
    }
  });

  it('the string that is only being made: twice its first byte, and its own beginning', () => {
    const codes = [256, 7, 258, 259, 260, 65, 261, 262, 257];
    const wanted = reference(codes);
    const memory = memoryOf(pack(codes), wanted.length);
    expect(memory.lzw()).toBe(wanted.length);
    expect([...memory.bytes]).toEqual(wanted);
    expect(wanted.slice(0, 10)).toEqual(new Array<number>(10).fill(7));
  });

  it('the last string of a full table, again and again', () => {
    const codes = [256, ...Array.from({ length: 3839 }, (_, i) => (i * 31) % 256), 4095, 4095, 65, 4095, 4094, 257];
    const wanted = reference(codes);
    const memory = memoryOf(pack(codes), wanted.length);
    expect(memory.lzw()).toBe(wanted.length);
    expect([...memory.bytes.subarray(-11)]).toEqual(wanted.slice(-11));
  });

  it('ends where it must: at the wanted length, the end of the stream, and a code that names nothing', () => {
    const codes = draw(createRng(9), 200, 0);
    const wanted = reference(codes);
    const stored = pack(codes);
    expect(memoryOf(stored, wanted.length + 5).lzw()).toBe(wanted.length);
    for (const length of [0, 1, 9, wanted.length - 1]) {
      const memory = memoryOf(stored, length);
      expect(memory.lzw()).toBe(length);
      expect([...memory.bytes]).toEqual(wanted.slice(0, length));
    }
    for (let length = 0; length < stored.length - 2; length++) {
      const got = memoryOf(stored.subarray(0, length), wanted.length).lzw();
      expect(got).toBeLessThan(wanted.length);
      expect(got).toBe(reference(codes.slice(0, Math.floor((8 * length) / 9))).length);
    }
    expect(memoryOf(pack([256, 65, 300, 66, 257]), 10).lzw()).toBe(1);
    expect(memoryOf(pack([256, 258, 257]), 10).lzw()).toBe(0);
  });
});

describe('samples', () => {
  const sizes = { uint8: 1, int8: 1, uint16: 2, int16: 2, float32: 4 };
  const arrays = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };
  const types = ['uint8', 'int8', 'uint16', 'int16', 'float32'] as const;
  const cases = types
    .flatMap((type) =>
      [false, true].flatMap((swapped) =>
        [false, true].flatMap((differences) => [1, 3].map((samples) => ({ type, swapped, differences, samples }))),
      ),
    )
    .filter(({ type, differences }) => !differences || type !== 'float32');

  it.each(cases)(
    '$type, swapped: $swapped, differences: $differences, $samples in a pixel',
    ({ type, swapped, differences, samples }) => {
      const rng = createRng(samples);
      const size = sizes[type];
      for (const pixels of [1, 5, 16, 33]) {
        const rows = 4;
        const perRow = pixels * samples;
        const wanted = new arrays[type](perRow * rows).map(() =>
          type === 'float32' ? rng.uniform() : below(rng, 2 ** (8 * size)),
        ) as Uint16Array;
        const stored = wanted.slice();
        if (differences)
          for (let row = 0; row < rows; row++)
            for (let i = perRow - 1; i >= samples; i--) stored[row * perRow + i] -= stored[row * perRow + i - samples];
        const bytes = Buffer.from(stored.buffer);
        if (swapped && size === 2) bytes.swap16();
        if (swapped && size === 4) bytes.swap32();
        const form: SampleForm = { type, swapped, differences, perRow, samples };
        const memory = memoryOf(bytes, bytes.length, false);
        memory.restore(form);
        expect([...memory.view(type)]).toEqual([...wanted]);
        // All at once, and a piece of each row to its place; what lies around it stays.
        const out = new Float32Array(wanted.length + 2).fill(-5);
        memory.copyRows(type, 0, perRow, perRow, rows, out, 1, perRow);
        expect([...out]).toEqual([-5, ...Float32Array.from(wanted), -5]);
        const piece = new Float32Array(rows * 7).fill(-5);
        memory.copyRows(type, 1, perRow, Math.min(3, perRow - 1), rows, piece, 2, 7);
        const part = Array.from({ length: rows }, (_, row) => [
          -5,
          -5,
          ...Array.from({ length: 5 }, (_, i) =>
            i < Math.min(3, perRow - 1) ? Math.fround(wanted[row * perRow + 1 + i]) : -5,
          ),
        ]).flat();
        expect([...piece]).toEqual(part);
      }
    },
  );

  it('more values than are converted at a time', () => {
    const wanted = Int16Array.from({ length: 100_001 }, (_, i) => i * 7);
    const memory = memoryOf(new Uint8Array(wanted.buffer), wanted.byteLength, false);
    const out = new Float32Array(wanted.length);
    memory.copyRows('int16', 0, wanted.length, wanted.length, 1, out, 0, wanted.length);
    expect(Buffer.compare(new Uint8Array(out.buffer), new Uint8Array(Float32Array.from(wanted).buffer))).toBe(0);
  });
});

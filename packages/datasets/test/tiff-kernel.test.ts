import { createRng, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { ChunkMemory, type SampleForm } from '../src/formats/tiff/kernels/chunk-memory.js';
import { below } from './mutations.js';

function memoryOf(stored: Uint8Array, length: number, compressed = true): ChunkMemory {
  const memory = new ChunkMemory(stored.length, length, compressed);
  memory.target.set(stored);
  return memory;
}

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
      const width = 9 + [511, 1023, 2047].filter((full) => size >= full).length;
      bits += code.toString(2).padStart(width, '0');
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
      if (first || (known === 0 && kind < 0.9) || kind < 0.2) codes.push(below(rng, 256));
      else if (kind < 0.3 && size < 4096) codes.push(size);
      else if (kind < 0.5) codes.push(size - 1 - below(rng, Math.min(known, 3) || 1));
      else codes.push(known ? 258 + below(rng, known) : below(rng, 256));
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
        memory.copyRows(type, { first: 0, pitch: perRow, count: perRow, rows }, { out, at: 1, pitch: perRow });
        expect([...out]).toEqual([-5, ...Float32Array.from(wanted), -5]);
        const piece = new Float32Array(rows * 7).fill(-5);
        const count = Math.min(3, perRow - 1);
        memory.copyRows(type, { first: 1, pitch: perRow, count, rows }, { out: piece, at: 2, pitch: 7 });
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
    const { length } = wanted;
    memory.copyRows('int16', { first: 0, pitch: length, count: length, rows: 1 }, { out, at: 0, pitch: length });
    expect(Buffer.compare(new Uint8Array(out.buffer), new Uint8Array(Float32Array.from(wanted).buffer))).toBe(0);
  });
});

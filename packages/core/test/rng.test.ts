import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, philox4x32, restoreRng } from '../src/index.js';

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('philox4x32', () => {
  // Known answers of the authors' Random123 distribution (kat_vectors, philox4x32 10 rounds).
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('counter %j, key %j', (counter, key, expected) => {
    expect(hex(philox4x32(counter, key as [number, number], new Uint32Array(4)))).toBe(expected);
  });
});

describe('createRng', () => {
  it('draws the words of its blocks one after the other, also past 2^32 blocks', () => {
    for (const first of [0, 2 ** 32 - 70, 2 ** 40 + 3]) {
      const key = [0x243f6a88, 0x85a308d3] as const;
      const stream = restoreRng({ key, counter: first, index: 4, spareNormal: null });
      for (let block = first; block < first + 300; block++) {
        const words = philox4x32([block >>> 0, Math.floor(block / 2 ** 32), 0, 0], key, new Uint32Array(4));
        expect(Array.from({ length: 4 }, () => stream.uint32())).toEqual([...words]);
      }
    }
  });

  it('gives forks that do not depend on what was drawn before', () => {
    const fresh = createRng(7).fork('patches');
    const used = createRng(7);
    for (let i = 0; i < 100; i++) used.uniform();
    expect(used.fork('patches').uint32()).toBe(fresh.uint32());
  });

  it('gives different streams for different labels and seeds', () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 50; seed++)
      for (const label of ['a', 'b', 'ab', 'ba', 1, 11]) firsts.add(createRng(seed).fork(label).uint32());
    expect(firsts.size).toBe(300);
  });

  it('goes on exactly from a saved state, at any position and with a spare normal', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.boolean(), (draws, normal) => {
        const rng = createRng(3).fork('x');
        for (let i = 0; i < draws; i++) rng.uint32();
        if (normal) rng.normal();
        const copy = restoreRng(JSON.parse(JSON.stringify(rng.state())));
        for (let i = 0; i < 9; i++) expect(copy.normal()).toBe(rng.normal());
        expect(copy.uint32()).toBe(rng.uint32());
      }),
    );
  });

  it.each([0.4, 12, 60, 900])(
    'draws Poisson numbers of mean %d with mean and variance within 5 standard errors',
    (mean) => {
      const rng = createRng(11).fork(mean);
      const n = 20000;
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < n; i++) {
        const k = rng.poisson(mean);
        sum += k;
        squares += k * k;
      }
      const average = sum / n;
      const variance = squares / n - average * average;
      expect(Math.abs(average - mean)).toBeLessThan(5 * Math.sqrt(mean / n));
      expect(Math.abs(variance - mean)).toBeLessThan(5 * Math.sqrt((mean + 2 * mean * mean) / n));
    },
  );

  it('draws normals with the moments of the standard normal', () => {
    const rng = createRng(5);
    const n = 40000;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = rng.normal();
      for (let p = 0; p < 4; p++) moments[p] += x ** (p + 1) / n;
    }
    expect(Math.abs(moments[0])).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moments[1] - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moments[2])).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moments[3] - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
  });

  it('draws integers within the bound, each about equally often', () => {
    const rng = createRng(9);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 7000; i++) counts[rng.integer(7)]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 0.9999 quantile with 6 degrees of freedom
  });

  it('refuses what is no seed, bound or mean', () => {
    expect(() => createRng(-1)).toThrow('createRng: seed -1');
    expect(() => createRng(1).integer(0)).toThrow('rng.integer: bound 0');
    expect(() => createRng(1).poisson(NaN)).toThrow('rng.poisson: mean NaN');
  });
});

import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { createMask, thinZhang } from '../src/index.js';
import { thinPlainly } from './plain/thinning.js';

describe('thinning of 128 pixels at once equals the rule pixel by pixel', () => {
  // Widths on both sides of one vector and of two; blocks make thick shapes, single pixels make every neighbourhood.
  it.each([1, 64, 127, 128, 129, 257])('width %i', (width) => {
    const rng = createRng(width);
    const height = 16;
    for (const block of [1, 3, 7]) {
      const columns = Math.ceil(width / block);
      const cells = Uint8Array.from({ length: columns * height }, () => (rng.uniform() < 0.6 ? 1 : 0));
      const mask = createMask(
        Uint8Array.from(
          { length: width * height },
          (_, i) => cells[Math.floor(Math.floor(i / width) / block) * columns + Math.floor((i % width) / block)],
        ),
        width,
        height,
      );
      expect(thinZhang(mask).data).toEqual(thinPlainly(mask));
    }
  });

  it('a plane without background, and one pixel', () => {
    const full = createMask(new Uint8Array(200 * 20).fill(1), 200, 20);
    expect(thinZhang(full).data).toEqual(thinPlainly(full));
    expect(thinZhang(createMask([1], 1, 1)).data).toEqual(Uint8Array.of(1));
  });

  it('a smaller plane after a larger one meets nothing of it', () => {
    thinZhang(createMask(new Uint8Array(300 * 50).fill(1), 300, 50));
    const small = createMask(new Uint8Array(20 * 9).fill(1), 20, 9);
    expect(thinZhang(small).data).toEqual(thinPlainly(small));
  });
});

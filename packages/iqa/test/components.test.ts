import { createRng, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { countComponents, labelComponents, type Mask } from '../src/index.js';
import { flood } from './plain/components.js';

function randomMask(rng: Rng, width: number, height: number, depth: number, density: number): Mask {
  return {
    data: Uint8Array.from({ length: width * height * depth }, () => Number(rng.uniform() < density)),
    width,
    height,
    depth,
  };
}

describe('components are those of a flood', () => {
  // Widths around the kernel's 32 pixels; images of many strips; a row longer than a strip.
  it.each([
    [1, 1, 1],
    [31, 9, 1],
    [32, 9, 3],
    [33, 8, 5],
    [65, 40, 2],
    [100, 700, 1],
    [7, 5, 40],
    [20_000, 3, 1],
    [1, 50, 30],
  ])('%i x %i x %i', (width, height, depth) => {
    const rng = createRng(width * 31 + height);
    for (const density of [0, 0.3, 0.5, 0.7, 1]) {
      const mask = randomMask(rng, width, height, depth, density);
      for (const connectivity of ['full', 'face'] as const) {
        for (const of of ['foreground', 'background'] as const) {
          const { labels, sizes } = flood(mask, connectivity, of === 'foreground' ? 1 : 0);
          const found = labelComponents(mask, { connectivity, of });
          expect(
            Buffer.compare(
              Buffer.from(found.labels.buffer, found.labels.byteOffset, found.labels.byteLength),
              Buffer.from(Int32Array.from(labels).buffer),
            ),
            `${connectivity} ${of} ${density}`,
          ).toBe(0);
          expect([...found.sizes]).toEqual(sizes);
          expect(countComponents(mask, { connectivity, of })).toBe(sizes.length - 1);
        }
      }
    }
  });

  it('single pixels, as many as there can be, of a large image after a small one', () => {
    const [width, height] = [1024, 1024];
    const data = Uint8Array.from({ length: width * height }, (_, i) =>
      Number(i % 2 === 0 && Math.floor(i / width) % 2 === 0),
    );
    expect(countComponents({ data, width, height, depth: 1 })).toBe(data.length / 4);
    const { labels, count } = labelComponents({ data, width, height, depth: 1 });
    expect(count).toBe(data.length / 4);
    expect([labels[0], labels[1], labels[2], labels[2 * width], labels.at(-2)]).toEqual([1, 0, 2, width / 2 + 1, 0]);
  });
});

import { createRng, type Rng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { countComponents, labelComponents, type Connectivity, type Mask } from '../src/index.js';

function randomMask(rng: Rng, width: number, height: number, depth: number, density: number): Mask {
  return {
    data: Uint8Array.from({ length: width * height * depth }, () => Number(rng.uniform() < density)),
    width,
    height,
    depth,
  };
}

/** The definition: floods from each pixel in raster order that has no label yet. */
function flood(
  { data, width, height, depth }: Mask,
  connectivity: Connectivity,
  wanted: number,
): { labels: number[]; sizes: number[] } {
  const labels = new Array<number>(data.length).fill(0);
  const sizes = [0];
  for (let first = 0; first < data.length; first++) {
    if (data[first] !== wanted || labels[first]) continue;
    const label = sizes.push(0) - 1;
    const open = [first];
    labels[first] = label;
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      sizes[label]++;
      const x = i % width;
      const y = Math.floor(i / width) % height;
      const z = Math.floor(i / (width * height));
      for (let dz = -1; dz <= 1; dz++)
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            if (connectivity === 'face' && Math.abs(dx) + Math.abs(dy) + Math.abs(dz) !== 1) continue;
            const [u, v, t] = [x + dx, y + dy, z + dz];
            if (u < 0 || v < 0 || t < 0 || u >= width || v >= height || t >= depth) continue;
            const j = (t * height + v) * width + u;
            if (data[j] !== wanted || labels[j]) continue;
            labels[j] = label;
            open.push(j);
          }
    }
  }
  sizes[0] = labels.filter((label) => label === 0).length;
  return { labels, sizes };
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

import { describe, expect, it } from 'vitest';
import { synthesizeDentin } from '../src/index.js';

const make = (seed = 1, width = 512, height = 384, spec = {}) =>
  synthesizeDentin({ width, height, pixelSize: { x: 0.1, y: 0.1, unit: 'um' }, seed, spec });

/** Number of 8-connected components of a plane's ones. */
function components(data: ArrayLike<number>, width: number): number {
  const seen = new Uint8Array(data.length);
  let count = 0;
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || seen[start]) continue;
    count++;
    const stack = [start];
    seen[start] = 1;
    while (stack.length > 0) {
      const at = stack.pop()!;
      const x = at % width;
      for (const dy of [-width, 0, width]) {
        for (const dx of [-1, 0, 1]) {
          const next = at + dy + dx;
          if (x + dx < 0 || x + dx >= width || next < 0 || next >= data.length || !data[next] || seen[next]) continue;
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
  }
  return count;
}

function graphComponents(nodes: readonly unknown[], branches: readonly { from: number; to: number }[]): number {
  const root = nodes.map((_, i) => i);
  const find = (i: number): number => (root[i] === i ? i : (root[i] = find(root[i])));
  for (const { from, to } of branches) root[find(from)] = find(to);
  return new Set(root.map((_, i) => find(i))).size;
}

describe('synthesizeDentin', () => {
  const specimen = make();
  const { network, mask, skeleton, image } = specimen;

  it('gives the same specimen for the same seed, another for another', () => {
    const again = make();
    expect(Buffer.from(again.image.data.buffer).equals(Buffer.from(image.data.buffer))).toBe(true);
    expect(again.network).toEqual(network);
    expect(Buffer.from(make(2).image.data.buffer).equals(Buffer.from(image.data.buffer))).toBe(false);
  });

  it('has a mask and a skeleton with as many pieces as the graph', () => {
    for (const seed of [1, 2, 3]) {
      const drawn = make(seed);
      const wanted = graphComponents(drawn.network.nodes, drawn.network.branches);
      // Tubes that the edge cuts lengthwise reach in by their bodies or lose their link to a line outside: a few pieces
      // more or fewer.
      expect(Math.abs(components(drawn.mask.data, 512) - wanted)).toBeLessThanOrEqual(4);
      expect(Math.abs(components(drawn.skeleton.data, 512) - wanted)).toBeLessThanOrEqual(3);
    }
  });

  it('keeps the skeleton inside the mask', () => {
    expect(skeleton.data.every((value, i) => value === 0 || mask.data[i] === 1)).toBe(true);
  });

  it('has tubules and branches as wide as the literature says', () => {
    const weight = (kinds: string[]) => network.branches.filter((branch) => kinds.includes(branch.kind));
    for (const tubule of weight(['tubule'])) expect(Math.abs(tubule.radius * 2 - 1.5)).toBeLessThan(0.7);
    for (const branch of weight(['thick', 'fine', 'fork']))
      expect(Math.abs(branch.radius * 2 - 0.4)).toBeLessThanOrEqual(0.35);
    expect(new Set(network.branches.map((branch) => branch.kind))).toEqual(
      new Set(['tubule', 'thick', 'fine', 'fork']),
    );
  });

  it('counts the degree of every node from its branches, and has junctions, blind ends and cuts', () => {
    const degree = network.nodes.map(() => 0);
    for (const { from, to } of network.branches) {
      degree[from]++;
      degree[to]++;
    }
    expect(network.nodes.map((node) => node.degree)).toEqual(degree);
    expect(new Set(network.nodes.map((node) => node.kind))).toEqual(new Set(['junction', 'end', 'border']));
    for (const node of network.nodes) {
      if (node.kind !== 'border') continue;
      expect(
        Math.min(Math.abs(node.x), Math.abs(node.y), Math.abs(node.x - 51.2), Math.abs(node.y - 38.4)),
      ).toBeLessThan(1e-9);
    }
  });

  it('measures each branch along its points', () => {
    for (const { points, length } of network.branches) {
      let sum = 0;
      for (let i = 1; i < points.length; i++)
        sum += Math.hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
      expect(length).toBeCloseTo(sum, 9);
      expect(length).toBeGreaterThan(0);
    }
  });

  it('draws tubules at the density that was asked for', () => {
    const counts = [1, 2, 3, 4].map((seed) => {
      const { network: grown } = make(seed, 512, 64, { direction: 0, photons: null });
      return grown.nodes.filter((node) => node.kind === 'border' && node.y < 1e-9).length;
    });
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    // 51.2 µm wide at 1/√0.04 µm⁻¹ = 5 µm apart: 10.24, and a few cut laterals.
    expect(mean).toBeGreaterThan(9);
    expect(mean).toBeLessThan(13);
  });

  it('shows fine branches fainter than tubules', () => {
    const clean = make(1, 512, 384, { photons: null });
    const brightness = (kind: string) => {
      const values = clean.network.branches
        .filter((branch) => branch.kind === kind)
        .flatMap((branch) => branch.points.slice(5, -5))
        .map(
          ({ x, y }) => clean.image.data[Math.min(383, Math.floor(y / 0.1)) * 512 + Math.min(511, Math.floor(x / 0.1))],
        );
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(brightness('tubule')).toBeGreaterThan(2 * brightness('fine'));
    expect(brightness('fine')).toBeGreaterThan(0.06);
  });

  it('says what pixel size it wants', () => {
    expect(() => synthesizeDentin({ width: 64, height: 64, pixelSize: { x: 5, y: 5, unit: 'um' }, seed: 1 })).toThrow(
      'synthesize dentin: got a pixel of 5 um, wanted 0.01 to 1 um; tubules are 1-2 um wide',
    );
  });
});

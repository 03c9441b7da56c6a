import { describe, expect, it } from 'vitest';
import {
  networkGraphml,
  networkJson,
  structureNames,
  structures,
  type Network,
  type StructureName,
} from '../src/index.js';

const grids: Record<
  StructureName,
  { width: number; height: number; depth: number; pixelSize: { x: number; y: number; z: number; unit: 'um' } }
> = {
  dentin: { width: 96, height: 96, depth: 24, pixelSize: { x: 0.15, y: 0.15, z: 0.3, unit: 'um' } },
  lacunocanalicular: { width: 96, height: 96, depth: 24, pixelSize: { x: 0.3, y: 0.3, z: 0.5, unit: 'um' } },
  cortical: { width: 96, height: 96, depth: 24, pixelSize: { x: 10, y: 10, z: 20, unit: 'um' } },
};
const make = (name: StructureName, seed = 1) => structures[name].synthesize({ ...grids[name], seed });

function degrees({ nodes, branches }: Network): number[] {
  const degree = nodes.map(() => 0);
  for (const { from, to } of branches) {
    degree[from]++;
    degree[to]++;
  }
  return degree;
}

describe.each(structureNames)('%s in a volume', (name) => {
  const specimen = make(name);
  const { network, mask, skeleton, image } = specimen;
  const { width, height, depth, pixelSize } = grids[name];

  it('is the same for the same seed, another for another', () => {
    expect(Buffer.from(make(name).image.data.buffer).equals(Buffer.from(image.data.buffer))).toBe(true);
    expect(Buffer.from(make(name, 2).image.data.buffer).equals(Buffer.from(image.data.buffer))).toBe(false);
  });

  it('has the size and the pixel size that were asked for', () => {
    for (const volume of [image, mask, skeleton])
      expect([volume.width, volume.height, volume.depth, volume.pixelSize]).toEqual([width, height, depth, pixelSize]);
  });

  it('keeps the skeleton inside the mask, and both have something', () => {
    expect(skeleton.data.every((value, i) => value === 0 || mask.data[i] === 1)).toBe(true);
    expect(skeleton.data.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(20);
  });

  it('counts degrees, measures lengths along the points and stays inside', () => {
    expect(network.nodes.map((node) => node.degree)).toEqual(degrees(network));
    const inside = (value: number, length: number) => value >= -1e-9 && value <= length + 1e-9;
    for (const { points, length, radius } of network.branches) {
      let sum = 0;
      for (let i = 1; i < points.length; i++)
        sum += Math.hypot(points[i].x - points[i - 1].x, points[i].y - points[i - 1].y, points[i].z - points[i - 1].z);
      expect(length).toBeCloseTo(sum, 6);
      expect(radius).toBeGreaterThan(0);
      expect(
        points.every(
          ({ x, y, z }) =>
            inside(x, width * pixelSize.x) && inside(y, height * pixelSize.y) && inside(z, depth * pixelSize.z),
        ),
      ).toBe(true);
    }
  });

  it('passes every point of every branch in the skeleton', () => {
    const cell = (value: number, side: number, count: number) =>
      Math.min(count - 1, Math.max(0, Math.floor(value / side)));
    for (const { points } of network.branches) {
      for (const { x, y, z } of points)
        expect(
          skeleton.data[
            (cell(z, pixelSize.z, depth) * height + cell(y, pixelSize.y, height)) * width + cell(x, pixelSize.x, width)
          ],
        ).toBe(1);
    }
  });

  it('gives the graph as JSON and GraphML with all nodes and branches', () => {
    const json = JSON.parse([...networkJson(network)].join('')) as {
      unit: string;
      nodes: unknown[];
      branches: { points: number[][] }[];
    };
    expect([json.unit, json.nodes.length, json.branches.length]).toEqual([
      'um',
      network.nodes.length,
      network.branches.length,
    ]);
    const xml = [...networkGraphml(network)].join('');
    expect([xml.match(/<node /g)!.length, xml.match(/<edge /g)!.length]).toEqual([
      network.nodes.length,
      network.branches.length,
    ]);
  });
});

describe('cortical bone', () => {
  it('has the porosity of its age', () => {
    // 3.8 mm a side: some 200 canals; the mean of two specimens lies within a fifth.
    for (const [age, wanted] of [
      [40, 0.04],
      [80, 0.1],
    ] as const) {
      const shares = [1, 2].map((seed) => {
        const { mask } = structures.cortical.synthesize({
          width: 192,
          height: 192,
          depth: 24,
          pixelSize: { x: 20, y: 20, z: 20, unit: 'um' },
          seed,
          spec: { age },
        });
        return mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length;
      });
      expect(Math.abs((shares[0] + shares[1]) / 2 / wanted - 1)).toBeLessThan(0.2);
    }
  });
});

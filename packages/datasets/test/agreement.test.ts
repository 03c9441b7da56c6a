import { describe, expect, it } from 'vitest';
import { dataSpec, loadSource, structures, type StructureName, type SyntheticSpecimen } from '../src/index.js';
import { graphBetti, maskTopology } from './topology.js';

/** Pixels fine enough for the thinnest tube: coarser ones merge neighbours, which no graph can know. */
const grids: Record<StructureName, { side: number; depth: number; pixel: number }> = {
  dentin: { side: 192, depth: 96, pixel: 0.05 },
  lacunocanalicular: { side: 192, depth: 96, pixel: 0.05 },
  cortical: { side: 192, depth: 48, pixel: 10 },
};
const draw = (name: StructureName, seed: number) => {
  const { side, depth, pixel } = grids[name];
  return structures[name].synthesize({
    width: side,
    height: side,
    depth,
    pixelSize: { x: pixel, y: pixel, z: pixel, unit: 'um' },
    seed,
  });
};

describe.each(Object.keys(grids) as StructureName[])('%s', (name) => {
  const specimens = [1, 2].map((seed) => draw(name, seed));
  const { pixel } = grids[name];

  it('has a mask with the pieces and loops of its graph', () => {
    for (const { network, mask } of specimens) {
      const graph = graphBetti(network);
      const drawn = maskTopology(mask);
      // Tubes that the faces cut lengthwise: a piece more or fewer.
      expect(Math.abs(drawn.b0 - graph.b0)).toBeLessThanOrEqual(2);
      expect(Math.abs(drawn.euler - (graph.b0 - graph.b1))).toBeLessThanOrEqual(2);
    }
  });

  it('has a skeleton with the pieces of its graph', () => {
    for (const { network, skeleton } of specimens)
      expect(Math.abs(maskTopology(skeleton).b0 - graphBetti(network).b0)).toBeLessThanOrEqual(1);
  });

  it('has branches as wide as the mask is deep', () => {
    const off = specimens.flatMap((specimen) => depthErrors(specimen, pixel)).sort((a, b) => a - b);
    expect(off.length).toBeGreaterThan(20);
    // Half a voxel is what a grid leaves open; nowhere is the mask thinner than the branch by more than the voxel that
    // it is drawn on.
    expect(Math.abs(off[Math.floor(off.length / 2)])).toBeLessThan(0.6);
    expect(off[Math.floor(0.02 * off.length)]).toBeGreaterThan(-1.3);
  });
});

/**
 * At points of branches at least two voxels thick: depth in the mask, to the nearest voxel outside, less the radius; in
 * voxels.
 */
function depthErrors({ network, mask: { data, width, height, depth } }: SyntheticSpecimen, pixel: number): number[] {
  const errors: number[] = [];
  for (const { points, kind } of network.branches) {
    if (kind === 'inlet') continue;
    for (const point of points.slice(2, -2)) {
      const radius = point.radius / pixel;
      const reach = Math.ceil(radius) + 3;
      const at = { x: point.x / pixel, y: point.y / pixel, z: point.z / pixel };
      if (
        radius < 2 ||
        at.x < reach ||
        at.y < reach ||
        at.z < reach ||
        at.x > width - reach ||
        at.y > height - reach ||
        at.z > depth - reach
      )
        continue;
      let nearest = Infinity;
      for (let k = Math.floor(at.z - reach); k <= at.z + reach; k++)
        for (let j = Math.floor(at.y - reach); j <= at.y + reach; j++)
          for (let i = Math.floor(at.x - reach); i <= at.x + reach; i++) {
            if (data[(k * height + j) * width + i] === 0)
              nearest = Math.min(nearest, Math.hypot(i + 0.5 - at.x, j + 0.5 - at.y, k + 0.5 - at.z));
          }
      if (nearest < Infinity) errors.push(nearest - radius);
    }
  }
  return errors;
}

describe('synthetic sources', () => {
  it.each(['dentin', 'lacunocanalicular', 'cortical'] as const)(
    '%s: planes and volumes, young and aged, with their true network',
    async (source) => {
      const load = (more: object) =>
        loadSource(dataSpec.parse({ source, width: 160, height: 160, ...more }), { baseDir: '.' });
      const plane = await load({ images: 2 });
      const volume = await load({ depth: 8, phenotype: 'aged' });
      expect([plane.images.length, plane.truth!.length, plane.images[0].depth]).toEqual([2, 2, 1]);
      expect([volume.images[0].depth, volume.truth![0].mask.depth]).toEqual([8, 8]);
      expect(volume.description).toContain(`synthetic ${source}, aged`);
      expect((await load({ depth: 8 })).digest).not.toBe(volume.digest);
    },
  );

  it('says which field of a structure it does not know', () => {
    expect(dataSpec.safeParse({ source: 'cortical', structure: { tubulesPerMm2: 1 } }).error!.issues[0]).toMatchObject({
      code: 'unrecognized_keys',
      path: ['structure'],
    });
  });
});

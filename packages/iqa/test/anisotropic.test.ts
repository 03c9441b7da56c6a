import { describe, expect, it } from 'vitest';
import { evaluate, type Intensities, type MetricName } from '../src/index.js';

const SIDE = 21;
/** A corner's two steps less the diagonal that takes their place. */
const CORNER = 0.2 + 0.4 - Math.hypot(0.2, 0.4);
const VOLUME = SIDE ** 3 * 0.2 * 0.2 * 0.4;
const pixelSize = { x: 0.2, y: 0.2, z: 0.4, unit: 'um' } as const;

type Box = readonly [x: readonly [number, number], y: readonly [number, number], z: readonly [number, number]];

/** A volume of 21³ voxels with boxes of 1 from the first to the last voxel of each axis. */
function volume(...boxes: Box[]): Intensities {
  const data = new Float32Array(SIDE ** 3);
  for (const [[x0, x1], [y0, y1], [z0, z1]] of boxes)
    for (let z = z0; z <= z1; z++)
      for (let y = y0; y <= y1; y++) data.fill(1, (z * SIDE + y) * SIDE + x0, (z * SIDE + y) * SIDE + x1 + 1);
  return { data, width: SIDE, height: SIDE, depth: SIDE, channels: 1 };
}

function measured(reference: Intensities, estimate: Intensities, ...metrics: MetricName[]) {
  return evaluate(reference, estimate, { dataRange: 1, threshold: 0.5, smoothing: 0, pixelSize, metrics });
}

/** Lines of 11 voxels: 2 µm along x and y, 4 µm along z. */
const alongX: Box = [
  [5, 15],
  [3, 3],
  [3, 3],
];
const alongZ: Box = [
  [16, 16],
  [16, 16],
  [5, 15],
];
const both = volume(alongX, alongZ);

describe('voxels of 0.2 x 0.2 x 0.4 µm: measures of networks whose lengths are known', () => {
  it('length, nodes and connectivity by volume', () => {
    const { values } = measured(both, both, 'length_density', 'node_density', 'connectivity_density', 'porosity');
    expect(values.length_density).toBeCloseTo((2 + 4) / VOLUME, 12);
    expect(values.node_density).toBeCloseTo(4 / VOLUME, 12);
    // Two bodies without a tunnel: 1 - 2.
    expect(values.connectivity_density).toBeCloseTo(-1 / VOLUME, 12);
    expect(values.porosity).toBeCloseTo(22 / SIDE ** 3, 12);
  });

  it('a ring of 2 x 4 µm has a length of 12 µm, less what thinning cuts from four corners', () => {
    const ring = volume(
      [
        [5, 15],
        [9, 9],
        [5, 5],
      ],
      [
        [5, 15],
        [9, 9],
        [15, 15],
      ],
      [
        [5, 5],
        [9, 9],
        [5, 15],
      ],
      [
        [15, 15],
        [9, 9],
        [5, 15],
      ],
    );
    const { values } = measured(ring, ring, 'length_density', 'connectivity_density');
    expect(values.length_density! * VOLUME).toBeCloseTo(12 - 4 * CORNER, 10);
    expect(values.connectivity_density! * VOLUME).toBeCloseTo(1, 10);
  });

  it('what is found, missed and invented is weighed by length, not by voxels', () => {
    const found = measured(both, volume(alongZ), 'branch_recall', 'invented_length');
    expect(found.values.branch_recall).toBeCloseTo(4 / 6, 12);
    expect(found.values.invented_length).toBe(0);
    const invented = measured(volume(alongZ), both, 'branch_recall', 'invented_length');
    expect(invented.values.invented_length).toBeCloseTo(2 / 6, 12);
    const { lengths, unit } = found.compare();
    expect([unit, lengths.reference, lengths.missed]).toEqual(['um', expect.closeTo(6, 12), expect.closeTo(2, 12)]);
  });

  it('the weakest third is a third of the length', () => {
    const grey = volume(alongX, alongZ);
    for (let x = 5; x <= 15; x++) grey.data[(3 * SIDE + 3) * SIDE + x] = 0.7;
    expect(measured(grey, volume(alongZ), 'weak_branch_recall').values.weak_branch_recall).toBeCloseTo(0, 12);
    expect(measured(grey, volume(alongX), 'weak_branch_recall').values.weak_branch_recall).toBeCloseTo(1, 12);
  });

  it('the tolerance is a length: 2 px of x are 0.4 µm, one plane or two columns', () => {
    const shifted = (x: number, z: number) =>
      volume([
        [5 + x, 15 + x],
        [3, 3],
        [3 + z, 3 + z],
      ]);
    const recall = (x: number, z: number) =>
      measured(
        volume([
          [5, 15],
          [3, 3],
          [3, 3],
        ]),
        shifted(x, z),
        'branch_recall',
      ).values.branch_recall;
    expect([recall(2, 0), recall(0, 1)]).toEqual([1, 1]);
    expect(recall(0, 2)).toBe(0);
    // Ends that lie more than two columns outside are missed.
    expect(recall(4, 0)).toBeCloseTo(9 / 11, 12);
  });

  it('distances between borders', () => {
    const line = (z: number) =>
      volume([
        [2, 18],
        [10, 10],
        [z, z],
      ]);
    const { values } = measured(line(5), line(8), 'hd95', 'assd', 'nsd');
    expect([values.hd95, values.assd, values.nsd]).toEqual([expect.closeTo(1.2, 12), expect.closeTo(1.2, 12), 0]);
    expect(measured(line(5), line(6), 'nsd').values.nsd).toBe(1);
  });

  it('branch lengths, tortuosity and paths', () => {
    const shorter = volume([
      [16, 16],
      [16, 16],
      [5, 13],
    ]);
    const { values } = measured(volume(alongZ), shorter, 'branch_length_distance', 'path_similarity');
    expect(values.branch_length_distance).toBeCloseTo(0.8, 12);
    expect(values.path_similarity).toBeCloseTo((2 * 0.8 * 0.75) / (0.8 + 0.75), 12);
    const corner = volume(
      [
        [5, 15],
        [9, 9],
        [5, 5],
      ],
      [
        [15, 15],
        [9, 9],
        [5, 15],
      ],
    );
    expect(measured(corner, corner, 'tortuosity').values.tortuosity).toBeCloseTo((6 - CORNER) / Math.hypot(2, 4), 12);
  });

  it('thickness: the largest ball inside, whichever axis the rod follows', () => {
    const rodX = volume([
      [0, 20],
      [9, 11],
      [9, 11],
    ]);
    const rodZ = volume([
      [9, 11],
      [9, 11],
      [0, 20],
    ]);
    expect(measured(rodX, rodX, 'mean_thickness').values.mean_thickness).toBeCloseTo(0.6, 12);
    expect(measured(rodZ, rodZ, 'mean_thickness').values.mean_thickness).toBeCloseTo(0.6, 12);
  });

  it('units say what they are', () => {
    const doubled = { x: 0.4, y: 0.4, z: 0.8, unit: 'um' } as const;
    const value = (size: typeof pixelSize | typeof doubled, name: MetricName) =>
      evaluate(both, volume(alongZ), { dataRange: 1, threshold: 0.5, smoothing: 0, pixelSize: size, metrics: [name] })
        .values[name]!;
    const factors = {
      length_density: 1 / 4,
      node_density: 1 / 8,
      branch_length_distance: 2,
      branch_recall: 1,
    } as const;
    for (const [name, factor] of Object.entries(factors) as [MetricName, number][])
      expect(value(doubled, name) / value(pixelSize, name), name).toBeCloseTo(factor, 10);
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sampleBatch, type PatchField, type PatchSourceOptions } from '../src/index.js';

const lrSize = { x: 12, y: 10, z: 9 };
const factor = { x: 2, y: 2, z: 1 };
type Point = readonly [x: number, y: number, z: number];

/** A field that says where it comes from: of the centre of each voxel, in LR units. */
function field(
  name: string,
  grid: 'lr' | 'hr',
  of: (point: Point) => readonly number[],
  kind: PatchField['kind'] = 'scalar',
): PatchField {
  const scale = grid === 'hr' ? factor : { x: 1, y: 1, z: 1 };
  const [width, height, depth] = [lrSize.x * scale.x, lrSize.y * scale.y, lrSize.z * scale.z];
  const channels = of([0, 0, 0]).length;
  const data: number[] = [];
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) data.push(...of([(x + 0.5) / scale.x, (y + 0.5) / scale.y, (z + 0.5) / scale.z]));
    }
  }
  return { name, grid, channels, kind, data: Float32Array.from(data) };
}

const place = (name: string, grid: 'lr' | 'hr') =>
  (['x', 'y', 'z'] as const).map((axis, i) => field(`${name}${axis}`, grid, (point) => [point[i]]));

/** Direction of lines through a point off the grid: another one in each voxel. */
const centre: Point = [3.3, 4.1, 2.7];
function direction(point: Point): number[] {
  const d = point.map((value, i) => value - centre[i]);
  const length = Math.hypot(...d);
  return d.map((value) => value / length);
}
function tensor([x, y, z]: readonly number[]): number[] {
  return [x * x, y * y, z * z, x * y, x * z, y * z];
}

const patch = { x: 4, y: 4, z: 4 };
const options: PatchSourceOptions = {
  groups: [
    {
      name: 'pairs',
      regions: [
        {
          lrWidth: lrSize.x,
          lrHeight: lrSize.y,
          lrDepth: lrSize.z,
          fields: [
            ...place('lr', 'lr'),
            ...place('hr', 'hr'),
            field('tensor', 'lr', (point) => tensor(direction(point)), 'direction-tensor'),
          ],
        },
      ],
    },
  ],
  patch,
  batch: 200,
  factor,
  augment: 'flips-and-rotations',
  seed: 5,
};

/** Index of a voxel of an LR patch. */
const lrIndex = (i: number, [x, y, z]: Point) => ((i * patch.z + z) * patch.y + y) * patch.x + x;

/** Where each axis of a patch leads in the volume: rows of the symmetry's matrix. */
function matrixOf(batch: Record<string, Float32Array>, i: number): number[][] {
  const at = (axis: string, point: Point) => batch[`lr${axis}`][lrIndex(i, point)];
  const steps: Point[] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  return steps.map((step) => ['x', 'y', 'z'].map((axis) => Math.round(at(axis, step) - at(axis, [0, 0, 0]))));
}

describe('sampleBatch of volumes', () => {
  it('cuts LR and HR at the same place under every symmetry', () => {
    const batch = sampleBatch(options, 1);
    for (const axis of ['x', 'y', 'z']) {
      const lr = batch[`lr${axis}`];
      const hr = batch[`hr${axis}`];
      for (let i = 0; i < 40; i++) {
        for (const point of [
          [0, 0, 0],
          [3, 1, 2],
        ] satisfies Point[]) {
          const [x, y, z] = point;
          let sum = 0;
          for (let v = 0; v < 2; v++) {
            for (let u = 0; u < 2; u++) sum += hr[((i * 4 + z) * 8 + 2 * y + v) * 8 + 2 * x + u];
          }
          expect(sum / 4).toBeCloseTo(lr[lrIndex(i, point)], 4);
        }
      }
    }
  });

  it.each([
    ['xyz', 'flips-and-rotations', 48],
    ['xy', 'flips-and-rotations', 16],
    ['xyz', 'flips', 8],
    ['xyz', 'none', 1],
  ] as const)('with exchanges of %s and %s has %i symmetries', (exchange, augment, count) => {
    const seen = new Set<string>();
    // Factors must be equal for z to take the place of x.
    const cubic = { ...options, factor: { x: 1, y: 1, z: 1 }, exchange, augment };
    const lrAlone = {
      ...cubic,
      groups: [{ name: 'pairs', regions: [{ ...options.groups[0].regions[0], fields: place('lr', 'lr') }] }],
    };
    for (let step = 0; step < 6; step++) {
      const batch = sampleBatch(lrAlone, step);
      for (let i = 0; i < 200; i++) seen.add(matrixOf(batch, i).flat().join());
    }
    expect(seen.size).toBe(count);
  });

  it('turns the tensors of directions with the volume', () => {
    const batch = sampleBatch(options, 2);
    for (let i = 0; i < 100; i++) {
      const matrix = matrixOf(batch, i);
      const voxel = lrIndex(i, [1, 2, 3]);
      const d = direction([batch['lrx'][voxel], batch['lry'][voxel], batch['lrz'][voxel]]);
      const turned = matrix.map((row) => row.reduce((sum, value, k) => sum + value * d[k], 0));
      const found = batch['tensor'].subarray(6 * voxel, 6 * voxel + 6);
      tensor(turned).forEach((value, k) => expect(found[k]).toBeCloseTo(value, 5));
    }
  });

  it('refuses a patch that is deeper than the volume', () => {
    expect(() => sampleBatch({ ...options, patch: { x: 4, y: 4, z: 10 } }, 1)).toThrow(
      'patches: got an LR region of 12 x 10 x 9 px, wanted at least 4 x 4 x 10 px; set training.patch ' +
        'smaller or use larger images',
    );
  });
});

describe('patches of planes with their neighbours', () => {
  // Channels say which plane they are: that of the patch, and one on each side of it.
  const depth = 5;
  const regions = Array.from({ length: depth }, (_, z) => ({
    lrWidth: 6,
    lrHeight: 6,
    fields: [
      {
        name: 'lr',
        grid: 'lr',
        channels: 3,
        kind: 'planes',
        data: Float32Array.from({ length: 108 }, (_, i) => 1000 * (z + (i % 3) - 1) + Math.floor(i / 3)),
      },
      {
        name: 'hr',
        grid: 'hr',
        channels: 1,
        kind: 'scalar',
        data: Float32Array.from({ length: 144 }, (_, i) => {
          const [x, y] = [i % 12, Math.floor(i / 12)];
          return 1000 * z + Math.floor(y / 2) * 6 + Math.floor(x / 2);
        }),
      },
    ] satisfies PatchField[],
  }));
  const draw = (more: Partial<PatchSourceOptions>) =>
    sampleBatch({ ...options, groups: [{ name: 'pairs', regions }], patch: 4, factor: 2, batch: 64, ...more }, 0);

  it('show one place in all planes, in the middle that of the fine plane; mirrored across, the other way round', () => {
    const { lr, hr } = draw({});
    let turnedAbout = 0;
    for (let i = 0; i < 64; i++) {
      for (let at = 0; at < 16; at++) {
        const [before, own, after] = lr.subarray((i * 16 + at) * 3, (i * 16 + at) * 3 + 3);
        expect([after - own, own - before]).toEqual([after - own, after - own]);
        expect(Math.abs(after - own)).toBe(1000);
        const [x, y] = [at % 4, Math.floor(at / 4)];
        expect(hr[i * 64 + 2 * y * 8 + 2 * x]).toBe(own);
      }
      if (lr[i * 48] > lr[i * 48 + 2]) turnedAbout++;
    }
    expect(turnedAbout).toBeGreaterThan(16);
    expect(turnedAbout).toBeLessThan(48);
  });

  it('are mirrored and never exchanged where their axes are not alike', () => {
    const { lr } = draw({ exchange: 'none' });
    // Along a row the place changes by one, whatever the mirrors.
    for (let i = 0; i < 64; i++) expect(Math.abs(lr[i * 48 + 3] - lr[i * 48])).toBe(1);
    const turned = draw({}).lr;
    expect(Array.from({ length: 64 }, (_, i) => Math.abs(turned[i * 48 + 3] - turned[i * 48])).includes(6)).toBe(true);
  });

  it('of planes without neighbours are drawn as they were', () => {
    const planar = regions.map((region) => ({ ...region, fields: [region.fields[1]] }));
    const { hr } = draw({ groups: [{ name: 'pairs', regions: planar }] });
    expect(createHash('sha256').update(new Uint8Array(hr.buffer)).digest('hex').slice(0, 16)).toBe('9cab9f4176c64947');
  });
});

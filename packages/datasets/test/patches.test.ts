import { describe, expect, it } from 'vitest';
import { createPatchSource, sampleBatch, type PatchField, type PatchSourceOptions } from '../src/index.js';

const factor = 4;
const lrWidth = 20;
const lrHeight = 18;

/** Fields that say where they come from: x and y of each pixel's centre in LR units, on both grids. */
function field(
  name: string,
  grid: 'lr' | 'hr',
  of: (x: number, y: number) => number[],
  kind: PatchField['kind'] = 'scalar',
): PatchField {
  const scale = grid === 'hr' ? factor : 1;
  const width = lrWidth * scale;
  const height = lrHeight * scale;
  const channels = of(0, 0).length;
  const data = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(of((x + 0.5) / scale, (y + 0.5) / scale), (y * width + x) * channels);
  return { name, grid, channels, kind, data };
}
const fields = [
  field('lrX', 'lr', (x) => [x]),
  field('lrY', 'lr', (_, y) => [y]),
  field('hrX', 'hr', (x) => [x]),
  field('hrY', 'hr', (_, y) => [y]),
  // Direction of circles about the middle: the double angle of the tangent at every place.
  field(
    'orientation',
    'hr',
    (x, y) => {
      const angle = Math.atan2(y - lrHeight / 2, x - lrWidth / 2) + Math.PI / 2;
      return [Math.cos(2 * angle), Math.sin(2 * angle)];
    },
    'double-angle',
  ),
];
const options: PatchSourceOptions = {
  groups: [{ name: 'pairs', regions: [{ lrWidth, lrHeight, fields }] }],
  patch: 6,
  batch: 64,
  factor,
  augment: 'flips-and-rotations',
  seed: 5,
};

describe('sampleBatch', () => {
  it('is a function of seed and step alone', () => {
    const first = sampleBatch(options, 17);
    sampleBatch(options, 3);
    expect(sampleBatch(options, 17)).toEqual(first);
    expect(sampleBatch(options, 18)['lrX']).not.toEqual(first['lrX']);
    expect(sampleBatch({ ...options, seed: 6 }, 17)['lrX']).not.toEqual(first['lrX']);
  });

  it('cuts LR and HR at the same place under every symmetry', () => {
    const { lrX, lrY, hrX, hrY } = sampleBatch(options, 1);
    for (const [lr, hr] of [
      [lrX, hrX],
      [lrY, hrY],
    ] as const) {
      for (let i = 0; i < 64; i++) {
        for (let y = 0; y < 6; y++) {
          for (let x = 0; x < 6; x++) {
            // The mean of an LR pixel's HR pixels is its centre.
            let sum = 0;
            for (let v = 0; v < factor; v++)
              for (let u = 0; u < factor; u++) sum += hr[(i * 24 + y * factor + v) * 24 + x * factor + u];
            expect(sum / 16).toBeCloseTo(lr[(i * 6 + y) * 6 + x], 4);
          }
        }
      }
    }
  });

  it('turns directions with the image', () => {
    const { hrX, hrY, orientation } = sampleBatch(options, 2);
    const seen = new Set<string>();
    for (let i = 0; i < 64; i++) {
      const at = (field: Float32Array, x: number, y: number) => field[(i * 24 + y) * 24 + x];
      // Where the patch's axes lead in the image: the symmetry, read off the pictures themselves.
      const ax = Math.sign(Math.round(4 * (at(hrX, 1, 0) - at(hrX, 0, 0))));
      const ay = Math.sign(Math.round(4 * (at(hrY, 1, 0) - at(hrY, 0, 0))));
      const bx = Math.sign(Math.round(4 * (at(hrX, 0, 1) - at(hrX, 0, 0))));
      const by = Math.sign(Math.round(4 * (at(hrY, 0, 1) - at(hrY, 0, 0))));
      seen.add(`${ax}${ay}${bx}${by}`);
      const angle = Math.atan2(at(hrY, 7, 9) - lrHeight / 2, at(hrX, 7, 9) - lrWidth / 2) + Math.PI / 2;
      const tx = Math.cos(angle);
      const ty = Math.sin(angle);
      const px = tx * ax + ty * ay;
      const py = tx * bx + ty * by;
      const wanted = 2 * Math.atan2(py, px);
      expect(orientation[((i * 24 + 9) * 24 + 7) * 2]).toBeCloseTo(Math.cos(wanted), 4);
      expect(orientation[((i * 24 + 9) * 24 + 7) * 2 + 1]).toBeCloseTo(Math.sin(wanted), 4);
    }
    expect(seen.size).toBe(8);
  });

  it('without augmentation keeps the patch upright, with flips never turns it', () => {
    const upright = sampleBatch({ ...options, augment: 'none' }, 1)['lrX'];
    const flipped = sampleBatch({ ...options, augment: 'flips' }, 1)['lrX'];
    for (let i = 0; i < 64; i++) {
      expect(upright[i * 36 + 1] - upright[i * 36]).toBe(1);
      expect(Math.abs(flipped[i * 36 + 1] - flipped[i * 36])).toBe(1);
    }
  });

  it('reaches every place of every region, by their sizes', () => {
    const region = (value: number, width: number) => ({
      lrWidth: width,
      lrHeight: 6,
      fields: [
        {
          name: 'lr',
          grid: 'lr' as const,
          channels: 1,
          kind: 'scalar' as const,
          data: Float32Array.from({ length: width * 6 }, (_, i) => value + (i % width)),
        },
      ],
    });
    const two = {
      ...options,
      augment: 'none' as const,
      groups: [{ name: 'pairs', regions: [region(0, 8), region(100, 11)] }],
    };
    const counts = new Map<number, number>();
    for (let step = 0; step < 20; step++) {
      const { lr } = sampleBatch(two, step);
      for (let i = 0; i < 64; i++) counts.set(lr[i * 36], (counts.get(lr[i * 36]) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 100, 101, 102, 103, 104, 105]);
    // 1280 draws over 9 places: 142 each, standard deviation 11.
    for (const count of counts.values()) expect(Math.abs(count - 142)).toBeLessThan(56);
  });

  it('draws the groups of unpaired regimes at places of their own', () => {
    const group = (name: string, fieldName: string) => ({
      name,
      regions: [{ lrWidth, lrHeight, fields: [{ ...fields[0], name: fieldName }] }],
    });
    const batch = sampleBatch({ ...options, groups: [group('lr', 'a'), group('hr', 'b')] }, 1);
    expect(batch['a']).not.toEqual(batch['b']);
  });

  it('draws empty places again where foreground is asked for', () => {
    const mask = field('mask', 'hr', (x) => [x < 5 ? 1 : 0]);
    const masked = {
      ...options,
      augment: 'none' as const,
      groups: [{ name: 'pairs', regions: [{ lrWidth, lrHeight, fields: [...fields, mask] }] }],
    };
    const full = (batch: Record<string, Float32Array>) =>
      Array.from({ length: 64 }, (_, i) =>
        batch['mask'].subarray(i * 576, (i + 1) * 576).some((value) => value > 0),
      ).filter(Boolean).length;
    // 5 of 15 columns reach the foreground: a third of the places, and 1 - (2/3)^8 = 96 % of eight draws.
    expect(full(sampleBatch(masked, 1))).toBeLessThan(34);
    expect(full(sampleBatch({ ...masked, minimumForeground: { field: 'mask', share: 0.05 } }, 1))).toBeGreaterThan(52);
  });

  it('refuses a region smaller than a patch', () => {
    expect(() => sampleBatch({ ...options, patch: 19 }, 1)).toThrow(
      'patches: got an LR region of 20 x 18 px, wanted at least 19 px a side; ' +
        'set training.patch smaller or use larger images',
    );
  });
});

describe('createPatchSource', () => {
  it('gives what sampleBatch gives, whatever the order of the steps', async () => {
    const source = createPatchSource(options);
    try {
      const [second, first, again] = await Promise.all([source.batch(2), source.batch(1), source.batch(2)]);
      expect(first).toEqual(sampleBatch(options, 1));
      expect(second).toEqual(sampleBatch(options, 2));
      expect(again).toEqual(second);
    } finally {
      await source.close();
    }
  });

  it('passes an error on as ours', async () => {
    const source = createPatchSource({ ...options, patch: 19 });
    await expect(source.batch(1)).rejects.toMatchObject({ tag: 'InputError', exitCode: 2 });
    await source.close();
  });
});

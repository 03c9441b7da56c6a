import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import {
  alignSpec,
  alignVolumes,
  dataSpec,
  estimateVolumeAlignment,
  loadSource,
  writeTiff,
  type RegistrationStore,
  type VolumeAlignment,
  type VolumeTransform,
} from '../src/index.js';
import { findOnce } from '../src/align/volume/registrations.js';

type ByAxis = VolumeTransform['shift'];
const axes = ['x', 'y', 'z'] as const;
type Axis = (typeof axes)[number];

/** Places along each axis. */
type Places = Readonly<Record<Axis, Float64Array>>;

/**
 * Pores known at every place: Gaussian blobs of several sizes; blurred ones are Gaussian blobs again. A blob is a
 * product of one function for each axis.
 */
function pores(seed: number, half: ByAxis): (at: Places, blur: number) => Float64Array {
  const rng = createRng(seed);
  const within = (side: number) => 2.4 * side * (rng.uniform() - 0.5);
  const blobs = Array.from({ length: 120 }, () => ({
    x: within(half.x),
    y: within(half.y),
    z: within(half.z),
    variance: (2 + 3 * rng.uniform()) ** 2,
    light: 0.3 + 0.7 * rng.uniform(),
  }));
  return (at, blur) => {
    const [nx, ny, nz] = axes.map((axis) => at[axis].length);
    const sum = new Float64Array(nx * ny * nz);
    for (const blob of blobs) {
      const variance = blob.variance + blur * blur;
      const peak = blob.light * (blob.variance / variance) ** 1.5;
      const along = (axis: Axis) =>
        [...at[axis]].flatMap((place, i) => {
          const far = (place - blob[axis]) ** 2 / variance;
          return far > 40 ? [] : [{ i, value: Math.exp(-far / 2) }];
        });
      const [alongX, alongY, alongZ] = axes.map(along);
      for (const z of alongZ)
        for (const y of alongY) {
          const row = (z.i * ny + y.i) * nx;
          const value = peak * z.value * y.value;
          for (const x of alongX) sum[row + x.i] += value * x.value;
        }
    }
    return sum;
  };
}

interface Measured {
  readonly factors?: ByAxis;
  readonly size?: ByAxis;
  readonly noise?: number;
  readonly blur?: number;
  readonly gain?: number;
  readonly offset?: number;
  readonly seed?: number;
}

/** A fine volume and a coarse one of the same pores, which lies elsewhere and has noise and other grey levels. */
function measuredPair(
  truth: VolumeTransform,
  {
    factors = { x: 3, y: 3, z: 3 },
    size = { x: 36, y: 26, z: 20 },
    noise = 0,
    blur = 2,
    gain = 1,
    offset = 0,
    seed = 1,
  }: Measured = {},
): { lr: Image; hr: Image; factors: ByAxis; who: string } {
  const fine = { x: size.x * factors.x, y: size.y * factors.y, z: size.z * factors.z };
  const light = pores(seed, { x: fine.x / 2, y: fine.y / 2, z: fine.z / 2 });
  const rng = createRng(seed + 100);
  /** Places of the voxels from the middle on, each by `move`. */
  const places = (side: ByAxis, move: (place: number, axis: Axis) => number): Places => {
    const along = (axis: Axis) =>
      Float64Array.from({ length: side[axis] }, (_, i) => move(i - (side[axis] - 1) / 2, axis));
    return { x: along('x'), y: along('y'), z: along('z') };
  };
  const volume = (side: ByAxis, name: string, data: Float32Array): Image =>
    createImage({ data, width: side.x, height: side.y, depth: side.z, dataRange: [0, 1], name });
  const seen = places(size, (place, axis) => factors[axis] * (truth.scale[axis] * place + truth.shift[axis]));
  return {
    hr: volume(
      fine,
      'fine',
      Float32Array.from(
        light(
          places(fine, (place) => place),
          0,
        ),
      ),
    ),
    lr: volume(
      size,
      'scan',
      Float32Array.from(light(seen, blur), (value) => gain * value + offset + noise * rng.normal()),
    ),
    factors,
    who: 'alignment of scan',
  };
}

const still: VolumeTransform = { shift: { x: 0, y: 0, z: 0 }, scale: { x: 1, y: 1, z: 1 } };
const moved = (x: number, y: number, z: number): VolumeTransform => ({ ...still, shift: { x, y, z } });

/** The largest error of a place within the volume, HR voxels. */
function worstPlace(found: VolumeTransform, truth: VolumeTransform, pair: { lr: Image; factors: ByAxis }): number {
  const size = { x: pair.lr.width, y: pair.lr.height, z: pair.lr.depth };
  return Math.max(
    ...axes.map(
      (axis) =>
        pair.factors[axis] *
        (Math.abs(found.shift[axis] - truth.shift[axis]) +
          (Math.abs(found.scale[axis] - truth.scale[axis]) * (size[axis] - 1)) / 2),
    ),
  );
}

describe('registration of a measured pair of volumes', () => {
  it.each<[string, VolumeTransform, Measured, number]>([
    ['a shift', moved(0.42, -0.31, 0.27), {}, 0.05],
    ['a shift of voxels', moved(3.4, -2.6, 1.2), {}, 0.05],
    [
      'shift and scale by axis',
      { shift: { x: -0.19, y: -0.33, z: 0.4 }, scale: { x: 1.012, y: 0.995, z: 1.006 } },
      {},
      0.05,
    ],
    [
      'the same in noise, with other grey levels',
      { shift: { x: -0.19, y: -0.33, z: 0.4 }, scale: { x: 1.012, y: 0.995, z: 1.006 } },
      { noise: 0.01, gain: 0.8, offset: 0.3 },
      0.05,
    ],
    [
      'coarse planes alone',
      moved(1.3, -0.6, 0.22),
      { factors: { x: 1, y: 1, z: 4 }, size: { x: 72, y: 60, z: 18 } },
      0.05,
    ],
    [
      'coarse in the plane alone',
      moved(0.3, -0.6, 1.22),
      { factors: { x: 4, y: 4, z: 1 }, size: { x: 24, y: 20, z: 48 } },
      0.05,
    ],
  ])('finds %s', (_, truth, how, tolerance) => {
    const pair = measuredPair(truth, how);
    const found = estimateVolumeAlignment(pair);
    expect(worstPlace(found.transform, truth, pair)).toBeLessThan(tolerance);
    expect(found.residualHr).toBeLessThan(how.noise ? 0.1 : 0.03);
    expect(found.gain).toBeCloseTo(how.gain ?? 1, 1);
    expect(found.offset).toBeCloseTo(how.offset ?? 0, 1);
    for (const axis of axes) expect(Math.abs(found.sigma[axis] - 2)).toBeLessThan(0.15);
  });

  it('undoes it: the fine volume lies on the grid of the scan, whose grey levels are its own', () => {
    const truth = { shift: { x: 0.6, y: -0.4, z: 0.3 }, scale: { x: 1.01, y: 0.995, z: 1 } };
    const pair = measuredPair(truth, { gain: 0.7, offset: 0.2, blur: 1 });
    const { lr, hr } = alignVolumes(pair.lr, pair.hr, alignSpec.parse({}));
    expect([hr.width, hr.height, hr.depth]).toEqual([3 * lr.width, 3 * lr.height, 3 * lr.depth]);
    expect(lr.width).toBeGreaterThan(33);
    // Of an aligned pair the registration finds nothing more, and grey levels that agree.
    const again = estimateVolumeAlignment({ lr, hr, factors: pair.factors, who: 'again' });
    expect(worstPlace(again.transform, still, { lr, factors: pair.factors })).toBeLessThan(0.05);
    expect(again.gain).toBeCloseTo(1, 1);
    expect(again.offset).toBeCloseTo(0, 2);
  });

  it('leaves an aligned pair whole', () => {
    const pair = measuredPair(still);
    const { lr, hr } = alignVolumes(pair.lr, pair.hr, alignSpec.parse({}));
    expect([lr.width, lr.height, lr.depth]).toEqual([36, 26, 20]);
    expect(hr.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - pair.hr.data[i])), 0)).toBeLessThan(
      0.01,
    );
  });

  it('is found once for the same voxels, and its limits hold for what was kept', () => {
    const pair = measuredPair(still);
    const found: VolumeAlignment = {
      ...{ transform: moved(0.4, 0, 0.1), sigma: { x: 2, y: 2, z: 1.25 }, gain: 1, offset: 0.1 / 3 },
      ...{ noise: 0.01, correlation: 0.9, residual: 0.02, residualHr: 0.06, places: 40 },
    };
    const files = new Map<string, string>();
    const store: RegistrationStore = {
      read: (key) => (files.has(key) ? (JSON.parse(files.get(key)!) as VolumeAlignment) : null),
      keep: (key, alignment) => void files.set(key, JSON.stringify(alignment)),
    };
    let estimated = 0;
    const estimate = () => {
      estimated += 1;
      return found;
    };
    const fitted = { ...pair, fit: true };
    expect(findOnce(fitted, estimate, store)).toEqual(found);
    expect(findOnce({ ...fitted, lr: { ...pair.lr, name: 'another' } }, estimate, store)).toEqual(found);
    expect(estimated).toBe(1);
    // Another question, other voxels, and nobody who keeps anything.
    findOnce({ ...pair, fit: false }, estimate, store);
    const data = pair.lr.data.map((value, i) => (i === 0 ? value + 1e-3 : value));
    findOnce({ ...fitted, lr: { ...pair.lr, data } }, estimate, store);
    findOnce(fitted, estimate, undefined);
    expect([estimated, files.size]).toEqual([4, 3]);

    expect(alignVolumes(pair.lr, pair.hr, alignSpec.parse({}), store).alignment).toEqual(found);
    expect(() => alignVolumes(pair.lr, pair.hr, alignSpec.parse({ maxShift: 0.1 }), store)).toThrow('a shift along x');
  });

  it('tells how far a pair lies apart that is taken as it is', () => {
    const pair = measuredPair(moved(0.2, 0, 0.1));
    const { transform, residualHr } = estimateVolumeAlignment(pair, { fit: false });
    expect(transform).toEqual(still);
    expect(residualHr).toBeCloseTo(3 * Math.hypot(0.2, 0.1), 1);
  });

  it('refuses beyond its limits, with the axis', () => {
    const { lr, hr } = measuredPair(moved(0.3, 0, 2));
    expect(() => alignVolumes(lr, hr, alignSpec.parse({ maxShift: 1 }))).toThrow(
      new RegExp(
        String.raw`^alignment of scan: got a shift along z of (2|2\.0\d|1\.99) LR px, wanted at most 1 LR px; ` +
          String.raw`check that both files show the same field, or allow more: align\.maxShift$`,
      ),
    );
    expect(() => alignVolumes({ ...lr, data: lr.data.map(() => 1) }, hr, alignSpec.parse({}))).toThrow(
      'alignment of scan: got constant intensities, wanted structure in both volumes; leave the pair out',
    );
    expect(() => alignVolumes(lr, measuredPair(still, { seed: 9 }).hr, alignSpec.parse({}))).toThrow(
      /^alignment of scan: got (a residual|a shift|a deviation|nothing but noise|intensities|\d+ x)/,
    );
    expect(() => alignVolumes(lr, { ...hr, width: 54, height: 156 }, alignSpec.parse({}))).toThrow(
      'wanted HR sizes that are whole multiples of the LR sizes along each axis, one channel',
    );
  });

  it('is a setting of measured pairs, said in their description with what is left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-align-volumes-'));
    const { lr, hr } = measuredPair(moved(0.5, -0.3, 0.2), { size: { x: 24, y: 20, z: 16 } });
    try {
      writeTiff(join(folder, 'hr', 'a.tif'), hr, { type: 'float32' });
      writeTiff(join(folder, 'lr', 'a.tif'), lr, { type: 'float32' });
      const load = (spec: object) => loadSource(dataSpec.parse(spec), { baseDir: folder });
      const registered = await load({ source: 'pairs', hr: 'hr', lr: 'lr', align: true });
      expect(registered.description).toMatch(
        new RegExp(
          String.raw`^1 measured pairs of hr and lr; registered in 3D on the whole volume: ` +
            String.raw`shift x 0\.(49|50)\d, y -0\.(29|30)\d, z 0\.(19|20)\d LR voxels; .*; ` +
            String.raw`grey levels calibrated: gain .*; residual 0\.0\d HR voxels \(median of \d+ places\)$`,
        ),
      );
      expect(registered.residual).toBeLessThan(0.05);
      expect(registered.images[0].width).toBe(3 * registered.lr![0].width);
      const raw = await load({ source: 'pairs', hr: 'hr', lr: 'lr' });
      expect(raw.description).toMatch(/; not registered: residual 1\.\d\d HR voxels/);
      expect(raw.residual).toBeGreaterThan(1);
      writeTiff(
        join(folder, 'odd', 'a.tif'),
        { ...lr, depth: 15, data: lr.data.slice(0, 15 * 480) },
        { type: 'float32' },
      );
      await expect(load({ source: 'pairs', hr: 'hr', lr: 'odd' })).rejects.toThrow(
        'wanted HR sizes that are whole multiples of the LR sizes along each axis, 2 or more along one; ' +
          'crop both to the same field, for example HR to 72 x 60 x 45',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

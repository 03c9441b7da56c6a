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
  type VolumeTransform,
} from '../src/index.js';

type ByAxis = VolumeTransform['shift'];

/** Pores known at every place: Gaussian blobs of several sizes; blurred ones are Gaussian blobs again. */
function pores(seed: number, half: ByAxis): (at: ByAxis, blur: number) => number {
  const rng = createRng(seed);
  const within = (side: number) => 2.4 * side * (rng.uniform() - 0.5);
  const blobs = Array.from({ length: 120 }, () => ({
    x: within(half.x),
    y: within(half.y),
    z: within(half.z),
    variance: (2 + 3 * rng.uniform()) ** 2,
    light: 0.3 + 0.7 * rng.uniform(),
  }));
  return ({ x, y, z }, blur) =>
    blobs.reduce((sum, blob) => {
      const variance = blob.variance + blur * blur;
      const far = ((x - blob.x) ** 2 + (y - blob.y) ** 2 + (z - blob.z) ** 2) / variance;
      return far > 30 ? sum : sum + blob.light * (blob.variance / variance) ** 1.5 * Math.exp(-far / 2);
    }, 0);
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
  const volume = (side: ByAxis, name: string, value: (at: ByAxis) => number): Image => {
    const data = new Float32Array(side.x * side.y * side.z);
    let i = 0;
    for (let z = 0; z < side.z; z++)
      for (let y = 0; y < side.y; y++)
        for (let x = 0; x < side.x; x++)
          data[i++] = value({ x: x - (side.x - 1) / 2, y: y - (side.y - 1) / 2, z: z - (side.z - 1) / 2 });
    return createImage({ data, width: side.x, height: side.y, depth: side.z, dataRange: [0, 1], name });
  };
  const place = (at: ByAxis, axis: keyof ByAxis) => factors[axis] * (truth.scale[axis] * at[axis] + truth.shift[axis]);
  return {
    hr: volume(fine, 'fine', (at) => light(at, 0)),
    lr: volume(
      size,
      'scan',
      (at) =>
        gain * light({ x: place(at, 'x'), y: place(at, 'y'), z: place(at, 'z') }, blur) + offset + noise * rng.normal(),
    ),
    factors,
    who: 'alignment of scan',
  };
}

const axes = ['x', 'y', 'z'] as const;
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

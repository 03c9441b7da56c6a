import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import {
  alignLimits,
  alignPair,
  alignSpec,
  dataSpec,
  estimateAlignment,
  loadSource,
  phaseCorrelation,
  writeTiff,
  type PairTransform,
} from '../src/index.js';

/** A network known at every place: bright ridges along lines, of two widths, over an uneven ground. */
function network(seed: number): (x: number, y: number) => number {
  const rng = createRng(seed);
  const lines = Array.from({ length: 26 }, () => ({
    angle: Math.PI * rng.uniform(),
    at: 600 * (rng.uniform() - 0.5),
    sigma: 2 + 3 * rng.uniform(),
    light: 0.3 + 0.7 * rng.uniform(),
  })).map((line) => ({ ...line, cos: Math.cos(line.angle), sin: Math.sin(line.angle) }));
  return (x, y) =>
    lines.reduce(
      (sum, { cos, sin, at, sigma, light }) => {
        const far = (x * cos + y * sin - at) / sigma;
        return Math.abs(far) > 6 ? sum : sum + light * Math.exp((-far * far) / 2);
      },
      0.1 + 0.0002 * x,
    );
}

const still: PairTransform = { shiftX: 0, shiftY: 0, scale: 1, driftX: 0, driftY: 0 };

/** HR of the network, and an LR scan of it that lies elsewhere, with noise. */
function measuredPair(
  truth: PairTransform,
  {
    factor = 4,
    side = 80,
    noise = 0,
    seed = 1,
  }: { factor?: number; side?: number; noise?: number; seed?: number } = {},
): { lr: Image; hr: Image } {
  const light = network(seed);
  const rng = createRng(seed + 100);
  const fine = side * factor;
  const data = new Float32Array(side * side);
  const hr = new Float32Array(fine * fine);
  for (let y = 0; y < fine; y++)
    for (let x = 0; x < fine; x++) hr[y * fine + x] = light(x - (fine - 1) / 2, y - (fine - 1) / 2);
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) {
      const u = i - (side - 1) / 2;
      const v = j - (side - 1) / 2;
      data[j * side + i] =
        light(
          factor * (truth.scale * u + truth.shiftX + (truth.driftX * v) / side),
          factor * (truth.scale * v + truth.shiftY + (truth.driftY * v) / side),
        ) +
        noise * rng.normal();
    }
  return {
    lr: createImage({ data, width: side, height: side, dataRange: [0, 1], name: 'scan' }),
    hr: createImage({ data: hr, width: fine, height: fine, dataRange: [0, 1], name: 'fine' }),
  };
}

describe('phase correlation', () => {
  const shifted = (dx: number, dy: number, width: number, height: number) => {
    const light = network(4);
    const data = new Float32Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) data[y * width + x] = light(4 * (x - width / 2 - dx), 4 * (y - height / 2 - dy));
    return { data, width, height };
  };

  it('finds whole shifts on a circle, of any size', () => {
    const rng = createRng(1);
    const data = Float32Array.from({ length: 15 * 22 }, () => rng.uniform());
    const rolled = data.map((_, i) => data[((Math.floor(i / 15) + 22 - 5) % 22) * 15 + (((i % 15) + 15 + 4) % 15)]);
    for (const normalisation of ['phase', 'none'] as const)
      expect(
        phaseCorrelation(
          { data: rolled, width: 15, height: 22 },
          { data, width: 15, height: 22 },
          { upsample: 1, normalisation },
        ),
      ).toEqual({ x: -4, y: 5 });
    expect(() =>
      phaseCorrelation(
        { data, width: 15, height: 22 },
        { data, width: 22, height: 15 },
        { upsample: 1, normalisation: 'none' },
      ),
    ).toThrow('phase correlation: got 22 x 15, wanted 15 x 22');
  });

  const python = process.env['LACUNA_PYTHON'];
  it.skipIf(!python)('gives what scikit-image gives', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-align-'));
    try {
      const cases = [
        [0.37, -1.62, 48, 40, 100],
        [3.1, 2.25, 45, 51, 20],
        [-0.06, 0.44, 32, 32, 1],
        [-5.5, 0.8, 64, 33, 50],
      ] as const;
      const wanted: unknown[] = [];
      const ours: unknown[] = [];
      const jobs = cases.map(([dx, dy, width, height, upsample], i) => {
        const a = shifted(dx, dy, width, height);
        const b = shifted(0, 0, width, height);
        writeFileSync(join(folder, `${i}a`), a.data);
        writeFileSync(join(folder, `${i}b`), b.data);
        for (const normalisation of ['phase', 'none'] as const) {
          const { x, y } = phaseCorrelation(a, b, { upsample, normalisation });
          ours.push([x, y]);
        }
        return { width, height, upsample };
      });
      const script = `import sys, json, numpy as np
from skimage.registration import phase_cross_correlation as p
out = []
for i, job in enumerate(json.loads(sys.argv[2])):
    shape = job["height"], job["width"]
    a, b = (np.fromfile(f"{sys.argv[1]}/{i}{k}", np.float32).reshape(shape).astype(float) for k in "ab")
    for n in ("phase", None):
        y, x = p(a, b, upsample_factor=job["upsample"], normalization=n)[0]
        out.append([float(x), float(y)])
print(json.dumps(out))`;
      wanted.push(
        ...(JSON.parse(
          execFileSync(python!, ['-c', script, folder, JSON.stringify(jobs)], { encoding: 'utf8' }),
        ) as unknown[]),
      );
      expect(ours).toEqual(wanted.map((pair) => (pair as number[]).map((value) => expect.closeTo(value, 6))));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('alignment of a measured pair', () => {
  it.each<[string, Partial<PairTransform>, { factor?: number; noise?: number; seed?: number }, number]>([
    ['a shift', { shiftX: 1.37, shiftY: -2.81 }, {}, 0.01],
    ['a shift at x2', { shiftX: -4.2, shiftY: 0.55 }, { factor: 2 }, 0.01],
    ['a shift at x8', { shiftX: 0.3, shiftY: 2.45 }, { factor: 8, seed: 2 }, 0.02],
    ['a large shift', { shiftX: 11.3, shiftY: -8.6 }, {}, 0.02],
    ['a scale of 1.01', { scale: 1.01 }, {}, 0.01],
    ['a linear drift', { driftX: 2.4, driftY: -1.3 }, {}, 0.02],
    ['all of it', { shiftX: 2.2, shiftY: -1.4, scale: 0.99, driftX: -1.5, driftY: 0.8 }, {}, 0.02],
    [
      'all of it, in noise of a fifth of the light',
      { shiftX: -1.6, shiftY: 3.3, scale: 1.01, driftX: 1.2, driftY: -0.9 },
      { noise: 0.2, seed: 3 },
      0.08,
    ],
  ])('finds %s', (_, given, how, tolerance) => {
    const truth = { ...still, ...given };
    const { lr, hr } = measuredPair(truth, how);
    const { transform, residual, correlation } = estimateAlignment(lr, hr, how.factor ?? 4);
    expect(Math.abs(transform.shiftX - truth.shiftX)).toBeLessThan(tolerance);
    expect(Math.abs(transform.shiftY - truth.shiftY)).toBeLessThan(tolerance);
    // At the rim, 40 LR pixels from the middle, the scale moves places as far as the shift may.
    expect(Math.abs(transform.scale - truth.scale)).toBeLessThan(tolerance / 24);
    expect(Math.abs(transform.driftX - truth.driftX)).toBeLessThan(3 * tolerance);
    expect(Math.abs(transform.driftY - truth.driftY)).toBeLessThan(3 * tolerance);
    expect(residual).toBeLessThan(how.noise ? 0.15 : 0.05);
    expect(correlation).toBeGreaterThan(how.noise ? 0.8 : 0.98);
  });

  it('undoes it: the fine image then lies on the grid of the scan', () => {
    const truth = { shiftX: 2.2, shiftY: -1.4, scale: 1.01, driftX: 1.5, driftY: 0.8 };
    const { lr, hr } = measuredPair(truth);
    const light = network(1);
    const pair = alignPair(lr, hr, alignSpec.parse({}));
    const { width, height } = pair.lr;
    expect([pair.hr.width, pair.hr.height]).toEqual([4 * width, 4 * height]);
    expect(Math.min(width, height)).toBeGreaterThan(72);
    // Which LR pixel the cut begins with, by its values; then HR values where LR pixels lie, to what cubic
    // interpolation of ridges of 2 px costs.
    const at = lr.data.indexOf(pair.lr.data[0]);
    const left = at % 80;
    const top = Math.floor(at / 80);
    let worst = 0;
    for (let y = 0; y < 4 * height; y++)
      for (let x = 0; x < 4 * width; x++) {
        const u = left + (x + 0.5) / 4 - 0.5 - 39.5;
        const v = top + (y + 0.5) / 4 - 0.5 - 39.5;
        worst = Math.max(
          worst,
          Math.abs(
            pair.hr.data[y * 4 * width + x] -
              light(4 * (1.01 * u + 2.2 + (1.5 * v) / 80), 4 * (1.01 * v - 1.4 + (0.8 * v) / 80)),
          ),
        );
      }
    expect(worst).toBeLessThan(0.05);
  });

  it('leaves an aligned pair as it is, but for a hair', () => {
    const { lr, hr } = measuredPair(still);
    const pair = alignPair(lr, hr, alignSpec.parse({}));
    expect([pair.lr.width, pair.lr.height]).toEqual([80, 80]);
    expect(pair.hr.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - hr.data[i])), 0)).toBeLessThan(
      0.01,
    );
  });

  it('aligns volumes by the mean of their planes', () => {
    const { lr, hr } = measuredPair({ ...still, shiftX: 1.3 });
    const twice = (image: Image) => ({
      ...image,
      depth: 2,
      data: Float32Array.from([...image.data, ...image.data.map((value) => 0.5 * value)]),
    });
    const pair = alignPair(twice(lr), twice(hr), alignSpec.parse({}));
    expect(pair.alignment.transform.shiftX).toBeCloseTo(1.3, 2);
    expect([pair.lr.depth, pair.hr.depth]).toEqual([2, 2]);
  });

  it('refuses beyond its limits, and images that show different fields', () => {
    const far = measuredPair({ ...still, shiftX: 11.3 });
    expect(() => alignPair(far.lr, far.hr, alignSpec.parse({ maxShift: 5 }))).toThrow(
      'alignment of scan: got a shift along x of 11.3 LR px, wanted at most 5 LR px; check that both files ' +
        'show the same field, or allow more: align.maxShift',
    );
    const wide = measuredPair({ ...still, scale: 1.02 });
    expect(() => alignPair(wide.lr, wide.hr, alignSpec.parse({ maxScale: 0.01 }))).toThrow(
      'alignment of scan: got a deviation of the scale of 0.02',
    );
    expect(() => alignPair(measuredPair(still).lr, measuredPair(still, { seed: 9 }).hr, alignSpec.parse({}))).toThrow(
      /alignment of scan: got a (residual|shift|scale|drift)/,
    );
    const { lr, hr } = measuredPair(still);
    expect(() => alignPair({ ...lr, data: lr.data.map(() => 1) }, hr, alignSpec.parse({}))).toThrow(
      'alignment of scan: got constant intensities, wanted structure in both images; leave the pair out',
    );
    expect(() => alignPair(lr, { ...hr, width: 160, height: 640 }, alignSpec.parse({}))).toThrow(
      'wanted HR sizes that are one whole multiple of the LR sizes, one channel',
    );
  });

  it('takes true, false or limits', () => {
    expect([alignLimits(false), alignLimits(true)]).toEqual([
      null,
      { maxShift: 16, maxScale: 0.05, maxDrift: 8, maxResidual: 0.5 },
    ]);
  });

  it('is a setting of measured pairs, said in their description', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-align-'));
    const { lr, hr } = measuredPair({ ...still, shiftX: 2.3, shiftY: -1.2 }, { side: 64 });
    const told: string[] = [];
    try {
      writeTiff(join(folder, 'hr', 'a.tif'), hr, { type: 'float32' });
      writeTiff(join(folder, 'lr', 'a.tif'), lr, { type: 'float32' });
      writeFileSync(join(folder, 'list.csv'), 'path,specimen,lr\nhr/a.tif,tooth,lr/a.tif\n');
      writeFileSync(join(folder, 'alone.csv'), 'path\nhr/a.tif\n');
      const load = (spec: object) =>
        loadSource(dataSpec.parse(spec), { baseDir: folder, onProgress: (line) => told.push(line) });
      const source = await load({ source: 'pairs', hr: 'hr', lr: 'lr', align: true });
      const [image] = source.images;
      const [scan] = source.lr!;
      expect(source.description).toMatch(
        new RegExp(
          String.raw`^1 measured pairs of hr and lr; aligned: shifts up to 2\.\d+ LR px, scale (1\.000|0\.999)\d to ` +
            String.raw`\d\.\d{4}, drift up to 0\.0\d+ LR px; residual up to 0(\.0\d+)? LR px$`,
        ),
      );
      expect([image.width, image.height]).toEqual([4 * scan.width, 4 * scan.height]);
      expect(scan.width).toBeLessThan(64);
      expect(told[0]).toContain('a.tif aligned: shifts up to 2');
      expect((await load({ source: 'manifest', path: 'list.csv', align: { maxShift: 4 } })).images[0].data).toEqual(
        image.data,
      );
      await expect(load({ source: 'pairs', hr: 'hr', lr: 'lr', align: { maxShift: 1 } })).rejects.toThrow(
        'got a shift along x of 2.3 LR px, wanted at most 1 LR px',
      );
      await expect(load({ source: 'manifest', path: 'alone.csv', align: true })).rejects.toThrow(
        'alone.csv: got align without measured scans, wanted the column lr; leave out data.align',
      );
      expect((await load({ source: 'pairs', hr: 'hr', lr: 'lr' })).description).toBe('1 measured pairs of hr and lr');
      expect(
        dataSpec.safeParse({ source: 'pairs', hr: 'a', lr: 'b', align: { shift: 3 } }).error?.issues[0]?.message,
      ).toBe('Unrecognized key: "shift"');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

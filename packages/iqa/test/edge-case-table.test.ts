import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { evaluate, metricNames, metricOf, metrics, type Intensities, type MetricName } from '../src/index.js';
import { paint } from './draw.js';

/** The names that scripts and papers rely on. */
const promised = [
  'psnr',
  'nrmse',
  'mse',
  'ssim',
  'ms_ssim',
  'gmsd',
  'vif',
  'pearson',
  'rse',
  'rsp',
  'frc_resolution',
  'frc_area',
  'spectrum_error',
  'decorrelation_resolution',
  'niqe',
  'cldice',
  'cldice_precision',
  'cldice_recall',
  'dice',
  'betti0_error',
  'betti1_error',
  'betti2_error',
  'betti_matching_error',
  'euler_error',
  'hd95',
  'assd',
  'nsd',
  'length_density',
  'node_density',
  'mean_degree',
  'largest_component',
  'tortuosity',
  'porosity',
  'connectivity_density',
  'weak_branch_recall',
  'invented_length',
  'path_similarity',
];

const size = 192;
const random = createRng(9);
const net = paint(size, 170, (x, y) =>
  Math.abs(y - 30 - 8 * Math.sin(x / 11)) < 2.5 ||
  Math.abs(x - 60) < 2 ||
  Math.abs(Math.hypot(x - 120, y - 100) - 25) < 2
    ? 0.9
    : 0.1,
);
const other = paint(size, 170, (x, y) => 0.9 * net.data[y * size + x] + 0.03 * random.normal());
const constant = (value: number) => paint(48, 50, () => value);
const corner = (grid: Intensities) => paint(48, 50, (x, y) => grid.data[(y + 10) * size + x + 30]);
/** A line of its own place, for masks that do not meet. */
const bar = (at: number) => paint(48, 50, (x, y) => (Math.abs(y - at) < 3 && x > 5 && x < 40 ? 1 : 0));
const withPixels: MetricName[] = metricNames.filter((name) => metricOf(name).needs === 'pixels');
const withMasks: MetricName[] = metricNames.filter(
  (name) => metricOf(name).needs === 'masks' || metricOf(name).needs === 'graph',
);

/** A value that is a number or, with a reason beside it, null: never NaN. */
function measured(reference: Intensities, estimate: Intensities, names: readonly MetricName[], threshold?: number) {
  const { values, notes } = evaluate(reference, estimate, {
    dataRange: 1,
    metrics: names,
    smoothing: 0,
    ...(threshold === undefined ? {} : { threshold }),
  });
  for (const name of names) {
    const value = values[name];
    if (value === null) expect(notes[name], `${name} is null`).toMatch(/\w/);
    else expect(Number.isNaN(value), `${name} is NaN`).toBe(false);
  }
  return { values, notes };
}

describe('the catalogue', () => {
  it('has every promised name, each with formula, unit, range, direction and source', () => {
    for (const name of promised) expect(Object.keys(metrics), name).toContain(name);
    for (const name of metricNames) {
      const { doc, source, label, unit, range } = metricOf(name);
      expect([doc.length > 10, source.length > 2, label.length > 1, typeof unit, range.length], name).toEqual([
        true,
        true,
        true,
        'string',
        2,
      ]);
    }
  });
});

describe('constant images: a value, or null with the reason', () => {
  it.each([
    ['both', constant(0.5), constant(0.5)],
    ['reference', constant(0.5), corner(other)],
    ['estimate', corner(net), constant(0.5)],
    ['both, of different values', constant(0.2), constant(0.7)],
  ] as const)('%s', (_, reference, estimate) => {
    measured(reference, estimate, metricNames);
  });

  it('no correlation, no spectrum, no resolution, no texture', () => {
    const { values } = measured(constant(0.5), constant(0.5), [
      'pearson',
      'rsp',
      'spectrum_error',
      'frc_resolution',
      'decorrelation_resolution',
      'niqe',
    ]);
    expect(Object.values(values)).toEqual([null, null, null, null, null, null]);
  });
});

describe('NaN and infinities are refused with the first index', () => {
  it.each([NaN, Infinity])('%s, by every metric of pixels and of masks', (bad) => {
    const broken = { ...other, data: other.data.slice() };
    broken.data[size + 4] = bad;
    for (const name of metricNames)
      expect(() => evaluate(net, broken, { dataRange: 1, metrics: [name] }), name).toThrow(
        `got ${bad} in the estimate at index ${size + 4} (x 4, y 1, z 0)`,
      );
  });
});

describe('sizes that differ are a typed error naming both', () => {
  it('for every metric', () => {
    for (const name of metricNames)
      expect(
        () =>
          evaluate(
            net,
            paint(size, 171, () => 0),
            { dataRange: 1, metrics: [name] },
          ),
        name,
      ).toThrow("got an estimate of 192 x 171, wanted the reference's 192 x 170");
  });
});

describe('the range is mandatory', () => {
  it.each([undefined, 0, -1, NaN])('%s', (dataRange) => {
    for (const name of ['psnr', 'cldice', 'niqe'] as const)
      expect(() => evaluate(net, other, { dataRange: dataRange as number, metrics: [name] }), name).toThrow(
        'wanted a positive number; give the span of intensities',
      );
  });

  it('12 bits in 16: metrics that need a range follow it, the others do not', () => {
    const scale = (g: Intensities) => ({ ...g, data: Float64Array.from(g.data, (v) => v * 4095) });
    const names = withPixels.filter((name) => name !== 'ssim_3d');
    const fitted: MetricName[] = ['rse', 'rsp'];
    const others = names.filter((name) => !fitted.includes(name));
    /** The fits are slow: they see a corner. */
    const both = (change: (g: Intensities) => Intensities, dataRange: number) => ({
      ...evaluate(change(net), change(other), { dataRange, metrics: others }).values,
      ...evaluate(change(corner(net)), change(corner(other)), { dataRange, metrics: fitted }).values,
    });
    const unit = both((g) => g, 1);
    const twelve = both(scale, 4095);
    const powers: Partial<Record<MetricName, number>> = { mse: 4095 ** 2, rse: 4095 };
    const tolerances: Partial<Record<MetricName, number>> = { niqe: 1e-2, rse: 1e-6, rsp: 1e-6 };
    for (const name of names) {
      const power = powers[name] ?? 1;
      if (unit[name] === null || unit[name] === undefined) expect(twelve[name], name).toBeNull();
      // NIQE rounds to 0-255, where a half may fall to either side.
      else expect(Math.abs(twelve[name]! / (unit[name] * power) - 1), name).toBeLessThan(tolerances[name] ?? 1e-9);
    }
    expect(
      evaluate(scale(net), scale(other), { dataRange: 65535, metrics: ['psnr'] }).values.psnr! - unit.psnr!,
    ).toBeCloseTo(20 * Math.log10(65535 / 4095), 9);
  });
});

describe('a large offset costs no digits', () => {
  it('metrics that do not depend on it agree to 1e-9 with float32 at 65536', () => {
    // Steps of 1/64 are exact in float32 up to 2^17.
    const steps = (g: Intensities, offset: number) => ({
      ...g,
      data: Float32Array.from(g.data, (v) => Math.round(v * 64) / 64 + offset),
    });
    const names = [
      'mse',
      'psnr',
      'pearson',
      'spectrum_error',
      'frc_area',
      'decorrelation_resolution',
      'rsp',
      'cldice',
      'betti_matching_error',
    ] as const;
    const a = corner(net);
    const b = corner(other);
    const plain = evaluate(steps(a, 0), steps(b, 0), { dataRange: 1, metrics: names }).values;
    const far = evaluate(steps(a, 65536), steps(b, 65536), { dataRange: 1, metrics: names }).values;
    for (const name of names)
      expect(Math.abs(far[name]! - plain[name]!), name).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(plain[name]!)));
  });
});

describe('smaller than the window: null with the smallest size', () => {
  it.each([
    ['ssim', 'at least 11 x 11'],
    ['ms_ssim', 'at least 161 x 161'],
    ['gmsd', 'at least 6 x 6'],
    ['vif', 'at least 41 x 41'],
    ['spectrum_error', 'at least 8 x 8'],
    ['frc_area', 'at least 8 x 8'],
    ['decorrelation_resolution', 'at least 45 x 45'],
    ['niqe', 'at least 96 x 96'],
  ] as const)('%s', (name, words) => {
    const small = paint(5, 5, (x, y) => (x + y) / 8);
    const { values, notes } = evaluate(small, small, { dataRange: 1, metrics: [name] });
    expect(values[name]).toBeNull();
    expect(notes[name]).toContain(words);
  });

  it('ssim of volumes below 11 planes', () => {
    const thin = { ...paint(12, 48, (x) => x / 12), height: 12, depth: 4 };
    expect(evaluate(thin, thin, { dataRange: 1, metrics: ['ssim_3d'] }).notes.ssim_3d).toContain(
      'at least 11 x 11 x 11',
    );
  });
});

describe('volumes keep to the same table', () => {
  const n = 12;
  const cube = (f: (x: number, y: number, z: number) => number): Intensities => ({
    data: Float32Array.from({ length: n ** 3 }, (_, i) => f(i % n, Math.floor(i / n) % n, Math.floor(i / (n * n)))),
    width: n,
    height: n,
    depth: n,
    channels: 1,
  });
  const cross = cube((x, y, z) => ([x, y, z].filter((v) => Math.abs(v - 5) < 1.5).length >= 2 ? 0.9 : 0.1));
  const empty = cube(() => 0);
  const full = cube(() => 1);
  it.each([
    ['both constant', full, full],
    ['reference constant', empty, cross],
    ['estimate constant', cross, empty],
    ['neither', cross, cross],
  ] as const)('%s: a value, or null with the reason', (_, reference, estimate) => {
    measured(reference, estimate, metricNames, 0.5);
  });

  it('values that are not finite, other sizes, too few pixels', () => {
    const broken = { ...cross, data: cross.data.slice() };
    broken.data[n * n + 3] = NaN;
    for (const name of metricNames) {
      expect(() => evaluate(cross, broken, { dataRange: 1, metrics: [name] }), name).toThrow(
        `index ${n * n + 3} (x 3, y 0, z 1)`,
      );
      expect(
        () =>
          evaluate(
            cross,
            { ...cross, depth: 11, data: cross.data.subarray(0, 11 * n * n) },
            { dataRange: 1, metrics: [name] },
          ),
        name,
      ).toThrow("got an estimate of 12 x 12 x 11, wanted the reference's 12 x 12 x 12");
    }
    const thin = { ...cross, depth: 7, data: cross.data.subarray(0, 7 * n * n) };
    const { notes } = evaluate(thin, thin, {
      dataRange: 1,
      metrics: ['frc_area', 'spectrum_error', 'ms_ssim', 'vif', 'niqe', 'decorrelation_resolution'],
    });
    expect([notes.frc_area, notes.spectrum_error]).toEqual(
      ['frc', 'spectrumError'].map((who) => `${who}: got 12 x 12 x 7, wanted a volume of at least 8 x 8 x 8`),
    );
    for (const [name, size] of [
      ['ms_ssim', '161 x 161'],
      ['vif', '41 x 41'],
      ['niqe', '96 x 96'],
      ['decorrelation_resolution', '45 x 45'],
    ] as const)
      expect(notes[name]).toContain(`at least ${size}`);
  });
});

describe('masks: both empty, one empty, disjoint, all foreground', () => {
  const perfect: Partial<Record<MetricName, number>> = {
    dice: 1,
    cldice: 1,
    cldice_precision: 1,
    cldice_recall: 1,
    nsd: 1,
    hd95: 0,
    assd: 0,
    betti0_error: 0,
    betti1_error: 0,
    betti2_error: 0,
    euler_error: 0,
    betti_matching_error: 0,
  };
  it('both empty: 1 or 0, overlaps with a flag', () => {
    const { values, notes } = measured(constant(0), constant(0), withMasks, 0.5);
    for (const [name, value] of Object.entries(perfect)) expect(values[name as MetricName], name).toBe(value);
    for (const name of ['dice', 'cldice', 'nsd', 'hd95', 'assd'] as const) expect(notes[name], name).toBe('both empty');
  });

  it.each([
    ['estimate empty', bar(20), constant(0)],
    ['reference empty', constant(0), bar(20)],
  ] as const)('%s: 0 or Infinity, with a flag', (flag, reference, estimate) => {
    const { values, notes } = measured(reference, estimate, withMasks, 0.5);
    expect([values.dice, values.cldice, values.nsd, values.hd95, values.assd, values.betti_matching_error]).toEqual([
      0,
      0,
      0,
      Infinity,
      Infinity,
      1,
    ]);
    for (const name of ['dice', 'cldice', 'nsd', 'hd95', 'assd'] as const) expect(notes[name], name).toBe(flag);
  });

  it('disjoint: 0', () => {
    const { values } = measured(bar(10), bar(35), withMasks, 0.5);
    expect([
      values.dice,
      values.cldice,
      values.branch_recall,
      values.weak_branch_recall,
      values.invented_length,
      values.path_similarity,
    ]).toEqual([0, 0, 0, 0, 1, 0]);
    expect(values.hd95).toBe(25);
  });

  it('all foreground: finite where a value exists, else null with the reason', () => {
    const { values, notes } = measured(constant(1), constant(1), withMasks, 0.5);
    for (const [name, value] of Object.entries(perfect)) expect(values[name as MetricName], name).toBe(value);
    expect([values.porosity, values.largest_component, values.mean_thickness]).toEqual([1, 1, null]);
    expect([notes.mean_thickness, notes.dice, notes.porosity]).toEqual([
      'the mask is empty or has no background',
      'both all foreground',
      'both all foreground',
    ]);
    for (const name of withMasks) expect(values[name] === null || Number.isFinite(values[name]), name).toBe(true);
  });
});

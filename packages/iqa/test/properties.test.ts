import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  evaluate,
  metricNames,
  metricOf,
  type EvaluateOptions,
  type Intensities,
  type MetricName,
} from '../src/index.js';
import { paint } from './draw.js';

const side = 176;
const rng = createRng(12);
const reference = paint(side, side, (x, y) =>
  Math.abs(y - 40 - 9 * Math.sin(x / 13)) < 2.6 ||
  Math.abs(x - 71) < 2.2 ||
  Math.abs(Math.hypot(x - 120, y - 110) - 30) < 1.7 ||
  Math.abs(x - y + 60) < 2.1
    ? 0.9
    : 0.1,
);
const estimate = paint(
  side,
  side,
  (x, y) => (Math.hypot(x - 100, y - 120) < 14 ? 0.1 : 0.92 * reference.data[y * side + x]) + 0.02 * rng.normal(),
);
const block: readonly [Intensities, Intensities] = (() => {
  const r = createRng(3);
  const n = 14;
  const size = n * n * n;
  const data = Float32Array.from({ length: size }, (_, i) =>
    Math.abs((i % n) - 6) < 2 || Math.abs((Math.floor(i / n) % n) - 4) < 1.5 ? 0.9 : 0.1,
  );
  const grid = (values: Float32Array): Intensities => ({ data: values, width: n, height: n, depth: n, channels: 1 });
  return [grid(data), grid(data.map((v, i) => (i < size / 3 ? 0.1 : v) + 0.02 * r.normal()))];
})();

/** One level for both, whichever is the reference. */
const options: EvaluateOptions = { dataRange: 1, threshold: 0.45 };
const measure = (a: Intensities, b: Intensities, metrics: readonly MetricName[], more: Partial<EvaluateOptions> = {}) =>
  evaluate(a, b, { ...options, ...more, metrics });
const close = (got: number | null | undefined, wanted: number | null | undefined, name: string, tolerance = 1e-9) => {
  if (typeof wanted !== 'number' || !Number.isFinite(wanted)) expect(got, name).toBe(wanted);
  else
    expect(Math.abs(got! - wanted), `${name}: ${got} and ${wanted}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(wanted)),
    );
};

describe('exchanging reference and estimate', () => {
  const symmetric: MetricName[] = [
    'psnr',
    'ssim',
    'mse',
    'pearson',
    'ms_ssim',
    'gmsd',
    'frc_resolution',
    'frc_area',
    'dice',
    'cldice',
    'betti0_error',
    'betti1_error',
    'betti2_error',
    'euler_error',
    'betti_matching_error',
    'hd95',
    'assd',
    'nsd',
    'path_similarity',
    'degree_distance',
    'branch_length_distance',
    'attack_distance',
  ];
  it.each([
    ['a plane', reference, estimate],
    ['a volume', ...block],
  ] as const)('changes nothing in what treats them alike: %s', (_, a, b) => {
    const there = measure(a, b, symmetric).values;
    const back = measure(b, a, symmetric).values;
    for (const name of symmetric) close(back[name], there[name], name);
  });

  it('exchanges precision and recall, and what one network is by itself', () => {
    const metrics = metricNames.filter((name) => metricOf(name).better === 'reference');
    const names: MetricName[] = ['cldice_precision', 'cldice_recall', 'branch_recall', 'invented_length', ...metrics];
    const there = measure(reference, estimate, names);
    const back = measure(estimate, reference, names);
    close(back.values.cldice_precision, there.values.cldice_recall, 'cldice');
    close(back.values.branch_recall, 1 - there.values.invented_length!, 'recall');
    for (const name of metrics) {
      close(back.values[name], there.referenceValues[name], name);
      close(back.referenceValues[name], there.values[name], name);
    }
  });
});

describe('mirror images and transposes', () => {
  const mirrored = (g: Intensities): Intensities => paint(side, side, (x, y) => g.data[y * side + side - 1 - x]);
  const transposed = (g: Intensities): Intensities => paint(side, side, (x, y) => g.data[x * side + y]);
  // Not these: thinning goes by sides, VIF and NIQE by pixels counted from a corner, decorrelation leaves out the last
  // row of even sizes.
  const names: MetricName[] = [
    'psnr',
    'ssim',
    'mse',
    'nrmse',
    'pearson',
    'ms_ssim',
    'gmsd',
    'rse',
    'rsp',
    'spectrum_error',
    'frc_resolution',
    'frc_area',
    'dice',
    'betti0_error',
    'betti1_error',
    'betti2_error',
    'betti0_error_relative',
    'betti1_error_relative',
    'euler_error',
    'betti_matching_error',
    'hd95',
    'assd',
    'nsd',
    'largest_component',
    'porosity',
    'mean_thickness',
    'connectivity_density',
  ];
  const plain = measure(reference, estimate, names).values;
  it.each([
    ['mirrored', mirrored],
    ['transposed', transposed],
  ] as const)('%s: the same values', (_, turn) => {
    const turned = measure(turn(reference), turn(estimate), names).values;
    for (const name of names) close(turned[name], plain[name], name, 1e-7);
  });

  it('odd sizes too, for VIF and decorrelation', () => {
    const odd = (g: Intensities) => paint(131, 131, (x, y) => g.data[(y + 20) * side + x + 30]);
    const turn = (g: Intensities) => paint(131, 131, (x, y) => g.data[x * 131 + y]);
    const kept = measure(odd(reference), odd(estimate), ['vif', 'decorrelation_resolution']).values;
    const turned = measure(turn(odd(reference)), turn(odd(estimate)), ['vif', 'decorrelation_resolution']).values;
    close(turned.vif, kept.vif, 'vif');
    close(turned.decorrelation_resolution, kept.decorrelation_resolution, 'decorrelation_resolution');
  });

  it('thinning goes by sides: lengths and shares of centrelines change little', () => {
    const thinned: MetricName[] = ['cldice', 'branch_recall', 'invented_length', 'length_density'];
    const kept = measure(reference, estimate, thinned).values;
    const turned = measure(mirrored(reference), mirrored(estimate), thinned).values;
    for (const name of thinned) expect(Math.abs(turned[name]! - kept[name]!), name).toBeLessThan(0.03);
  });
});

describe('a pixel twice as long', () => {
  it.each([
    ['a plane', reference, estimate, 2],
    ['a volume', ...block, 3],
  ] as const)('changes every measure as its unit says: %s', (_, a, b, axes) => {
    const names = metricNames.filter((name) => name !== 'niqe' && name !== 'rse' && name !== 'rsp');
    const at = (length: number) =>
      measure(a, b, names, { pixelSize: { x: length, y: length, z: length, unit: 'um' } }).values;
    const one = at(1);
    const two = at(2);
    for (const name of names) {
      const { unit, volumeUnit = unit } = metricOf(name);
      const own = axes === 3 ? volumeUnit : unit;
      const power = { px: 1, '1/px': -1, '1/px²': -2, '1/px³': -3 }[own] ?? 0;
      close(two[name], typeof one[name] === 'number' ? one[name] * 2 ** power : one[name], name);
    }
  });
});

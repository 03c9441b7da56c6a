import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { evaluate, evaluationSpec, metricNames, metricOf, protocolId, type MetricName } from '../src/index.js';
import { paint } from './draw.js';

const rng = createRng(5);
const reference = paint(170, 164, (x, y) => {
  if (Math.abs(y - 20 - 6 * Math.sin(x / 9)) < 2) return 0.9;
  if (Math.abs(x - 40) < 1.5) return 0.6;
  return Math.abs(Math.hypot(x - 16, y - 46) - 8) < 1.5 ? 0.8 : 0.1;
});
const estimate = paint(170, 164, (x, y) => reference.data[y * 170 + x] * 0.9 + 0.04 * rng.normal());

describe('evaluate', () => {
  it('computes every metric of the catalogue within its range', () => {
    const { values, notes } = evaluate(reference, estimate, { dataRange: 1, metrics: metricNames });
    const without: Partial<Record<MetricName, string>> = {
      lr_consistency: 'no degraded estimate was given',
      frc_resolution: 'never below the threshold',
      ssim_3d: 'a plane has no third axis: use ssim',
      niqe: 'fewer than two blocks of 96 x 96 px with texture',
    };
    for (const name of metricNames) {
      const value = values[name];
      const {
        range: [low, high],
      } = metricOf(name);
      if (name in without) {
        expect([value, notes[name]], name).toEqual([null, without[name]]);
        continue;
      }
      expect(value, name).toBeTypeOf('number');
      if (low !== null) expect(value, name).toBeGreaterThanOrEqual(low);
      if (high !== null) expect(value, name).toBeLessThanOrEqual(high);
    }
  });

  it('an image against itself is perfect', () => {
    const { values, notes, referenceValues } = evaluate(reference, reference, {
      dataRange: 1,
      metrics: metricNames,
      lowResolution: { lr: reference, degraded: reference },
    });
    for (const name of metricNames) {
      const { better, range } = metricOf(name);
      if (name === 'frc_resolution') {
        expect([values[name], notes[name]]).toEqual([null, 'identical']);
        continue;
      }
      if (name === 'niqe' || name === 'ssim_3d') continue;
      const byDirection = { higher: range[1], lower: 0, reference: referenceValues[name] };
      const unbounded: Partial<Record<MetricName, number>> = { vif: 1, psnr: Infinity };
      const perfect = unbounded[name] ?? byDirection[better];
      expect(values[name], name).toBeCloseTo(perfect!, name === 'vif' ? 8 : 12);
    }
  });

  it('a constant image: values, or null with the reason', () => {
    const flat = paint(64, 60, () => 0.5);
    const { values, notes } = evaluate(flat, flat, {
      dataRange: 1,
      metrics: [
        'psnr',
        'ssim',
        'pearson',
        'cldice',
        'betti0_error_relative',
        'weak_branch_recall',
        'invented_length',
        'largest_component',
      ],
    });
    expect(values).toEqual({
      psnr: Infinity,
      ssim: 1,
      pearson: null,
      cldice: 1,
      betti0_error_relative: null,
      weak_branch_recall: null,
      invented_length: null,
      largest_component: null,
    });
    expect(notes).toEqual({
      psnr: 'identical images',
      pearson: 'an image is constant',
      cldice: 'both empty',
      betti0_error_relative: "the reference's b0 is 0",
      weak_branch_recall: 'the reference has no branches',
      invented_length: 'the estimate has no branches',
      largest_component: 'the network is empty',
    });
  });

  it('an image below the window costs that metric alone', () => {
    const small = paint(8, 8, (x) => x / 8);
    const { values, notes } = evaluate(small, small, { dataRange: 1, metrics: ['psnr', 'ssim'] });
    expect(values).toEqual({ psnr: Infinity, ssim: null });
    expect(notes.ssim).toBe('ssim: got 8 x 8, wanted at least 11 x 11, its window; compare larger images, or use psnr');
  });

  it('cuts the border and takes one channel', () => {
    const framed = paint(170, 164, (x, y) =>
      x < 2 || y < 2 || x >= 168 || y >= 162 ? 0 : reference.data[y * 170 + x],
    );
    expect(evaluate(reference, framed, { dataRange: 1, border: 2, metrics: ['mse'] }).values.mse).toBe(0);
    const colour = {
      ...reference,
      channels: 3,
      data: Float32Array.from({ length: 170 * 164 * 3 }, (_, i) => (i % 3 === 1 ? 0.5 : i % 7) / 7),
    };
    const other = { ...colour, data: colour.data.map((v, i) => (i % 3 === 1 ? v : v + 0.1)) };
    expect(evaluate(colour, other, { dataRange: 1, channel: 1, metrics: ['mse'] }).values.mse).toBe(0);
    expect(evaluate(colour, other, { dataRange: 1, channel: 'y', metrics: ['mse'] }).values.mse).toBeCloseTo(
      (((65.481 + 24.966) / 255) * 0.1) ** 2,
      8,
    );
    expect(evaluate(colour, other, { dataRange: 1, metrics: ['cldice'] }).notes.cldice).toBe(
      "network metrics: got 3 channels, wanted one; choose a channel, 'y' or a number",
    );
  });

  it('the protocol id follows everything that decides a value, and nothing else', () => {
    const base = protocolId({ dataRange: 1 });
    expect(base).toMatch(/^[0-9a-f]{12}$/);
    expect(
      protocolId({ dataRange: 1, threshold: 'otsu', border: 0, smoothing: 1, channel: 'all', pixelSize: null }),
    ).toBe(base);
    const others = [
      { dataRange: 2 },
      { dataRange: 1, border: 4 },
      { dataRange: 1, threshold: 0.5 },
      { dataRange: 1, smoothing: 0 },
      { dataRange: 1, tolerance: 3 },
      { dataRange: 1, channel: 'y' as const },
    ];
    expect(new Set([base, ...others.map(protocolId)]).size).toBe(others.length + 1);
  });

  it('refuses unknown metrics and a missing range', () => {
    expect(() => evaluate(reference, estimate, { dataRange: 1, metrics: ['clDicee' as MetricName] })).toThrow(
      /did you mean cldice\?$/,
    );
    expect(() => evaluate(reference, estimate, { dataRange: NaN })).toThrow(
      'evaluate: got data range NaN, wanted a positive number',
    );
  });

  it('its slice of the spec has defaults and refuses unknown keys', () => {
    expect(evaluationSpec.parse({})).toMatchObject({ threshold: 'otsu', border: 0, tolerance: 2, smoothing: 1 });
    expect(evaluationSpec.safeParse({ bordr: 4 }).success).toBe(false);
    expect(evaluationSpec.safeParse({ metrics: ['fid'] }).success).toBe(false);
    expect(evaluationSpec.parse({ threshold: { low: 0.2, high: 0.5 } }).threshold).toEqual({ low: 0.2, high: 0.5 });
  });
});

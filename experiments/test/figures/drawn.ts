import { createRng } from '@lacuna/core';
import { mark, type CostData, type CurveData, type DisagreementData, type PanelData } from '../../src/figures/index.js';

/**
 * A panel of 64 x 48 pixels with one horizontal vessel at y = 20, which the second method misses in its right half and
 * where it invents a short branch at x = 10.
 */
export function drawnPanel(): PanelData {
  const width = 64;
  const height = 48;
  const factor = 4;
  const rng = createRng(1);
  const data = Float32Array.from(
    { length: width * height },
    (_, i) => Math.exp(-((Math.floor(i / width) - 20) ** 2) / 8) + 0.1 * rng.uniform(),
  );
  const network = new Uint8Array(width * height).fill(1, 20 * width, 21 * width);
  const whole = network.map((v) => (v === 1 ? mark.found : mark.none));
  const half = whole.map((v, i) => (v === mark.found && i % width >= 32 ? mark.missed : v));
  for (let y = 30; y < 42; y++) half[y * width + 10] = mark.invented;
  const scores = (clDice: number, psnr: number) => [
    { name: 'clDice', value: clDice, digits: 2, better: 'higher' as const },
    { name: 'PSNR', value: psnr, unit: 'dB', digits: 1, better: 'higher' as const },
  ];
  return {
    title: 'Drawn vessel, ×4 <test & trial>',
    factor,
    pixelSize: { x: 0.1, y: 0.1, unit: 'um' },
    rule: { kind: 'most-branches', size: 32 },
    network,
    isNetworkKnown: true,
    hr: { data, width, height },
    lr: {
      data: Float32Array.from({ length: 16 * 12 }, (_, i) => data[Math.floor(i / 16) * 4 * width + (i % 16) * 4]),
      width: 16,
      height: 12,
    },
    methods: [
      { name: 'Bicubic', sr: { data, width, height }, marks: whole, scores: scores(0.91, 25.5) },
      { name: 'FSRCNN', sr: { data, width, height }, marks: half, scores: scores(0.52, 29.25) },
    ],
  };
}

export function drawnCosts(): CostData {
  const at = (mean: number, half: number) => ({ mean, low: mean - half, high: mean + half });
  return {
    title: 'Scores against cost',
    interval: '95 % interval over 3 seeds',
    costs: [{ name: 'Parameters' }],
    scores: [{ name: 'clDice', better: 'higher' }],
    points: [
      { method: 'Bicubic', costs: { Parameters: 0 }, scores: { clDice: at(0.79, 0) } },
      { method: 'FSRCNN', costs: { Parameters: 12464 }, scores: { clDice: at(0.83, 0.01) } },
      { method: 'Geometry', costs: { Parameters: 12464 }, scores: { clDice: at(0.831, 0.01) } },
    ],
  };
}

export function drawnCurves(): CurveData {
  const seed = (n: number) => ({ seed: n, points: [1, 2, 3].map((step) => [step, n / step] as const) });
  return {
    title: 'Training',
    methods: ['Bicubic', 'FSRCNN'],
    charts: [{ name: 'loss', scale: 'log', methods: [{ method: 'FSRCNN', seeds: [seed(1), seed(2)] }] }],
  };
}

/** PSNR and SSIM agree; clDice turns the order of two of the three methods around. */
export function drawnDisagreement(): DisagreementData {
  const ranks = (a: number[], b: number[]) =>
    ['Bicubic', 'FSRCNN', 'Geometry'].map((method, k) => ({ method, a: a[k], b: b[k] }));
  const conflicts = [{ preferredByA: 'FSRCNN', preferredByB: 'Geometry' }];
  return {
    title: 'drawn, ×4',
    metrics: ['PSNR', 'SSIM', 'clDice'],
    methods: ['Bicubic', 'FSRCNN', 'Geometry'],
    pairs: [
      {
        a: 'PSNR',
        b: 'clDice',
        tau: -1 / 3,
        interval: [-1, 0.5],
        cases: 4,
        ranks: ranks([3, 1, 2], [2.5, 2.5, 1]),
        conflicts,
        worst: { case: 'specimen 3, seed 1', tau: -1 },
      },
      {
        a: 'SSIM',
        b: 'clDice',
        tau: null,
        interval: null,
        cases: 0,
        ranks: ranks([3, 1, 2], [2, 2, 2]),
        conflicts: [],
        worst: null,
      },
      {
        a: 'PSNR',
        b: 'SSIM',
        tau: 1,
        interval: [0.8, 1],
        cases: 4,
        ranks: ranks([3, 1, 2], [3, 1, 2]),
        conflicts: [],
        worst: { case: 'specimen 1, seed 0', tau: 1 },
      },
    ],
  };
}

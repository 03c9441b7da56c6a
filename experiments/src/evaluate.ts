import { createHash } from 'node:crypto';
import type { Image } from '@lacuna/core';
import { filterPlanes } from '@lacuna/datasets';
import { bettiErrors, clDice, cropBorder, dice, largestComponentShare, psnr, ssim, thinZhang, type Mask } from '@lacuna/iqa';
import type { ForwardKernel } from '@lacuna/models';
import { markNetwork, referenceNetwork } from './figures/index.js';
import { mark } from './figures/types.js';
import type { Pair } from './prepare.js';
import type { Scores } from './results.js';
import type { EvaluationSpec } from './spec.js';

/** How a metric is shown and ordered. */
export interface MetricInfo {
  readonly title: string;
  readonly unit?: string;
  readonly digits: number;
  readonly better: 'higher' | 'lower';
  readonly about: string;
}

/** The metrics of a sweep, network first: what the leaderboard, MLflow and the figures show. */
export const sweepMetrics = {
  cldice: { title: 'clDice', digits: 3, better: 'higher', about: 'harmonic mean of centreline precision and recall' },
  betti0_error: { title: 'Betti-0 err', digits: 1, better: 'lower', about: 'difference in connected components' },
  betti1_error: { title: 'Betti-1 err', digits: 1, better: 'lower', about: 'difference in loops' },
  found_length: { title: 'found', digits: 3, better: 'higher', about: 'share of the true centreline that is found within the tolerance' },
  invented_length: { title: 'invented', digits: 3, better: 'lower', about: 'share of the centreline of the estimate that has no true one within the tolerance' },
  largest_component_error: { title: 'largest comp. err', digits: 3, better: 'lower', about: "difference of the largest component's share of the network" },
  psnr: { title: 'PSNR', unit: 'dB', digits: 2, better: 'higher', about: 'peak signal-to-noise ratio, range 1' },
  ssim: { title: 'SSIM', digits: 3, better: 'higher', about: 'structural similarity, Gaussian window 1.5' },
  dice: { title: 'Dice', digits: 3, better: 'higher', about: 'overlap of the masks' },
  lr_consistency: { title: 'LR residual', digits: 4, better: 'lower', about: 'mean |D(SR) - LR| under the known degradation' },
} as const satisfies Record<string, MetricInfo>;
export type SweepMetric = keyof typeof sweepMetrics;

/** What scores depend on besides the images. */
export interface Protocol {
  readonly evaluation: EvaluationSpec;
  readonly factor: number;
  readonly level: number;
  readonly segment: (image: Image) => Mask;
  readonly forward: ForwardKernel;
}

/** Id of a protocol: border, range, threshold and tolerance that made a number. */
export function protocolId({ evaluation, factor, level }: Protocol): string {
  return createHash('sha256').update(JSON.stringify({ version: 1, dataRange: 1, evaluation, factor, level })).digest('hex').slice(0, 8);
}

/** Mean scores of SR images over regions; a metric without a value in some region is a mean over the others, and says so. */
export function scoreRegions(pairs: readonly Pair[], estimates: readonly Image[], protocol: Protocol): Scores {
  const sums = new Map<string, number[]>(), undefinedBecause: Record<string, string> = {};
  pairs.forEach((pair, i) => {
    for (const [name, value] of Object.entries(scorePair(pair, estimates[i]!, protocol))) {
      if (typeof value === 'string') undefinedBecause[name] = `${pair.region.box.image}: ${value}`;
      else sums.set(name, [...(sums.get(name) ?? []), value]);
    }
  });
  const values = Object.fromEntries(Object.keys(sweepMetrics).map((name) => {
    const list = sums.get(name) ?? [];
    return [name, list.length > 0 ? list.reduce((sum, value) => sum + value, 0) / list.length : null];
  }));
  return { values, undefinedBecause, protocol: protocolId(protocol) };
}

/** All scores of one region; a text says why there is none. */
function scorePair({ hr, lr }: Pair, sr: Image, protocol: Protocol): Record<SweepMetric, number | string> {
  const border = protocol.evaluation.border === 'factor' ? protocol.factor : protocol.evaluation.border;
  const inner = cropBorder(hr, border), innerSr = cropBorder(sr, border);
  const truth = protocol.segment(hr), estimate = protocol.segment(sr);
  const lines = clDice(truth, estimate, { reference: thinZhang(truth), estimate: thinZhang(estimate) });
  const betti = bettiErrors(truth, estimate);
  const marks = markNetwork(referenceNetwork(truth), estimate, { tolerance: protocol.evaluation.tolerance });
  const count = (code: number) => marks.reduce((sum, value) => sum + (value === code ? 1 : 0), 0);
  const found = count(mark.found), missed = count(mark.missed), invented = count(mark.invented);
  const share = (part: number, whole: number, why: string) => (whole === 0 ? why : part / whole);
  const largest = largestComponentShare(truth), largestOfEstimate = largestComponentShare(estimate);
  return {
    cldice: lines.flag === undefined || lines.flag !== 'both empty' ? lines.value : 'no network in either image',
    betti0_error: betti.b0,
    betti1_error: betti.b1,
    found_length: share(found, found + missed, 'no network in the HR image'),
    invented_length: share(invented, found + invented, 'no network in the SR image'),
    largest_component_error: largest === null ? 'no network in the HR image' : Math.abs(largest - (largestOfEstimate ?? 0)),
    psnr: psnr(inner, innerSr, { dataRange: 1 }),
    ssim: ssim(inner, innerSr, { dataRange: 1 }),
    dice: dice(truth, estimate).value,
    lr_consistency: residual(filterPlanes(sr, protocol.forward, protocol.factor), lr),
  };
}

function residual(degraded: Image, lr: Image): number {
  let sum = 0;
  for (let i = 0; i < lr.data.length; i++) sum += Math.abs(degraded.data[i]! - lr.data[i]!);
  return sum / lr.data.length;
}

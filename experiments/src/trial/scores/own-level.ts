import type { Image } from '@lacuna/core';
import {
  createMask,
  cropBorder,
  evaluate,
  metricOf,
  ownLevel,
  protocolId,
  skeletonize,
  smooth,
  threshold,
  type EvaluationSpec,
  type Intensities,
  type Mask,
  type MetricName,
} from '@lacuna/iqa';
import type { OwnLevelChoice, Scores } from '../../sweep/results/results.js';
import type { Pair } from '../data/pair.js';
import type { Estimate } from '../sr-images.js';
import { evaluateOptions, lengthsOf, meanScores, type Protocol } from './scores.js';

/** A region without the border that the protocol leaves out. */
interface Reference {
  readonly hr: Intensities;
  /** The known network, or what the common level makes of the HR image. */
  readonly network: { readonly mask: Mask; readonly skeleton: Mask };
}

/**
 * The level at which a method's images show the network best: the one of largest mean clDice over the validation
 * split, the same rule for every method. References are those of the common level.
 * @returns why there is none where no validation region has a network.
 */
export function findOwnLevel(pairs: readonly Pair[], estimates: readonly Image[], protocol: Protocol): OwnLevelChoice {
  const { border, smoothing } = protocol.evaluation;
  const references = pairs.map((pair) => referenceOf(pair, protocol));
  if (references.every(({ network }) => !network.mask.data.includes(1)))
    return { level: null, reason: 'no network in any region of the validation split' };
  const { level, clDice } = ownLevel(
    references.map(({ network }, i) => ({
      reference: network,
      estimate: smooth(cropBorder(estimates[i], border), smoothing),
    })),
  );
  return { level, clDice };
}

/** {@link findOwnLevel} of the probability that a model's head gives; null where there is no head. */
export function findHeadLevel(
  pairs: readonly Pair[],
  estimates: readonly Estimate[],
  protocol: Protocol,
): OwnLevelChoice | null {
  const heads = estimates.map(({ network }) => network).filter((network) => network !== undefined);
  return heads.length > 0 && heads.length === pairs.length ? findOwnLevel(pairs, heads, protocol) : null;
}

/** Metrics of a protocol that change with the level at which the estimate is cut. */
export function levelMetrics({ metrics }: Pick<EvaluationSpec, 'metrics'>): MetricName[] {
  return metrics.filter((name) => {
    const { needs, overLevels } = metricOf(name);
    return (needs === 'masks' || needs === 'graph') && overLevels !== true;
  });
}

/**
 * Mean scores over regions with the estimates cut at their own level, the references as at the common one; of the
 * metrics that change with the level.
 * @returns null where there is no own level, or no such metric.
 */
export function scoreAtOwnLevel(
  pairs: readonly Pair[],
  estimates: readonly Image[],
  { level }: OwnLevelChoice,
  protocol: Protocol,
): Scores | null {
  const metrics = levelMetrics(protocol.evaluation);
  if (level === null || metrics.length === 0) return null;
  const cases = pairs.map((pair, i) => {
    const { hr, network } = referenceOf(pair, protocol);
    const estimate = cropBorder(estimates[i], protocol.evaluation.border);
    const options = { ...evaluateOptions(pair, protocol), threshold: level, truth: network, border: 0 };
    return { name: pair.region.box.image, ...evaluate(hr, estimate, { ...options, metrics }) };
  });
  // Each method has another level: the id is that of the common protocol, and says so.
  const common = protocolId(evaluateOptions(pairs[0], protocol));
  return meanScores(cases, { metrics, protocol: `${common} at own level`, ...lengthsOf(pairs) });
}

function referenceOf({ hr, truth }: Pair, { evaluation: { border, smoothing }, level }: Protocol): Reference {
  const cropped = cropBorder(hr, border);
  if (truth) {
    const network = { mask: cropMask(truth.mask, border), skeleton: cropMask(truth.skeleton, border) };
    return { hr: cropped, network };
  }
  const mask = threshold(smooth(cropped, smoothing), level);
  return { hr: cropped, network: { mask, skeleton: skeletonize(mask) } };
}

function cropMask(mask: Mask, border: number): Mask {
  if (border === 0) return mask;
  const { data, width, height, depth } = cropBorder({ ...mask, channels: 1 }, border);
  return createMask(data, width, height, depth);
}

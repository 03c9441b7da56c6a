import type { Image } from '@lacuna/core';
import { metricOf, type MetricName } from '@lacuna/iqa';
import type { Scores } from '../../sweep/results/results.js';
import type { Pair } from '../data/pair.js';
import { levelMetrics, scoreAtOwnLevel } from './own-level.js';
import { scoreRegions, type Protocol } from './scores.js';
import type { Estimate } from '../sr-images.js';

/** The level of a probability where nobody chose another. */
const EVEN = 0.5;

/** What the id of a protocol ends with where networks come from a head. */
export const FROM_HEAD = 'network from the head';

/** The probabilities that networks are read from; null where the protocol reads the images, or a model has no head. */
export function headsRead(estimates: readonly Estimate[], { evaluation }: Protocol): Image[] | null {
  if (evaluation.network !== 'head') return null;
  const heads = estimates.map(({ network }) => network).filter((network) => network !== undefined);
  return heads.length > 0 && heads.length === estimates.length ? heads : null;
}

/**
 * Scores as the protocol reads networks: {@link scoreRegions} of the images; where it reads the heads of models, scores
 * of the network are those of their probability, above 0.5 or over all levels, against the same references. All others
 * are of the images.
 */
export function scoreAsRead(
  pairs: readonly Pair[],
  estimates: readonly Estimate[],
  protocol: Protocol,
  metrics: readonly MetricName[] = protocol.evaluation.metrics,
): Scores {
  const heads = headsRead(estimates, protocol);
  if (heads === null) return scoreRegions(pairs, estimates, protocol, metrics);
  const atLevel = levelMetrics({ metrics: [...metrics] });
  const overLevels = metrics.filter((name) => metricOf(name).overLevels === true);
  const ofImages = metrics.filter((name) => !atLevel.includes(name) && !overLevels.includes(name));
  const cut = { ...protocol, evaluation: { ...protocol.evaluation, metrics: atLevel } };
  const parts = [
    scoreRegions(pairs, estimates, protocol, ofImages),
    scoreAtOwnLevel(pairs, heads, { level: EVEN, clDice: 0 }, cut),
    overLevels.length === 0 ? null : scoreRegions(pairs, heads, protocol, overLevels),
  ].filter((part) => part !== null);
  return merged(parts, metrics.length);
}

/** Scores of the same regions by different metrics. */
function merged(parts: readonly Scores[], count: number): Scores {
  const [first, ...others] = parts;
  const all = others.reduce(
    (sum, part) => ({
      ...part,
      ...sum,
      values: { ...sum.values, ...part.values },
      undefinedBecause: { ...sum.undefinedBecause, ...part.undefinedBecause },
      cases: (sum.cases ?? []).map((each, i) => ({
        ...each,
        values: { ...each.values, ...part.cases?.[i]?.values },
      })),
      ...(sum.bothEmpty || part.bothEmpty ? { bothEmpty: { ...sum.bothEmpty, ...part.bothEmpty } } : {}),
    }),
    first,
  );
  return count === 0 ? all : { ...all, protocol: `${first.protocol}, ${FROM_HEAD}` };
}

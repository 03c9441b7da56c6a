import { metricOf, type MetricName } from '@lacuna/iqa';
import { writeJson } from '../../machine/json-file.js';
import type { TestScores } from '../../sweep/results/results.js';
import type { TrialContext } from '../context.js';
import { findOwnLevel, scoreAtOwnLevel } from './own-level.js';
import type { Pair } from '../data/pair.js';
import { scoreRegions, type Protocol } from './scores.js';
import { shareOnce } from '../data/shared.js';

/**
 * What the HR images themselves score against the known network, at both levels: the most that a method can be expected
 * to reach. Measured by the first trial of a sweep that comes to it, for all of them.
 * @returns null where the network is not known: there the HR image is the reference.
 */
export async function ceilingOf(context: TrialContext, test: readonly Pair[]): Promise<TestScores | null> {
  const { data, protocol, spec } = context;
  if (test.some(({ truth }) => truth === null)) return null;
  return shareOnce(context, {
    name: 'ceiling',
    decidedBy: spec.evaluation,
    make(path) {
      const scores = measureCeiling(data.validation, test, protocol);
      writeJson(path, scores);
      return scores;
    },
  });
}

/** The HR images as the estimates; of the network alone: of pixels they are the reference. */
export function measureCeiling(validation: readonly Pair[], test: readonly Pair[], protocol: Protocol): TestScores {
  const fine = (pairs: readonly Pair[]) => pairs.map(({ hr }) => hr);
  const ownLevel = findOwnLevel(validation, fine(validation), protocol);
  return {
    test: scoreRegions(test, fine(test), protocol, networkMetrics(protocol.evaluation.metrics)),
    ownLevel,
    testOwnLevel: scoreAtOwnLevel(test, fine(test), ownLevel, protocol),
  };
}

const networkMetrics = (metrics: readonly MetricName[]): MetricName[] =>
  metrics.filter((name) => ['masks', 'graph'].includes(metricOf(name).needs));

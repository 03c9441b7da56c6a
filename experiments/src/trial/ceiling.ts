import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, withLockFile } from '@lacuna/core';
import { metricOf, type MetricName } from '@lacuna/iqa';
import { canonicalJson } from '@lacuna/sweep';
import { writeJson } from '../machine/json-file.js';
import type { TestScores } from '../sweep/results.js';
import type { TrialContext } from './context.js';
import { findOwnLevel, scoreAtOwnLevel } from './own-level.js';
import type { Pair } from './pair.js';
import { scoreRegions, type Protocol } from './scores.js';

/** How long a trial waits for another one that measures the ceiling, in ms. */
const PATIENCE_MS = 3_600_000;

/**
 * What the HR images themselves score against the known network, at both levels: the most that a method can be expected
 * to reach. Measured by the first trial of a sweep that comes to it, for all of them.
 * @returns null where the network is not known: there the HR image is the reference.
 */
export async function ceilingOf(context: TrialContext, test: readonly Pair[]): Promise<TestScores | null> {
  const { data, protocol, options, spec } = context;
  if (test.some(({ truth }) => truth === null)) return null;
  const { degradation, split, normalise, evaluation } = spec;
  const decided = canonicalJson([data.source.digest, degradation.factor, split, normalise, evaluation]);
  const key = createHash('sha256').update(decided).digest('hex').slice(0, 12);
  makeFolder(options.shared);
  const path = join(options.shared, `ceiling-${key}.json`);
  const read = () => JSON.parse(readFileSync(path, 'utf8')) as TestScores;
  if (existsSync(path)) return read();
  return withLockFile(`${path}.lock`, { timeoutMs: PATIENCE_MS, signal: options.signal }, () => {
    if (existsSync(path)) return Promise.resolve(read());
    const scores = measureCeiling(data.validation, test, protocol);
    writeJson(path, scores);
    return Promise.resolve(scores);
  });
}

/** The HR images as the estimates; of the network alone: of pixels they are the reference. */
function measureCeiling(validation: readonly Pair[], test: readonly Pair[], protocol: Protocol): TestScores {
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

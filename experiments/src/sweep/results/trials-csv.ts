import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { withAtomicFile } from '@lacuna/core';
import { writeCsv, type Cell } from '../../iqa/csv.js';
import { scoreName } from '../../trial/scores/scores.js';
import type { LacunaSweep, LacunaTrial } from '../plan/plan.js';
import { layout, readResult, type TrialResult } from './results.js';

/** Lines that are written together. */
const CHUNK = 1000;

/** How very many trials ended. */
export interface TrialCounts {
  readonly finished: number;
  readonly others: number;
  readonly lacking: number;
}

/**
 * Every trial of a sweep as a line of `trials.csv`: its place on the axes, how it ended, its scores and costs. Results
 * are read one by one, so that very many trials need little memory.
 */
export async function writeTrialsCsv(sweep: LacunaSweep, folder: string): Promise<TrialCounts> {
  const paths = [...new Set(sweep.trials.flatMap(({ axes }) => Object.keys(axes)))];
  const metrics = [...new Set(metricsOf(sweep.trials))];
  const counts = { finished: 0, others: 0, lacking: 0 };
  await withAtomicFile(join(folder, 'trials.csv'), (temporary) => {
    appendFileSync(temporary, writeCsv([head(paths, metrics)]));
    for (let from = 0; from < sweep.trials.length; from += CHUNK) {
      const lines = sweep.trials.slice(from, from + CHUNK).map((trial) => {
        const result = readResult(layout.trial(folder, trial.id));
        counts[kindOf(result)]++;
        return lineOf(trial, result, { paths, metrics });
      });
      appendFileSync(temporary, writeCsv(lines));
    }
  });
  return counts;
}

function* metricsOf(trials: readonly LacunaTrial[]): Generator<string> {
  const seen = new Set<unknown>();
  for (const { config } of trials) {
    if (seen.has(config)) continue;
    seen.add(config);
    yield* config.evaluation.metrics.map(scoreName);
  }
}

const head = (paths: readonly string[], metrics: readonly string[]): string[] => [
  'trial',
  'method',
  ...paths,
  'seed',
  'status',
  'reason',
  'steps',
  ...metrics.map((metric) => `validation/${metric}`),
  ...metrics.map((metric) => `test/${metric}`),
  'parameters',
  'macs_720p',
  'train_seconds',
  'energy_joules',
];

function kindOf(result: TrialResult | null): keyof TrialCounts {
  if (result === null) return 'lacking';
  return result.status === 'finished' ? 'finished' : 'others';
}

function lineOf(
  { id, method, axes, seed }: LacunaTrial,
  result: TrialResult | null,
  { paths, metrics }: { readonly paths: readonly string[]; readonly metrics: readonly string[] },
): Cell[] {
  const { validation, test, cost } = result ?? {};
  return [
    id,
    method,
    ...paths.map((path) => cellOf(axes[path])),
    seed,
    result?.status,
    result?.reason,
    result?.steps,
    ...metrics.map((metric) => validation?.values[metric]),
    ...metrics.map((metric) => test?.values[metric]),
    cost?.parameters,
    cost?.macs720p,
    cost?.trainSeconds,
    cost?.energy.joules,
  ];
}

const cellOf = (value: unknown): Cell =>
  typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);

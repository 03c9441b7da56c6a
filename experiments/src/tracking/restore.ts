import { mkdtempSync, renameSync, rmSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailureError, writeFileAtomic } from '@lacuna/core';
import { MlflowClient, type RunEntity } from 'mlflow-ts-client';
import { encodePoint, type MetricPoint } from '../trial/metrics-log.js';
import type { LacunaSweep } from '../sweep/plan/plan.js';
import { layout } from '../sweep/results/results.js';

/** Curves of a trial: what is logged by step. The rest of a run's metrics are numbers that `result.json` holds too. */
const CURVES = /^(train|validation)\//;

/**
 * Lays out what MLflow holds of a sweep's trials as a sweep's folder on disk: results, curves, test images.
 * Figures drawn from either are the same bytes.
 * @returns how many trials had a result there.
 * @throws {FailureError} where the server has no experiment, or no finished run of this sweep.
 */
export async function restoreFromTracking(sweep: LacunaSweep, uri: string, folder: string): Promise<number> {
  const client = new MlflowClient({ trackingUri: uri });
  const name = sweep.common.tracking.experiment;
  const experiment = await client.getExperimentByName(name).catch((cause: unknown) => {
    throw new FailureError(
      {
        who: `MLflow at ${uri}`,
        got: `no experiment ${name}`,
        wanted: 'the experiment of this sweep',
        remedy: 'run the sweep, or name another server with --tracking-uri',
      },
      { cause },
    );
  });
  let restored = 0;
  for (const trial of sweep.trials) {
    const { items } = await client.searchRuns([experiment.experimentId], {
      filter: `tags."lacuna.trial" = '${trial.id}'`,
      orderBy: ['attributes.start_time DESC'],
      maxResults: 5,
    });
    for (const run of items) {
      if (!(await restoreTrial(client, run, layout.trial(folder, trial.id)))) continue;
      restored += 1;
      break;
    }
  }
  if (restored === 0) {
    throw new FailureError({
      who: `MLflow at ${uri}`,
      got: `no finished run of the ${sweep.trials.length} trials of ${sweep.name} in experiment ${name}`,
      wanted: 'at least one',
      remedy: 'run the sweep, or give the same --spec and --set as it was run with',
    });
  }
  return restored;
}

async function restoreTrial(client: MlflowClient, run: RunEntity, trial: string): Promise<boolean> {
  const { runId } = run.info;
  const files = await client.listArtifacts(runId);
  if (!files.some(({ path }) => path === 'result.json')) return false;
  mkdirSync(layout.images(trial), { recursive: true });
  await client.downloadArtifacts(runId, 'result.json', trial);
  if (files.some(({ path }) => path === 'test')) {
    const from = mkdtempSync(join(tmpdir(), 'lacuna-test-images-'));
    try {
      for (const { path } of await client.listArtifacts(runId, 'test')) {
        await client.downloadArtifacts(runId, path, from);
        renameSync(join(from, path), join(layout.images(trial), path.slice('test/'.length)));
      }
    } finally {
      rmSync(from, { recursive: true, force: true });
    }
  }
  const points: MetricPoint[] = [];
  for (const key of Object.keys(run.data.metrics).filter((name) => CURVES.test(name))) {
    for await (const { step, timestamp, value } of client.metricHistory(runId, key))
      points.push({ step: step ?? 0, time: timestamp, name: key, value });
  }
  points.sort((a, b) => a.step - b.step);
  writeFileAtomic(layout.metrics(trial), points.map((point) => `${encodePoint(point)}\n`).join(''));
  return true;
}

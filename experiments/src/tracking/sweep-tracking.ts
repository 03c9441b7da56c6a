import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '@lacuna/core';
import {
  MlflowClient,
  MlflowConnectionError,
  MlflowError,
  MlflowInputError,
  MlflowProtocolError,
  MlflowServerError,
  syncSpools,
} from 'mlflow-ts-client';
import { leadingScores, shownMetrics } from '../trial/scores.js';
import type { LacunaSweep } from '../sweep/plan.js';
import { layout } from '../sweep/results.js';
import { readSetupState } from '../machine/setup-state.js';
import { stateFolder } from '../machine/workspace.js';
import { buildComparison, comparisonAddress, experimentKindTag } from './comparison.js';
import { ensureTrackingServer } from './server.js';
import { gridImages } from './trial-run.js';

/** The tag that ties the runs of a sweep together: charts over nested runs would open empty. */
export const SWEEP_TAG = 'lacuna.sweep';

/** Name of a sweep among all others: other settings under the same name are another sweep, and its runs stay apart. */
export function sweepKey(sweep: LacunaSweep): string {
  const ids = sweep.trials
    .map((trial) => trial.id)
    .sort()
    .join(' ');
  return `${sweep.name}-${createHash('sha256').update(ids).digest('hex').slice(0, 6)}`;
}

/** Tracking as a sweep sees it: where the server is, once there is one. */
export interface SweepTracking {
  /** Null until the server answers, and for good where there is none. */
  readonly uri: () => string | null;
  /** Waits for the server that was named or is being started; null where there is none. */
  readonly opened: () => Promise<string | null>;
  /** Why there is no server. */
  readonly unavailable: () => string | null;
  /** Why journals stayed behind at the last delivery, or null: all that they hold is at the server. */
  readonly behind: () => string | null;
  /** Delivers what the trials' journals still hold. Runs in the background, one delivery at a time. */
  readonly deliver: () => Promise<void>;
  /** Delivers everything and prepares the comparison; returns its address, or null without a server. */
  readonly finish: () => Promise<string | null>;
}

/**
 * Begins tracking: names the given server, or starts the local one while trials already train.
 * @throws {InputError} if what was given is no server's address.
 */
export function openSweepTracking(
  sweep: LacunaSweep,
  folder: string,
  options: { trackingUri: string | undefined; enabled: boolean },
): SweepTracking {
  let uri: string | null = null;
  let unavailable: string | null = options.enabled ? null : 'switched off (--no-tracking)';
  const given = trackingAddress(sweep, options);
  const opened = (async () => {
    if (!options.enabled) return;
    if (given !== null) {
      uri = given;
      return;
    }
    const python = readSetupState()?.mlflow?.python ?? null;
    if (python === null) {
      unavailable = 'no Python environment with MLflow (npm run setup says what is missing)';
      return;
    }
    const server = await ensureTrackingServer({ dir: join(stateFolder, 'mlflow'), python });
    if ('unavailable' in server) unavailable = server.unavailable;
    else uri = server.uri;
  })().catch((error: unknown) => {
    unavailable = error instanceof Error ? error.message : String(error);
  });

  let delivery: Promise<void> = Promise.resolve();
  let behind: string | null = null;
  const deliver = (timeoutMs = 20_000): Promise<void> => {
    delivery = delivery
      .then(async () => {
        // No MLflow there: the journals wait, and so does nobody else.
        if (uri === null || (behind = await whyNoMlflow(uri, sweep.common.tracking.experiment)) !== null) return;
        for (const trial of sweep.trials) {
          // A run of a trial that was stopped stays open: it is gone on with.
          const results = await syncSpools(layout.spool(layout.trial(folder, trial.id)), {
            trackingUri: uri,
            timeoutMs,
            reap: 'leave',
          });
          const left = results.find(({ outcome }) => outcome === 'pending' || outcome === 'blocked');
          if (!left) continue;
          behind = `trial ${trial.id}: ${left.error?.message ?? `not taken within ${timeoutMs / 1000} s`}`;
          return;
        }
      })
      .catch((error: unknown) => {
        behind = error instanceof Error ? error.message : String(error);
      }); // the journals are kept: nothing is lost
    return delivery;
  };
  return {
    uri: () => uri,
    async opened() {
      await opened;
      return uri;
    },
    unavailable: () => unavailable,
    behind: () => behind,
    deliver: () => deliver(),
    async finish() {
      await opened;
      await deliver(60_000);
      if (uri === null) return null;
      unavailable = await whyNoMlflow(uri, sweep.common.tracking.experiment);
      if (unavailable !== null) return null;
      try {
        return await prepareComparison(sweep, uri);
      } catch (error) {
        unavailable = error instanceof Error ? error.message : String(error);
        return null;
      }
    },
  };
}

/**
 * The server that was named: by option, spec or environment; null for the local one.
 * @throws {InputError} if it is no server's address.
 */
export function trackingAddress(
  sweep: LacunaSweep,
  options: { trackingUri: string | undefined; enabled: boolean },
): string | null {
  if (!options.enabled) return null;
  const named = (
    [
      ['--tracking-uri', options.trackingUri],
      ['tracking.uri', sweep.common.tracking.uri],
      ['MLFLOW_TRACKING_URI', process.env['MLFLOW_TRACKING_URI'] || undefined],
    ] as const
  ).find(([, uri]) => uri !== undefined);
  if (named === undefined) return null;
  const [who, uri] = named;
  try {
    new MlflowClient({ trackingUri: uri! });
  } catch (error) {
    if (!(error instanceof MlflowInputError)) throw error;
    throw new InputError({ who, got: error.got, wanted: error.wanted, remedy: 'leave it out for the local server' });
  }
  return uri!;
}

/** How long a server may take to say whether it is one. */
const PROBE_MS = 15_000;

/** Why nothing can be delivered at an address for now, or null: nobody answers, another program does, or the server lets nobody in. A server in trouble of its own is tried. */
async function whyNoMlflow(uri: string, experiment: string): Promise<string | null> {
  const client = new MlflowClient({ trackingUri: uri, requestTimeoutMs: PROBE_MS, maxRetries: 0 });
  for (let attempt = 1; ; attempt++) {
    try {
      await client.getExperimentByName(experiment);
      return null;
    } catch (error) {
      if (
        isMissing(error) ||
        ((error instanceof MlflowProtocolError || error instanceof MlflowServerError) && error.status >= 500)
      )
        return null;
      if (!(error instanceof MlflowConnectionError))
        return error instanceof MlflowError
          ? `got ${error.got}, wanted ${error.wanted}; ${error.remedy.charAt(0).toLowerCase()}${error.remedy.slice(1).replace(/\.$/, '')}`
          : String(error);
      // One lost connection is no answer yet.
      if (attempt === 2) return error.got;
      await sleep(300);
    }
  }
}

/** MLflow's answer where the experiment has no run yet. */
const isMissing = (error: unknown) =>
  error instanceof MlflowServerError && error.errorCode === 'RESOURCE_DOES_NOT_EXIST';

async function prepareComparison(sweep: LacunaSweep, uri: string): Promise<string | null> {
  const client = new MlflowClient({ trackingUri: uri });
  const experiment = await client.getExperimentByName(sweep.common.tracking.experiment).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  if (experiment === null) return null;
  const [first] = sweep.trials;
  const metrics = shownMetrics(first.config.evaluation).map(({ metric, name }) => ({ key: `test/${metric}`, name }));
  const known = (metric: string | undefined) => metrics.find(({ key }) => key === `test/${metric}`);
  const parameters = { key: 'cost/parameters', name: 'Parameters' };
  const { intensities, network } = leadingScores;
  const pixels = known(intensities);
  const geometry = known(network);
  const view = `lacuna-${sweepKey(sweep).replace(/[^A-Za-z0-9-]/g, '-')}`;
  const tag = buildComparison({
    key: view,
    sweepTag: { key: SWEEP_TAG, value: sweepKey(sweep) },
    metrics,
    params: ['method', 'degradation.factor', 'seed'],
    scatters: [
      ...(pixels && geometry ? [{ x: pixels, y: geometry }] : []),
      ...(geometry ? [{ x: parameters, y: geometry }] : []),
    ],
    curves: [
      { key: 'train/loss', name: 'training loss' },
      ...(geometry ? [{ key: `validation/${network}`, name: `validation ${geometry.name}` }] : []),
      ...(pixels ? [{ key: `validation/${intensities}`, name: `validation ${pixels.name}` }] : []),
    ],
    images: [gridImages.sr, gridImages.lr, gridImages.hr],
    imageStep: first.config.training.steps,
    orderBy: { metric: (geometry ?? metrics[0]).key, ascending: false },
  });
  for (const { key, value } of [tag, experimentKindTag])
    await client.setExperimentTag(experiment.experimentId, key, value);
  return comparisonAddress(uri, experiment.experimentId, view);
}

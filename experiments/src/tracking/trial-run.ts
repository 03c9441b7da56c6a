import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS, startRun, type Run } from 'mlflow-ts-client';
import { cropImage, type Image } from '@lacuna/core';
import { describeFactor, enlarge } from '@lacuna/datasets';
import type { Trial } from '@lacuna/sweep';
import { paintInferno } from '../figures/drawing/inferno.js';
import { projected } from '../figures/volumes/projections.js';
import { sourceCommit } from '../machine/source-commit.js';
import { networkName } from '../sweep/spec/method.js';
import type { MetricPoint } from '../trial/metrics-log.js';
import type { Pair } from '../trial/data/pair.js';
import type { PreparedData } from '../trial/data/prepare.js';
import type { EmissionFactor } from '../sweep/results/emissions.js';
import { layout, type TrialResult } from '../sweep/results/results.js';
import type { TrialSpec } from '../sweep/spec/spec.js';
import { trackingCredentials, withoutUserInfo } from './address.js';
import { finalMetrics } from './final-metrics.js';
import { PLANNED_TAG, runKey, SWEEP_TAG, TRIAL_TAG } from './sweep-identity.js';

/** Side of the validation crop that MLflow's image grid shows, in HR pixels. */
const GRID_CROP = 256;

/** Keys of the images in MLflow. */
export const gridImages = { sr: 'validation/sr', lr: 'validation/lr', hr: 'validation/hr' } as const;

/** A trial's run in MLflow. It never waits for the server: everything goes to a journal in the trial's folder first. */
export interface TrialTracking {
  readonly folder: string;
  logPoints(points: readonly MetricPoint[]): void;
  logSr(step: number, pair: Pair, sr: Image): Promise<void>;
  finish(result: TrialResult): Promise<void>;
  /** Stopped on request: the run is said to be stopped, and goes on when the trial does. */
  suspend(): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** How long the end of a trial waits for the server, in ms; what is left is delivered by the sweep or `lacuna sync`. */
const PATIENCE_MS = 5000;

/** The mark that stands in the journal after what every run begins with. */
const OPENING = 'opening';

/** What a trial's run is opened with. */
export interface TrialRunOptions {
  readonly trial: Trial<TrialSpec>;
  /** The trial's folder. */
  readonly folder: string;
  readonly tracking: {
    /** The sweep that the run belongs to, beside its trial. */
    readonly sweep: string;
    readonly experiment: string;
    readonly uri: string | null;
    /** What the emissions of its energy are told by. */
    readonly energy?: EmissionFactor;
  };
  readonly data: PreparedData;
}

/**
 * Opens a trial's run, or goes on with it. What every run begins with is logged until all of it stands in the journal:
 * a trial may be killed, or its disk full, after the first record.
 */
export async function openTrialTracking(options: TrialRunOptions): Promise<TrialTracking> {
  const { trial, folder, tracking, data } = options;
  const commit = sourceCommit();
  const run = await startRun({
    spoolDir: layout.spool(folder),
    experimentName: tracking.experiment,
    runName: trial.name.slice(0, LIMITS.runName),
    trialKey: runKey(tracking.sweep, trial.id),
    systemMetrics: 30_000,
    env: trackingCredentials(),
    ...(tracking.uri === null ? {} : { trackingUri: tracking.uri }),
    tags: {
      [SWEEP_TAG]: tracking.sweep,
      [PLANNED_TAG]: 'yes',
      [TRIAL_TAG]: trial.id,
      'lacuna.method': trial.method,
      'lacuna.group': trial.group,
      ...(commit === null ? {} : { 'mlflow.source.git.commit': commit }),
    },
  });
  if (!run.hasMark(OPENING)) {
    await logStart(run, trial, data);
    await run.mark(OPENING);
  }
  /** Nobody waits for a server that was never reached, or just failed. */
  const end = async (status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> => {
    const silent = run.runId === undefined || run.deliveryError !== undefined;
    await run.end(status, { timeoutMs: silent ? 0 : PATIENCE_MS });
  };
  return {
    folder,
    logPoints(points) {
      for (const { name, value, step, time } of points)
        if (Number.isFinite(value)) run.logMetric(name, value, { step, timestamp: time });
    },
    logSr: (step, pair, sr) => run.logImage(gridImages.sr, colour(gridCrop(sr, pair)), { step }),
    async finish(result) {
      run.logMetrics(finalMetrics(result, tracking.energy), { step: result.steps });
      run.setTag('lacuna.status', describeStatus(result));
      await logFiles(run, folder, result);
      await end(RUN_STATES[result.status]);
    },
    async suspend() {
      run.setTag('lacuna.status', 'stopped');
      await end('KILLED');
    },
    async fail(error) {
      const reason = error instanceof Error ? error.message : String(error);
      try {
        run.setTag('lacuna.status', withoutUserInfo(reason).slice(0, 500));
        await end('FAILED');
      } catch {
        // A disk that is full takes no last word either; the sweep tells the reason, and ends the run.
      }
    },
  };
}

/** A pruned trial did not fail: a search ended it. */
const RUN_STATES = { finished: 'FINISHED', diverged: 'FAILED', pruned: 'KILLED' } as const;

function describeStatus({ status, reason }: TrialResult): string {
  if (status === 'pruned') return `pruned: ${reason ?? ''}`;
  return reason ?? status;
}

/** Parameters, data sets, note and the images that every method is held to. */
async function logStart(run: Run, trial: Trial<TrialSpec>, data: PreparedData): Promise<void> {
  run.logParams({ method: trial.method, seed: trial.seed, ...flatten(trial.config) });
  const [image] = data.source.images;
  for (const [context, pairs] of [
    ['training', data.training],
    ['validation', data.validation],
  ] as const) {
    run.logInput({
      name: data.source.description.slice(0, 200),
      digest: data.source.digest.slice(0, 32),
      sourceType: 'local',
      context,
      source: JSON.stringify({ regions: pairs.map(({ region }) => region.box) }).slice(0, 60_000),
      profile: JSON.stringify({
        images: data.source.images.length,
        width: image.width,
        height: image.height,
        depth: image.depth,
      }),
    });
  }
  const network = networkName({ ...trial.config, dimensions: data.dimensions });
  run.note(
    `**${trial.name}**: ${network}, regime ${trial.config.regime.kind}, ` +
      `x${describeFactor(trial.config.degradation.factor)} on ${data.source.description}.`,
  );
  await run.logDict(trial, 'spec/trial.json');
  const [pair] = data.validation;
  await run.logImage(gridImages.hr, colour(gridCrop(pair.hr, pair)), { step: 0 });
  await run.logImage(
    gridImages.lr,
    colour(gridCrop(enlarge(pair.lr, trial.config.degradation.factor, 'nearest'), pair)),
    { step: 0 },
  );
}

async function logFiles(run: Run, folder: string, result: TrialResult): Promise<void> {
  await run.logDict(result, 'result.json');
  if (result.status !== 'finished') return;
  for (const name of ['hr.tif', 'lr.tif', 'sr.tif', 'truth.tif', 'given.tif', 'scale.json']) {
    const path = join(layout.images(folder), name);
    if (existsSync(path)) await run.logArtifact(path, 'test');
  }
  const trained = join(layout.checkpoints(folder), 'best.safetensors');
  if (existsSync(trained)) {
    await run.logModel({
      name: 'model',
      files: { 'model.safetensors': await readFile(trained) },
      params: { parameters: result.cost.parameters, factor: describeFactor(result.factor) },
    });
  }
}

/** `degradation.photons: 60` and the like: one parameter a leaf. */
function flatten(value: unknown, prefix = ''): Record<string, string | number | boolean> {
  if (value === undefined || value === null) return prefix === '' ? {} : { [prefix]: 'none' };
  if (Array.isArray(value)) return { [prefix]: JSON.stringify(value) };
  if (typeof value === 'object')
    return Object.assign(
      {},
      ...Object.entries(value).map(([key, part]) => flatten(part, prefix === '' ? key : `${prefix}.${key}`)),
    ) as Record<string, string | number | boolean>;
  return { [prefix]: value as string | number | boolean };
}

/** The middle of a region; of a volume its maximum projection along z. */
function gridCrop(image: Image, { hr }: Pair): Image {
  const width = Math.min(GRID_CROP, hr.width);
  const height = Math.min(GRID_CROP, hr.height);
  return cropImage(projected(image), {
    x: Math.floor((hr.width - width) / 2),
    y: Math.floor((hr.height - height) / 2),
    width,
    height,
  });
}

/** [0, 1] in the inferno colour map, as RGB pixels. */
function colour(image: Image): { data: Uint8Array; width: number; height: number; channels: 3 } {
  return { data: paintInferno(image.data), width: image.width, height: image.height, channels: 3 };
}

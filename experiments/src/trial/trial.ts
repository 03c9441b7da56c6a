import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from '@lacuna/core';
import { createPatchSource, denormalise, enlarge, writeTiff } from '@lacuna/datasets';
import {
  buildRegime,
  checkOutput,
  describeModel,
  loadModel,
  modelCost,
  openEngine,
  predictImage,
  predictSizeFor,
  sizeMultiple,
  trainModel,
  type Executable,
  type Plane,
  type RegimeContext,
  type TrainedRegimeSpec,
} from '@lacuna/models';
import type { Trial } from '@lacuna/sweep';
import type { BaselineSpec } from '../baseline/spec.js';
import { EnergyMeter } from './energy.js';
import { scoreRegions, type Protocol } from './scores.js';
import { writeJson } from '../machine/json-file.js';
import { isTrained } from '../sweep/method.js';
import { MetricsLog } from './metrics-log.js';
import { patchGroups, prepareData, type Pair, type PreparedData } from './prepare.js';
import { layout, readResult, type Cost, type Scale, type Scores, type TrialResult } from '../sweep/results.js';
import type { TrialSpec } from '../sweep/spec.js';
import { openTrialTracking, type TrialTracking } from '../tracking/trial-run.js';
import { preferredEngine } from '../machine/workers.js';

/** What a trial is told besides its spec. */
export interface TrialOptions {
  readonly trial: Trial<TrialSpec>;
  /** The trial's own folder; see `layout`. */
  readonly folder: string;
  /** Relative paths of the spec are taken from here. */
  readonly baseDir: string;
  readonly tracking: {
    readonly experiment: string;
    readonly uri: string | null;
    readonly tags: Readonly<Record<string, string>>;
  };
  /** Threads of one op, and this trial's share of the machine. */
  readonly threads: number | null;
  readonly energyShare: number;
  readonly signal: AbortSignal;
  /** Something that its user should know, though the trial goes on. */
  readonly onWarning: (text: string) => void;
  readonly onProgress: (progress: {
    step: number;
    steps: number;
    loss: number | null;
    score: number | null;
    stepMs: number | null;
    note?: string;
  }) => void;
}

/** Longest LR side that goes through the model whole at validation; larger regions are tiled. */
const WHOLE_SIDE = 256;

/**
 * One trial, top to bottom: data, model, training with validation, the test split read once, results on disk and in the tracking journal.
 * A trial that has a result is not run again; one with a checkpoint goes on from it.
 */
export async function runTrial(
  options: TrialOptions,
): Promise<{ status: 'finished' | 'diverged' | 'stopped'; reason?: string }> {
  const { trial, folder } = options;
  const earlier = readResult(folder);
  if (earlier) return { status: earlier.status, ...(earlier.reason === undefined ? {} : { reason: earlier.reason }) };
  const spec = trial.config;
  const { factor } = spec.degradation;
  options.onProgress({ step: 0, steps: spec.training.steps, loss: null, score: null, stepMs: null, note: 'data' });
  const data = await prepareData(spec, {
    baseDir: options.baseDir,
    onProgress: (note) =>
      options.onProgress({ step: 0, steps: spec.training.steps, loss: null, score: null, stepMs: null, note }),
  });
  const protocol: Protocol = { evaluation: spec.evaluation, level: data.level, segment: data.segment };
  const log = new MetricsLog(layout.metrics(folder));
  const tracking = await openTrialTracking({ ...options, data });
  tracking.logPoints(log.earlier);
  const energy = new EnergyMeter({ share: options.energyShare });
  const sampling = setInterval(() => energy.sample(), 20_000);
  sampling.unref();
  try {
    const made = isTrained(spec.regime)
      ? await train(options, spec, spec.regime, data, protocol, log, tracking)
      : await applyFixed(options, spec, data, protocol, log, tracking);
    if (made.status === 'stopped') {
      log.sync();
      await tracking.suspend();
      return { status: 'stopped' };
    }
    const cost: Cost = { ...made.cost, energy: energy.read() };
    const finished = made.status === 'finished' && made.test !== null;
    const nothing: Scores = { values: {}, undefinedBecause: {}, protocol: '' };
    const result: TrialResult = {
      id: trial.id,
      name: trial.name,
      group: trial.group,
      method: trial.method,
      seed: trial.seed,
      factor,
      status: made.status,
      ...(made.reason === undefined ? {} : { reason: made.reason }),
      ...(made.trainedOn === undefined ? {} : { trainedOn: made.trainedOn }),
      steps: made.steps,
      bestStep: made.bestStep,
      validation: made.validation ?? nothing,
      test: finished ? made.test : nothing,
      cost,
      engine: made.engine,
    };
    log.sync();
    await tracking.finish(result);
    writeJson(layout.result(folder), result);
    return { status: made.status, ...(made.reason === undefined ? {} : { reason: made.reason }) };
  } catch (error) {
    await tracking.fail(error);
    throw error;
  } finally {
    clearInterval(sampling);
  }
}

interface Made {
  readonly status: 'finished' | 'diverged' | 'stopped';
  readonly reason?: string;
  readonly trainedOn?: string;
  readonly steps: number;
  readonly bestStep: number | null;
  readonly validation: Scores | null;
  readonly test: Scores | null;
  readonly cost: Omit<Cost, 'energy'>;
  readonly engine: string;
}

/** What a method without training does to a region, and what it costs. */
interface FixedMethod {
  readonly engine: string;
  readonly cost: Pick<Cost, 'parameters' | 'macs720p' | 'macsPerPixel' | 'receptiveField'>;
  readonly enlarge: (lr: Image) => Promise<Image>;
  readonly dispose: () => Promise<void>;
}

/** Interpolation, or a network of others as it is. */
async function openFixed(
  { regime, degradation: { factor } }: TrialSpec,
  { baseDir, threads }: TrialOptions,
): Promise<FixedMethod> {
  if (regime.kind === 'interpolation') {
    return {
      engine: 'none',
      cost: { parameters: 0, macs720p: 0, macsPerPixel: 0, receptiveField: null },
      enlarge: (lr) => Promise.resolve(enlarge(lr, factor, regime.method)),
      dispose: () => Promise.resolve(),
    };
  }
  const { openBaseline } = await import('../baseline/baseline.js');
  return openBaseline(regime as BaselineSpec, { factor, baseDir, threads });
}

/** A method without training: validation, then the test split, once. */
async function applyFixed(
  options: TrialOptions,
  spec: TrialSpec,
  data: PreparedData,
  protocol: Protocol,
  log: MetricsLog,
  tracking: TrialTracking,
): Promise<Made> {
  const method = await openFixed(spec, options);
  try {
    const estimate = async (pair: Pair) => clip(toImage(await method.enlarge(pair.lr), pair));
    const validated = await mapInTurn(data.validation, estimate);
    const validation = scoreRegions(data.validation, validated, protocol);
    // Written at the first and last step, so that charts show a line to hold the others to.
    for (const step of [0, spec.training.steps])
      tracking.logPoints(log.append(step, prefixed('validation', validation.values)));
    await tracking.logSr(spec.training.steps, data.validation[0], validated[0]);
    const pairs = data.test();
    const images = await mapInTurn(pairs, estimate);
    const test = scoreRegions(pairs, images, protocol);
    saveImages(tracking.folder, pairs, images, data);
    return {
      status: 'finished',
      steps: 0,
      bestStep: null,
      validation,
      test,
      engine: method.engine,
      cost: { ...method.cost, trainSeconds: 0, stepMs: null, dataWaitShare: null },
    };
  } finally {
    await method.dispose();
  }
}

async function train(
  options: TrialOptions,
  spec: TrialSpec,
  regimeSpec: TrainedRegimeSpec,
  data: PreparedData,
  protocol: Protocol,
  log: MetricsLog,
  tracking: TrialTracking,
): Promise<Made> {
  const { trial, folder } = options;
  const { factor } = spec.degradation;
  const { training } = spec;
  const engine = await openEngine({
    prefer: preferredEngine(),
    ...(options.threads === null ? {} : { threads: options.threads }),
    xla: training.xla,
  });
  const longest = (side: 'height' | 'width') =>
    Math.min(WHOLE_SIDE, Math.max(...data.validation.map((pair) => pair.lr[side])));
  const predictSize = predictSizeFor(spec.model, factor, longest('height'), longest('width'));
  const { optimizer } = training;
  const context: RegimeContext = {
    model: spec.model,
    factor,
    channels: 1,
    batch: training.batch,
    patch: training.patch,
    predictSize,
    optimizer: {
      beta1: optimizer.beta1,
      beta2: optimizer.beta2,
      epsilon: optimizer.epsilon,
      weightDecay: optimizer.kind === 'adamw' ? optimizer.weightDecay : 0,
      clipNorm: training.clipNorm,
    },
    ema: training.ema,
    threshold: data.level,
    forward: data.forward,
  };
  const regime = buildRegime(regimeSpec, context);
  const cost = modelCost(spec.model, { factor, channels: 1 });
  const halo = cost.receptiveField === null ? Math.floor(WHOLE_SIDE / 4) : Math.ceil(cost.receptiveField / 2);
  const { groups, words: trainedOn } = patchGroups(data, Object.keys(regime.patches), {
    factor,
    guard: spec.split.kind === 'blocks' ? spec.split.guard : 0,
  });
  const patches = createPatchSource({
    groups,
    patch: training.patch,
    batch: training.batch,
    factor,
    augment: training.augment,
    seed: trial.seed,
  });
  const started = performance.now();
  let lastValidation: Scores | null = null;
  try {
    const outcome = await trainModel({
      engine,
      regime,
      training,
      seed: trial.seed,
      folder: layout.checkpoints(folder),
      signal: options.signal,
      batches: (step) => patches.batch(step),
      metadata: { ...describeModel({ model: spec.model, factor, channels: 1 }), ...modelMetadata(trial, data) },
      onValues: (step, values, kind) =>
        tracking.logPoints(
          log.append(step, kind === 'training' ? prefixed('train', values) : prefixed('validation', values)),
        ),
      onProgress: (progress) => options.onProgress(progress),
      onCheckpoint: () => log.sync(),
      onDamagedCheckpoint: ({ damaged, from }) => {
        for (const reason of damaged) console.error(reason);
        const note =
          from > 0
            ? `the last checkpoint is damaged: goes on from step ${from}, of the one before`
            : `${damaged.length === 1 ? 'its checkpoint is' : 'both checkpoints are'} damaged: begins again at step 0`;
        console.error(note);
        options.onWarning(note);
      },
      async validate(executable, step) {
        const images = await Promise.all(
          data.validation.map((pair) =>
            predictRegion(executable, pair, {
              factor,
              size: predictSize,
              halo,
              multiple: sizeMultiple(spec.model, factor),
            }),
          ),
        );
        checkOutput(step, images[0].data, enlarge(data.validation[0].lr, factor, 'bicubic').data);
        lastValidation = scoreRegions(data.validation, images.map(clip), protocol);
        await tracking.logSr(step, data.validation[0], clip(images[0]));
        return Object.fromEntries(
          Object.entries(lastValidation.values).filter(([, value]) => value !== null),
        ) as Record<string, number>;
      },
    });
    const trainSeconds = trainedSeconds(folder, (performance.now() - started) / 1000);
    const made = {
      status: outcome.status,
      ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
      ...(trainedOn === null ? {} : { trainedOn }),
      steps: outcome.step,
      bestStep: outcome.bestStep,
      engine: engine.description,
      cost: {
        parameters: cost.parameters,
        macs720p: cost.macs720p,
        macsPerPixel: cost.macsPerPixel,
        receptiveField: cost.receptiveField,
        trainSeconds,
        stepMs: outcome.stepMs,
        dataWaitShare: outcome.dataWaitShare,
      },
    };
    if (outcome.status !== 'finished') return { ...made, validation: lastValidation, test: null };
    // The model is chosen: its own validation scores again, from the file that is handed over, and the test split, once.
    const model = await loadModel(outcome.bestPath, { engine, tile: WHOLE_SIDE });
    const enlargeWith = async (pair: Pair) => clip(toImage(await model.predict(planeOf(pair.lr)), pair));
    const validation = scoreRegions(data.validation, await mapInTurn(data.validation, enlargeWith), protocol);
    const pairs = data.test();
    const images = await mapInTurn(pairs, enlargeWith);
    model.dispose();
    saveImages(folder, pairs, images, data);
    return { ...made, validation, test: scoreRegions(pairs, images, protocol) };
  } finally {
    await patches.close();
  }
}

/** Seconds of training of this process and those before it, kept beside the checkpoints. */
function trainedSeconds(folder: string, now: number): number {
  const path = join(layout.checkpoints(folder), 'seconds.json');
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { seconds: number }).seconds : 0;
  writeJson(path, { seconds: before + now });
  return before + now;
}

async function mapInTurn<A, B>(items: readonly A[], f: (item: A) => Promise<B>): Promise<B[]> {
  const out: B[] = [];
  for (const item of items) out.push(await f(item));
  return out;
}

const planeOf = (image: Image): Plane => ({
  data: image.data,
  width: image.width,
  height: image.height,
  channels: image.channels,
});
const toImage = (plane: Pick<Plane, 'data' | 'width' | 'height'>, pair: Pair): Image => ({
  ...pair.hr,
  data: plane.data,
  width: plane.width,
  height: plane.height,
});
const clip = (image: Image): Image => ({ ...image, data: image.data.map((value) => Math.min(1, Math.max(0, value))) });
const prefixed = (prefix: string, values: Readonly<Record<string, number | null>>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [`${prefix}/${name}`, value!]),
  );

async function predictRegion(
  executable: Executable,
  pair: Pair,
  options: { factor: number; size: readonly [number, number]; halo: number; multiple: number },
): Promise<Image> {
  return toImage(await predictImage(executable, planeOf(pair.lr), options), pair);
}

/** The model's own account of its training, for whoever loads it elsewhere. */
function modelMetadata(trial: Trial<TrialSpec>, data: PreparedData): Record<string, string> {
  return {
    trial: trial.id,
    name: trial.name,
    seed: String(trial.seed),
    normalisation: JSON.stringify(data.normalisation),
    level: String(data.level),
    dataRange: JSON.stringify(data.source.images[0].dataRange),
    pixelSize: JSON.stringify(data.source.images[0].pixelSize),
    data: data.source.description,
    spec: JSON.stringify(trial.config),
  };
}

/** HR, LR and SR of the first test region as TIFF, in the instrument's numbers where they are known. */
function saveImages(folder: string, pairs: readonly Pair[], images: readonly Image[], data: PreparedData): void {
  const [pair] = pairs;
  const range = data.source.images[0].dataRange;
  const save = (name: string, image: Image) =>
    writeTiff(join(layout.images(folder), `${name}.tif`), denormalise(image, data.normalisation, range), {
      type: 'float32',
    });
  save('hr', pair.hr);
  save('lr', pair.lr);
  save('sr', images[0]);
  writeJson(layout.scale(folder), { normalisation: data.normalisation, level: data.level } satisfies Scale);
}

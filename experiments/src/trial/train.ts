import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPatchSource, enlarge } from '@lacuna/datasets';
import {
  buildRegime,
  checkOutput,
  describeModel,
  factorOf,
  keepsNetworkHead,
  loadModel,
  openEngine,
  predictImage,
  sizeMultiples,
  trainModel,
  type Engine,
  type Executable,
  type Measured,
  type RegimeContext,
  type Teacher,
  type TrainedRegimeSpec,
} from '@lacuna/models';
import { augmentBatch } from '../extensions/augmentation.js';
import { requireFiniteTerms } from '../extensions/finite-terms.js';
import { writeJson } from '../machine/json-file.js';
import { preferredEngine } from '../machine/workers.js';
import { layout, type Scores } from '../sweep/results/results.js';
import { fittedWeights } from './closed-form.js';
import type { MethodOutcome, TrialContext } from './context.js';
import type { Dimensions } from './data/dimensions.js';
import { exchangeInPatches } from './data/exchange.js';
import { readInitialWeights } from './initial-weights.js';
import { definedValues, withPrefix } from './metrics-log.js';
import { modelMetadata, noteOwnLevels } from './model-metadata.js';
import { patchGroups } from './data/patch-groups.js';
import { beginPhase } from './phases.js';
import { regimeContext } from './regime-context.js';
import { enlargeWith } from './view/slices.js';
import { guardOf } from './data/split-options.js';
import { estimateOf } from './sr-images.js';
import { readTeacher } from './teacher.js';
import { testMethod, type Tested } from './scores/test-method.js';
import type { Axis } from './view/turn-axes.js';
import { scoreValidation, whileTraining } from './scores/validation-scores.js';
import {
  costInView,
  factorsInView,
  inView,
  modelFactor,
  patchOf,
  planesOf,
  slicingOf,
  taskOf,
  viewOf,
} from './view/view.js';

/** Longest LR side of planes and of volumes that goes through the model whole; larger regions are tiled. */
const WHOLE_SIDES: Readonly<Record<Dimensions, number>> = { 2: 256, 3: 64 };

/** Trains a method from its last checkpoint, with validation; then the chosen model reads the test split, once. */
export async function train(context: TrialContext, regimeSpec: TrainedRegimeSpec): Promise<MethodOutcome> {
  const { spec, data, options } = context;
  const { trial, folder } = options;
  const view = viewOf(spec, data.dimensions);
  const { training } = spec;
  const factor = modelFactor(spec, view);
  beginPhase('engine');
  const engine = await openEngine({
    prefer: preferredEngine(),
    ...(options.threads === null ? {} : { threads: options.threads }),
    xla: training.xla,
  });
  beginPhase('graph');
  const taught = options.teacher === null ? null : readTeacher('regime.teacher', options.teacher, taskOf(spec, view));
  const program = contextOfData(context, taught?.teacher ?? null);
  await requireFiniteTerms(spec, program, engine);
  const regime = buildRegime(regimeSpec, program);
  const networkHead = keepsNetworkHead(regimeSpec);
  const cost = costInView(spec.model, spec, view);
  const { breaks, augmentations: asked } = training;
  const fields = new Set([...Object.keys(regime.patches), ...(breaks ? ['skeleton', 'mask'] : [])]);
  const { groups, separation } = patchGroups(data, [...fields], {
    factor: factorsInView(spec, view),
    guard: guardOf(spec.split),
    view,
    targets: regimeSpec.kind === 'geometry' ? regimeSpec.targets : undefined,
  });
  const patches = createPatchSource({
    groups,
    patch: inView(patchOf(spec, view), view),
    batch: training.batch,
    factor: factorsInView(spec, view),
    augment: training.augment,
    exchange: exchangeInPatches(spec, data),
    seed: trial.seed,
    ...(breaks ? { breaks: { ...breaks, steps: training.steps } } : {}),
  });
  const { initialWeights: path } = options;
  const initial = path === null ? null : await readInitialWeights('init.from', path);
  const spend = spending(folder);
  const validation = validator(context, {
    size: program.predictSize,
    halo: halosOf(cost.receptiveFields, view.dimensions),
  });
  try {
    const outcome = await trainModel({
      engine,
      regime,
      training,
      seed: trial.seed,
      fitted: () => fittedWeights(spec, data, engine),
      folder: layout.checkpoints(folder),
      signal: options.signal,
      ...(initial === null ? {} : { initial }),
      ...(taught === null ? {} : { teacher: taught.weights }),
      batches: async (step) => {
        const batch = await patches.batch(step);
        return asked === undefined ? batch : augmentBatch(batch, regime.patches, { asked, seed: trial.seed, step });
      },
      metadata: {
        ...describeModel({ model: spec.model, factor, channels: 1, networkHead, ...slicingOf(view) }),
        ...modelMetadata(context),
      },
      onValues: (step, values, kind) =>
        context.logPoints(step, withPrefix(kind === 'training' ? 'train' : 'validation', values)),
      onBegin: () => beginPhase('training'),
      onProgress: (progress) => options.onProgress(progress),
      ...(options.judge ? { judge: options.judge } : {}),
      onCheckpoint(_, measured) {
        context.log.sync();
        spend(measured);
      },
      onDamagedCheckpoint: (checkpoints) => tellDamage(checkpoints, options.onWarning),
      validate: validation.validate,
    });
    const spent = spend(outcome);
    const common = {
      status: outcome.status,
      ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
      ...(separation === null ? {} : { trainedOn: separation }),
      steps: outcome.step,
      bestStep: outcome.bestStep,
      engine: engine.description,
      cost: {
        parameters: cost.parameters,
        macs720p: cost.macs720p,
        macsPerPixel: cost.macsPerPixel,
        receptiveField: cost.receptiveField,
        trainSeconds: spent.seconds,
        stepMs: spent.stepMs,
        dataWaitShare: spent.dataWaitShare,
      },
    };
    if (outcome.status !== 'finished') return { ...common, validation: validation.last(), test: null };
    return { ...common, ...(await testModel(context, outcome.bestPath, engine)) };
  } finally {
    await patches.close();
  }
}

/** What a trial's program is built for, as its data say. */
function contextOfData({ spec, data }: TrialContext, teacher: Teacher | null): RegimeContext {
  const view = viewOf(spec, data.dimensions);
  const seen = data.validation.map(({ lr }) => inView({ x: lr.width, y: lr.height, z: lr.depth }, view));
  const most = WHOLE_SIDES[view.dimensions];
  const longest = (axis: Axis) => Math.min(most, Math.max(...seen.map((lengths) => lengths[axis])));
  return regimeContext(spec, {
    view,
    batch: spec.training.batch,
    patch: patchOf(spec, view),
    predicted: { x: longest('x'), y: longest('y'), z: longest('z') },
    threshold: data.level,
    forward: data.forward,
    teacher,
  });
}

/**
 * Halves of the receptive field along each axis; a model that sees the whole image has none, and a quarter of the tile
 * keeps its seams faint.
 */
function halosOf(receptiveFields: readonly number[] | null, dimensions: Dimensions): number[] {
  if (receptiveFields) return receptiveFields.map((field) => Math.ceil(field / 2));
  return new Array<number>(dimensions).fill(Math.floor(WHOLE_SIDES[dimensions] / 4));
}

/** Scores a model in training on the validation split, and keeps the last scores. */
function validator(
  { spec, data, protocol, tracking }: TrialContext,
  { size, halo }: { size: readonly number[]; halo: readonly number[] },
): { validate: (executable: Executable, step: number) => Promise<Record<string, number>>; last: () => Scores | null } {
  const view = viewOf(spec, data.dimensions);
  const factor = modelFactor(spec, view);
  const multiple = sizeMultiples(spec.model, factorOf(factor));
  const options = { factor, size, halo, multiple, planes: planesOf(view) };
  const quick = whileTraining(protocol);
  let last: Scores | null = null;
  return {
    last: () => last,
    async validate(executable, step) {
      const made = await Promise.all(
        data.validation.map(({ lr }) => enlargeWith(lr, view, (plane) => predictImage(executable, plane, options))),
      );
      checkOutput(step, made[0].data, enlarge(data.validation[0].lr, spec.degradation.factor, 'bicubic').data);
      const images = made.map((each, i) => estimateOf(each, data.validation[i]));
      last = scoreValidation(data.validation, images, { protocol: quick, training: spec.training });
      await tracking.logSr(step, data.validation[0], images[0]);
      return definedValues(last.values);
    },
  };
}

/** The chosen model, from the file that is handed over: its own validation scores again, and the test split, once. */
async function testModel(context: TrialContext, path: string, engine: Engine): Promise<Tested> {
  beginPhase('scores');
  const view = viewOf(context.spec, context.data.dimensions);
  const model = await loadModel(path, { engine, tile: WHOLE_SIDES[view.dimensions] });
  try {
    const tested = await testMethod(context, (lr) => enlargeWith(lr, view, model.predict));
    noteOwnLevels(path, tested.levels);
    return tested;
  } finally {
    model.dispose();
  }
}

/** Says which checkpoints could not be read, and from where training goes on. */
function tellDamage(
  { damaged, from }: { damaged: readonly string[]; from: number },
  onWarning: (text: string) => void,
): void {
  for (const reason of damaged) console.error(reason);
  const which = damaged.length === 1 ? 'its checkpoint is' : 'both checkpoints are';
  const note =
    from > 0
      ? `the last checkpoint is damaged: goes on from step ${from}, of the one before`
      : `${which} damaged: begins again at step 0`;
  console.error(note);
  onWarning(note);
}

/** What training took, over the processes of a trial; the measures are of the last one that made steps. */
interface Spent extends Measured {
  readonly seconds: number;
}

/**
 * Keeps what this process and those before it took beside the checkpoints: a process that was killed after its last
 * step leaves none for the next one to measure.
 */
function spending(folder: string): (measured: Measured) => Spent {
  const path = join(layout.checkpoints(folder), 'seconds.json');
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Partial<Spent>) : {};
  const started = performance.now();
  return ({ stepMs, dataWaitShare }) => {
    const spent: Spent = {
      seconds: (before.seconds ?? 0) + (performance.now() - started) / 1000,
      stepMs: stepMs ?? before.stepMs ?? null,
      dataWaitShare: dataWaitShare ?? before.dataWaitShare ?? null,
    };
    writeJson(path, spent);
    return spent;
  };
}

import { createRng, type Rng } from '@lacuna/core';
import type { Engine, Executable, Values } from '../engine/index.js';
import { averageName, initialVariables, sizeOf } from '../graph/index.js';
import type { Regime } from '../regimes/index.js';
import { Divergence, LossAlarms } from './alarms.js';
import { CheckpointStore, type LoopState } from './checkpoint.js';
import { ImagePool } from './pool.js';
import type { TensorFile } from './safetensors.js';
import { learningRateAt, type TrainingSpec } from './spec.js';

/** Patches of a step: a function of the step alone, prepared while the one before runs. */
export type BatchSource = (step: number) => Promise<Readonly<Record<string, Float32Array>>>;

/** What {@link trainModel} is given. */
export interface TrainOptions {
  readonly engine: Engine;
  readonly regime: Regime;
  readonly training: TrainingSpec;
  readonly seed: number;
  readonly batches: BatchSource;
  /** Folder of the checkpoints; what lies there is gone on from. */
  readonly folder: string;
  /** Stored with the model: spec, factor, normalisation, data range. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Scores of the model as it stands. @throws {Divergence} to end the trial. */
  readonly validate: (executable: Executable, step: number) => Promise<Readonly<Record<string, number>>>;
  readonly onValues?: (step: number, values: Readonly<Record<string, number>>, kind: 'training' | 'validation') => void;
  readonly onProgress?: (progress: Progress) => void;
  readonly onCheckpoint?: (step: number) => void;
  /** Checkpoints were there that are not whole: why each, and the step that training begins at instead (0: from nothing). */
  readonly onDamagedCheckpoint?: (found: { readonly damaged: readonly string[]; readonly from: number }) => void;
  readonly signal?: AbortSignal;
}

/** Where a running trial stands. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly score: number | null;
  readonly stepMs: number;
}

/** How a trial's training ended. */
export interface TrainOutcome {
  readonly status: 'finished' | 'stopped' | 'diverged';
  readonly reason?: string;
  readonly step: number;
  readonly bestStep: number | null;
  readonly bestScore: number | null;
  /** Medians over this process's steps. */
  readonly stepMs: number | null;
  /** Share of the time that steps waited for their patches. */
  readonly dataWaitShare: number | null;
  readonly bestPath: string;
  readonly lastPath: string;
}

/**
 * Trains until the steps are done, the signal stops it, an alarm ends it or early stopping does.
 *
 * Everything that decides the next step is either a function of seed and step or in the checkpoint, so that a trial killed anywhere
 * and started again ends with the same weights, bit for bit.
 */
export async function trainModel(options: TrainOptions): Promise<TrainOutcome> {
  const { engine, regime, training, batches, validate, signal } = options;
  const { graph } = regime.program;
  const executable = await engine.compile(regime.program);
  const store = new CheckpointStore(options.folder);
  const rng = createRng(options.seed);
  const pools = regime.pools.map((pool) => new ImagePool(pool.size, sizeOf(pool.shape.slice(1))));
  const stepTimes: number[] = [];
  let waited = 0;
  let busy = 0;

  const damaged: string[] = [];
  const resumed = store.loadLast((reason) => damaged.push(reason));
  if (damaged.length > 0) options.onDamagedCheckpoint?.({ damaged, from: resumed?.state.step ?? 0 });
  let state: LoopState = resumed?.state ?? {
    step: 0,
    bestScore: null,
    bestStep: null,
    validationsWithoutBetter: 0,
    pooled: [],
    alarms: {},
  };
  const alarms = new LossAlarms(regime.discriminatorLosses, state.alarms);
  if (resumed) {
    await executable.write(
      Object.fromEntries([...graph.variables.keys()].map((name) => [name, resumed.tensors[name].values])),
    );
    pools.forEach((pool, i) => pool.restore(resumed.tensors[`pool/${i}`].values));
  } else {
    await executable.write(initialVariables(graph, rng.fork('weights')));
  }

  const checkpoint = async () => {
    const values = await executable.read();
    const tensors: Record<string, TensorFile['tensors'][string]> = {};
    for (const { name, shape } of graph.variables.values()) tensors[name] = { shape, values: values[name] };
    pools.forEach((pool, i) => {
      tensors[`pool/${i}`] = { shape: [pool.count, ...regime.pools[i].shape.slice(1)], values: pool.pack() };
    });
    state = { ...state, pooled: pools.map((pool) => pool.count), alarms: alarms.counts };
    store.saveLast(tensors, state);
    options.onCheckpoint?.(state.step);
  };
  const saveModel = async (path: string) => {
    const names = regime.generator.map((name) => [name, regime.averaged ? averageName(name) : name] as const);
    const values = await executable.read(names.map(([, from]) => from));
    const tensors = Object.fromEntries(
      names.map(([name, from]) => [name, { shape: graph.requireVariable(name).shape, values: values[from] }]),
    );
    store.saveModel(path, tensors, { ...options.metadata, step: String(state.step) });
  };
  const outcome = (status: TrainOutcome['status'], reason?: string): TrainOutcome => ({
    status,
    ...(reason === undefined ? {} : { reason }),
    step: state.step,
    bestStep: state.bestStep,
    bestScore: state.bestScore,
    stepMs: median(stepTimes),
    dataWaitShare: busy > 0 ? waited / busy : null,
    bestPath: store.bestPath,
    lastPath: store.lastPath,
  });

  // A trial that early stopping ended stays ended, also when it was killed before it could say so.
  const patient = () =>
    training.earlyStopping === null || state.validationsWithoutBetter < training.earlyStopping.patience;
  let next = state.step < training.steps && patient() ? batches(state.step + 1) : null;
  next?.catch(() => undefined); // reported when it is awaited
  try {
    while (state.step < training.steps && patient()) {
      if (signal?.aborted) {
        await checkpoint();
        return outcome('stopped');
      }
      const step = state.step + 1;
      const start = performance.now();
      const patches = await next!;
      const ready = performance.now();
      next = step < training.steps ? batches(step + 1) : null;
      next?.catch(() => undefined);
      const losses = await runStep(executable, regime, pools, training, step, patches, rng);
      const end = performance.now();
      state = { ...state, step };
      if (stepTimes.length > 0 || step > 1) {
        waited += ready - start;
        busy += end - start;
      }
      stepTimes.push(end - ready);
      if (stepTimes.length > 512) stepTimes.shift();
      alarms.check(step, losses);
      if (step % training.logEvery === 0 || step === training.steps) {
        options.onValues?.(step, { ...losses, learning_rate: learningRateAt(step, training) }, 'training');
        options.onProgress?.({
          step,
          steps: training.steps,
          loss: losses['loss'],
          score: state.bestScore,
          stepMs: median(stepTimes)!,
        });
        // Back ends compute without giving the thread away: messages (stop, heartbeat) are taken in here.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (step % training.validateEvery === 0 || step === training.steps) {
        const scores = await validate(executable, step);
        options.onValues?.(step, scores, 'validation');
        const score = scores[training.select.metric];
        const better =
          score !== undefined &&
          Number.isFinite(score) &&
          (state.bestScore === null ||
            (training.select.better === 'higher' ? score > state.bestScore : score < state.bestScore));
        state = better
          ? { ...state, bestScore: score, bestStep: step, validationsWithoutBetter: 0 }
          : { ...state, validationsWithoutBetter: state.validationsWithoutBetter + 1 };
        if (better) await saveModel(store.bestPath);
      }
      if (step % training.checkpointEvery === 0) await checkpoint();
    }
    await checkpoint();
    if (state.bestStep === null) await saveModel(store.bestPath);
    return outcome('finished');
  } catch (error) {
    if (error instanceof Divergence) return outcome('diverged', error.reason);
    throw error;
  } finally {
    executable.dispose();
  }
}

async function runStep(
  executable: Executable,
  regime: Regime,
  pools: readonly ImagePool[],
  training: TrainingSpec,
  step: number,
  patches: Readonly<Record<string, Float32Array>>,
  rng: Rng,
): Promise<Record<string, number>> {
  const { optimizer } = training;
  const feeds: Values = {
    ...patches,
    learningRate: Float32Array.of(learningRateAt(step, training)),
    beta1Power: Float32Array.of(optimizer.beta1 ** step),
    beta2Power: Float32Array.of(optimizer.beta2 ** step),
  };
  for (const [name, shape] of Object.entries(regime.dropout))
    feeds[name] = dropoutMask(shape, rng.fork(`${name}/${step}`));
  const losses: Record<string, number> = {};
  for (const action of regime.steps) {
    const values = await executable.run(action, feeds);
    regime.pools.forEach((pool, i) => {
      const made = values[pool.from];
      if (made) feeds[pool.to] = pools[i].exchange(made, rng.fork(`pool/${i}/${step}`));
    });
    for (const [name, value] of Object.entries(values)) if (value.length === 1) losses[name] = value[0]!;
  }
  return losses;
}

function dropoutMask(shape: readonly number[], rng: Rng): Float32Array {
  const mask = new Float32Array(sizeOf(shape));
  for (let i = 0; i < mask.length; i++) mask[i] = rng.uint32() < 2147483648 ? 0 : 2;
  return mask;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

import { createRng, type Rng } from '@lacuna/core';
import type { Engine, Executable, Values } from '../engine/index.js';
import { averageName, initialVariables, sizeOf } from '../graph/index.js';
import { GENERATOR, TEACHER, type Regime } from '../regimes/index.js';
import { Divergence, LossAlarms } from './alarms.js';
import { CheckpointStore, type LoopState } from './checkpoint.js';
import { requireFit, type InitialWeights } from './initial-weights.js';
import { ImagePool } from './pool.js';
import { Pruning } from './pruning.js';
import type { TensorFile } from './safetensors.js';
import { learningRateAt, type TrainingSpec } from './spec.js';
import { StepClock } from './step-clock.js';

/** Patches of a step: a function of the step alone, prepared while the one before runs. */
export type BatchSource = (step: number) => Promise<Readonly<Record<string, Float32Array>>>;

/** What {@link trainModel} is given. */
export interface TrainOptions {
  readonly engine: Engine;
  readonly regime: Regime;
  readonly training: TrainingSpec;
  readonly seed: number;
  readonly batches: BatchSource;
  /**
   * Weights by name that are fitted in closed form; asked for where training begins from nothing. Checkpoints hold
   * them.
   */
  readonly fitted?: () => Readonly<Record<string, Float32Array>> | Promise<Readonly<Record<string, Float32Array>>>;
  /** Folder of the checkpoints; what lies there is gone on from. */
  readonly folder: string;
  /** Weights of the generator that training begins with; drawn ones where there are none. */
  readonly initial?: InitialWeights;
  /** Weights of the teacher, as its model file has them, where the regime has one; checkpoints hold them. */
  readonly teacher?: InitialWeights;
  /** Stored with the model: spec, factor, normalisation, data range. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Scores of the model as it stands. @throws {Divergence} to end the trial. */
  readonly validate: (executable: Executable, step: number) => Promise<Readonly<Record<string, number>>>;
  readonly onValues?: (step: number, values: Readonly<Record<string, number>>, kind: 'training' | 'validation') => void;
  readonly onProgress?: (progress: Progress) => void;
  /** The program is compiled and its weights stand: the first step comes next. */
  readonly onBegin?: () => void;
  /** Why training is to end after a validation, null where it goes on; not asked after the last step. */
  readonly judge?: (step: number, scores: Readonly<Record<string, number>>) => Promise<string | null>;
  /** Just before a checkpoint is saved: what has to be there wherever it is. */
  readonly onCheckpoint?: (step: number, measured: Measured) => void;
  /**
   * Checkpoints were there that are not whole: why each, and the step that training begins at instead (0: from
   * nothing).
   */
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

/** What this process measured of its steps; null where it made none. */
export interface Measured {
  /** Median over the steps, in ms. */
  readonly stepMs: number | null;
  /** Share of the time that steps waited for their patches. */
  readonly dataWaitShare: number | null;
}

/** How a trial's training ended. */
export interface TrainOutcome extends Measured {
  readonly status: 'finished' | 'stopped' | 'diverged' | 'pruned';
  readonly reason?: string;
  readonly step: number;
  readonly bestStep: number | null;
  readonly bestScore: number | null;
  readonly bestPath: string;
  readonly lastPath: string;
}

/**
 * Trains until the steps are done, the signal stops it, an alarm ends it, it is pruned or early stopping ends it.
 *
 * Everything that decides the next step is either a function of seed and step or in the checkpoint, so that a trial
 * killed anywhere and started again ends with the same weights, bit for bit.
 */
export async function trainModel(options: TrainOptions): Promise<TrainOutcome> {
  const executable = await options.engine.compile(options.regime.program);
  try {
    const run = await TrainingRun.begin(options, executable);
    options.onBegin?.();
    return await run.finish();
  } finally {
    executable.dispose();
  }
}

const firstState: LoopState = {
  step: 0,
  bestScore: null,
  bestStep: null,
  validationsWithoutBetter: 0,
  pooled: [],
  alarms: {},
};

/** One training run of a process: from a checkpoint or from nothing to its end. */
class TrainingRun {
  private readonly store: CheckpointStore;
  private readonly pools: readonly ImagePool[];
  private readonly clock = new StepClock();
  private readonly rng: Rng;
  /** Patches of the step to come. */
  private next: ReturnType<BatchSource> | null = null;

  private constructor(
    private readonly options: TrainOptions,
    private readonly executable: Executable,
    private readonly alarms: LossAlarms,
    private state: LoopState,
  ) {
    this.store = new CheckpointStore(options.folder);
    this.pools = options.regime.pools.map(({ size, shape }) => new ImagePool(size, sizeOf(shape.slice(1))));
    this.rng = createRng(options.seed);
  }

  /** Goes on from the last whole checkpoint, or begins with drawn weights. */
  static async begin(options: TrainOptions, executable: Executable): Promise<TrainingRun> {
    const damaged: string[] = [];
    const resumed = new CheckpointStore(options.folder).loadLast((reason) => damaged.push(reason));
    if (damaged.length > 0) options.onDamagedCheckpoint?.({ damaged, from: resumed?.state.step ?? 0 });
    const state = resumed?.state ?? firstState;
    const alarms = new LossAlarms(options.regime.discriminatorLosses, state.alarms);
    const run = new TrainingRun(options, executable, alarms, state);
    if (resumed) await run.restore(resumed.tensors);
    else await run.start();
    return run;
  }

  /** First weights: drawn, or fitted in closed form where the model has such; the generator's where they are given. */
  private async start(): Promise<void> {
    const { regime, fitted, initial, teacher } = this.options;
    const { graph } = regime.program;
    const own = initial ? givenWeights(regime, initial) : await fitted?.();
    const given = { ...own, ...teacherWeights(regime, teacher) };
    await this.executable.write(initialVariables(graph, this.rng.fork('weights'), given));
  }

  private async restore(tensors: TensorFile['tensors']): Promise<void> {
    const names = [...this.options.regime.program.graph.variables.keys()];
    await this.executable.write(Object.fromEntries(names.map((name) => [name, tensors[name].values])));
    this.pools.forEach((pool, i) => pool.restore(tensors[`pool/${i}`].values));
  }

  async finish(): Promise<TrainOutcome> {
    const { signal } = this.options;
    this.next = this.goesOn() ? this.askFor(this.state.step + 1) : null;
    try {
      while (this.next && this.goesOn()) {
        if (signal?.aborted) {
          await this.checkpoint();
          return this.outcome('stopped');
        }
        await this.step(this.next);
      }
      await this.checkpoint();
      if (this.state.bestStep === null) await this.saveModel();
      return this.outcome('finished');
    } catch (error) {
      if (error instanceof Divergence) return this.outcome('diverged', error.reason);
      if (error instanceof Pruning) {
        await this.checkpoint();
        return this.outcome('pruned', error.reason);
      }
      throw error;
    }
  }

  /** A trial that early stopping ended stays ended, also when it was killed before it could say so. */
  private goesOn(): boolean {
    const { steps, earlyStopping } = this.options.training;
    const patient = earlyStopping === null || this.state.validationsWithoutBetter < earlyStopping.patience;
    return this.state.step < steps && patient;
  }

  /** Patches of a step, asked for while the one before runs; a failure is reported when they are awaited. */
  private askFor(step: number): ReturnType<BatchSource> {
    const patches = this.options.batches(step);
    patches.catch(() => undefined);
    return patches;
  }

  /** One step and what is due after it. */
  private async step(patches: ReturnType<BatchSource>): Promise<void> {
    const { training } = this.options;
    const step = this.state.step + 1;
    const isLast = step === training.steps;
    this.clock.start();
    const taken = await patches;
    this.clock.patchesCame();
    this.next = isLast ? null : this.askFor(step + 1);
    const losses = await this.runActions(step, taken);
    this.clock.stepEnded(step);
    this.state = { ...this.state, step };
    this.alarms.check(step, losses);
    if (step % training.logEvery === 0 || isLast) await this.report(losses);
    if (step % training.validateEvery === 0 || isLast) await this.validate();
    if (step % training.checkpointEvery === 0) await this.checkpoint();
  }

  /** Runs the actions of a step, with what pools give back between them. */
  private async runActions(
    step: number,
    patches: Readonly<Record<string, Float32Array>>,
  ): Promise<Record<string, number>> {
    const { regime, training } = this.options;
    const { optimizer } = training;
    const feeds: Values = {
      ...patches,
      learningRate: Float32Array.of(learningRateAt(step, training)),
      beta1Power: Float32Array.of(optimizer.beta1 ** step),
      beta2Power: Float32Array.of(optimizer.beta2 ** step),
    };
    for (const [name, shape] of Object.entries(regime.dropout))
      feeds[name] = dropoutMask(shape, this.rng.fork(`${name}/${step}`));
    for (const [name, shape] of Object.entries(regime.noise))
      feeds[name] = normals(shape, this.rng.fork(`${name}/${step}`));
    const losses: Record<string, number> = {};
    for (const action of regime.actionsAt(step, training.steps)) {
      const values = await this.executable.run(action, feeds);
      for (const { from, to, make } of regime.made) if (values[from]) feeds[to] = make(values[from], feeds);
      regime.pools.forEach((pool, i) => {
        const made = values[pool.from];
        if (made) feeds[pool.to] = this.pools[i].exchange(made, this.rng.fork(`pool/${i}/${step}`));
      });
      for (const [name, value] of Object.entries(values)) if (value.length === 1) losses[name] = value[0];
    }
    return losses;
  }

  private async report(losses: Readonly<Record<string, number>>): Promise<void> {
    const { training, onValues, onProgress } = this.options;
    const { step, bestScore: score } = this.state;
    onValues?.(step, { ...losses, learning_rate: learningRateAt(step, training) }, 'training');
    onProgress?.({ step, steps: training.steps, loss: losses['loss'], score, stepMs: this.clock.medianMs! });
    // Back ends compute without giving the thread away: messages (stop, heartbeat) are taken in here.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Scores the model as it stands, and keeps it where it is the best so far. */
  private async validate(): Promise<void> {
    const { training, validate, onValues, judge } = this.options;
    const { step, bestScore, validationsWithoutBetter } = this.state;
    const scores = await validate(this.executable, step);
    onValues?.(step, scores, 'validation');
    const score = scores[training.select.metric];
    if (isBetter(score, bestScore, training.select.better)) {
      this.state = { ...this.state, bestScore: score, bestStep: step, validationsWithoutBetter: 0 };
      await this.saveModel();
    } else {
      this.state = { ...this.state, validationsWithoutBetter: validationsWithoutBetter + 1 };
    }
    const reason = step < training.steps ? await judge?.(step, scores) : null;
    if (reason) throw new Pruning(reason);
  }

  private async checkpoint(): Promise<void> {
    const { regime, onCheckpoint } = this.options;
    const values = await this.executable.read();
    const tensors: Record<string, TensorFile['tensors'][string]> = {};
    for (const { name, shape } of regime.program.graph.variables.values())
      tensors[name] = { shape, values: values[name] };
    this.pools.forEach((pool, i) => {
      tensors[`pool/${i}`] = { shape: [pool.count, ...regime.pools[i].shape.slice(1)], values: pool.pack() };
    });
    this.state = { ...this.state, pooled: this.pools.map((pool) => pool.count), alarms: this.alarms.counts };
    onCheckpoint?.(this.state.step, { stepMs: this.clock.medianMs, dataWaitShare: this.clock.waitShare });
    this.store.saveLast(tensors, this.state);
  }

  /**
   * Writes the generator as the best model, with averaged weights where the regime keeps them; before it, into a file
   * of their own, the heads that helped to train it.
   */
  private async saveModel(): Promise<void> {
    const { regime, metadata } = this.options;
    const { variables } = regime.program.graph;
    const about = { ...metadata, step: String(this.state.step) };
    const isAveraged = (name: string) => regime.averaged && variables.has(averageName(name));
    if (regime.heads.length > 0)
      this.store.saveModel(this.store.headsPath, await this.tensorsOf(regime.heads, (name) => name), about);
    const tensors = await this.tensorsOf(regime.generator, (name) => (isAveraged(name) ? averageName(name) : name));
    this.store.saveModel(this.store.bestPath, tensors, about);
  }

  /** Weights by name, each read from the variable of another name. */
  private async tensorsOf(names: readonly string[], from: (name: string) => string): Promise<TensorFile['tensors']> {
    const { graph } = this.options.regime.program;
    const values = await this.executable.read(names.map(from));
    const entries = names.map((name) => {
      const { shape } = graph.requireVariable(name);
      return [name, { shape, values: values[from(name)] }] as const;
    });
    return Object.fromEntries(entries);
  }

  private outcome(status: TrainOutcome['status'], reason?: string): TrainOutcome {
    return {
      status,
      ...(reason === undefined ? {} : { reason }),
      step: this.state.step,
      bestStep: this.state.bestStep,
      bestScore: this.state.bestScore,
      stepMs: this.clock.medianMs,
      dataWaitShare: this.clock.waitShare,
      bestPath: this.store.bestPath,
      lastPath: this.store.lastPath,
    };
  }
}

/** The generator's weights, held to its own names and shapes. */
function givenWeights({ program, generator }: Regime, { who, tensors }: InitialWeights): Record<string, Float32Array> {
  requireFit(
    who,
    tensors,
    Object.fromEntries(generator.map((name) => [name, program.graph.requireVariable(name).shape])),
  );
  return Object.fromEntries(generator.map((name) => [name, tensors[name].values]));
}

/** The teacher's weights, held to the names and shapes under its scope; none where the regime has no teacher. */
function teacherWeights(
  { program }: Regime,
  given: InitialWeights = { who: 'regime.teacher', tensors: {} },
): Record<string, Float32Array> {
  const scope = `${TEACHER}.`;
  const inFile = (name: string) => `${GENERATOR}.${name.slice(scope.length)}`;
  const names = [...program.graph.variables.keys()].filter((name) => name.startsWith(scope));
  const wanted = names.map((name) => [inFile(name), program.graph.requireVariable(name).shape] as const);
  requireFit(given.who, given.tensors, Object.fromEntries(wanted));
  return Object.fromEntries(names.map((name) => [name, given.tensors[inFile(name)].values]));
}

function isBetter(score: number | undefined, best: number | null, better: 'higher' | 'lower'): score is number {
  if (score === undefined || !Number.isFinite(score)) return false;
  if (best === null) return true;
  return better === 'higher' ? score > best : score < best;
}

function normals(shape: readonly number[], rng: Rng): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => rng.normal());
}

function dropoutMask(shape: readonly number[], rng: Rng): Float32Array {
  const mask = new Float32Array(sizeOf(shape));
  for (let i = 0; i < mask.length; i++) mask[i] = rng.uint32() < 2147483648 ? 0 : 2;
  return mask;
}

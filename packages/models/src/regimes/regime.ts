import { InputError } from '@lacuna/core';
import {
  adam,
  averageName,
  createProgram,
  movingAverage,
  perAxis,
  type AdamOptions,
  type Graph,
  type PerAxis,
  type Precision,
  type Program,
  type StepNumbers,
  type Tensor,
  type Update,
} from '../graph/index.js';
import { buildGenerator, middlePlane, type GeneratorContext, type ModelSpec } from '../architectures/index.js';
import type { CriticalWeights, ForwardModel, NoiseModel } from '../losses/index.js';

/** What a regime is built for. */
export interface RegimeContext {
  readonly model: ModelSpec;
  /** One factor for every spatial axis, or one for each. */
  readonly factor: PerAxis;
  readonly channels: number;
  /** Planes of a volume that come in as channels; 1 by default. See `GeneratorContext`. */
  readonly planes?: number;
  readonly batch: number;
  /** Side of an LR patch, or its length along each spatial axis. */
  readonly patch: PerAxis;
  /** Spatial sizes of the LR image that `predict` takes: height, width of a plane; depth, height, width of a volume. */
  readonly predictSize: readonly number[];
  readonly optimizer: AdamOptions;
  /** Decay of the running average of the generator's weights; null for none. */
  readonly ema: number | null;
  /** The network's threshold in the normalised HR images; geometry needs it. */
  readonly threshold: number | null;
  /** Whether the model that is handed over has a head for the network. */
  readonly networkHead?: boolean;
  /** The known degradation, where there is one. */
  readonly forward: ForwardModel | null;
  /** Its noise, where that is known too; none where left out. */
  readonly noise?: NoiseModel | null;
  /** LR patches are changed (branches broken on purpose): what was measured comes as `lrWhole` beside them. */
  readonly hasBreaks?: boolean;
  /** What the convolutions of a training step compute with; float32 by default. `predict` is float32. */
  readonly precision?: Precision;
  /** Labels what is topologically wrong; the term of topological errors needs it. */
  readonly criticalWeights?: CriticalWeights;
  /** What a regime with a teacher learns from; its weights are those under the scope `teacher`. */
  readonly teacher?: Teacher | null;
}

/** A trained model whose answers another one learns from: of the same factor, channels and planes. */
export interface Teacher {
  readonly model: ModelSpec;
  /** It has a head for the network, whose probability counts in place of that of its image. */
  readonly networkHead: boolean;
}

/** A regime as a program, and what the loop has to know of it. */
export interface Regime {
  readonly program: Program;
  /** Actions of a step, in order; steps are 1, 2, ... of `steps`. */
  readonly actionsAt: (step: number, steps: number) => readonly string[];
  /**
   * Patches that one step takes: name and shape. `lr`, `lrWhole`, `hr`, `tube`, `mask`, `distance`, `centreline`,
   * `orientation`, `hrUnpaired`.
   */
  readonly patches: Readonly<Record<string, readonly number[]>>;
  /** Dropout masks, filled with 0 or 2. */
  readonly dropout: Readonly<Record<string, readonly number[]>>;
  /** Numbers drawn from N(0, 1). */
  readonly noise: Readonly<Record<string, readonly number[]>>;
  /** Image pools: what the first action makes, and under what name the second takes what the pool gives back. */
  readonly pools: readonly {
    readonly from: string;
    readonly to: string;
    readonly size: number;
    readonly shape: readonly number[];
  }[];
  /** What is made on the CPU of what an action fetched and what the step is fed, for the actions after it. */
  readonly made: readonly MadeFeed[];
  /**
   * Weights of the model that is handed over, and whether inference reads the running average of those that are
   * trained.
   */
  readonly generator: readonly string[];
  readonly averaged: boolean;
  /** Weights of heads that are no part of that model; none in most regimes. */
  readonly heads: readonly string[];
  /** Losses of the discriminators, for the alarm of their collapse. */
  readonly discriminatorLosses: readonly string[];
}

/** A feed that is made of another action's fetch. */
interface MadeFeed {
  readonly from: string;
  readonly to: string;
  readonly make: (fetched: Float32Array, feeds: Readonly<Record<string, Float32Array>>) => Float32Array;
}

/** Before the names of inputs that are drawn from N(0, 1). */
const NOISE = 'noise/';

/** An input drawn from N(0, 1) for each step. */
export const noiseInput = (g: Graph, name: string, shape: readonly number[]): Tensor =>
  g.input(`${NOISE}${name}`, shape);

/** Scope of the generator that is handed over, in every regime. */
export const GENERATOR = 'generator';

/** Scope of what is trained for heads that help training alone. */
export const HEADS = 'heads';

/** Names of the weights under a scope: all that the model holds, or those that an optimiser changes. */
function weightsOf(g: Graph, scope: string, which: 'all' | 'trained'): string[] {
  return [...g.variables.values()]
    .filter(({ name, role }) => role === 'weight' && name.startsWith(`${scope}.`))
    .filter(({ trainable }) => trainable || which === 'all')
    .map(({ name }) => name);
}

/** What decides the size of a patch. */
type PatchContext = Pick<RegimeContext, 'batch' | 'patch' | 'factor' | 'channels' | 'planes' | 'predictSize'>;

/** Factor and LR patch along each spatial axis. */
export function axesOf({ patch, factor, predictSize: { length: rank } }: PatchContext) {
  return { factors: perAxis('regime: factor', factor, rank), patches: perAxis('regime: patch', patch, rank) };
}

/** LR and HR patches of a batch as inputs, and the LR plane that the HR patch shows. */
export function patchInputs(g: Graph, context: RegimeContext): { lr: Tensor; hr: Tensor; shown: Tensor } {
  const lr = lrInput(g, context);
  return { lr, hr: hrInput(g, 'hr', context), shown: middlePlane(g, lr, context) };
}

/** Channels of the LR image: those of each of its planes. */
const lrChannels = ({ channels, planes = 1 }: Pick<RegimeContext, 'channels' | 'planes'>): number => channels * planes;

/** The LR patches; `lrWhole` is what was measured, where they are changed. */
export function lrInput(g: Graph, context: PatchContext, name: 'lr' | 'lrWhole' = 'lr'): Tensor {
  return g.input(name, [context.batch, ...axesOf(context).patches, lrChannels(context)]);
}

/** An input on the HR grid of the patches. */
export function hrInput(g: Graph, name: string, context: PatchContext): Tensor {
  const { factors, patches } = axesOf(context);
  return g.input(name, [context.batch, ...patches.map((length, axis) => length * factors[axis]), context.channels]);
}

/** What the generator of a regime is built for. */
const generatorContext = ({
  factor,
  channels,
  planes,
  networkHead = false,
}: RegimeContext): Omit<GeneratorContext, 'training'> => ({
  factor,
  channels,
  networkHead,
  ...(planes === undefined ? {} : { planes }),
});

/** The generator that is handed over, at training. */
export function trainGenerator(g: Graph, lr: Tensor, context: RegimeContext) {
  return buildGenerator(g, GENERATOR, lr, context.model, { ...generatorContext(context), training: true });
}

/** One optimiser over a scope, with the running average where it is asked for. */
export function trainScope(
  g: Graph,
  loss: Tensor,
  scopes: readonly string[],
  numbers: StepNumbers,
  context: RegimeContext,
): { updates: Update[]; norms: Record<string, Tensor> } {
  const names = scopes.flatMap((scope) => weightsOf(g, scope, 'trained'));
  const { updates, gradientNorm } = adam(g, loss, names, numbers, context.optimizer);
  const isAveraged = context.ema !== null && scopes.includes(GENERATOR);
  const average = isAveraged ? movingAverage(g, weightsOf(g, GENERATOR, 'trained'), context.ema) : [];
  return {
    updates: [...updates, ...average],
    norms: gradientNorm ? { [`gradient_norm/${scopes[0]}`]: gradientNorm } : {},
  };
}

/**
 * Sum of weighted terms; a weight of 0 leaves its term out of the step.
 * @throws {InputError} if every weight is 0.
 */
export function weightedSum(g: Graph, terms: readonly (readonly [number, Tensor])[]): Tensor {
  const weighted = terms.filter(([weight]) => weight !== 0).map(([weight, term]) => g.scale(term, weight));
  if (weighted.length === 0)
    throw new InputError({
      who: 'regime',
      got: 'no term whose weight is above 0',
      wanted: 'one at least, as nothing would be trained',
      remedy: 'leave a weight of regime out, which sets it to its default',
    });
  return weighted.reduce((sum, term) => g.add(sum, term));
}

/** Completes a program with `predict`, which reads averaged weights where the regime keeps them. */
export function finishRegime(
  g: Graph,
  context: RegimeContext,
  actions: Record<string, { fetches: Record<string, Tensor>; updates: readonly Update[] }>,
  rest: Partial<Pick<Regime, 'pools' | 'made' | 'actionsAt' | 'discriminatorLosses'>> = {},
): Regime {
  const lr = g.input('lr', [1, ...context.predictSize, lrChannels(context)]);
  const trained = weightsOf(g, GENERATOR, 'trained');
  const averaged = context.ema !== null;
  const infer = () =>
    buildGenerator(g, GENERATOR, lr, context.model, { ...generatorContext(context), training: false });
  const predict = averaged
    ? g.withRenamedWeights((name) => (trained.includes(name) ? averageName(name) : name), infer)
    : infer();
  const { sr, network } = predict;
  const fetches = { sr, ...(network === null ? {} : { network: network.probability }) };
  const { precision = 'float32' } = context;
  const training = Object.entries(actions).map(([name, action]) => [name, { ...action, precision }] as const);
  const program = createProgram(g, { ...Object.fromEntries(training), predict: { fetches } });
  const fed = Object.entries(actions).flatMap(([name]) => Object.entries(program.actions[name].inputs));
  const { pools = [], made = [] } = rest;
  const own = new Set(['learningRate', 'beta1Power', 'beta2Power', ...[...pools, ...made].map(({ to }) => to)]);
  const isDrawn = (name: string) => name.startsWith('dropout/') || name.startsWith(NOISE);
  const shapes = (keep: (name: string) => boolean) =>
    Object.fromEntries(fed.filter(([name]) => keep(name)).map(([name, tensor]) => [name, tensor.shape]));
  return {
    program,
    actionsAt: rest.actionsAt ?? (() => Object.keys(actions)),
    patches: shapes((name) => !own.has(name) && !isDrawn(name)),
    dropout: shapes((name) => name.startsWith('dropout/')),
    noise: shapes((name) => name.startsWith(NOISE)),
    pools,
    made,
    generator: weightsOf(g, GENERATOR, 'all'),
    averaged,
    heads: weightsOf(g, HEADS, 'all'),
    discriminatorLosses: rest.discriminatorLosses ?? [],
  };
}

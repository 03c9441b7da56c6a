import { InputError } from '@lacuna/core';
import { z } from 'zod';
import type { Graph, Tensor } from '../graph/index.js';
import type { NetworkOutput } from '../architectures/index.js';
import {
  consistencyLoss,
  crossEntropyLoss,
  diceLoss,
  skeletonRecallLoss,
  softClDiceLoss,
  thresholdLogits,
  topologicalErrorLoss,
} from '../losses/index.js';
import { directionChannels, headMaps } from './head-maps.js';
import { hrInput, type RegimeContext } from './regime.js';
import type { TeacherAnswer } from './teacher.js';

export { HEADS } from './regime.js';

/** What the terms are built from. */
export interface TermInputs {
  readonly g: Graph;
  readonly context: RegimeContext;
  /** What was measured of what the SR image shows. */
  readonly lr: Tensor;
  readonly sr: Tensor;
  /** What the SR image should show. */
  readonly hr: Tensor;
  /** The generator's last features, and how many times larger the SR image is. */
  readonly features: Tensor;
  readonly featureFactor: readonly number[];
  /** The head that is kept at inference; null where there is none. */
  readonly network: NetworkOutput | null;
  /** Probability of network in the SR image; the same tensor for every term. */
  readonly probability: () => Tensor;
  /** A target on the HR grid; one name is one input, whoever asks for it. */
  readonly target: (name: string, channels?: number) => Tensor;
  /** What {@link CRITICAL} is fed. */
  readonly critical: () => Tensor;
}

/** The input of weights that are made from {@link probability} before the step. */
export const CRITICAL = 'critical';

/** When a term is part of the loss: behind a share of the steps, in every so many-th. */
export interface TermTimes {
  readonly from: number;
  readonly every: number;
}

/** One term of the geometry-informed loss: its options in a spec, and how it is built. */
export interface Term<Options extends z.ZodRawShape> {
  readonly options: Options;
  /** The term's weight in the loss; 0 leaves it out. */
  readonly weight: (options: z.output<z.ZodObject<Options>>) => number;
  /** When it is part of the loss; null, and where left out: in every step. */
  readonly times?: (options: z.output<z.ZodObject<Options>>) => TermTimes | null;
  /** Null where the images at hand have no such term. */
  readonly build: (inputs: TermInputs, options: z.output<z.ZodObject<Options>>) => Tensor | null;
}
const term = <Options extends z.ZodRawShape>(entry: Term<Options>): Term<Options> => entry;

const weight = z.number().min(0);
const share = z.number().min(0).lt(1);
const every = z.int().min(1);

/**
 * Terms by the name that their value is logged under, in the order of a spec's options; behind Lacuna's own those of
 * extensions ({@link registerTerm}).
 */
const geometryTerms = {
  skeleton_recall: term({
    options: { skeletonRecall: weight.default(0.02).describe('weight of the recall of the centreline, as a tube') },
    weight: ({ skeletonRecall }) => skeletonRecall,
    build: ({ g, probability, target }) => skeletonRecallLoss(g, probability(), target('tube')),
  }),
  dice: term({
    options: { dice: weight.default(0.02).describe('weight of the overlap of the masks') },
    weight: ({ dice }) => dice,
    build: ({ g, probability, target }) => diceLoss(g, probability(), target('mask')),
  }),
  soft_cldice: term({
    options: {
      softClDice: weight.default(0).describe('weight of soft clDice'),
      softClDiceIterations: z
        .int()
        .min(1)
        .default(8)
        .describe('steps of its soft thinning: at least the largest radius in px'),
      softClDiceErosion: z
        .enum(['square', 'cross'])
        .optional()
        .describe("what its thinning takes minima of: 3 px by 3 (by default), or a cross, as the paper's code does"),
      softClDiceFrom: share.optional().describe('share of the steps before soft clDice begins; 0 by default'),
      softClDiceEvery: every.optional().describe('soft clDice is part of every so many-th step; 1 by default'),
    },
    weight: ({ softClDice }) => softClDice,
    times({ softClDiceFrom: from = 0, softClDiceEvery: every = 1 }) {
      return from === 0 && every === 1 ? null : { from, every };
    },
    build: ({ g, probability, target }, { softClDiceIterations: iterations, softClDiceErosion: erosion }) =>
      softClDiceLoss(g, probability(), target('mask'), { iterations, erosion }),
  }),
  topology: term({
    options: {
      topology: weight
        .optional()
        .describe('weight of the error in regions that split, join, add or remove network; 0 by default'),
      topologyEvery: every
        .optional()
        .describe('such regions are looked for, and corrected, in every so many-th step; 4 by default'),
      topologyFrom: share.optional().describe('share of the steps before that begins; 0.5 by default'),
    },
    weight: ({ topology = 0 }) => topology,
    times: ({ topologyEvery: every = 4, topologyFrom: from = 0.5 }) => ({ from, every }),
    build: ({ g, probability, target, critical }) => topologicalErrorLoss(g, probability(), target('mask'), critical()),
  }),
  consistency: term({
    options: {
      consistency: weight
        .default(0)
        .describe('weight of the distance between the degraded SR image and the LR image, whose noise it takes over'),
    },
    weight: ({ consistency }) => consistency,
    build: ({ g, sr, lr, context: { forward, factor } }) => forward && consistencyLoss(g, sr, lr, forward, factor),
  }),
  heads: term({
    options: { heads: weight.default(0.02).describe('weight of the distance, centreline and orientation heads') },
    weight: ({ heads }) => heads,
    build: headsLoss,
  }),
  network_head: term({
    options: {
      networkHead: z
        .number()
        .positive()
        .optional()
        .describe(
          'weight of a head that gives the probability of network and is kept at inference, the second output of the ' +
            'model: cross entropy, Dice and recall of the centreline; without it there is no such head',
        ),
    },
    weight: ({ networkHead }) => networkHead ?? 0,
    build: networkHeadLoss,
  }),
};

type Terms = typeof geometryTerms;
type Merged<Shapes> = (Shapes extends unknown ? (shape: Shapes) => void : never) extends (shape: infer All) => void
  ? All
  : never;

/** The options of all terms, for the regime's spec. */
export const termOptions = Object.assign({}, ...Object.values(geometryTerms).map(({ options }) => options)) as Merged<
  Terms[keyof Terms]['options']
>;

/** Names of the regime's own fields, and of the pixel loss among the logged values. */
const RESERVED = new Set(['kind', 'loss', 'teacher', 'targets', 'temperature', 'pixel']);

/**
 * Adds a term of others to the loss of the geometry regime, in this process.
 * @throws {InputError} where its name, or that of an option, is taken.
 */
export function registerTerm(name: string, entry: Term<z.ZodRawShape>): void {
  const taken = [name, ...Object.keys(entry.options)].find(
    (each) => RESERVED.has(each) || Object.hasOwn(geometryTerms, each) || Object.hasOwn(termOptions, each),
  );
  if (taken !== undefined)
    throw new InputError({ who: `term ${name}`, got: `the name ${taken}, which is taken`, wanted: 'names of its own' });
  Object.assign(geometryTerms, { [name]: entry });
  Object.assign(termOptions, entry.options);
}

/** A term in the graph. */
export interface BuiltTerm {
  readonly name: string;
  readonly weight: number;
  readonly value: Tensor;
  readonly times: TermTimes | null;
}

/** Terms whose weight is not 0, built; those that the images at hand do not have are left out. */
export function buildTerms(inputs: TermInputs, options: z.output<z.ZodObject<typeof termOptions>>): BuiltTerm[] {
  return Object.entries(geometryTerms).flatMap(([name, entry]) => {
    const { weight: weightOf, times, build } = entry as unknown as Term<typeof termOptions>;
    const value = weightOf(options) > 0 ? build(inputs, options) : null;
    return value ? [{ name, weight: weightOf(options), value, times: times?.(options) ?? null }] : [];
  });
}

/** What terms share is made once, when the first of them asks for it. */
export function termInputs(
  g: Graph,
  context: RegimeContext,
  images: Pick<TermInputs, 'lr' | 'sr' | 'hr' | 'features' | 'featureFactor' | 'network'>,
  temperature: number,
): TermInputs {
  const targets = new Map<string, Tensor>();
  let probability: Tensor | null = null;
  return {
    ...images,
    g,
    context,
    probability: () => (probability ??= g.sigmoid(networkLogits(g, images.sr, context, temperature))),
    target(name, channels = 1) {
      const target = targets.get(name) ?? hrInput(g, name, { ...context, channels });
      targets.set(name, target);
      return target;
    },
    critical: () => hrInput(g, CRITICAL, { ...context, channels: 1 }),
  };
}

/** Log odds of network in an image, at the temperature of the terms. */
function networkLogits(g: Graph, image: Tensor, context: RegimeContext, temperature: number): Tensor {
  const { threshold, channels } = context;
  if (threshold === null)
    throw new InputError({
      who: 'regime geometry',
      got: 'no threshold',
      wanted: "the network's level in the HR images",
    });
  const grey = channels === 1 ? image : g.mean(image, { axes: [image.shape.length - 1], keepDims: true });
  return thresholdLogits(g, grey, threshold, temperature);
}

/**
 * Cross entropy of a student's network to the teacher's probability q, the soft targets of Hinton et al. 2015
 * (arXiv:1503.02531) at the temperature of the terms: q of the teacher's head, else of its image; of the student's
 * image and, where it keeps a head, of that as well. Its least is the entropy of q, not 0.
 */
export function taughtNetworkLoss(
  { g, context, sr, network }: TermInputs,
  { answer, temperature }: { readonly answer: TeacherAnswer; readonly temperature: number },
): Tensor {
  const logitsOf = (image: Tensor) => networkLogits(g, image, context, temperature);
  const wanted = answer.network?.probability ?? g.sigmoid(logitsOf(answer.sr));
  const ofImage = crossEntropyLoss(g, logitsOf(sr), wanted);
  return network === null ? ofImage : g.add(ofImage, crossEntropyLoss(g, network.logits, wanted));
}

/** L1 of what the heads give to what the network is ({@link headMaps}). */
function headsLoss({ g, sr, features, featureFactor, target }: TermInputs): Tensor {
  const maps = headMaps(g, { features, featureFactor });
  const targets = g.concat(
    [target('distance'), target('centreline'), target('orientation', directionChannels(sr))],
    features.shape.length - 1,
  );
  return g.mean(g.abs(g.sub(maps, targets)));
}

/** What the head that is kept has to learn: every pixel, the mask as a whole, and its thinnest branches. */
function networkHeadLoss({ g, network, target }: TermInputs): Tensor | null {
  if (network === null) return null;
  const { logits, probability } = network;
  const pixels = crossEntropyLoss(g, logits, target('mask'));
  const overlap = diceLoss(g, probability, target('mask'));
  return g.add(g.add(pixels, overlap), skeletonRecallLoss(g, probability, target('tube')));
}

import type { z } from 'zod';
import type { Graph, PerAxis, Tensor } from '../graph/index.js';
import type { FitSource, FittedWeights } from '../linear/index.js';

/** What a generator gives: the enlarged image and, for heads that help training, its last features. */
export interface GeneratorOutput {
  /** [n, spatial·factor, channels] */
  readonly sr: Tensor;
  /** Features before the last layers, and how many times larger the SR image is along each spatial axis. */
  readonly features: Tensor;
  readonly featureFactor: readonly number[];
  /** Features on the way in, image first, from fine to coarse: what contrastive training compares. */
  readonly encoder?: readonly Tensor[];
}

/** What a model is built for. */
export interface GeneratorContext {
  /** One number for every spatial axis of the LR image, or one for each: z, y, x of a volume, y, x of a plane. */
  readonly factor: PerAxis;
  /** Of the SR image. The LR image has as many for each of its planes. */
  readonly channels: number;
  /**
   * Planes of a volume that come in as channels and give the middle one: an odd number, 1 by default. Plane by plane in
   * their order along the axis, each with its own channels together.
   */
  readonly planes?: number;
  /** Masks of dropout enter as inputs while training; at inference dropout does nothing. */
  readonly training: boolean;
  /** A head for the network is kept at inference. */
  readonly networkHead?: boolean;
}

/** What a builder is told besides its options. */
export interface BuildContext extends GeneratorContext {
  /** One factor for each spatial axis. */
  readonly factor: readonly number[];
  /** The LR plane that the SR image shows, of those that come in: what skips interpolate. */
  readonly middle: Tensor;
}

/**
 * Weights that are computed in closed form, before the first step: an architecture makes them with the initializer
 * `fitted`, trainable or not. A trial fits them once from its training pairs; checkpoints and model files hold them.
 */
export interface ClosedFormFit {
  /** What asks for the fit, as messages name it. */
  readonly label: string;
  /** Pairs of LR and HR images; or HR images and the known degradation, with the noise that pairs show. */
  readonly needs: 'pairs' | 'forward';
  /** What to set where there is nothing to fit to: the remedy of messages. */
  readonly otherwise: string;
  /** The weights by name, from the model's own scope on. */
  weights(
    source: FitSource,
    context: Pick<GeneratorContext, 'factor' | 'channels'>,
  ): FittedWeights | Promise<FittedWeights>;
}

/** Where a network's layers work: on the LR image, or on the image that was interpolated to the HR grid first. */
export type Grid = 'lr' | 'hr';

/** One entry of the catalogue. Images are planes or volumes, float32 in [0, 1], channels last. */
export interface Architecture<Options extends z.ZodObject = z.ZodObject> {
  /** Paper, as "arXiv:…" or "doi:…". */
  readonly source: string;
  readonly options: Options;
  /** On the HR grid a network maps equal sizes: an unpaired regime may then run it both ways. */
  grid(options: z.infer<Options>): Grid;
  /** Along an axis that grows by `factor`, the length of the LR image must be a multiple of this. */
  multiple(options: z.infer<Options>, factor: number): number;
  /** How weights are fitted that the options ask for; null, or left out, where all are drawn. */
  closedForm?(options: z.infer<Options>): ClosedFormFit | null;
  build(g: Graph, lr: Tensor, options: z.infer<Options>, context: BuildContext): GeneratorOutput;
}

/** Types an entry by its own options. */
export function architecture<Options extends z.ZodObject>(entry: Architecture<Options>): Architecture<Options> {
  return entry;
}

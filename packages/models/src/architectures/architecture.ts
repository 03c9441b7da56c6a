import type { z } from 'zod';
import type { Graph, Tensor } from '../graph/index.js';

/** What a generator gives: the enlarged image and, for heads that help training, its last features. */
export interface GeneratorOutput {
  /** [n, h·factor, w·factor, channels] */
  readonly sr: Tensor;
  /** Features before the last layers, and how many times wider and higher the SR image is. */
  readonly features: Tensor;
  readonly featureFactor: number;
}

/** What a builder is told besides its options. */
export interface GeneratorContext {
  readonly factor: number;
  readonly channels: number;
  /** Masks of dropout enter as inputs while training; at inference dropout does nothing. */
  readonly training: boolean;
}

/** Where a network's layers work: on the LR image, or on the image that was interpolated to the HR grid first. */
export type Grid = 'lr' | 'hr';

/** One entry of the catalogue. Images are float32 in [0, 1], NHWC. */
export interface Architecture<Options extends z.ZodObject = z.ZodObject> {
  /** Paper, as "arXiv:…" or "doi:…". */
  readonly source: string;
  readonly options: Options;
  /** On the HR grid a network maps equal sizes: an unpaired regime may then run it both ways. */
  grid(options: z.infer<Options>): Grid;
  /** Height and width of the LR image must be a multiple of this. */
  multiple(options: z.infer<Options>, factor: number): number;
  build(g: Graph, lr: Tensor, options: z.infer<Options>, context: GeneratorContext): GeneratorOutput;
}

/** Types an entry by its own options. */
export function architecture<Options extends z.ZodObject>(entry: Architecture<Options>): Architecture<Options> {
  return entry;
}

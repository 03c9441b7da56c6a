import { z } from 'zod';
import type { Graph, Tensor } from '../graph/index.js';
import type { Architecture, GeneratorContext, GeneratorOutput } from './architecture.js';
import { edsr } from './edsr.js';
import { fsrcnn } from './fsrcnn.js';
import { pix2pixUnet } from './pix2pix-unet.js';
import { rcan } from './rcan.js';
import { resnetGenerator } from './resnet-generator.js';
import { srcnn } from './srcnn.js';
import { unet } from './unet.js';

/** Families of generators by the name that a spec gives. */
export const architectures = {
  fsrcnn,
  srcnn,
  edsr,
  rcan,
  unet,
  'resnet-generator': resnetGenerator,
  'pix2pix-unet': pix2pixUnet,
} as const;

/** A model as a spec names it: the family, and the options that differ from the family's canonical ones. */
export const modelSpec = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('fsrcnn'), ...fsrcnn.options.shape }),
  z.strictObject({ name: z.literal('srcnn') }),
  z.strictObject({ name: z.literal('edsr'), ...edsr.options.shape }),
  z.strictObject({ name: z.literal('rcan'), ...rcan.options.shape }),
  z.strictObject({ name: z.literal('unet'), ...unet.options.shape }),
  z.strictObject({ name: z.literal('resnet-generator'), ...resnetGenerator.options.shape }),
  z.strictObject({ name: z.literal('pix2pix-unet'), ...pix2pixUnet.options.shape }),
]);
export type ModelSpec = z.infer<typeof modelSpec>;

function entry(spec: ModelSpec): Architecture {
  return architectures[spec.name];
}

function optionsOf(spec: ModelSpec): unknown {
  const { name, ...options } = spec;
  return (architectures[name].options as z.ZodType).parse(options);
}

/** Adds a generator to a graph under `scope`: LR in [0, 1] to SR. The same scope gives the same weights. */
export function buildGenerator(
  g: Graph,
  scope: string,
  lr: Tensor,
  spec: ModelSpec,
  context: GeneratorContext,
): GeneratorOutput {
  return g.scope(scope, () => entry(spec).build(g, lr, optionsOf(spec), context));
}

/** Height and width of the LR image must be multiples of this. */
export function sizeMultiple(spec: ModelSpec, factor: number): number {
  return entry(spec).multiple(optionsOf(spec), factor);
}

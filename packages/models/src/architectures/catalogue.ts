import { z } from 'zod';
import { InputError, ShapeError } from '@lacuna/core';
import { perAxis, spatialRank, type Graph, type Tensor } from '../graph/index.js';
import type { Architecture, ClosedFormFit, GeneratorContext, GeneratorOutput, Grid } from './architecture.js';
import { dfcan } from './dfcan.js';
import { edsr } from './edsr.js';
import { fsrcnn } from './fsrcnn.js';
import { linear } from './linear.js';
import { networkHead, type NetworkOutput } from './network-head.js';
import { oriented } from './oriented/index.js';
import { pix2pixUnet } from './pix2pix-unet.js';
import { rcan } from './rcan.js';
import { resnetGenerator } from './resnet-generator.js';
import { rlfn } from './rlfn.js';
import { rrdb } from './rrdb.js';
import { span } from './span.js';
import { srcnn } from './srcnn.js';
import { unet } from './unet.js';
import { unrolled } from './unrolled.js';

/**
 * Families of generators by the name that a spec gives. Everything else about a family stands in its own file. Behind
 * Lacuna's own those of extensions ({@link registerArchitecture}).
 */
export const architectures = {
  fsrcnn,
  srcnn,
  linear,
  oriented,
  edsr,
  rcan,
  rrdb,
  rlfn,
  span,
  dfcan,
  unrolled,
  unet,
  'resnet-generator': resnetGenerator,
  'pix2pix-unet': pix2pixUnet,
} as const;

type Families = typeof architectures;
type FamilyName = keyof Families;
/** A family without options parses to a record that may hold nothing, not even a name. */
type Options<Parsed> = string extends keyof Parsed ? unknown : Parsed;
type Spec<Name extends FamilyName> = { readonly name: Name } & Options<z.output<Families[Name]['options']>>;
type SpecInput<Name extends FamilyName> = { readonly name: Name } & Options<z.input<Families[Name]['options']>>;

/** A model as a spec names it: the family, and its options with the family's canonical ones filled in. */
export type ModelSpec = { [Name in FamilyName]: Spec<Name> }[FamilyName];
type ModelSpecInput = { [Name in FamilyName]: SpecInput<Name> }[FamilyName];

/** A union by name of the families that there are when this is called. */
function unionOfFamilies(): z.ZodType<ModelSpec, ModelSpecInput> {
  const names = Object.keys(architectures) as FamilyName[];
  const members = names.map((name) => z.strictObject({ name: z.literal(name), ...architectures[name].options.shape }));
  return z
    .discriminatedUnion('name', members as [(typeof members)[number], ...typeof members])
    .superRefine(({ name, ...options }, context) => {
      for (const { path, message } of architectures[name].options.safeParse(options).error?.issues ?? [])
        context.addIssue({ code: 'custom', path: [...path], message });
    }) as unknown as z.ZodType<ModelSpec, ModelSpecInput>;
}

/**
 * The schema of {@link ModelSpec}, put together from Lacuna's own families: a union by name, held to what each family
 * asks of its options among each other.
 */
export const modelSpec = unionOfFamilies();

let registered: typeof modelSpec | null = null;

/** {@link modelSpec} with the families that extensions registered. */
export const registeredModelSpec = (): typeof modelSpec => registered ?? modelSpec;

/**
 * Adds a family of others to the catalogue of this process, behind Lacuna's own.
 * @throws {InputError} where the name is taken.
 */
export function registerArchitecture(name: string, family: Architecture): void {
  if (Object.hasOwn(architectures, name))
    throw new InputError({ who: `architecture ${name}`, got: 'a name that is taken', wanted: 'a name of its own' });
  Object.assign(architectures, { [name]: family });
  registered = unionOfFamilies();
}

/** A family with the options that a spec gives it. */
function familyOf(spec: ModelSpec): { family: Architecture; options: Record<string, unknown> } {
  const { name, ...given } = spec;
  const family: Architecture = architectures[name];
  return { family, options: family.options.parse(given) };
}

/**
 * Adds a generator to a graph under `scope`: LR in [0, 1] to SR, and to the network where a head is kept. The same
 * scope gives the same weights.
 * @throws {ShapeError} where the LR image has not the channels of its planes.
 */
export function buildGenerator(
  g: Graph,
  scope: string,
  lr: Tensor,
  spec: ModelSpec,
  context: GeneratorContext,
): GeneratorOutput & { readonly network: NetworkOutput | null } {
  const { family, options } = familyOf(spec);
  const factor = perAxis(`${spec.name}: factor`, context.factor, spatialRank(lr.shape));
  const middle = middlePlane(g, lr, context);
  return g.scope(scope, () => {
    const output = family.build(g, lr, options, { ...context, factor, middle });
    return { ...output, network: context.networkHead === true ? networkHead(g, output) : null };
  });
}

/** The plane that the SR image shows: the middle one of those that come in as channels. */
export function middlePlane(
  g: Graph,
  lr: Tensor,
  { channels, planes = 1 }: Pick<GeneratorContext, 'channels' | 'planes'>,
): Tensor {
  const given = lr.shape.at(-1)!;
  if (planes % 2 === 0 || given !== channels * planes)
    throw new ShapeError({
      who: 'generator',
      got: `an LR image of ${given} channels`,
      wanted: `${channels} for each of ${planes} planes, an odd number`,
    });
  const last = lr.shape.length - 1;
  const begin = lr.shape.map((_, axis) => (axis === last ? ((planes - 1) / 2) * channels : 0));
  return g.slice(lr, begin, [...lr.shape.slice(0, -1), channels]);
}

/** Along an axis that grows by `factor`, the length of the LR image must be a multiple of this. */
export function sizeMultiple(spec: ModelSpec, factor: number): number {
  const { family, options } = familyOf(spec);
  return family.multiple(options, factor);
}

/** {@link sizeMultiple} of each axis. */
export const sizeMultiples = (spec: ModelSpec, factor: readonly number[]): number[] =>
  factor.map((each) => sizeMultiple(spec, each));

/** The grid that the layers of a model work on. */
export function gridOf(spec: ModelSpec): Grid {
  const { family, options } = familyOf(spec);
  return family.grid(options);
}

/** How a model's weights are fitted in closed form; null where all of them are drawn. */
export function closedFormFit(spec: ModelSpec): ClosedFormFit | null {
  const { family, options } = familyOf(spec);
  return family.closedForm?.(options) ?? null;
}

import type { Architecture, BuildContext, GeneratorOutput, Graph, Grid, Tensor } from '@lacuna/models';
import { z } from 'zod';
import { calling, callable, parseEntry, requireDescribed, shapeOf, type EntryOf } from './entry.js';
import { ExtensionError } from './extension-error.js';

/** A family of generators as an extension gives it: see `Architecture` of `@lacuna/models`. */
export interface ArchitectureEntry {
  /** Paper, as "arXiv:…" or "doi:…". */
  readonly source?: string;
  /** Made by `lacuna.z.strictObject`, each option with a default and described. */
  readonly options: z.ZodObject;
  /** The grid that its layers work on; 'lr' where left out. */
  readonly grid?: Grid;
  /** What sizes of LR images must be multiples of; 1 where left out. */
  readonly multiple?: (options: never, factor: number) => number;
  readonly build: (g: Graph, lr: Tensor, options: never, context: BuildContext) => GeneratorOutput;
}

type Options = Record<string, unknown>;
const entrySchema = z.strictObject({
  source: z.string().min(1).default('own'),
  options: z.instanceof(z.ZodObject, { error: 'options made by lacuna.z.strictObject' }),
  grid: z.enum(['lr', 'hr']).default('lr'),
  multiple: callable<(options: Options, factor: number) => number>().optional(),
  build: callable<(g: Graph, lr: Tensor, options: Options, context: BuildContext) => unknown>(),
});

/** A family of the catalogue that holds an extension's to what a generator gives. */
export function guardedArchitecture(of: EntryOf, entry: unknown): Architecture {
  const { source, options: schema, grid, multiple, build } = parseEntry(entrySchema, entry, of);
  requireDescribed(of, schema.shape, ['name']);
  return {
    source,
    options: schema as z.ZodObject,
    grid: () => grid,
    multiple: (options, factor) => {
      const found = multiple ? calling(of, 'multiple', () => multiple(options, factor)) : 1;
      if (Number.isInteger(found) && found >= 1) return found;
      const who = `${of.file}: multiple of ${of.name}`;
      throw new ExtensionError({ who, got: String(found), wanted: 'a whole number of at least 1' });
    },
    build: (g, lr, options, context) =>
      requireOutput(
        of,
        calling(of, 'build', () => build(g, lr, options, context)),
        lr,
        context,
      ),
  };
}

function requireOutput(of: EntryOf, made: unknown, lr: Tensor, { factor, channels }: BuildContext): GeneratorOutput {
  const { sr, features, featureFactor } = (made ?? {}) as Partial<GeneratorOutput>;
  const spatial = lr.shape.slice(1, -1);
  const wanted = [lr.shape[0], ...spatial.map((length, axis) => length * factor[axis]), channels];
  const refuse = (got: string, what: string) =>
    new ExtensionError({ who: `${of.file}: build of ${of.name}`, got, wanted: what });
  const shape = shapeOf(sr);
  if (shape === null || shape.join() !== wanted.join())
    throw refuse(
      shape === null ? 'no tensor as sr' : `sr of shape [${shape.join(', ')}]`,
      `[${wanted.join(', ')}]: the LR image [${lr.shape.join(', ')}] times ${factor.join(', ')}`,
    );
  const inner = shapeOf(features);
  const isFactor = Array.isArray(featureFactor) && featureFactor.length === spatial.length;
  const fits =
    inner !== null &&
    isFactor &&
    inner.length === wanted.length &&
    spatial.every((_, axis) => inner[axis + 1] * featureFactor[axis] === wanted[axis + 1]);
  if (!fits)
    throw refuse(
      inner === null ? 'no tensor as features' : `features of shape [${inner.join(', ')}] and another featureFactor`,
      'features, and in featureFactor how many times larger sr is along each spatial axis',
    );
  return made as GeneratorOutput;
}

import type { Term, TermInputs, Graph, Tensor } from '@lacuna/models';
import { z } from 'zod';
import {
  calling,
  callable,
  optionFields,
  ownOptions,
  parseEntry,
  requireDescribed,
  shapeOf,
  type EntryOf,
} from './entry.js';
import { ExtensionError } from './extension-error.js';

/** Targets on the HR grid that terms may ask for. */
export const TARGETS = ['mask', 'tube', 'centreline', 'distance', 'orientation'] as const;

/** What terms of extensions may read of the step, besides targets. */
export const TERM_PARTS = [
  'g',
  'lr',
  'sr',
  'hr',
  'features',
  'featureFactor',
  'probability',
] as const satisfies readonly (keyof TermInputs)[];

/** What a term of an extension is built from: tensors of one graph, [batch, spatial axes, channels]. */
export interface TermParts {
  readonly g: Graph;
  readonly lr: Tensor;
  readonly sr: Tensor;
  readonly hr: Tensor;
  /** The generator's last features, and how many times larger the SR image is along each spatial axis. */
  readonly features: Tensor;
  readonly featureFactor: readonly number[];
  /** Probability of network in the SR image, by a soft threshold. */
  readonly probability: () => Tensor;
  /** What is known of the network: `mask`, `tube`, `centreline`, `distance`; `orientation` with 2 or 6 channels. */
  readonly target: (name: (typeof TARGETS)[number], channels?: number) => Tensor;
}

/** A term as an extension gives it. */
export interface TermEntry {
  /** Fields of the regime in a spec, all optional and described; the one of the term's own name is its weight. */
  readonly options: z.ZodRawShape;
  /** A tensor of one number, the smaller the better. */
  readonly build: (parts: TermParts, options: never) => Tensor;
}

const entrySchema = z.strictObject({
  options: optionFields,
  build: callable<(parts: TermParts, options: unknown) => unknown>(),
});

/** A term of the loss that holds an extension's to what a term gives. */
export function guardedTerm(of: EntryOf, entry: unknown): Term<z.ZodRawShape> {
  const { options: fields, build } = parseEntry(entrySchema, entry, of);
  for (const [field, schema] of Object.entries(fields)) requireOptional(of, field, schema);
  requireDescribed(of, fields, []);
  if (!Object.hasOwn(fields, of.name))
    throw new ExtensionError({
      who: of.who,
      got: `the options ${Object.keys(fields).join(', ') || 'none'}`,
      wanted: `an option ${of.name}, the weight of the term`,
      remedy: `${of.name}: lacuna.z.number().min(0).optional().describe('weight of ...')`,
    });
  return {
    options: fields,
    weight: (options) => Number((options as Readonly<Record<string, unknown>>)[of.name] ?? 0),
    build: (inputs, options) => {
      const own = ownOptions(options, fields);
      return requireScalar(
        of,
        calling(of, 'build', () => build(partsOf(of, inputs), own)),
      );
    },
  };
}

/** A default would be part of every trial of the regime, and change its id. */
function requireOptional({ who }: EntryOf, field: string, schema: z.ZodType): void {
  const without = schema.safeParse(undefined);
  if (!without.success || without.data !== undefined)
    throw new ExtensionError({
      who,
      got: `the option ${field} ${without.success ? 'with a default' : 'that must be given'}`,
      wanted: 'options that may be left out: .optional(), the default where the term is built',
    });
}

function partsOf(of: EntryOf, inputs: TermInputs): TermParts {
  const target: TermParts['target'] = (name, channels = 1) => {
    if (TARGETS.includes(name)) return inputs.target(name, channels);
    throw new ExtensionError({
      who: `${of.file}: build of ${of.name}`,
      got: `the target ${JSON.stringify(name)}`,
      wanted: `one of ${TARGETS.join(', ')}`,
    });
  };
  const parts = Object.fromEntries(TERM_PARTS.map((part) => [part, inputs[part]]));
  return Object.freeze({ ...parts, target }) as unknown as TermParts;
}

function requireScalar({ file, name }: EntryOf, made: unknown): Tensor {
  const shape = shapeOf(made);
  if (shape !== null && shape.every((length) => length === 1)) return made as Tensor;
  throw new ExtensionError({
    who: `${file}: build of ${name}`,
    got: shape === null ? `${typeof made}, no tensor` : `a tensor of shape [${shape.join(', ')}]`,
    wanted: 'a tensor of one number',
    remedy: 'g.mean(x) is one',
  });
}

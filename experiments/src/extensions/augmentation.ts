import { InputError, createRng, type Rng } from '@lacuna/core';
import { z } from 'zod';
import { callable, callingInPlace, optionFields, parseEntry, requireDefaults, type EntryOf } from './entry.js';
import { ExtensionError } from './extension-error.js';

/** A map of one patch, [depth][height][width][channels]: a view, to be changed in place. */
interface PatchMap {
  readonly data: Float32Array;
  /** Lengths along the spatial axes, then channels: [height, width, channels], of volumes [depth, ...] before them. */
  readonly shape: readonly number[];
}

/** An augmentation as an extension gives it. */
export interface AugmentationEntry {
  /** Its options below `training.augmentations`, each described and with a default. */
  readonly options: z.ZodRawShape;
  /** Changes a patch in place. Its maps are those that the regime trains on: `lr`, `hr`, `mask`, ... */
  readonly apply: (patch: Readonly<Record<string, PatchMap>>, options: never, rng: Rng) => void;
}

interface Augmentation {
  readonly of: EntryOf;
  readonly schema: z.ZodObject;
  readonly apply: (patch: Readonly<Record<string, PatchMap>>, options: object, rng: Rng) => unknown;
}

const entrySchema = z.strictObject({
  options: optionFields,
  apply: callable<Augmentation['apply']>(),
});

const augmentations = new Map<string, Augmentation>();

/** An augmentation that holds an extension's to what one gives. */
export function guardedAugmentation(of: EntryOf, entry: unknown): Augmentation {
  const { options, apply } = parseEntry(entrySchema, entry, of);
  requireDefaults(of, options, []);
  return { of, schema: z.strictObject(options), apply };
}

/**
 * Adds an augmentation to those of this process.
 * @throws {InputError} where the name is taken.
 */
export function registerAugmentation(name: string, augmentation: Augmentation): void {
  if (augmentations.has(name))
    throw new InputError({ who: `augmentation ${name}`, got: 'a name that is taken', wanted: 'a name of its own' });
  augmentations.set(name, augmentation);
}

/** The field of `training` that names augmentations with their options. */
export const augmentationsField = () =>
  z
    .strictObject(Object.fromEntries([...augmentations].map(([name, { schema }]) => [name, schema.optional()])))
    .optional()
    .describe(
      'augmentations of extensions by name, each with its options; applied to patches in the order of their names',
    );

/** What a trial asks for: options by name. */
type Asked = Readonly<Record<string, object | undefined>>;

/** A batch by field name, each [batch, ...shape]. */
type Batch = Readonly<Record<string, Float32Array>>;

/**
 * Changes the patches of a step as a trial's augmentations do, in place. What they draw hangs on seed, step and place
 * in the batch alone.
 * @param shapes [batch, spatial axes, channels] of each field.
 * @throws {ExtensionError} for one that throws, gives something back or leaves what is not finite.
 */
export function augmentBatch(
  batch: Batch,
  shapes: Readonly<Record<string, readonly number[]>>,
  { asked, seed, step }: { readonly asked: Asked; readonly seed: number; readonly step: number },
): Batch {
  const fields = Object.entries(batch).filter(([name]) => shapes[name] !== undefined);
  const [count] = shapes[fields[0][0]];
  for (const name of Object.keys(asked).sort()) {
    const options = asked[name];
    if (options === undefined) continue;
    const augmentation = augmentations.get(name)!;
    const rng = createRng(seed).fork('augmentations').fork(name).fork(step);
    for (let i = 0; i < count; i++) applyTo(patchOf(fields, shapes, i), augmentation, options, rng.fork(i));
  }
  return batch;
}

function patchOf(
  fields: readonly (readonly [string, Float32Array])[],
  shapes: Readonly<Record<string, readonly number[]>>,
  i: number,
): Readonly<Record<string, PatchMap>> {
  const map = (name: string, data: Float32Array): PatchMap => {
    const [count, ...shape] = shapes[name];
    const size = data.length / count;
    return { data: data.subarray(i * size, (i + 1) * size), shape };
  };
  return Object.freeze(Object.fromEntries(fields.map(([name, data]) => [name, map(name, data)])));
}

function applyTo(
  patch: Readonly<Record<string, PatchMap>>,
  { of, apply }: Augmentation,
  options: object,
  rng: Rng,
): void {
  const who = `${of.file}: apply of ${of.name}`;
  callingInPlace(of, 'apply', () => apply(patch, options, rng));
  for (const [name, { data }] of Object.entries(patch))
    if (data.some((value) => !Number.isFinite(value)))
      throw new ExtensionError({ who, got: `${name} with a value that is not finite`, wanted: 'finite intensities' });
}

/**
 * Tries augmentations on patches of noise, before anything is trained.
 * @throws {ExtensionError} as {@link augmentBatch}.
 */
export function tryAugmentations(asked: Asked | undefined, shapes: Readonly<Record<string, readonly number[]>>): void {
  if (asked === undefined) return;
  const rng = createRng(0).fork('tried');
  const noise = (shape: readonly number[]) =>
    Float32Array.from({ length: shape.reduce((product, length) => product * length, 1) }, () => rng.uniform());
  const batch = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, noise(shape)]));
  augmentBatch(batch, shapes, { asked, seed: 0, step: 1 });
}

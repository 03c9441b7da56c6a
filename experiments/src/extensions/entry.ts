import { printable } from '@lacuna/core';
import { z } from 'zod';
import { ExtensionError, messageOf, placeOf } from './extension-error.js';

/** What an entry of an extension is called, and where it stands. */
export interface EntryOf {
  readonly name: string;
  readonly file: string;
  /** For errors while it is registered: file, line, kind and name. */
  readonly who: string;
}

/** A function, in the schema of an entry. */
export const callable = <F>() => z.custom<F>((value) => typeof value === 'function', 'a function');

/** Fields of options by name, in the schema of an entry. */
export const optionFields = z.record(z.string(), z.instanceof(z.ZodType, { error: 'options made by lacuna.z' }));

/**
 * Options that say what they mean, under names of their own.
 * @param taken names of fields that are there already.
 * @throws {ExtensionError} for the first that does not.
 */
export function requireDescribed({ who }: EntryOf, fields: z.ZodRawShape, taken: readonly string[]): void {
  for (const [field, option] of Object.entries(fields)) {
    if (taken.includes(field))
      throw new ExtensionError({ who, got: `an option called ${field}`, wanted: 'options of other names' });
    if ((option as z.ZodType).description !== undefined) continue;
    const got = `the option ${field} without a word on what it means`;
    throw new ExtensionError({ who, got, wanted: `.describe('...')` });
  }
}

/** {@link requireDescribed}, of options that may be left out. */
export function requireDefaults(of: EntryOf, fields: z.ZodRawShape, taken: readonly string[]): void {
  requireDescribed(of, fields, taken);
  for (const [field, option] of Object.entries(fields)) {
    if ((option as z.ZodType).safeParse(undefined).success) continue;
    const got = `the option ${field}, which must be given`;
    throw new ExtensionError({ who: of.who, got, wanted: 'options that may be left out: .default(...)' });
  }
}

/** Those of a spec's fields that are an extension's options. */
export const ownOptions = (spec: object, options: z.ZodRawShape): object =>
  Object.fromEntries(Object.entries(spec).filter(([field]) => Object.hasOwn(options, field)));

/**
 * An entry as its schema makes it.
 * @throws {ExtensionError} for the first field that is not as it should be.
 */
export function parseEntry<S extends z.ZodType>(schema: S, entry: unknown, { who }: EntryOf): z.output<S> {
  const parsed = schema.safeParse(entry);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new ExtensionError({
    who,
    got: path.length === 0 ? 'an entry of another form' : `${path.map(String).join('.')} of another form`,
    wanted: printable(message),
    remedy: 'docs/extending.md shows one of each kind',
  });
}

const isExtensionError = (cause: unknown): boolean => cause instanceof ExtensionError;

/**
 * Calls a function of an extension: what it throws becomes one error with its file and line.
 * @param goesThrough errors that are not the extension's fault.
 */
export function calling<T>({ name, file }: EntryOf, what: string, call: () => T, goesThrough = isExtensionError): T {
  try {
    return call();
  } catch (cause) {
    if (goesThrough(cause)) throw cause;
    throw new ExtensionError(
      { who: `${placeOf(file, cause)}: ${what} of ${name}`, got: messageOf(cause), wanted: 'a function that ends' },
      { cause },
    );
  }
}

/** {@link calling}, of a function that changes what it is given: what it gives back would be lost. */
export function callingInPlace(of: EntryOf, what: string, call: () => unknown): void {
  const given = calling(of, what, call);
  if (given === undefined) return;
  throw new ExtensionError({
    who: `${of.file}: ${what} of ${of.name}`,
    got: `${typeof given} given back`,
    wanted: 'numbers changed in place, and nothing given back',
  });
}

/** The shape of a tensor of the graph; null for anything else. */
export function shapeOf(made: unknown): readonly number[] | null {
  const { shape } = (typeof made === 'object' && made !== null ? made : {}) as { readonly shape?: unknown };
  return Array.isArray(shape) ? (shape as number[]) : null;
}

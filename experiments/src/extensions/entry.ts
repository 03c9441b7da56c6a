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

/** The shape of a tensor of the graph; null for anything else. */
export function shapeOf(made: unknown): readonly number[] | null {
  const { shape } = (typeof made === 'object' && made !== null ? made : {}) as { readonly shape?: unknown };
  return Array.isArray(shape) ? (shape as number[]) : null;
}

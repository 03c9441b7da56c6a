import { InputError, nearestName } from '@lacuna/core';
import { formatPlace, type Entry, type Tree } from '../spec/tree.js';

/** The methods of a spec's tree, by name. */
export function methodEntries(tree: Tree): ReadonlyMap<string, Entry> {
  const methods = tree.kind === 'map' ? tree.entries.get('methods')?.value : undefined;
  return methods?.kind === 'map' ? methods.entries : new Map();
}

const isNull = (tree: Tree | undefined): boolean => tree?.kind === 'scalar' && tree.value === null;

/**
 * A merged tree without the methods that `over` made null.
 * @param base what was there before, with the methods that may be left out.
 * @throws {InputError} where null stands for a method that is not there.
 */
export function dropMethods(base: Tree, merged: Tree): Tree {
  const known = methodEntries(base);
  const now = methodEntries(merged);
  const dropped = [...now].filter(([, { value }]) => isNull(value));
  if (dropped.length === 0 || merged.kind !== 'map') return merged;
  for (const [name, { key }] of dropped)
    if (!known.has(name)) throw unknownMethod(formatPlace(key), name, known.keys());
  const kept = new Map([...now].filter(([, { value }]) => !isNull(value)));
  const methods = merged.entries.get('methods')!;
  const entries = new Map(merged.entries);
  entries.set('methods', { key: methods.key, value: { kind: 'map', place: methods.value.place, entries: kept } });
  return { ...merged, entries };
}

/** A method that nothing names so far. */
export function unknownMethod(who: string, name: string, known: Iterable<string>): InputError {
  const names = [...known];
  const near = nearestName(name, names);
  return new InputError({
    who,
    got: `a method that is not there, ${JSON.stringify(name)}`,
    wanted: names.length > 0 ? `one of ${names.join(', ')}` : 'a spec with methods',
    ...(near === undefined ? {} : { remedy: `did you mean ${near}?` }),
  });
}

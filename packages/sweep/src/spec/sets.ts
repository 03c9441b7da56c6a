import { InputError } from '@lacuna/core';
import { setPath } from './merge-trees.js';
import { dropMethods, methodEntries, unknownMethod } from '../plan/methods.js';
import { parseTree } from './parse-tree.js';
import type { Tree } from './tree.js';

/** An override of the command line: `path=value`. */
interface Override {
  readonly path: string;
  /** What messages call it. */
  readonly name: string;
  readonly value: Tree;
}

/** Applies `path=value` pairs, values in YAML; each is said to be wrong under the name `--set path`. */
export function applySets(tree: Tree, sets: readonly string[]): Tree {
  return sets.map(parseSet).reduce(applyOverride, tree);
}

function parseSet(set: string): Override {
  const [, path, text] = /^([^=]+)=(.*)$/s.exec(set) ?? [];
  if (path === undefined || text === undefined)
    throw new InputError({
      who: `--set ${set}`,
      got: set.includes('=') ? 'no path' : 'no =',
      wanted: '--set path=value',
    });
  const name = `--set ${path}`;
  return { path: path.trim(), name, value: relocate(parseTree(text === '' ? "''" : text, name), name) };
}

function applyOverride(tree: Tree, { path, name, value }: Override): Tree {
  const [head, method, ...rest] = path.split('.');
  // A method that is named with a field of its own is meant to be there: a typo would add one.
  if (head === 'methods' && method !== undefined && rest.length > 0 && !isMethod(tree, [method, ...rest]))
    throw unknownMethod(name, method, methodEntries(tree).keys());
  return dropMethods(tree, setPath(tree, path, value));
}

/** Names of methods may hold dots. */
function isMethod(tree: Tree, parts: readonly string[]): boolean {
  const methods = methodEntries(tree);
  return parts.some((_, i) => methods.has(parts.slice(0, i + 1).join('.')));
}

/** Line and column mean nothing inside an option: its name is the place. */
function relocate(tree: Tree, file: string): Tree {
  const place = { file, line: 0, column: 0 };
  if (tree.kind === 'list') return { ...tree, place, items: tree.items.map((item) => relocate(item, file)) };
  if (tree.kind !== 'map') return { ...tree, place };
  const entries = [...tree.entries].map(
    ([key, { value }]) => [key, { key: place, value: relocate(value, file) }] as const,
  );
  return { ...tree, place, entries: new Map(entries) };
}

/** Whether an override leaves methods out: it changes which trials there are, and stands in none of them. */
export function leavesOut(set: string): boolean {
  const { path, value } = parseSet(set);
  const isNull = (at: Tree): boolean => at.kind === 'scalar' && at.value === null;
  if (/^methods\../.test(path)) return isNull(value);
  return path === 'methods' && value.kind === 'map' && [...value.entries.values()].some((entry) => isNull(entry.value));
}

/** Names of the options that wrote a value of a tree: one that holds no others. */
export function optionsIn(tree: Tree, found: Set<string> = new Set()): ReadonlySet<string> {
  const parts = partsOf(tree);
  if (parts.length === 0 && tree.place.line === 0) found.add(tree.place.file);
  for (const part of parts) optionsIn(part, found);
  return found;
}

function partsOf(tree: Tree): readonly Tree[] {
  if (tree.kind === 'list') return tree.items;
  return tree.kind === 'map' ? [...tree.entries.values()].map(({ value }) => value) : [];
}

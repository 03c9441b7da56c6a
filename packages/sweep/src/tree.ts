import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Node as YamlNode } from 'yaml';
import { InputError } from '@lacuna/core';

/** Where a value was written: a file with line and column, or the option that set it. */
export interface Place { readonly file: string; readonly line: number; readonly column: number }

/** A YAML value that remembers where each part of it was written, through `extends` and `--set`. */
export type Tree =
  | { readonly kind: 'map'; readonly place: Place; readonly entries: ReadonlyMap<string, { readonly key: Place; readonly value: Tree }> }
  | { readonly kind: 'list'; readonly place: Place; readonly items: readonly Tree[] }
  | { readonly kind: 'scalar'; readonly place: Place; readonly value: unknown };

/** "spec.yaml:12:5", or "--set model.name". */
export function formatPlace({ file, line, column }: Place): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/** Parses one YAML text. @throws {InputError} with the place of a syntax error or of a key given twice. */
export function parseTree(text: string, file: string): Tree {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, merge: true });
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line, column: col };
  };
  const [error] = document.errors;
  if (error) throw new InputError({ who: formatPlace(placeAt(error.pos[0])), got: error.message.split('\n')[0]!.replace(/ at line .*$/, ''), wanted: 'YAML' });
  const convert = (node: YamlNode | null, fallback: Place): Tree => {
    const place = node?.range ? placeAt(node.range[0]) : fallback;
    if (isAlias(node)) return convert(node.resolve(document) ?? null, place);
    if (isMap(node)) {
      return { kind: 'map', place, entries: new Map(node.items.map((pair) => {
        const key = pair.key as YamlNode, keyPlace = key.range ? placeAt(key.range[0]) : place;
        return [String(isScalar(key) ? key.value : key), { key: keyPlace, value: convert(pair.value as YamlNode | null, keyPlace) }];
      })) };
    }
    if (isSeq(node)) return { kind: 'list', place, items: node.items.map((item) => convert(item as YamlNode, place)) };
    return { kind: 'scalar', place, value: isScalar(node) ? node.value : null };
  };
  return convert(document.contents, { file, line: 1, column: 1 });
}

/** The plain value. */
export function plain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}

/** Keys whose value decides which other keys a map may have: when one changes, the map is replaced and not merged. */
export const discriminators = ['source', 'kind', 'name'] as const;

/** Maps merge key by key, everything else is replaced by `over`; so is a map, below the top, whose discriminating key changes. */
export function mergeTrees(base: Tree, over: Tree, top = true): Tree {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  for (const key of top ? [] : discriminators) {
    const before = base.entries.get(key)?.value, after = over.entries.get(key)?.value;
    if (before?.kind === 'scalar' && after?.kind === 'scalar' && before.value !== after.value) return over;
  }
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const known = entries.get(key);
    entries.set(key, known ? { key: entry.key, value: mergeTrees(known.value, entry.value, false) } : entry);
  }
  return { kind: 'map', place: over.place, entries };
}

/** A map without some keys, and the trees of those keys. */
export function takeKeys(tree: Tree, keys: readonly string[]): { rest: Tree; taken: ReadonlyMap<string, Tree> } {
  if (tree.kind !== 'map') return { rest: tree, taken: new Map() };
  const taken = new Map<string, Tree>(), entries = new Map(tree.entries);
  for (const key of keys) {
    const entry = entries.get(key);
    if (entry) taken.set(key, entry.value);
    entries.delete(key);
  }
  return { rest: { ...tree, entries }, taken };
}

/** A tree in which one dotted path has a value (`model.filters`, `seeds.0`). The place of the value is `origin`. */
export function setPath(tree: Tree, path: string, value: Tree): Tree {
  const parts = path.split('.');
  const build = (rest: readonly string[]): Tree => {
    const [head, ...tail] = rest;
    return head === undefined ? value : { kind: 'map', place: value.place, entries: new Map([[head, { key: value.place, value: build(tail) }]]) };
  };
  const apply = (at: Tree | undefined, rest: readonly string[], top = false): Tree => {
    const [head, ...tail] = rest;
    if (head === undefined) return at && value.kind === 'map' ? mergeTrees(at, value, false) : value;
    if (at?.kind === 'list') {
      const index = Number(head);
      if (!Number.isInteger(index) || index < 0 || index >= at.items.length) throw new InputError({ who: formatPlace(value.place), got: `item ${head} of a list of ${at.items.length}`, wanted: `0 to ${at.items.length - 1}` });
      return { ...at, items: at.items.map((item, i) => (i === index ? apply(item, tail) : item)) };
    }
    if (at?.kind !== 'map') return build(rest);
    // Keys may hold dots themselves: axes.cross.degradation.factor is the key degradation.factor of axes.cross.
    const joined = rest.join('.');
    if (tail.length > 0 && at.entries.has(joined)) return apply(at, [joined]);
    const entry = at.entries.get(head);
    const single: Tree = { kind: 'map', place: value.place, entries: new Map([[head, { key: value.place, value: tail.length === 0 && (!entry || value.kind !== 'map') ? value : apply(entry?.value, tail) }]]) };
    return mergeTrees(at, single, top);
  };
  return apply(tree, parts, true);
}

/** The place of the deepest part of `path` that exists. */
export function placeOf(tree: Tree, path: readonly PropertyKey[]): Place {
  let at = tree, place = tree.place;
  for (const part of path) {
    if (at.kind === 'map') {
      const entry = at.entries.get(String(part));
      if (!entry) return place;
      at = entry.value;
      place = at.kind === 'scalar' && at.value !== null ? at.place : entry.key;
    } else if (at.kind === 'list') {
      const item = at.items[Number(part)];
      if (!item) return place;
      at = item;
      place = at.place;
    } else return place;
  }
  return place;
}

/** Where a key itself was written; the place of its map when there is none. */
export function placeOfKey(tree: Tree, path: readonly PropertyKey[], key: string): Place {
  const at = path.reduce<Tree | undefined>((part, name) => (part?.kind === 'map' ? part.entries.get(String(name))?.value : part?.kind === 'list' ? part.items[Number(name)] : undefined), tree);
  return (at?.kind === 'map' ? at.entries.get(key)?.key : undefined) ?? placeOf(tree, path);
}

/** A spec's text with everything that it extends, later files over earlier ones. @throws {InputError} for a missing file or a circle. */
export function readTree(path: string, chain: readonly string[] = []): Tree {
  const full = resolve(path);
  if (chain.includes(full)) throw new InputError({ who: path, got: `a circle of extends: ${[...chain, full].join(' -> ')}`, wanted: 'specs that do not extend one another' });
  let text: string;
  try {
    text = readFileSync(full, 'utf8');
  } catch (error) {
    throw new InputError({ who: path, got: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : String((error as NodeJS.ErrnoException).code), wanted: 'a spec (YAML)', remedy: 'experiments/specs holds some to start from' }, { cause: error });
  }
  const tree = parseTree(text, path);
  if (tree.kind !== 'map') throw new InputError({ who: formatPlace(tree.place), got: tree.kind === 'list' ? 'a list' : JSON.stringify(tree.kind === 'scalar' ? tree.value : null), wanted: 'keys and values' });
  const { rest, taken } = takeKeys(tree, ['extends']);
  const bases = taken.get('extends');
  if (!bases) return rest;
  const names = bases.kind === 'list' ? bases.items : [bases];
  const merged = names.map((name) => {
    if (name.kind !== 'scalar' || typeof name.value !== 'string') throw new InputError({ who: formatPlace(name.place), got: JSON.stringify(plain(name)), wanted: 'the path of a spec' });
    return readTree(resolve(dirname(full), name.value), [...chain, full]);
  });
  return [...merged, rest].reduce((base, over) => mergeTrees(base, over));
}

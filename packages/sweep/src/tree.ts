import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, type Node as YamlNode, type YAMLMap } from 'yaml';
import { InputError } from '@lacuna/core';

/** Where a value was written: a file with line and column, or the option that set it. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Entry {
  readonly key: Place;
  readonly value: Tree;
}

/** A YAML value that remembers where each part of it was written, through `extends` and `--set`. */
export type Tree =
  | { readonly kind: 'map'; readonly place: Place; readonly entries: ReadonlyMap<string, Entry> }
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
  if (error) {
    const got =
      error.code === 'MULTIPLE_DOCS' ? 'a second document' : error.message.split('\n')[0].replace(/ at line .*$/, '');
    throw new InputError({
      who: formatPlace(placeAt(error.pos[0])),
      got,
      wanted: error.code === 'MULTIPLE_DOCS' ? 'one document a file' : 'YAML',
    });
  }
  const open = new Set<YamlNode>();
  const convert = (node: YamlNode | null, fallback: Place): Tree => {
    const place = node?.range ? placeAt(node.range[0]) : fallback;
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (!target)
        throw new InputError({
          who: formatPlace(place),
          got: `*${node.source}`,
          wanted: `an anchor &${node.source} before it`,
        });
      if (open.has(target))
        throw new InputError({
          who: formatPlace(place),
          got: `*${node.source} inside of what it names`,
          wanted: 'values that end',
        });
      return convert(target, place);
    }
    if (!isMap(node) && !isSeq(node)) return { kind: 'scalar', place, value: isScalar(node) ? node.value : null };
    open.add(node);
    try {
      return isSeq(node)
        ? { kind: 'list', place, items: node.items.map((item) => convert(item as YamlNode, place)) }
        : convertMap(node, place);
    } finally {
      open.delete(node);
    }
  };
  const convertMap = (node: YAMLMap, place: Place): Tree => {
    const inherited = new Map<string, Entry>();
    const own = new Map<string, Entry>();
    for (const pair of node.items) {
      const key = pair.key as YamlNode;
      const keyPlace = key.range ? placeAt(key.range[0]) : place;
      const value = convert(pair.value as YamlNode | null, keyPlace);
      if (!isMergeKey(key)) own.set(String(isScalar(key) ? key.value : key), { key: keyPlace, value });
      else
        for (const source of value.kind === 'list' ? value.items : [value]) {
          if (source.kind !== 'map')
            throw new InputError({
              who: formatPlace(keyPlace),
              got: '<< without a map',
              wanted: '<<: *anchor of a map',
            });
          for (const [name, entry] of source.entries) if (!inherited.has(name)) inherited.set(name, entry);
        }
    }
    return { kind: 'map', place, entries: new Map([...inherited, ...own]) };
  };
  return convert(document.contents, { file, line: 1, column: 1 });
}

/** `<<`, which takes the keys of other maps. */
const isMergeKey = (key: YamlNode): boolean =>
  isScalar(key) &&
  (key.value === '<<' || typeof key.value === 'symbol') &&
  key.type !== 'QUOTE_DOUBLE' &&
  key.type !== 'QUOTE_SINGLE';

/** The plain value. */
export function plain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}

/** Keys whose value decides which other keys a map may have: when one changes, the map is replaced and not merged. */
export const discriminators = ['source', 'kind', 'name'] as const;

/**
 * Maps merge key by key, everything else is replaced by `over`. Below the top a map is also replaced where its
 * discriminating key changes, and where `over` is the empty map: `axes: {}` takes away every axis that was there.
 */
export function mergeTrees(base: Tree, over: Tree, top = true): Tree {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  if (!top && over.entries.size === 0) return over;
  for (const key of top ? [] : discriminators) {
    const before = base.entries.get(key)?.value;
    const after = over.entries.get(key)?.value;
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
  const taken = new Map<string, Tree>();
  const entries = new Map(tree.entries);
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
    return head === undefined
      ? value
      : { kind: 'map', place: value.place, entries: new Map([[head, { key: value.place, value: build(tail) }]]) };
  };
  const apply = (at: Tree | undefined, rest: readonly string[], top = false): Tree => {
    const [head, ...tail] = rest;
    if (head === undefined) return at && value.kind === 'map' ? mergeTrees(at, value, false) : value;
    if (at?.kind === 'list') {
      const index = Number(head);
      if (!Number.isInteger(index) || index < 0 || index >= at.items.length)
        throw new InputError({
          who: formatPlace(value.place),
          got: `item ${head} of a list of ${at.items.length}`,
          wanted: `0 to ${at.items.length - 1}`,
        });
      return { ...at, items: at.items.map((item, i) => (i === index ? apply(item, tail) : item)) };
    }
    if (at?.kind !== 'map') return build(rest);
    // Keys may hold dots themselves: axes.cross.degradation.factor is the key degradation.factor of axes.cross.
    const joined = rest.join('.');
    if (tail.length > 0 && at.entries.has(joined)) return apply(at, [joined]);
    const entry = at.entries.get(head);
    const single: Tree = {
      kind: 'map',
      place: value.place,
      entries: new Map([
        [
          head,
          {
            key: value.place,
            value: tail.length === 0 && (!entry || value.kind !== 'map') ? value : apply(entry?.value, tail),
          },
        ],
      ]),
    };
    return mergeTrees(at, single, top);
  };
  return apply(tree, parts, true);
}

/** The place of the deepest part of `path` that exists: of its value, or of its key. */
export function placeOf(tree: Tree, path: readonly PropertyKey[], what: 'value' | 'key' = 'value'): Place {
  let at = tree;
  let place = tree.place;
  for (const part of path) {
    if (at.kind === 'map') {
      const entry = at.entries.get(String(part));
      if (!entry) return place;
      at = entry.value;
      place = what === 'value' && at.kind === 'scalar' && at.value !== null ? at.place : entry.key;
    } else if (at.kind === 'list') {
      const item = at.items[Number(part)];
      if (!item) return place;
      at = item;
      place = at.place;
    } else return place;
  }
  return place;
}

/**
 * A spec's text with everything that it extends, later files over earlier ones.
 * @throws {InputError} for a missing file or a circle.
 */
export function readTree(
  path: string,
  from: { readonly chain: readonly string[]; readonly place?: Place } = { chain: [] },
): Tree {
  const full = resolve(path);
  const who = from.place ? formatPlace(from.place) : path;
  const before = from.chain.findIndex((name) => resolve(name) === full);
  if (before >= 0)
    throw new InputError({
      who,
      got: `a circle of extends: ${[...from.chain.slice(before), path].join(' -> ')}`,
      wanted: 'specs that do not extend one another',
    });
  const tree = parseTree(readSpec(path, who), path);
  if (tree.kind !== 'map')
    throw new InputError({
      who: formatPlace(tree.place),
      got: describeTop(tree),
      wanted: 'keys and values',
    });
  const { rest, taken } = takeKeys(tree, ['extends']);
  const bases = taken.get('extends');
  if (!bases) return rest;
  const merged = (bases.kind === 'list' ? bases.items : [bases]).map((name) => {
    if (name.kind !== 'scalar' || typeof name.value !== 'string')
      throw new InputError({
        who: formatPlace(name.place),
        got: JSON.stringify(plain(name)),
        wanted: 'the path of a spec',
      });
    return readTree(isAbsolute(name.value) ? name.value : join(dirname(path), name.value), {
      chain: [...from.chain, path],
      place: name.place,
    });
  });
  return [...merged, rest].reduce((base, over) => mergeTrees(base, over));
}

function describeTop(tree: Exclude<Tree, { kind: 'map' }>): string {
  if (tree.kind === 'list') return 'a list';
  return tree.value === null ? 'an empty file' : JSON.stringify(tree.value);
}

function readSpec(path: string, who: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reasons: Readonly<Record<string, string>> = { ENOENT: 'no such file', EISDIR: 'a folder' };
    const got = reasons[code ?? ''] ?? String(code);
    throw new InputError(
      {
        who,
        got: who === path ? got : `${path}: ${got}`,
        wanted: 'a spec (YAML)',
        remedy: 'experiments/specs holds some to start from',
      },
      { cause: error },
    );
  }
}

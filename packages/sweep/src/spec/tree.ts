/** Where a value was written: a file with line and column, or the option that set it. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Entry {
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

/** The plain value. */
export function plain(tree: Tree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
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

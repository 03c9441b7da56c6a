import { InputError } from '@lacuna/core';
import { formatPlace, type Tree } from './tree.js';

/** Keys whose value decides which other keys a map may have: when one changes, the map is replaced and not merged. */
const discriminators = ['source', 'kind', 'name'] as const;

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

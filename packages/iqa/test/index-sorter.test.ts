import { createRng } from '@lacuna/core';
import { expect, it } from 'vitest';
import { IndexSorter } from '../src/network/index-sorter.js';

it.each([[600, 1000], [5000, 4_000_000], [20_000, 2 ** 31 - 1], [3, 50]])('%i indices below %i', (length, bound) => {
  const rng = createRng(length), items = Int32Array.from({ length: length + 7 }, () => rng.integer(bound));
  const wanted = items.slice(0, length).sort(), sorter = new IndexSorter(bound);
  for (let turn = 0; turn < 2; turn++) expect(sorter.sort(items.slice(), length).subarray(0, length)).toEqual(wanted);
});

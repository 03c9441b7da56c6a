import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeJson } from '../../src/machine/json-file.js';
import { resultsOfFolders, stabilityOf, stabilityTable, writeTable } from '../../src/study/stability.js';
import { layout, type TrialResult } from '../../src/sweep/results/results.js';
import { resultOf } from '../sweep/fixtures.js';

const trial = (method: string, seed: number, own: number, psnr = 25): TrialResult => {
  const result = resultOf(method, seed, { common: [own - 0.1], own: [own] });
  return { ...result, test: { ...result.test, values: { ...result.test.values, psnr } } };
};
const diverged = (method: string, seed: number): TrialResult => ({
  ...resultOf(method, seed, { common: [null] }),
  status: 'diverged',
  reason: 'flat output',
});
const bicubic = trial('bicubic', 0, 0.7);

describe('stability over seeds', () => {
  it('tells diverged from collapsed, which is below interpolation, each at its own level', () => {
    const results = [
      bicubic,
      trial('gan', 0, 0.72, 24),
      trial('gan', 1, 0.69, 22),
      trial('gan', 2, 0.8, 26),
      diverged('gan', 3),
      trial('calm', 0, 0.75),
      trial('calm', 1, 0.7),
    ];
    const [gan, calm] = stabilityOf(results, 'bicubic');
    expect(gan).toMatchObject({ method: 'gan', seeds: 4, diverged: 1, collapsed: 1, seconds: 60 });
    expect(gan).toMatchObject({ psnr: { least: 22, most: 26 }, clDice: { least: 0.69, most: 0.8, worstSeed: 1 } });
    // As much as interpolation is no collapse.
    expect(calm).toMatchObject({ diverged: 0, collapsed: 0 });
    expect(stabilityTable([gan, calm]).split('\n').slice(2)).toEqual([
      '| calm | 2 | 0 | 0 | 0.700–0.750 | 0.700 (1) | 0.050 | 0.600–0.650 | 25.00–25.00 | 60 |',
      '| gan | 4 | 1 | 1 | 0.690–0.800 | 0.690 (1) | 0.110 | 0.590–0.700 | 22.00–26.00 | 60 |',
    ]);
  });

  it('has no range where every seed diverged, and counts a model without a network at any level as collapsed', () => {
    const none = { ...trial('blank', 0, 0.7), testOwnLevel: null };
    const [gone, blank] = stabilityOf([bicubic, diverged('gone', 0), none], 'bicubic');
    expect(gone).toMatchObject({ diverged: 1, collapsed: 0, clDice: null, psnr: null, seconds: null });
    expect(blank).toMatchObject({ collapsed: 1, clDice: { least: 0 } });
    expect(stabilityTable([gone])).toContain('| gone | 1 | 1 | 0 | – | – | – | – | – | – |');
  });

  it('wants an interpolation to be held to', () => {
    expect(() => stabilityOf([trial('gan', 0, 0.8)], 'bicubic')).toThrow(
      'stability: got no clDice of bicubic at its own level, wanted the result of an interpolation, below which a ' +
        'trial has collapsed; run it: lacuna sweep SPEC --only bicubic',
    );
  });

  it('reads parts of a sweep, each trial once, and puts the table where the page has room for it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-stability-'));
    const part = (name: string, results: readonly TrialResult[]) => {
      for (const result of results) writeJson(layout.result(layout.trial(join(folder, name), result.id)), result);
      return join(folder, name);
    };
    const parts = [part('a', [bicubic, trial('gan', 0, 0.8)]), part('b', [trial('gan', 0, 0.8), trial('gan', 1, 0.9)])];
    expect(resultsOfFolders(parts).map(({ id }) => id)).toEqual(['bicubic-0', 'gan-0', 'gan-1']);
    expect(() => resultsOfFolders([join(folder, 'c')])).toThrow(/c: got no finished trial, wanted the folder of a sw/);

    const page = join(folder, 'page.md');
    writeFileSync(page, 'before\n<!-- stability: x -->\nold\n<!-- end of x -->\nafter\n');
    writeTable(page, 'x', '| new |');
    const written = 'before\n<!-- stability: x -->\n\n| new |\n\n<!-- end of x -->\nafter\n';
    expect(readFileSync(page, 'utf8')).toBe(written);
    expect(() => writeTable(page, 'y', '| new |')).toThrow(/page\.md: got no place for the table, wanted a line/);
    expect(readFileSync(page, 'utf8')).toBe(written);
  });
});

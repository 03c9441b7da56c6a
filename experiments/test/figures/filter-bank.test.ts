import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@lacuna/core';
import { describeModel, modelSpec, writeTensorFile } from '@lacuna/models';
import { describe, expect, it } from 'vitest';
import { drawFilterBank, type FilterBankData } from '../../src/figures/index.js';
import type { Comparison } from '../../src/sweep/results/comparison.js';
import { filterBanksOf } from '../../src/sweep/summary/filter-banks.js';
import { layout } from '../../src/sweep/results/results.js';

/** Two directions and two bins of strength; the filters of the second bin are twice as strong. */
const bank: FilterBankData = {
  title: 'drawn, ×2',
  directions: [
    [1, 0],
    [0, 1],
  ],
  coherences: [],
  strengths: [Math.log(0.05)],
  filters: [1, -0.5, 2, 1].map((value) => ({
    response: { width: 2, height: 2, data: Float32Array.of(value, 0, 0, 0) },
  })),
};

/** The palette entry of the first pixel of each picture. */
function firstPixels(svg: string): number[] {
  return [...svg.matchAll(/base64,([^"]+)"/g)].map(([, base64]) => {
    const png = Buffer.from(base64, 'base64');
    // After IDAT's name: two bytes of zlib, five of the stored block, one of the row's filter.
    return png[png.indexOf('IDAT') + 4 + 2 + 5 + 1];
  });
}

describe('the figure of filters', () => {
  it('centres colours at 0 and spans what the filters of a column reach', () => {
    const svg = drawFilterBank(bank);
    expect(firstPixels(svg)).toEqual([254, 64, 254, 191]);
    expect(svg).toContain('>±1<');
    expect(svg).toContain('>±2<');
  });

  it('names bins by their edges, and directions by their angle or axes', () => {
    const svg = drawFilterBank(bank);
    for (const label of ['strength &lt; 0.05', 'strength &gt; 0.05', 'any', '0°', '90°']) {
      expect(svg).toContain(`>${label}<`);
    }
    const directions = [[1, 0, 0], [1, -1, 1].map((part) => part / Math.sqrt(3))];
    expect(drawFilterBank({ ...bank, directions })).toContain('>x − y + z<');
  });

  it('refuses another number of filters than its rows and columns have', () => {
    expect(() => drawFilterBank({ ...bank, filters: bank.filters.slice(1) })).toThrow(
      'filters: got 3 filters, wanted 4, for 2 directions, 1 coherences and 2 strengths',
    );
  });
});

describe('filters of a sweep', () => {
  it('are what one LR pixel becomes, from the model file of each bank', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-filters-'));
    const checkpoints = layout.checkpoints(layout.trial(folder, 'a'));
    makeFolder(checkpoints);
    const model = modelSpec.parse({ name: 'oriented', kernel: 3, orientations: 2, coherences: 1, strengths: 1 });
    // Nine taps, four phases, two buckets: the second sees the LR pixel to the left, in its last phase.
    const values = new Float32Array(9 * 4 * 2);
    values[(3 * 4 + 3) * 2 + 1] = 0.7;
    writeTensorFile(join(checkpoints, 'best.safetensors'), {
      tensors: {
        'generator.filter.weight': { shape: [3, 3, 1, 8], values },
        'generator.filter.bias': { shape: [8], values: new Float32Array(8) },
      },
      metadata: describeModel({ model, factor: 2, channels: 1 }),
    });
    const ids = ['a', 'gone'];
    const results = ids.map((id) => ({ id, method: id, status: 'finished' }));
    const trials = ids.map((id) => ({ id, config: { model, regime: { kind: 'paired' } } }));
    const banks = filterBanksOf({ results, trials, title: 'tiny, ×2' } as unknown as Comparison, folder);
    expect(banks.map(({ title }) => title)).toEqual(['tiny, ×2, a']);
    const [first, second] = banks[0].filters.map(({ response }) => response.data);
    expect(first.every((value) => value === 0)).toBe(true);
    // It shows in the coarse pixel to the right of it: of 6 x 6 HR pixels the one at x 5, y 3.
    expect(second.findIndex((value) => value !== 0)).toBe(3 * 6 + 5);
  });
});

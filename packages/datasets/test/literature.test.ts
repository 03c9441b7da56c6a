import { describe, expect, it } from 'vitest';
import {
  compareAged,
  compareWithLiterature,
  literatureSpecimens,
  measureSpecimens,
  structureNames,
  type StructureName,
} from '../src/index.js';

// Small specimens stray: `lacuna literature` draws the large ones, and docs/synthetic-data.md shows them.
const sizes: Record<StructureName, { count: number; scale: number; stray: number }> = {
  dentin: { count: 1, scale: 0.3, stray: 0 },
  lacunocanalicular: { count: 1, scale: 0.45, stray: 0.2 },
  cortical: { count: 2, scale: 0.3, stray: 0.25 },
};

describe.each(structureNames)('%s and the literature', (name) => {
  const { count, scale, stray } = sizes[name];
  const grow = (phenotype: 'young' | 'aged') => literatureSpecimens(name, { count, seed: 0, scale, phenotype });
  const young = grow('young');
  const rows = compareWithLiterature(measureSpecimens(name, young));

  it('has the densities, distances, degrees, lengths, diameters and porosities of the literature', () => {
    expect(rows.length).toBeGreaterThan(6);
    for (const row of rows)
      expect(
        row.off,
        `${row.quantity}, ${row.statistic}: ${row.measured} of ${row.low} to ${row.high}`,
      ).toBeLessThanOrEqual(stray);
  });

  it('no canaliculus ends in the lacuna that it left, or only after a long way', () => {
    // Those were a few of a hundred, and made the spread of lengths half as large again.
    for (const {
      network: { nodes, branches },
    } of young.networks)
      expect(
        branches.filter(({ from, to, length }) => from === to && nodes[from].kind === 'lacuna' && length < 4),
      ).toEqual([]);
  });

  it('ages as the literature says', () => {
    for (const row of compareAged(name, grow('aged'), young))
      expect(row.off, `${row.quantity}: ${row.measured} of ${row.low} to ${row.high}`).toBeLessThanOrEqual(0.25);
  });
});

describe('compareWithLiterature', () => {
  const sample = (values: number[]) =>
    compareWithLiterature([
      {
        values,
        quantity: {
          name: 'width',
          unit: 'µm',
          of: () => [],
          figures: [
            {
              statistic: { name: 'mean', of: (all) => all.reduce((sum, value) => sum + value, 0) / all.length },
              low: 4,
              high: 8,
              published: '4-8',
            },
          ],
        },
      },
    ])[0];

  it('says how far outside a statistic lies, as a share of the nearer bound', () => {
    expect(sample([5, 7])).toMatchObject({ measured: 6, off: 0 });
    expect(sample([2, 4])).toMatchObject({ measured: 3, off: 0.25 });
    expect(sample([10, 10]).off).toBe(0.25);
    expect(sample([]).off).toBeNaN();
  });
});

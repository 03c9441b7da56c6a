import { describe, expect, it } from 'vitest';
import { estimate, formatDuration, formatEstimate, renderTable, studentQuantile } from '../src/index.js';

describe('studentQuantile', () => {
  // Two-sided 95 % and 99 %: the usual printed table (Abramowitz & Stegun, table 26.10), three decimals.
  it.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.975, 4, 2.776],
    [0.975, 9, 2.262],
    [0.975, 30, 2.042],
    [0.975, 120, 1.98],
    [0.995, 1, 63.657],
    [0.995, 5, 4.032],
    [0.95, 10, 1.812],
  ])('at %s with %s degrees is %s', (p, degrees, tabulated) => {
    expect(Math.abs(studentQuantile(p, degrees) - tabulated)).toBeLessThanOrEqual(5e-4);
  });

  it('is tan(pi (p - 1/2)) for one degree', () => {
    expect(studentQuantile(0.9, 1)).toBeCloseTo(Math.tan(Math.PI * 0.4), 8);
  });
});

describe('estimate', () => {
  it('has no interval for one value and nothing for none', () => {
    expect(estimate([])).toBeNull();
    expect(estimate([3])).toEqual({ mean: 3, standardDeviation: null, halfWidth: null, count: 1 });
  });

  it('is t s / sqrt(n)', () => {
    const { mean, standardDeviation, halfWidth } = estimate([1, 2, 3])!;
    expect([mean, standardDeviation]).toEqual([2, 1]);
    expect(halfWidth).toBeCloseTo(4.3026527 / Math.sqrt(3), 6);
  });
});

describe('tables for people', () => {
  it('aligns columns and marks the best', () => {
    const rows = [
      { method: 'bicubic', psnr: 20, error: 3 },
      { method: 'ours', psnr: 25.5, error: 4 },
      { method: 'none', psnr: null, error: null },
    ];
    const text = renderTable(rows, [
      { title: 'method', align: 'left', text: ({ method }) => method },
      {
        title: 'PSNR',
        text: ({ psnr }) => psnr?.toFixed(1) ?? '–',
        best: { value: ({ psnr }) => psnr, better: 'higher' },
      },
      {
        title: 'error',
        text: ({ error }) => String(error ?? '–'),
        best: { value: ({ error }) => error, better: 'lower' },
      },
    ]);
    const lines = text.split('\n');
    expect(lines[2]).toMatch(/^bicubic {2} {0,4}20\.0 .*3\*$/);
    expect(lines[3]).toMatch(/^ours .*25\.5\* .*4$/);
    expect(new Set([lines[2].indexOf('.'), lines[3].indexOf('.')]).size).toBe(1);
    expect(text.match(/\*/g)).toHaveLength(2);
  });

  it('has no best among one', () => {
    expect(
      renderTable(
        [{ a: 1 }],
        [{ title: 'a', text: ({ a }) => String(a), best: { value: ({ a }) => a, better: 'higher' } }],
      ),
    ).not.toContain('*');
  });

  it('writes estimates and durations', () => {
    expect(formatEstimate(estimate([1, 2, 3]), 2)).toBe('2.00 ± 2.48');
    expect(formatEstimate(estimate([1]), 1)).toBe('1.0');
    expect(formatEstimate(null, 1)).toBe('–');
    expect([0.4, 59.6, 61, 3661].map(formatDuration)).toEqual(['0 s', '1 min 0 s', '1 min 1 s', '1 h 1 min']);
  });
});

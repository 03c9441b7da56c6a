import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/index.js';
import { paint } from './draw.js';

/** A bar of 3 px and one of 9 px; the thin one may be missing, or wider. */
const bars = (thin: number) =>
  paint(80, 60, (x, y) => {
    if (x < 5 || x >= 75) return 0;
    if (Math.abs(y - 15) <= (thin - 1) / 2 && thin > 0) return 1;
    return Math.abs(y - 40) <= 4 ? 1 : 0;
  });
const measured = (thin: number) =>
  evaluate(bars(3), bars(thin), {
    dataRange: 1,
    threshold: 0.5,
    smoothing: 0,
    metrics: ['thickness_distance', 'thin_recall'],
  });

describe('thickness_distance and thin_recall', () => {
  it('are nought and one where both networks are the same', () => {
    expect(measured(3).values).toEqual({ thickness_distance: 0, thin_recall: 1 });
  });

  it('tell the lost thin bar', () => {
    const { thickness_distance, thin_recall } = measured(0).values;
    // A quarter of the foreground is 3 px wide, and all of the estimate's is 9: 6 px for a quarter.
    expect(thickness_distance).toBeCloseTo(6 / 4, 1);
    // The median is 9: the thinner half is both bars, of which the wide one is found.
    expect(thin_recall).toBeCloseTo(0.75, 2);
  });

  it('have no value without a network in the reference', () => {
    const empty = { ...bars(0), data: new Float32Array(80 * 60) };
    const { values, notes } = evaluate(empty, bars(3), {
      dataRange: 1,
      threshold: 0.5,
      smoothing: 0,
      metrics: ['thickness_distance', 'thin_recall'],
    });
    expect(values).toEqual({ thickness_distance: null, thin_recall: null });
    expect(notes.thin_recall).toBe('the reference is empty or has no background');
  });
});

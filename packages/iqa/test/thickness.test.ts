import { describe, expect, it } from 'vitest';
import { createMask, localThickness, resolutionScaled, smooth } from '../src/index.js';
import { draw, paint } from './draw.js';

describe('localThickness', () => {
  it.each([1, 3, 5])('a plate %d px wide has that thickness along its middle', (wide) => {
    const mask = draw(
      ...Array.from({ length: 11 }, (_, y) => (y >= 3 && y < 3 + wide ? '.' + '#'.repeat(30) + '.' : '.'.repeat(32))),
    );
    const thickness = localThickness(mask);
    for (let y = 3; y < 3 + wide; y++) expect(thickness[y * 32 + 16]).toBe(wide);
    expect(thickness[0]).toBe(0);
  });

  it('equals the definition on a random blob: the largest ball that holds the pixel', () => {
    const grey = smooth(
      paint(24, 20, (x, y) => Math.abs(Math.sin(x * 12.9898 + y * 78.233) * 43758.5453) % 1),
      1.5,
    );
    const mask = createMask(
      Array.from(grey.data, (v) => v > 0.48),
      24,
      20,
    );
    const { data } = mask;
    const thickness = localThickness(mask, { spacing: { x: 1, y: 2 } });
    const gap = (i: number, j: number) =>
      Math.hypot((i % 24) - (j % 24), 2 * (Math.floor(i / 24) - Math.floor(j / 24)));
    const radius = Array.from(data, (on, i) =>
      on ? Math.min(...Array.from(data, (v, j) => (v ? Infinity : gap(i, j)))) : 0,
    );
    const wanted = Array.from(data, (on, i) =>
      on ? Math.max(...radius.map((r, j) => (r > 0 && gap(i, j) < r - 1e-12 ? 2 * r - 1 : 0))) : 0,
    );
    expect(Math.max(...Array.from(thickness, (t, i) => Math.abs(t - wanted[i])))).toBeLessThan(1e-12);
  });

  it('a mask without background has none to measure', () => {
    expect(localThickness(draw('###', '###')).every((t) => t === Infinity)).toBe(true);
  });
});

describe('resolutionScaled', () => {
  const sharp = paint(60, 50, (x, y) => (Math.abs(y - 20 - 5 * Math.sin(x / 6)) < 2 ? 1 : 0));
  it('finds blur, scale and offset, and explains all of a blurred copy', () => {
    const blurred = smooth(sharp, 1.7);
    const { rse, rsp, fit } = resolutionScaled(
      { ...blurred, data: Float64Array.from(blurred.data, (v) => 2 * v + 0.1) },
      sharp,
    );
    expect(fit.sigma).toBeCloseTo(1.7, 2);
    expect(fit.a).toBeCloseTo(2, 2);
    expect(fit.b).toBeCloseTo(0.1, 2);
    expect(rse).toBeLessThan(1e-3);
    expect(rsp).toBeGreaterThan(0.99999);
  });

  it('an image against itself needs no blur; a branch that is not there is an error where it is', () => {
    expect(resolutionScaled(sharp, sharp)).toMatchObject({ rse: 0, rsp: 1, fit: { sigma: 0 } });
    const more = paint(60, 50, (x, y) => Math.max(sharp.data[y * 60 + x], Math.abs(x - 45) < 2 ? 1 : 0));
    const { errorMap } = resolutionScaled(sharp, more);
    expect(errorMap[40 * 60 + 45]).toBeGreaterThan(5 * errorMap[40 * 60 + 10]);
    expect(
      resolutionScaled(
        paint(20, 20, () => 1),
        paint(20, 20, () => 2),
      ).rsp,
    ).toBeNull();
  });
});

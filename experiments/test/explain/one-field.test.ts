import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { pearson } from '@lacuna/iqa';
import { bestOverlap } from '../../src/explain/calibration/best-overlap.js';
import { fieldAgreement, isOneField } from '../../src/explain/calibration/one-field.js';

const SIDE = 72;

/** Brightness of a field at (x, y), in pixels of a scan. */
type Field = (x: number, y: number, z: number) => number;

/** Ridges along straight lines, of several widths and brightnesses. */
function network(seed: number): Field {
  const rng = createRng(seed);
  const lines = Array.from({ length: 22 }, () => {
    const angle = Math.PI * rng.uniform();
    const at = SIDE * (rng.uniform() - 0.5) * 1.4;
    const slope = 2 * (rng.uniform() - 0.5);
    return { cos: Math.cos(angle), sin: Math.sin(angle), at, slope, sigma: 0.7 + rng.uniform(), light: rng.uniform() };
  });
  return (x, y, z) => {
    const u = x - SIDE / 2;
    const v = y - SIDE / 2;
    return lines.reduce((sum, { cos, sin, at, slope, sigma, light }) => {
      const far = (u * cos + v * sin - at - slope * z) / sigma;
      return sum + light * Math.exp((-far * far) / 2);
    }, 0.1);
  };
}

/** Lines along y of one width, six pixels apart but for a fifth of that. */
function stripes(seed: number): Field {
  const rng = createRng(seed);
  const lines = Array.from({ length: 40 }, (_, i) => ({
    x: 6 * (i - 10 + 0.2 * rng.normal()),
    light: 0.3 + 0.6 * rng.uniform(),
  }));
  return (x) => lines.reduce((sum, line) => sum + line.light * Math.exp(-((x - line.x) ** 2) / 2), 0.05);
}

/** Light that falls to a fifth towards the corners, over a bright ground. */
const inVignette =
  (field: Field): Field =>
  (x, y, z) => {
    const u = x / SIDE - 0.5;
    const v = y / SIDE - 0.5;
    return (0.3 * field(x, y, z) + 1) * (1 - 1.6 * (u * u + v * v));
  };

interface Exposure {
  readonly seed: number;
  readonly noise?: number;
  readonly gain?: number;
  readonly shift?: { readonly x: number; readonly y: number; readonly z: number };
  readonly size?: { readonly width: number; readonly height: number; readonly depth: number };
}

function scan(field: Field, exposure: Exposure): Image {
  const { seed, noise = 0.05, gain = 1, shift = { x: 0, y: 0, z: 0 } } = exposure;
  const size = exposure.size ?? { width: SIDE, height: SIDE, depth: 1 };
  const { width, height, depth } = size;
  const rng = createRng(seed);
  const data = Float32Array.from({ length: width * height * depth }, (_, i) => {
    const row = Math.floor(i / width);
    const light = field((i % width) + shift.x, (row % height) + shift.y, Math.floor(row / height) + shift.z);
    return gain * light + noise * rng.normal();
  });
  return createImage({ data, ...size, dataRange: [0, 1], name: 'scan' });
}

describe('two scans of one field', () => {
  it('agree whatever their noise, their brightness and how far the field moved', () => {
    const first = scan(network(1), { seed: 10 });
    const again = [
      scan(network(1), { seed: 11 }),
      scan(network(1), { seed: 12, gain: 0.5, noise: 0.08 }),
      scan(network(1), { seed: 13, shift: { x: 7.5, y: -12.4, z: 0 } }),
      scan(inVignette(network(1)), { seed: 14, shift: { x: -20, y: 3, z: 0 } }),
      scan(network(1), { seed: 15, size: { width: 50, height: 60, depth: 1 }, shift: { x: 11, y: 6, z: 0 } }),
    ];
    for (const other of again) expect(isOneField(first, other)).toBe(true);
    // Moved, their pixels do not correlate.
    expect(pearson(first, again[2])).toBeLessThan(0.3);
  });
  it('are told from other fields in the same uneven light', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const one = scan(inVignette(network(seed)), { seed });
      const other = scan(inVignette(network(seed + 100)), { seed: seed + 50 });
      // What all fields share makes the most of their pixels.
      expect(pearson(one, other)).toBeGreaterThan(0.75);
      expect(fieldAgreement(one, other)).toBeLessThan(0.7);
    }
  });
  it('are told from other places of parallel lines', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const one = scan(stripes(seed), { seed });
      expect(isOneField(one, scan(stripes(seed + 100), { seed: seed + 50 }))).toBe(false);
      expect(isOneField(one, scan(stripes(seed), { seed: seed + 50, shift: { x: 9.3, y: 4, z: 0 } }))).toBe(true);
    }
  });
  it('of volumes are found moved along every axis', () => {
    const size = { width: 40, height: 36, depth: 14 };
    const first = scan(network(3), { seed: 20, size });
    const again = scan(network(3), { seed: 21, size, shift: { x: 5, y: -4, z: 3 } });
    expect(isOneField(first, again)).toBe(true);
    expect(isOneField(first, scan(network(4), { seed: 22, size }))).toBe(false);
  });
  it('that show noise alone, or nothing, are not judged', () => {
    const dark: Field = () => 0.1;
    expect(fieldAgreement(scan(dark, { seed: 1 }), scan(dark, { seed: 2 }))).toBeNull();
    expect(fieldAgreement(scan(dark, { seed: 1, noise: 0 }), scan(network(1), { seed: 2 }))).toBeNull();
  });
});

describe('the best overlap', () => {
  it('is where what both show correlates most, numbers and all', () => {
    const rng = createRng(7);
    const size = { width: 9, height: 7, depth: 3 };
    const whole = Float64Array.from({ length: 11 * 9 * 4 }, () => rng.normal());
    const cut = (x: number, y: number, z: number) => ({
      ...size,
      data: Float64Array.from({ length: 9 * 7 * 3 }, (_, i) => {
        const row = Math.floor(i / 9);
        return whole[((Math.floor(row / 7) + z) * 9 + (row % 7) + y) * 11 + (i % 9) + x];
      }),
    });
    const found = bestOverlap(cut(0, 1, 1), cut(2, 0, 0), 0.25)!;
    expect(found.shift).toEqual({ x: 2, y: -1, z: -1 });
    expect(found.correlation).toBeCloseTo(1, 9);
    const at = bestOverlap(cut(0, 0, 0), cut(0, 0, 0), 1)!;
    expect([at.shift, at.correlation]).toEqual([{ x: 0, y: 0, z: 0 }, expect.closeTo(1, 9)]);
    expect(bestOverlap(cut(0, 0, 0), { ...size, data: new Float64Array(189).fill(3) }, 0.5)).toBeNull();
  });
});

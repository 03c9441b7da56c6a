import { describe, expect, it } from 'vitest';
import { connectivityDensity, createMask, evaluate, smooth, type Intensities } from '../src/index.js';
import { paint } from './draw.js';

const mask = (top: number): Intensities => paint(40, 30, (_, y) => (Math.abs(y - 15) < 3 ? top : 0));
const dark = paint(40, 30, () => 0);

describe('a pair whose intensities are on different scales', () => {
  it('a mask of 0/1 against one of 0/255 is said, whichever is the reference', () => {
    const options = { dataRange: 255, threshold: 0.5 } as const;
    const ends = 'a factor of 255; are both on one scale?';
    expect(evaluate(mask(1), mask(255), options).remarks).toEqual([
      `the reference spans 0 to 1, the estimate 0 to 255: ${ends}`,
    ]);
    expect(evaluate(mask(255), mask(1), options).remarks).toEqual([
      `the reference spans 0 to 255, the estimate 0 to 1: ${ends}`,
    ]);
  });

  it('8 bits against 12 are said; twice the contrast and a constant image are not', () => {
    expect(evaluate(mask(255), mask(4095), { dataRange: 255 }).remarks[0]).toContain('a factor of 16.06');
    expect(evaluate(mask(1), mask(2), { dataRange: 2 }).remarks).toEqual([]);
    expect(evaluate(mask(1), dark, { dataRange: 1 }).remarks).toEqual([]);
  });
});

describe('an empty image', () => {
  it('has no connectivity density, and the metric says why', () => {
    expect(connectivityDensity(createMask(new Uint8Array(12), 4, 3))).toBeNull();
    const { values, notes, referenceValues } = evaluate(mask(1), dark, {
      dataRange: 1,
      threshold: 0.5,
      metrics: ['connectivity_density'],
    });
    expect([values.connectivity_density, notes.connectivity_density]).toEqual([null, 'the network is empty']);
    expect(referenceValues.connectivity_density).toBe(1 / 1200);
  });
});

describe('the rim of a constant image', () => {
  it('is smoothed to the same constant: mirrored edges, weights that sum to 1', () => {
    for (const sigma of [0.5, 1, 3, 12])
      for (const value of smooth(
        paint(23, 17, () => 100),
        sigma,
      ).data)
        expect(Math.abs(value - 100)).toBeLessThan(1e-11);
  });
});

describe('a volume whose planes have no known distance', () => {
  const volume: Intensities = { data: new Float32Array(8 * 8 * 8), width: 8, height: 8, depth: 8, channels: 1 };
  for (let z = 2; z < 6; z++) volume.data[(z * 8 + 4) * 8 + 4] = 1;

  it('has no lengths, with the reason; what needs none is measured', () => {
    const { values, notes } = evaluate(volume, volume, {
      dataRange: 1,
      threshold: 0.5,
      smoothing: 0,
      pixelSize: { x: 0.2, y: 0.2, unit: 'um' },
      metrics: ['mse', 'dice', 'betti0_error', 'length_density', 'hd95'],
    });
    expect([values.mse, values.dice, values.betti0_error]).toEqual([0, 1, 0]);
    expect([values.length_density, values.hd95]).toEqual([null, null]);
    expect(notes.hd95).toBe(
      'evaluate: got a volume of 8 planes without their distance, ' +
        'wanted the pixel size along z too, for measures of length; ' +
        'give it beside x and y, as in --pixel-size 0.1um,0.1um,0.3um',
    );
  });
});

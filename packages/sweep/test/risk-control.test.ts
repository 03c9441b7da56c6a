import { describe, expect, it } from 'vitest';
import { createRng } from '@lacuna/core';
import { controlRisk, wilsonInterval } from '../src/index.js';

describe('conformal risk control', () => {
  it('takes the last candidate at which the bound holds', () => {
    // Nine images, so that 1/(n+1) is .1: bounds .1, .1 + .9 · .05, .1 + .9 · .3.
    const losses = Array.from({ length: 9 }, () => [0, 0.05, 0.3]);
    expect(controlRisk(losses, 0.1)).toEqual({ index: 0, bound: 0.1, meanLoss: 0 });
    expect(controlRisk(losses, 0.2)).toMatchObject({ index: 1, bound: expect.closeTo(0.145, 10) as number });
    expect(controlRisk(losses, 0.4)).toMatchObject({ index: 2, meanLoss: expect.closeTo(0.3, 10) as number });
  });
  it('never forgets a loss that falls again', () => {
    const losses = Array.from({ length: 9 }, () => [0, 0.5, 0]);
    expect(controlRisk(losses, 0.3)!.index).toBe(0);
  });
  it('has nothing where the strictest candidate costs too much', () => {
    expect(
      controlRisk(
        [
          [0.9, 1],
          [0.8, 1],
          [0.7, 1],
        ],
        0.3,
      ),
    ).toBeNull();
  });
  it('refuses what so few images cannot promise', () => {
    expect(() => controlRisk([[0], [0], [0]], 0.1)).toThrow(
      '--alpha: got 0.1 with 3 calibration images, wanted at least 0.25, 1/(n+1): fewer images cannot promise less; ' +
        'give at least 9 images, or a larger --alpha',
    );
    expect(
      controlRisk(
        Array.from({ length: 9 }, () => [0]),
        0.1,
      ),
    ).not.toBeNull();
    expect(() => controlRisk([[0]], 1)).toThrow('--alpha: got 1, wanted a share between 0 and 1');
    expect(() => controlRisk([[0, 2]], 0.6)).toThrow('wanted 2 numbers of 0 to 1 for each image');
  });
  it('keeps its promise for the next image, and is not idle', () => {
    // An image loses above a level of its own: P(loss) = k/20 at candidate k.
    const rng = createRng(7);
    const draw = () => {
      const threshold = rng.uniform();
      return Array.from({ length: 21 }, (_, k) => (k / 20 > threshold ? 1 : 0));
    };
    let lost = 0;
    const rounds = 1500;
    for (let round = 0; round < rounds; round++) {
      const { index } = controlRisk(Array.from({ length: 19 }, draw), 0.2)!;
      lost += draw()[index];
    }
    // α is .2 and the standard error of the share .01; losses are discrete, so that the promise is kept with room.
    expect(lost / rounds).toBeLessThan(0.23);
    expect(lost / rounds).toBeGreaterThan(0.1);
  });
});

describe("Wilson's interval", () => {
  // scipy 1.17, binomtest(k, n).proportion_ci(0.95, 'wilson')
  it.each([
    [0, 10, 0, 0.27753279986288926],
    [3, 10, 0.10779126740630102, 0.6032218525388546],
    [10, 10, 0.7224672001371109, 1],
    [45, 300, 0.11403246871185319, 0.19481761114532903],
  ])('of %d of %d', (k, n, low, high) => {
    expect(wilsonInterval(k, n).low).toBeCloseTo(low, 12);
    expect(wilsonInterval(k, n).high).toBeCloseTo(high, 12);
  });
  it('of nothing says nothing', () => expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 }));
});

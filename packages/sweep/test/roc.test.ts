import { describe, expect, it } from 'vitest';
import { areaUnderRoc } from '../src/index.js';

describe('the area under the ROC', () => {
  it('counts the pairs that are in order, ties as half', () => {
    // Positives 3 and 1 against negatives 2, 1 and 0: of six pairs, three and one and a half are in order.
    const scores = [3, 1, 2, 1, 0];
    expect(areaUnderRoc(scores, [true, true, false, false, false])).toBe((3 + 1.5) / 6);
  });
  it('is 1 for order, 0 for its reverse, .5 for equal scores', () => {
    const isPositive = [false, false, true];
    expect(areaUnderRoc([1, 2, 3], isPositive)).toBe(1);
    expect(areaUnderRoc([3, 2, 1], isPositive)).toBe(0);
    expect(areaUnderRoc([1, 1, 1], isPositive)).toBe(0.5);
  });
  it('has no value for one kind alone', () => expect(areaUnderRoc([1, 2], [true, true])).toBeNull());
});

import { expect, it } from 'vitest';
import { drawTrainingCurves } from '../../src/figures/index.js';
import { recallsOf } from '../../src/sweep/results/recall-curves.js';
import { comparisonOf, resultOf, scoresOf } from './fixtures.js';

const curve = (recall: number): number[] => Array.from({ length: 31 }, (_, k) => recall + k / 100);

it('recall against the invented share has a line for each method that has it, and one for the HR image', () => {
  const results = [0, 1].map((seed) => {
    const result = resultOf('geometry', seed, { common: [0.5] });
    return { ...result, test: { ...result.test, recallCurve: curve(0.3 + seed / 10) } };
  });
  const old = resultOf('older', 0, { common: [0.5] });
  const fine = { ...scoresOf([0.9]), recallCurve: curve(0.6) };
  const ceiling = { test: fine, ownLevel: { level: 0.1, clDice: 1 }, testOwnLevel: null };
  const data = recallsOf(comparisonOf([old, ...results], { ceiling }))!;
  expect(data.methods).toEqual(['older', 'geometry', 'HR image (ceiling)']);
  const [{ methods }] = data.charts;
  expect(methods.map(({ seeds }) => seeds.length)).toEqual([0, 2, 1]);
  expect(methods[1].seeds[1].points[20]).toEqual([20, expect.closeTo(0.6, 12)]);
  const drawn = drawTrainingCurves(data);
  expect(drawn).toContain('>invented, % of what is drawn<');
  expect(drawn).not.toContain('>step<');
  expect(drawn).not.toContain('>older<');
  expect(recallsOf(comparisonOf([old]))).toBeNull();
});

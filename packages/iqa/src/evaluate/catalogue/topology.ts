import type { EvaluationContext } from '../context.js';
import { type Measured, type Metric } from '../metric.js';

const bettiError =
  (key: 'b0' | 'b1' | 'b2' | 'euler') =>
  ({ betti: { reference, estimate } }: EvaluationContext): Measured => ({
    value: Math.abs(reference[key] - estimate[key]),
  });
const relativeBettiError =
  (key: 'b0' | 'b1') =>
  ({ betti: { reference, estimate } }: EvaluationContext): Measured =>
    reference[key]
      ? { value: Math.abs(reference[key] - estimate[key]) / reference[key] }
      : { value: null, note: `the reference's ${key} is 0` };

/** Components, holes and cavities. */
export const topologyMetrics = {
  betti0_error: {
    compute: bettiError('b0'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-0 error',
    digits: 1,
    headline: true,
    doc: '|difference| of the numbers of connected components.',
    source: 'definition',
  },
  betti1_error: {
    compute: bettiError('b1'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-1 error',
    digits: 1,
    doc: '|difference| of the numbers of holes (tunnels).',
    source: 'definition',
  },
  betti2_error: {
    compute: bettiError('b2'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-2 error',
    digits: 1,
    doc: '|difference| of the numbers of cavities; 0 in planes.',
    source: 'definition',
  },
  betti0_error_relative: {
    compute: relativeBettiError('b0'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-0 error, relative',
    digits: 3,
    doc: "Betti-0 error over the reference's number.",
    source: 'own',
  },
  betti1_error_relative: {
    compute: relativeBettiError('b1'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-1 error, relative',
    digits: 3,
    doc: "Betti-1 error over the reference's number.",
    source: 'own',
  },
  euler_error: {
    compute: bettiError('euler'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Euler error',
    digits: 1,
    doc: '|difference| of the Euler numbers b0 - b1 + b2.',
    source: 'definition',
  },
  betti_matching_error: {
    compute: ({ matching }) => ({ value: matching.error }),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti matching error',
    digits: 1,
    doc: 'Components, holes and cavities of either mask without a counterpart at the same place in the other.',
    source: 'Stucki et al. 2023, arXiv:2211.15272',
  },
} as const satisfies Record<string, Metric>;

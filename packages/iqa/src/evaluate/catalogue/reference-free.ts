import { mse } from '../../pixel/error.js';
import { measuredOr, type Metric } from '../metric.js';

/** What an image is worth without the HR image: its own statistics, and the LR image it came from. */
export const referenceFreeMetrics = {
  niqe: {
    compute: ({ niqe: { reference, estimate, note } }) =>
      measuredOr(estimate, 'fewer than two blocks of 96 x 96 px with texture', reference, note),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'NIQE',
    digits: 3,
    doc:
      'Distance of local statistics from those of natural photographs: sqrt(Δμᵀ ((Σ1 + Σ2) / 2)⁺ Δμ) of 36 ' +
      'features. Volumes: mean over planes. Not validated on microscopy.',
    source: 'Mittal et al. 2013, doi 10.1109/LSP.2012.2227726; parameters as in BasicSR',
  },
  lr_consistency: {
    compute: ({ options: { lowResolution, dataRange } }) =>
      lowResolution
        ? { value: Math.sqrt(mse(lowResolution.lr, lowResolution.degraded)) / dataRange }
        : { value: null, note: 'no degraded estimate was given' },
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'low-resolution',
    label: 'LR residual',
    digits: 4,
    doc: 'RMSE between the LR image and the estimate degraded again, over the data range.',
    source: 'own',
  },
} as const satisfies Record<string, Metric>;

import { spectrumError } from '../../spectrum/power.js';
import { measuredOr, type Metric } from '../metric.js';

const scaled = (value: number | null, pixel: number): number | null => (value === null ? null : value * pixel);

/** Metrics of frequencies. */
export const spectrumMetrics = {
  spectrum_error: {
    compute: ({ reference, estimate, spacing }) =>
      measuredOr(spectrumError(reference, estimate, { spacing }), 'the reference is constant'),
    better: 'lower',
    unit: 'decades',
    range: [0, null],
    needs: 'pixels',
    label: 'Spectrum error',
    digits: 3,
    doc: 'Root mean square over rings (volumes: shells) of log10 of the ratio of radial power spectra.',
    source: 'own',
  },
  frc_resolution: {
    compute: ({ frc: { resolution, flag }, spacing }) => {
      return resolution === null
        ? { value: null, note: flag ?? 'no crossing' }
        : { value: resolution * spacing.x, note: flag };
    },
    better: 'lower',
    unit: 'px',
    range: [0, null],
    needs: 'pixels',
    label: 'FRC resolution',
    digits: 3,
    doc:
      '1 / frequency at which Fourier ring (volumes: shell) correlation with the reference falls below 1/7;' +
      ' Hann window.',
    source:
      'van Heel 1987, doi 10.1016/0304-3991(87)90010-6; Rosenthal and Henderson 2003, doi 10.1016/j.jmb.2003.07.013',
  },
  frc_area: {
    compute: ({ frc: { area, flag } }) => ({ value: area, note: flag }),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'FRC area',
    digits: 3,
    doc: 'Mean Fourier ring (volumes: shell) correlation over all rings from 1 on.',
    source: 'own; the curve as frc_resolution',
  },
  decorrelation_resolution: {
    compute: ({ decorrelation: { reference, estimate, note }, spacing }) =>
      measuredOr(scaled(estimate, spacing.x), 'no resolution: no curve has a peak', scaled(reference, spacing.x), note),
    better: 'reference',
    unit: 'px',
    range: [0, null],
    needs: 'pixels',
    label: 'Decorrelation resolution',
    digits: 3,
    doc:
      '2 / highest frequency at which the image correlates with its own phases; one image by itself, at ' +
      'least 45 px; volumes: mean over the planes that have one.',
    source: 'Descloux et al. 2019, doi 10.1038/s41592-019-0515-7',
  },
} as const satisfies Record<string, Metric>;

import { type Metric } from '../metric.js';

/** Distances between the borders of the masks. */
export const surfaceMetrics = {
  hd95: {
    compute: ({ surfaces: s }) => ({ value: s.hd95, note: s.flag }),
    better: 'lower',
    unit: 'px',
    range: [0, null],
    needs: 'masks',
    label: 'HD95',
    digits: 1,
    doc: '95th percentile of border distances, the larger direction.',
    source: 'Maier-Hein et al. 2024, doi 10.1038/s41592-023-02151-z',
  },
  assd: {
    compute: ({ surfaces: s }) => ({ value: s.assd, note: s.flag }),
    better: 'lower',
    unit: 'px',
    range: [0, null],
    needs: 'masks',
    label: 'ASSD',
    digits: 2,
    doc: 'Mean distance from each border to the other, both ways.',
    source: 'Maier-Hein et al. 2024, doi 10.1038/s41592-023-02151-z',
  },
  nsd: {
    compute: ({ surfaces: s }) => ({ value: s.nsd, note: s.flag }),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'masks',
    label: 'NSD',
    digits: 3,
    doc: 'Share of both borders within the tolerance of the other.',
    source: 'Nikolov et al. 2021, doi 10.2196/26151',
  },
} as const satisfies Record<string, Metric>;

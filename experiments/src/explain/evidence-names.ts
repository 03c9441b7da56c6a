import type { ShownMetric } from '../figures/from-results.js';

/** What sweeps can log of the evidence for branches: it needs the model, which metrics of pairs have not. */
export const evidenceNames = ['measured_share', 'doubtful_branches', 'invented_from_nothing'] as const;
export type EvidenceName = (typeof evidenceNames)[number];

/** How tables and figures show them. */
export const shownEvidence: Readonly<Record<EvidenceName, ShownMetric>> = {
  measured_share: { metric: 'measured_share', name: 'Measured share', digits: 3, better: 'higher' },
  doubtful_branches: { metric: 'doubtful_branches', name: 'Doubtful branches', digits: 3, better: 'lower' },
  invented_from_nothing: { metric: 'invented_from_nothing', name: 'Invented from nothing', digits: 2, better: 'lower' },
};

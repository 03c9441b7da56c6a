import type { EvaluationContext } from '../context.js';
import { wasserstein1 } from '../../distributions.js';
import { definedThickness, thinRecall } from '../../network/distance/thickness-samples.js';
import { measuredOr, type Measured, type Metric } from '../metric.js';

type NetworkMeasure =
  | 'lengthDensity'
  | 'nodeDensity'
  | 'meanDegree'
  | 'largestComponent'
  | 'tortuosity'
  | 'porosity'
  | 'connectivityDensity';

const ofNetwork =
  (key: NetworkMeasure) =>
  ({ morphometry }: EvaluationContext): Measured =>
    measuredOr(morphometry.estimate[key], 'the network is empty', morphometry.reference[key]);

/** Measures of a network by itself, beside the reference's. */
export const morphometryMetrics = {
  largest_component: {
    compute: ofNetwork('largestComponent'),
    better: 'reference',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Largest component',
    digits: 3,
    doc: 'Share of the foreground in its largest component.',
    source: 'definition',
  },
  length_density: {
    compute: ofNetwork('lengthDensity'),
    better: 'reference',
    unit: '1/px',
    volumeUnit: '1/px²',
    range: [0, null],
    needs: 'graph',
    label: 'Length density',
    digits: 3,
    doc: 'Centreline length over area (volume: 1/px²).',
    source: 'definition',
  },
  node_density: {
    compute: ofNetwork('nodeDensity'),
    better: 'reference',
    unit: '1/px²',
    volumeUnit: '1/px³',
    range: [0, null],
    needs: 'graph',
    label: 'Node density',
    digits: 3,
    doc: 'Junctions and ends over area (volume: 1/px³).',
    source: 'definition',
  },
  mean_degree: {
    compute: ofNetwork('meanDegree'),
    better: 'reference',
    unit: '',
    range: [0, null],
    needs: 'graph',
    label: 'Mean degree',
    digits: 3,
    doc: 'Branches at a node, on average.',
    source: 'definition',
  },
  tortuosity: {
    compute: ofNetwork('tortuosity'),
    better: 'reference',
    unit: '',
    range: [1, null],
    needs: 'graph',
    label: 'Tortuosity',
    digits: 3,
    doc: 'Length over chord of open branches, weighted by length.',
    source: 'definition',
  },
  porosity: {
    compute: ofNetwork('porosity'),
    better: 'reference',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Porosity',
    digits: 3,
    doc: 'Share of the image that is network.',
    source: 'definition',
  },
  mean_thickness: {
    compute: ({ thickness: { reference, estimate } }) =>
      measuredOr(estimate, 'the mask is empty or has no background', reference),
    better: 'reference',
    unit: 'px',
    range: [0, null],
    needs: 'masks',
    label: 'Mean thickness',
    digits: 3,
    doc: 'Mean local thickness over the foreground: the diameter of the largest ball inside that holds a pixel.',
    source: 'Hildebrand and Rüegsegger 1997, doi 10.1046/j.1365-2818.1997.1340694.x',
  },
  thickness_distance: {
    compute: ({ thicknessMaps: { reference, estimate } }) =>
      measuredOr(
        wasserstein1(definedThickness(reference), definedThickness(estimate)),
        'a mask is empty or has no background',
      ),
    better: 'lower',
    unit: 'px',
    range: [0, null],
    needs: 'masks',
    label: 'Thickness distance',
    digits: 3,
    doc: 'Wasserstein-1 distance of the distributions of local thickness over the foreground: of canal diameters.',
    source: 'Hildebrand and Rüegsegger 1997, doi 10.1046/j.1365-2818.1997.1340694.x',
  },
  thin_recall: {
    compute: ({ masks, thicknessMaps }) =>
      measuredOr(thinRecall(thicknessMaps.reference, masks.estimate), 'the reference is empty or has no background'),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'masks',
    label: 'Thin half recall',
    digits: 3,
    doc: "Found share of the reference's foreground where its local thickness is at most the median.",
    source: 'own',
  },
  connectivity_density: {
    compute: ofNetwork('connectivityDensity'),
    better: 'reference',
    unit: '1/px²',
    volumeUnit: '1/px³',
    range: [null, null],
    needs: 'graph',
    label: 'Connectivity density',
    digits: 3,
    doc: '(1 - change of the Euler number, corrected for edges) over area (volume: 1/px³).',
    source: 'Odgaard and Gundersen 1993, doi 10.1016/8756-3282(93)90245-6; BoneJ',
  },
} as const satisfies Record<string, Metric>;

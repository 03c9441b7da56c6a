import type { EvaluationContext } from './context.js';
import { mse, nrmse, pearson, psnr } from '../pixel/error.js';
import { gmsd } from '../pixel/gmsd.js';
import { msSsim } from '../pixel/ms-ssim.js';
import { ssim } from '../pixel/ssim.js';
import { ssimVolume } from '../pixel/ssim-volume.js';
import { pathSimilarity } from '../network/graph/path-similarity.js';
import { vif } from '../pixel/vif.js';
import { spectrumError } from '../spectrum/power.js';

/** What a metric gives for a pair: a number, perhaps with a remark, or nothing with the reason. */
export type Measured =
  | { value: number; note?: string; reference?: number | null }
  | { value: null; note: string; reference?: number | null };

/** One row of the catalogue. */
export interface Metric {
  readonly compute: (context: EvaluationContext) => Measured;
  /** Which way is better; `reference`: the estimate's own measure, better the nearer to the reference's. */
  readonly better: 'higher' | 'lower' | 'reference';
  /** `px`-based units become the pixel size's unit where it is known. */
  readonly unit: string;
  /** The unit for volumes, where it is another. */
  readonly volumeUnit?: string;
  /** Smallest and largest value; null for none. */
  readonly range: readonly [number | null, number | null];
  readonly needs: 'pixels' | 'masks' | 'graph' | 'low-resolution';
  /** For tables and axes. */
  readonly label: string;
  /** Formula or meaning in a line; the function's own documentation has shapes and errors. */
  readonly doc: string;
  /** Where the definition comes from. */
  readonly source: string;
}

const plain = (value: number, note?: string): Measured =>
  Number.isNaN(value)
    ? { value: null, note: 'the reference has no size to relate to: it is constant' }
    : note
      ? { value, note }
      : { value };
const orNull = (value: number | null, note: string, reference?: number | null, remark?: string): Measured =>
  value === null
    ? { value, note, reference }
    : remark === undefined
      ? { value, reference }
      : { value, note: remark, reference };
const measuredPsnr = (value: number): Measured =>
  value === Infinity ? { value, note: 'identical images' } : { value };
const empty = 'the network is empty';
const inUnit = (value: number | null, pixel: number): number | null => (value === null ? null : value * pixel);

/** A measure of one network: the estimate's value, with the reference's beside it. */
const own =
  (
    key:
      | 'lengthDensity'
      | 'nodeDensity'
      | 'meanDegree'
      | 'largestComponent'
      | 'tortuosity'
      | 'porosity'
      | 'connectivityDensity',
  ) =>
  ({ morphometry }: EvaluationContext): Measured =>
    orNull(morphometry.estimate[key], empty, morphometry.reference[key]);

const betti =
  (key: 'b0' | 'b1' | 'b2' | 'euler') =>
  ({ betti: { reference, estimate } }: EvaluationContext): Measured => ({
    value: Math.abs(reference[key] - estimate[key]),
  });
const bettiRelative =
  (key: 'b0' | 'b1') =>
  ({ betti: { reference, estimate } }: EvaluationContext): Measured =>
    reference[key]
      ? { value: Math.abs(reference[key] - estimate[key]) / reference[key] }
      : { value: null, note: `the reference's ${key} is 0` };

/** Every metric by name, in the order of tables. */
export const metrics = {
  psnr: {
    compute: ({ reference, estimate, options }) => measuredPsnr(psnr(reference, estimate, options)),
    better: 'higher',
    unit: 'dB',
    range: [null, null],
    needs: 'pixels',
    label: 'PSNR',
    doc: '10 log10(L² / MSE); Infinity for identical images.',
    source: 'Huynh-Thu and Ghanbari 2008, doi 10.1049/el:20080522',
  },
  ssim: {
    compute: ({ reference, estimate, options }) => plain(ssim(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'SSIM',
    doc: 'Mean of (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2)), Gaussian 11 x 11 window of sigma 1.5; volumes plane by plane.',
    source: 'Wang et al. 2004, doi 10.1109/TIP.2003.819861',
  },
  ssim_3d: {
    compute: ({ reference, estimate, options }) =>
      reference.depth === 1
        ? { value: null, note: 'a plane has no third axis: use ssim' }
        : plain(ssimVolume(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'SSIM, volume',
    doc: 'SSIM under an 11 x 11 x 11 Gaussian window of sigma 1.5; volumes alone.',
    source: 'Wang et al. 2004, doi 10.1109/TIP.2003.819861',
  },
  mse: {
    compute: ({ reference, estimate }) => plain(mse(reference, estimate)),
    better: 'lower',
    unit: 'intensity²',
    range: [0, null],
    needs: 'pixels',
    label: 'MSE',
    doc: 'Mean of (reference - estimate)².',
    source: 'definition',
  },
  nrmse: {
    compute: ({ reference, estimate }) => plain(nrmse(reference, estimate)),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'NRMSE',
    doc: "sqrt(MSE) over the reference's root mean square.",
    source: 'scikit-image, normalized_root_mse',
  },
  pearson: {
    compute: ({ reference, estimate }) => orNull(pearson(reference, estimate), 'an image is constant'),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'Pearson',
    doc: 'Correlation coefficient of the intensities.',
    source: 'definition',
  },
  ms_ssim: {
    compute: ({ reference, estimate, options }) => plain(msSsim(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'pixels',
    label: 'MS-SSIM',
    doc: 'SSIM over five scales, Π contrast-structure^w · SSIM^w; at least 161 px; volumes plane by plane.',
    source: 'Wang et al. 2003, doi 10.1109/ACSSC.2003.1292216',
  },
  gmsd: {
    compute: ({ reference, estimate, options }) => plain(gmsd(reference, estimate, options)),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'GMSD',
    doc: 'Standard deviation of (2 g_r g_e + 170) / (g_r² + g_e² + 170), g Prewitt gradients of the halved images on 0-255; volumes plane by plane.',
    source: 'Xue et al. 2014, doi 10.1109/TIP.2013.2293423',
  },
  vif: {
    compute: ({ reference, estimate, options }) => plain(vif(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'VIFp',
    doc: 'Visual information fidelity in the pixel domain: information kept over information there, four scales; at least 41 px; volumes plane by plane.',
    source: 'Sheikh and Bovik 2006, doi 10.1109/TIP.2005.859378',
  },
  rse: {
    compute: ({ resolutionScaled }) => plain(resolutionScaled.rse),
    better: 'lower',
    unit: 'intensity',
    range: [0, null],
    needs: 'pixels',
    label: 'RSE',
    doc: 'RMSE(reference, a · G_σ(estimate) + b), a, b and σ fitted.',
    source: 'Culley et al. 2018, doi 10.1038/nmeth.4605',
  },
  rsp: {
    compute: ({ resolutionScaled }) => orNull(resolutionScaled.rsp, 'an image is constant'),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'RSP',
    doc: 'Pearson correlation of the reference and G_σ(estimate), σ fitted.',
    source: 'Culley et al. 2018, doi 10.1038/nmeth.4605',
  },
  spectrum_error: {
    compute: ({ reference, estimate, spacing }) =>
      orNull(spectrumError(reference, estimate, { spacing }), 'the reference is constant'),
    better: 'lower',
    unit: 'decades',
    range: [0, null],
    needs: 'pixels',
    label: 'Spectrum error',
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
    doc: '1 / frequency at which Fourier ring (volumes: shell) correlation with the reference falls below 1/7; Hann window.',
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
    doc: 'Mean Fourier ring (volumes: shell) correlation over all rings from 1 on.',
    source: 'own; the curve as frc_resolution',
  },
  decorrelation_resolution: {
    compute: ({ decorrelation: { reference, estimate, note }, spacing }) =>
      orNull(inUnit(estimate, spacing.x), 'no resolution: no curve has a peak', inUnit(reference, spacing.x), note),
    better: 'reference',
    unit: 'px',
    range: [0, null],
    needs: 'pixels',
    label: 'Decorrelation resolution',
    doc: '2 / highest frequency at which the image correlates with its own phases; one image by itself, at least 45 px; volumes: mean over the planes that have one.',
    source: 'Descloux et al. 2019, doi 10.1038/s41592-019-0515-7',
  },
  niqe: {
    compute: ({ niqe: { reference, estimate, note } }) =>
      orNull(estimate, 'fewer than two blocks of 96 x 96 px with texture', reference, note),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'NIQE',
    doc: 'Distance of local statistics from those of natural photographs: sqrt(Δμᵀ ((Σ1 + Σ2) / 2)⁺ Δμ) of 36 features. Volumes: mean over planes. Not validated on microscopy.',
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
    doc: 'RMSE between the LR image and the estimate degraded again, over the data range.',
    source: 'own',
  },
  dice: {
    compute: ({ dice }) => ({ value: dice.value, note: dice.flag }),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'masks',
    label: 'Dice',
    doc: '2 |R ∩ E| / (|R| + |E|) of the masks.',
    source: 'Dice 1945, doi 10.2307/1932409',
  },
  cldice: {
    compute: ({ clDice: c }) => ({ value: c.value, note: c.flag }),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'masks',
    label: 'clDice',
    doc: '2 P S / (P + S) of centreline precision and recall.',
    source: 'Shit et al. 2021, arXiv:2003.07311',
  },
  cldice_precision: {
    compute: ({ clDice: c }) => ({ value: c.precision, note: c.flag }),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'masks',
    label: 'clDice precision',
    doc: "Share of the estimate's centreline inside the reference's mask.",
    source: 'Shit et al. 2021, arXiv:2003.07311',
  },
  cldice_recall: {
    compute: ({ clDice: c }) => ({ value: c.recall, note: c.flag }),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'masks',
    label: 'clDice recall',
    doc: "Share of the reference's centreline inside the estimate's mask.",
    source: 'Shit et al. 2021, arXiv:2003.07311',
  },
  betti0_error: {
    compute: betti('b0'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-0 error',
    doc: '|difference| of the numbers of connected components.',
    source: 'definition',
  },
  betti1_error: {
    compute: betti('b1'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-1 error',
    doc: '|difference| of the numbers of holes (tunnels).',
    source: 'definition',
  },
  betti2_error: {
    compute: betti('b2'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-2 error',
    doc: '|difference| of the numbers of cavities; 0 in planes.',
    source: 'definition',
  },
  betti0_error_relative: {
    compute: bettiRelative('b0'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-0 error, relative',
    doc: "Betti-0 error over the reference's number.",
    source: 'own',
  },
  betti1_error_relative: {
    compute: bettiRelative('b1'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Betti-1 error, relative',
    doc: "Betti-1 error over the reference's number.",
    source: 'own',
  },
  euler_error: {
    compute: betti('euler'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'masks',
    label: 'Euler error',
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
    doc: 'Components, holes and cavities of either mask without a counterpart at the same place in the other.',
    source: 'Stucki et al. 2023, arXiv:2211.15272',
  },
  hd95: {
    compute: ({ surfaces: s }) => ({ value: s.hd95, note: s.flag }),
    better: 'lower',
    unit: 'px',
    range: [0, null],
    needs: 'masks',
    label: 'HD95',
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
    doc: 'Share of both borders within the tolerance of the other.',
    source: 'Nikolov et al. 2021, doi 10.2196/26151',
  },
  weak_branch_recall: {
    compute: ({ comparison: c }) => orNull(c.weakRecall, 'the reference has no branches'),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Weak-branch recall',
    doc: "Found share of the dimmest third of the reference's centreline length.",
    source: 'own',
  },
  invented_length: {
    compute: ({ comparison: c }) => orNull(c.inventedShare, 'the estimate has no branches'),
    better: 'lower',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Invented length',
    doc: "Share of the estimate's centreline length without a counterpart in the reference.",
    source: 'own',
  },
  branch_recall: {
    compute: ({ comparison: c }) => orNull(c.recall, 'the reference has no branches'),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Branch recall',
    doc: "Found share of the reference's centreline length.",
    source: 'own',
  },
  path_similarity: {
    compute: ({ masks, skeletons, tolerance, options }) =>
      orNull(
        pathSimilarity(masks.reference, masks.estimate, {
          snap: 2 * tolerance,
          pixelSize: options.pixelSize,
          skeletons,
        }),
        'no paths in either network',
      ),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Path similarity',
    doc: "Harmonic mean, both ways, of 1 - |L - L'| / L over shortest paths between nodes; nodes match within twice the tolerance.",
    source: 'after Van Etten et al. 2018, arXiv:1807.01232',
  },
  degree_distance: {
    compute: ({ comparison: c }) => orNull(c.degrees.wasserstein, 'a network is empty'),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'graph',
    label: 'Degree distance',
    doc: 'Wasserstein-1 distance of the distributions of node degrees.',
    source: 'definition',
  },
  branch_length_distance: {
    compute: ({ comparison: c }) => orNull(c.branchLengths.wasserstein, 'a network is empty'),
    better: 'lower',
    unit: 'px',
    range: [0, null],
    needs: 'graph',
    label: 'Branch-length distance',
    doc: 'Wasserstein-1 distance of the distributions of branch lengths.',
    source: 'definition',
  },
  attack_distance: {
    compute: ({ attacks }) => orNull(attacks.distance, 'a network is empty'),
    better: 'lower',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Attack distance',
    doc: 'Area between the two curves of the largest component as branches go, thinnest first.',
    source: 'after Albert et al. 2000, doi 10.1038/35019019',
  },
  largest_component: {
    compute: own('largestComponent'),
    better: 'reference',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Largest component',
    doc: 'Share of the foreground in its largest component.',
    source: 'definition',
  },
  length_density: {
    compute: own('lengthDensity'),
    better: 'reference',
    unit: '1/px',
    volumeUnit: '1/px²',
    range: [0, null],
    needs: 'graph',
    label: 'Length density',
    doc: 'Centreline length over area (volume: 1/px²).',
    source: 'definition',
  },
  node_density: {
    compute: own('nodeDensity'),
    better: 'reference',
    unit: '1/px²',
    volumeUnit: '1/px³',
    range: [0, null],
    needs: 'graph',
    label: 'Node density',
    doc: 'Junctions and ends over area (volume: 1/px³).',
    source: 'definition',
  },
  mean_degree: {
    compute: own('meanDegree'),
    better: 'reference',
    unit: '',
    range: [0, null],
    needs: 'graph',
    label: 'Mean degree',
    doc: 'Branches at a node, on average.',
    source: 'definition',
  },
  tortuosity: {
    compute: own('tortuosity'),
    better: 'reference',
    unit: '',
    range: [1, null],
    needs: 'graph',
    label: 'Tortuosity',
    doc: 'Length over chord of open branches, weighted by length.',
    source: 'definition',
  },
  porosity: {
    compute: own('porosity'),
    better: 'reference',
    unit: '',
    range: [0, 1],
    needs: 'graph',
    label: 'Porosity',
    doc: 'Share of the image that is network.',
    source: 'definition',
  },
  mean_thickness: {
    compute: ({ thickness: { reference, estimate } }) =>
      orNull(estimate, 'the mask is empty or has no background', reference),
    better: 'reference',
    unit: 'px',
    range: [0, null],
    needs: 'masks',
    label: 'Mean thickness',
    doc: 'Mean local thickness over the foreground: the diameter of the largest ball inside that holds a pixel.',
    source: 'Hildebrand and Rüegsegger 1997, doi 10.1046/j.1365-2818.1997.1340694.x',
  },
  connectivity_density: {
    compute: own('connectivityDensity'),
    better: 'reference',
    unit: '1/px²',
    volumeUnit: '1/px³',
    range: [null, null],
    needs: 'graph',
    label: 'Connectivity density',
    doc: '(1 - change of the Euler number, corrected for edges) over area (volume: 1/px³).',
    source: 'Odgaard and Gundersen 1993, doi 10.1016/8756-3282(93)90245-6; BoneJ',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** All names, for specs and the command line. */
export const metricNames = Object.keys(metrics) as [MetricName, ...MetricName[]];

/** A row of the catalogue by its name. */
export function metricOf(name: MetricName): Metric {
  return metrics[name];
}

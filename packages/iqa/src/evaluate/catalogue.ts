import type { EvaluationContext } from './context.js';
import { mse, nrmse, pearson, psnr } from '../pixel/error.js';
import { gmsd } from '../pixel/gmsd.js';
import { msSsim } from '../pixel/ms-ssim.js';
import { ssim } from '../pixel/ssim.js';
import { pathSimilarity } from '../network/path-similarity.js';
import { vif } from '../pixel/vif.js';
import { spectrumError } from '../spectrum/power.js';

/** What a metric gives for a pair: a number, perhaps with a remark, or nothing with the reason. */
export type Measured = { value: number; note?: string; reference?: number | null } | { value: null; note: string; reference?: number | null };

/** One row of the catalogue. */
export interface Metric {
  readonly compute: (context: EvaluationContext) => Measured;
  /** Which way is better; `reference`: the estimate's own measure, better the nearer to the reference's. */
  readonly better: 'higher' | 'lower' | 'reference';
  /** `px`-based units become the pixel size's unit where it is known. */
  readonly unit: string;
  /** Smallest and largest value; null for none. */
  readonly range: readonly [number | null, number | null];
  readonly needs: 'pixels' | 'masks' | 'graph' | 'low-resolution';
  /** For tables and axes. */
  readonly label: string;
  readonly doc: string;
}

const plain = (value: number, note?: string): Measured => (Number.isNaN(value) ? { value: null, note: 'the reference has no size to relate to: it is constant' } : note ? { value, note } : { value });
const orNull = (value: number | null, note: string, reference?: number | null): Measured => (value === null ? { value, note, reference } : { value, reference });
const measuredPsnr = (value: number): Measured => (value === Infinity ? { value, note: 'identical images' } : { value });
const empty = 'the network is empty';

/** A measure of one network: the estimate's value, with the reference's beside it. */
const own = (key: 'lengthDensity' | 'nodeDensity' | 'meanDegree' | 'largestComponent' | 'tortuosity' | 'porosity' | 'connectivityDensity') =>
  ({ morphometry }: EvaluationContext): Measured => orNull(morphometry.estimate[key], empty, morphometry.reference[key]);

const betti = (key: 'b0' | 'b1' | 'b2' | 'euler') => ({ betti: { reference, estimate } }: EvaluationContext): Measured => ({ value: Math.abs(reference[key] - estimate[key]) });
const bettiRelative = (key: 'b0' | 'b1') => ({ betti: { reference, estimate } }: EvaluationContext): Measured =>
  (reference[key] ? { value: Math.abs(reference[key] - estimate[key]) / reference[key] } : { value: null, note: `the reference's ${key} is 0` });

/** Every metric by name, in the order of tables. */
export const metrics = {
  psnr: { compute: ({ reference, estimate, options }) => measuredPsnr(psnr(reference, estimate, options)), better: 'higher', unit: 'dB', range: [null, null], needs: 'pixels', label: 'PSNR', doc: 'Peak signal-to-noise ratio; Infinity for identical images.' },
  ssim: { compute: ({ reference, estimate, options }) => plain(ssim(reference, estimate, options)), better: 'higher', unit: '', range: [-1, 1], needs: 'pixels', label: 'SSIM', doc: 'Structural similarity, Gaussian 11 x 11 window of sigma 1.5.' },
  mse: { compute: ({ reference, estimate }) => plain(mse(reference, estimate)), better: 'lower', unit: 'intensity²', range: [0, null], needs: 'pixels', label: 'MSE', doc: 'Mean squared error.' },
  nrmse: { compute: ({ reference, estimate }) => plain(nrmse(reference, estimate)), better: 'lower', unit: '', range: [0, null], needs: 'pixels', label: 'NRMSE', doc: "Root mean squared error over the reference's root mean square." },
  pearson: { compute: ({ reference, estimate }) => orNull(pearson(reference, estimate), 'an image is constant'), better: 'higher', unit: '', range: [-1, 1], needs: 'pixels', label: 'Pearson', doc: 'Correlation of the intensities.' },
  ms_ssim: { compute: ({ reference, estimate, options }) => plain(msSsim(reference, estimate, options)), better: 'higher', unit: '', range: [0, 1], needs: 'pixels', label: 'MS-SSIM', doc: 'SSIM over five scales; at least 161 px.' },
  gmsd: { compute: ({ reference, estimate, options }) => plain(gmsd(reference, estimate, options)), better: 'lower', unit: '', range: [0, null], needs: 'pixels', label: 'GMSD', doc: 'Deviation of the gradient magnitudes\' similarity.' },
  vif: { compute: ({ reference, estimate, options }) => plain(vif(reference, estimate, options)), better: 'higher', unit: '', range: [0, null], needs: 'pixels', label: 'VIFp', doc: 'Visual information fidelity, pixel domain; at least 41 px.' },
  rse: { compute: ({ resolutionScaled }) => plain(resolutionScaled.rse), better: 'lower', unit: 'intensity', range: [0, null], needs: 'pixels', label: 'RSE', doc: 'RMSE after the best blur and linear scaling of the estimate.' },
  rsp: { compute: ({ resolutionScaled }) => orNull(resolutionScaled.rsp, 'an image is constant'), better: 'higher', unit: '', range: [-1, 1], needs: 'pixels', label: 'RSP', doc: 'Pearson correlation after the best blur of the estimate.' },
  spectrum_error: { compute: ({ reference, estimate }) => orNull(spectrumError(reference, estimate), 'the reference is constant'), better: 'lower', unit: 'decades', range: [0, null], needs: 'pixels', label: 'Spectrum error', doc: 'Root mean square of log10 of the ratio of radial power spectra.' },
  frc_resolution: {
    compute: ({ frc: { resolution, flag }, spacing }) => {
      return resolution === null ? { value: null, note: flag ?? 'no crossing' } : { value: resolution * spacing.x, note: flag };
    },
    better: 'lower', unit: 'px', range: [0, null], needs: 'pixels', label: 'FRC resolution', doc: 'Length at which Fourier ring correlation with the reference falls below 1/7.',
  },
  frc_area: {
    compute: ({ frc: { area, flag } }) => ({ value: area, note: flag }),
    better: 'higher', unit: '', range: [-1, 1], needs: 'pixels', label: 'FRC area', doc: 'Mean Fourier ring correlation over all rings.',
  },
  lr_consistency: {
    compute: ({ options: { lowResolution, dataRange } }) => (lowResolution ? { value: Math.sqrt(mse(lowResolution.lr, lowResolution.degraded)) / dataRange } : { value: null, note: 'no degraded estimate was given' }),
    better: 'lower', unit: '', range: [0, null], needs: 'low-resolution', label: 'LR residual', doc: 'RMSE between the LR image and the estimate degraded again, over the data range.',
  },
  dice: { compute: ({ dice }) => ({ value: dice.value, note: dice.flag }), better: 'higher', unit: '', range: [0, 1], needs: 'masks', label: 'Dice', doc: 'Overlap of the masks.' },
  cldice: { compute: ({ clDice: c }) => ({ value: c.value, note: c.flag }), better: 'higher', unit: '', range: [0, 1], needs: 'masks', label: 'clDice', doc: 'Overlap of centrelines with masks, both ways.' },
  cldice_precision: { compute: ({ clDice: c }) => ({ value: c.precision, note: c.flag }), better: 'higher', unit: '', range: [0, 1], needs: 'masks', label: 'clDice precision', doc: "Share of the estimate's centreline inside the reference's mask." },
  cldice_recall: { compute: ({ clDice: c }) => ({ value: c.recall, note: c.flag }), better: 'higher', unit: '', range: [0, 1], needs: 'masks', label: 'clDice recall', doc: "Share of the reference's centreline inside the estimate's mask." },
  betti0_error: { compute: betti('b0'), better: 'lower', unit: '', range: [0, null], needs: 'masks', label: 'Betti-0 error', doc: 'Difference of the numbers of connected components.' },
  betti1_error: { compute: betti('b1'), better: 'lower', unit: '', range: [0, null], needs: 'masks', label: 'Betti-1 error', doc: 'Difference of the numbers of holes (tunnels).' },
  betti2_error: { compute: betti('b2'), better: 'lower', unit: '', range: [0, null], needs: 'masks', label: 'Betti-2 error', doc: 'Difference of the numbers of cavities; 0 in planes.' },
  betti0_error_relative: { compute: bettiRelative('b0'), better: 'lower', unit: '', range: [0, null], needs: 'masks', label: 'Betti-0 error, relative', doc: "Betti-0 error over the reference's number." },
  betti1_error_relative: { compute: bettiRelative('b1'), better: 'lower', unit: '', range: [0, null], needs: 'masks', label: 'Betti-1 error, relative', doc: "Betti-1 error over the reference's number." },
  euler_error: { compute: betti('euler'), better: 'lower', unit: '', range: [0, null], needs: 'masks', label: 'Euler error', doc: 'Difference of the Euler numbers.' },
  betti_matching_error: { compute: ({ matching }) => ({ value: matching.error }), better: 'lower', unit: '', range: [0, null], needs: 'masks', label: 'Betti matching error', doc: 'Components, holes and cavities of either mask without a counterpart at the same place in the other.' },
  hd95: { compute: ({ surfaces: s }) => ({ value: s.hd95, note: s.flag }), better: 'lower', unit: 'px', range: [0, null], needs: 'masks', label: 'HD95', doc: '95th percentile of border distances, the larger direction.' },
  assd: { compute: ({ surfaces: s }) => ({ value: s.assd, note: s.flag }), better: 'lower', unit: 'px', range: [0, null], needs: 'masks', label: 'ASSD', doc: 'Average symmetric border distance.' },
  nsd: { compute: ({ surfaces: s }) => ({ value: s.nsd, note: s.flag }), better: 'higher', unit: '', range: [0, 1], needs: 'masks', label: 'NSD', doc: 'Share of both borders within the tolerance.' },
  weak_branch_recall: { compute: ({ comparison: c }) => orNull(c.weakRecall, 'the reference has no branches'), better: 'higher', unit: '', range: [0, 1], needs: 'graph', label: 'Weak-branch recall', doc: "Found share of the dimmest third of the reference's centreline length." },
  invented_length: { compute: ({ comparison: c }) => orNull(c.inventedShare, 'the estimate has no branches'), better: 'lower', unit: '', range: [0, 1], needs: 'graph', label: 'Invented length', doc: "Share of the estimate's centreline length without a counterpart in the reference." },
  branch_recall: { compute: ({ comparison: c }) => orNull(c.recall, 'the reference has no branches'), better: 'higher', unit: '', range: [0, 1], needs: 'graph', label: 'Branch recall', doc: "Found share of the reference's centreline length." },
  path_similarity: {
    compute: ({ masks, tolerance, options }) => orNull(pathSimilarity(masks.reference, masks.estimate, { snap: 2 * tolerance, pixelSize: options.pixelSize }), 'no paths in either network'),
    better: 'higher', unit: '', range: [0, 1], needs: 'graph', label: 'Path similarity', doc: 'Agreement of shortest-path lengths between nodes, both ways; nodes match within twice the tolerance.',
  },
  largest_component: { compute: own('largestComponent'), better: 'reference', unit: '', range: [0, 1], needs: 'graph', label: 'Largest component', doc: 'Share of the foreground in its largest component.' },
  length_density: { compute: own('lengthDensity'), better: 'reference', unit: '1/px', range: [0, null], needs: 'graph', label: 'Length density', doc: 'Centreline length over area (volume: 1/px²).' },
  node_density: { compute: own('nodeDensity'), better: 'reference', unit: '1/px²', range: [0, null], needs: 'graph', label: 'Node density', doc: 'Junctions and ends over area (volume: 1/px³).' },
  mean_degree: { compute: own('meanDegree'), better: 'reference', unit: '', range: [0, null], needs: 'graph', label: 'Mean degree', doc: 'Branches at a node, on average.' },
  tortuosity: { compute: own('tortuosity'), better: 'reference', unit: '', range: [1, null], needs: 'graph', label: 'Tortuosity', doc: 'Length over chord of open branches, weighted by length.' },
  porosity: { compute: own('porosity'), better: 'reference', unit: '', range: [0, 1], needs: 'graph', label: 'Porosity', doc: 'Share of the image that is network.' },
  connectivity_density: { compute: own('connectivityDensity'), better: 'reference', unit: '1/px²', range: [null, null], needs: 'graph', label: 'Connectivity density', doc: '(1 - change of the Euler number, corrected for edges) over area (volume: 1/px³).' },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** All names, for specs and the command line. */
export const metricNames = Object.keys(metrics) as [MetricName, ...MetricName[]];

/** A row of the catalogue by its name. */
export function metricOf(name: MetricName): Metric {
  return metrics[name];
}

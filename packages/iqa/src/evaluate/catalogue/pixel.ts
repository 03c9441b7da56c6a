import { mse, nrmse, pearson, psnr } from '../../pixel/error.js';
import { gmsd } from '../../pixel/gmsd.js';
import { msSsim } from '../../pixel/ms-ssim.js';
import { ssim } from '../../pixel/ssim.js';
import { ssimVolume } from '../../pixel/ssim-volume.js';
import { vif } from '../../pixel/vif.js';
import { measured, measuredOr, type Measured, type Metric } from '../metric.js';

const measuredPsnr = (value: number): Measured =>
  value === Infinity ? { value, note: 'identical images' } : { value };

/** Metrics of intensities, pixel against pixel. */
export const pixelMetrics = {
  psnr: {
    compute: ({ reference, estimate, options }) => measuredPsnr(psnr(reference, estimate, options)),
    better: 'higher',
    unit: 'dB',
    range: [null, null],
    needs: 'pixels',
    label: 'PSNR',
    digits: 2,
    headline: true,
    doc: '10 log10(L² / MSE); Infinity for identical images.',
    source: 'Huynh-Thu and Ghanbari 2008, doi 10.1049/el:20080522',
  },
  ssim: {
    compute: ({ reference, estimate, options }) => measured(ssim(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'SSIM',
    digits: 3,
    doc:
      'Mean of (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2)), Gaussian 11 x 11 window of ' +
      'sigma 1.5; volumes plane by plane.',
    source: 'Wang et al. 2004, doi 10.1109/TIP.2003.819861',
  },
  ssim_3d: {
    compute: ({ reference, estimate, options }) =>
      reference.depth === 1
        ? { value: null, note: 'a plane has no third axis: use ssim' }
        : measured(ssimVolume(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'SSIM, volume',
    digits: 3,
    doc: 'SSIM under an 11 x 11 x 11 Gaussian window of sigma 1.5; volumes alone.',
    source: 'Wang et al. 2004, doi 10.1109/TIP.2003.819861',
  },
  mse: {
    compute: ({ reference, estimate }) => measured(mse(reference, estimate)),
    better: 'lower',
    unit: 'intensity²',
    range: [0, null],
    needs: 'pixels',
    label: 'MSE',
    digits: 6,
    doc: 'Mean of (reference - estimate)².',
    source: 'definition',
  },
  nrmse: {
    compute: ({ reference, estimate }) => measured(nrmse(reference, estimate)),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'NRMSE',
    digits: 3,
    doc: "sqrt(MSE) over the reference's root mean square.",
    source: 'scikit-image, normalized_root_mse',
  },
  pearson: {
    compute: ({ reference, estimate }) => measuredOr(pearson(reference, estimate), 'an image is constant'),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'Pearson',
    digits: 3,
    doc: 'Correlation coefficient of the intensities.',
    source: 'definition',
  },
  ms_ssim: {
    compute: ({ reference, estimate, options }) => measured(msSsim(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [0, 1],
    needs: 'pixels',
    label: 'MS-SSIM',
    digits: 3,
    doc: 'SSIM over five scales, Π contrast-structure^w · SSIM^w; at least 161 px; volumes plane by plane.',
    source: 'Wang et al. 2003, doi 10.1109/ACSSC.2003.1292216',
  },
  gmsd: {
    compute: ({ reference, estimate, options }) => measured(gmsd(reference, estimate, options)),
    better: 'lower',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'GMSD',
    digits: 3,
    doc:
      'Standard deviation of (2 g_r g_e + 170) / (g_r² + g_e² + 170), g Prewitt gradients of the halved ' +
      'images on 0-255; volumes plane by plane.',
    source: 'Xue et al. 2014, doi 10.1109/TIP.2013.2293423',
  },
  vif: {
    compute: ({ reference, estimate, options }) => measured(vif(reference, estimate, options)),
    better: 'higher',
    unit: '',
    range: [0, null],
    needs: 'pixels',
    label: 'VIFp',
    digits: 3,
    doc:
      'Visual information fidelity in the pixel domain: information kept over information there, four ' +
      'scales; at least 41 px; volumes plane by plane.',
    source: 'Sheikh and Bovik 2006, doi 10.1109/TIP.2005.859378',
  },
  rse: {
    compute: ({ resolutionScaled }) => measured(resolutionScaled.rse),
    better: 'lower',
    unit: 'intensity',
    range: [0, null],
    needs: 'pixels',
    label: 'RSE',
    digits: 3,
    doc: 'RMSE(reference, a · G_σ(estimate) + b), a, b and σ fitted.',
    source: 'Culley et al. 2018, doi 10.1038/nmeth.4605',
  },
  rsp: {
    compute: ({ resolutionScaled }) => measuredOr(resolutionScaled.rsp, 'an image is constant'),
    better: 'higher',
    unit: '',
    range: [-1, 1],
    needs: 'pixels',
    label: 'RSP',
    digits: 3,
    doc: 'Pearson correlation of the reference and G_σ(estimate), σ fitted.',
    source: 'Culley et al. 2018, doi 10.1038/nmeth.4605',
  },
} as const satisfies Record<string, Metric>;

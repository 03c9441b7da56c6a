import { describe, expect, it } from 'vitest';
import {
  evaluate,
  frc,
  gmsd,
  hysteresisThreshold,
  msSsim,
  mse,
  nrmse,
  otsuThreshold,
  pearson,
  psnr,
  resolutionScaled,
  smooth,
  spectrumError,
  ssim,
  ssimMap,
  ssimVolume,
  vif,
  type Intensities,
} from '../src/index.js';
import { holds } from './conformance.js';
import { largestDeviation, numberOf, readGolden, unpack, unpackGrid, unpackMask, type Packed } from './golden.js';

interface Case {
  name: string;
  dataRange: number;
  reference: Packed;
  estimate: Packed;
  mse: number;
  psnr: number;
  nrmse: Record<'euclidean' | 'min-max' | 'mean', number>;
  pearson: number;
  ssim: number;
  ssimMap: Packed;
  otsu: number;
  otsuEstimate: number;
  smooth: Packed;
  hysteresis: { low: number; high: number; mask: Packed };
  rse: number;
  rsp: number;
}

const relative = (got: number, wanted: number) => Math.abs(got / numberOf(wanted) - 1);

describe.each(readGolden<Case>('pixels'))('against scikit-image: $name', (golden) => {
  const reference = unpackGrid(golden.reference);
  const estimate = unpackGrid(golden.estimate);
  const { dataRange } = golden;

  it('mse, psnr, nrmse and pearson within 1e-12', () => {
    holds('mse', 'scikit-image', relative(mse(reference, estimate), golden.mse), 1e-12);
    holds('psnr', 'scikit-image', relative(psnr(reference, estimate, { dataRange }), golden.psnr), 1e-12);
    for (const normalization of ['euclidean', 'min-max', 'mean'] as const) {
      holds(
        'nrmse',
        'scikit-image',
        relative(nrmse(reference, estimate, { normalization }), golden.nrmse[normalization]),
        1e-12,
      );
    }
    holds('pearson', 'NumPy', relative(pearson(reference, estimate)!, golden.pearson), 1e-12);
    // As if both were LR images: the one that was given, and the estimate degraded again.
    const residual = evaluate(reference, estimate, {
      dataRange,
      metrics: ['lr_consistency'],
      lowResolution: { lr: reference, degraded: estimate },
    }).values.lr_consistency!;
    holds('lr_consistency', 'scikit-image', relative(residual, Math.sqrt(golden.mse) / dataRange), 1e-12);
  });

  it('ssim within 1e-10, its map too', () => {
    holds('ssim', 'scikit-image', Math.abs(ssim(reference, estimate, { dataRange }) - golden.ssim), 1e-10);
    holds(
      'ssim map',
      'scikit-image',
      largestDeviation(ssimMap(reference, estimate, { dataRange }), unpack(golden.ssimMap)),
      1e-10,
    );
  });

  // The error is flat around the best σ, but for steps of some 1e-5 where the Gaussian's reach, floor(4 σ + .5), takes
  // one more pixel.
  it('resolution-scaled error and correlation', () => {
    const ours = resolutionScaled(reference, estimate);
    holds('rse', 'SciPy, bounded search', relative(ours.rse, golden.rse), 1e-4);
    holds('rsp', 'SciPy, bounded search', relative(ours.rsp!, golden.rsp), 1e-4);
  });

  it('thresholds and smoothing', () => {
    holds("Otsu's threshold", 'scikit-image', relative(otsuThreshold(reference), golden.otsu), 1e-12);
    holds("Otsu's threshold", 'scikit-image', relative(otsuThreshold(estimate), golden.otsuEstimate), 1e-12);
    const { low, high, mask } = golden.hysteresis;
    expect(hysteresisThreshold(reference, { low, high, connectivity: 'face' })).toEqual(unpackMask(mask));
    holds(
      'hysteresis threshold',
      'scikit-image',
      largestDeviation(hysteresisThreshold(reference, { low, high, connectivity: 'face' }).data, unpack(mask)),
      0,
    );
    holds(
      'Gaussian smoothing',
      'SciPy',
      largestDeviation(smooth(reference, 1.2).data, unpack(golden.smooth)) / dataRange,
      1e-10,
    );
  });
});

interface VolumeCase {
  name: string;
  dataRange: number;
  reference: Packed;
  estimate: Packed;
  ssim: number;
  psnr: number;
  otsu: number;
  nrmse: number;
  pearson: number;
  mse: number;
  ssimOfPlanes: number;
  rse: number;
  rsp: number;
  spectra: { spacing: number[]; curve: Packed; area: number; resolution: number | null; spectrumError: number }[];
}

describe.each(readGolden<VolumeCase>('volumes'))('volumes against scikit-image: $name', (golden) => {
  const reference = unpackGrid(golden.reference);
  const estimate = unpackGrid(golden.estimate);
  const { dataRange } = golden;
  it('ssim under a ball, psnr and the threshold', () => {
    holds('ssim_3d', 'scikit-image', Math.abs(ssimVolume(reference, estimate, { dataRange }) - golden.ssim), 1e-10);
    holds('psnr', 'scikit-image', relative(psnr(reference, estimate, { dataRange }), golden.psnr), 1e-12);
    holds("Otsu's threshold", 'scikit-image', relative(otsuThreshold(reference), golden.otsu), 1e-12);
    holds('ssim', 'scikit-image', Math.abs(ssim(reference, estimate, { dataRange }) - golden.ssimOfPlanes), 1e-10);
    holds('mse', 'scikit-image', relative(mse(reference, estimate), golden.mse), 1e-12);
    holds('nrmse', 'scikit-image', relative(nrmse(reference, estimate), golden.nrmse), 1e-12);
    holds('pearson', 'NumPy', relative(pearson(reference, estimate)!, golden.pearson), 1e-12);
    const { rse, rsp } = resolutionScaled(reference, estimate);
    holds('rse', 'SciPy, bounded search', relative(rse, golden.rse), 1e-4);
    holds('rsp', 'SciPy, bounded search', relative(rsp!, golden.rsp), 1e-4);
  });

  it.each(golden.spectra)(
    'Fourier shell correlation and spectrum error, spacing $spacing',
    ({ spacing: [z, y, x], curve, area, resolution, spectrumError: wanted }) => {
      const spacing = { x, y, z };
      const ours = frc(reference, estimate, { spacing });
      holds('frc curve', 'NumPy', largestDeviation(ours.correlation.subarray(1), unpack(curve).subarray(1)), 1e-9);
      holds('frc_area', 'NumPy', Math.abs(ours.area - area), 1e-9);
      if (resolution === null) expect(ours.resolution).toBeNull();
      else holds('frc_resolution', 'NumPy', Math.abs(ours.resolution! - resolution), 1e-8);
      holds('spectrum_error', 'NumPy', Math.abs(spectrumError(reference, estimate, { spacing })! - wanted), 1e-9);
    },
  );
});

interface NanopyxCase {
  measure: string;
  name: string;
  sha256: string;
  sigma: number;
  rse: number;
  rsp: number;
}
it.each(readGolden<NanopyxCase>('nanopyx').filter(({ measure }) => measure === 'squirrel'))(
  'NanoPyx at sigma $sigma: $name',
  ({ name, sha256, sigma, rse, rsp }) => {
    const { reference, estimate } = readGolden<Case>('pixels').find((c) => c.name === name)!;
    expect(reference.sha256).toBe(sha256);
    const ours = resolutionScaled(unpackGrid(reference), unpackGrid(estimate), { sigma });
    // It computes in float32.
    holds('rse', 'NanoPyx, float32, σ given', relative(ours.rse, rse), 1e-5);
    holds('rsp', 'NanoPyx, float32, σ given', relative(ours.rsp!, rsp), 1e-5);
  },
);

describe('metrics of planes, of a volume', () => {
  it('are the mean over its planes', () => {
    const wave = (f: number): Intensities => ({
      data: Float32Array.from(
        { length: 165 * 162 },
        (_, i) => 0.5 + 0.3 * Math.sin((i % 165) / f) * Math.cos(Math.floor(i / 165) / 5),
      ),
      width: 165,
      height: 162,
      depth: 1,
      channels: 1,
    });
    const stack = (a: Intensities, b: Intensities): Intensities => ({
      ...a,
      depth: 2,
      data: Float32Array.from([...a.data, ...b.data]),
    });
    const r = [wave(3), wave(4)];
    const e = [wave(3.2), wave(4.1)];
    const options = { dataRange: 1 };
    for (const metric of [msSsim, gmsd, vif])
      expect(metric(stack(r[0], r[1]), stack(e[0], e[1]), options)).toBeCloseTo(
        (metric(r[0], e[0], options) + metric(r[1], e[1], options)) / 2,
        12,
      );
  });
});

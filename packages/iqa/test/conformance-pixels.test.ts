import { describe, expect, it } from 'vitest';
import { hysteresisThreshold, mse, nrmse, otsuThreshold, pearson, psnr, smooth, ssim, ssimMap, ssimVolume } from '../src/index.js';
import { holds } from './conformance.js';
import { largestDeviation, numberOf, readGolden, unpack, unpackGrid, unpackMask, type Packed } from './golden.js';

interface Case {
  name: string; dataRange: number; reference: Packed; estimate: Packed;
  mse: number; psnr: number; nrmse: Record<'euclidean' | 'min-max' | 'mean', number>; pearson: number;
  ssim: number; ssimMap: Packed; otsu: number; otsuEstimate: number; smooth: Packed;
  hysteresis: { low: number; high: number; mask: Packed };
}

const relative = (got: number, wanted: number) => Math.abs(got / numberOf(wanted) - 1);

describe.each(readGolden<Case>('pixels'))('against scikit-image: $name', (golden) => {
  const reference = unpackGrid(golden.reference), estimate = unpackGrid(golden.estimate);
  const { dataRange } = golden;

  it('mse, psnr, nrmse and pearson within 1e-12', () => {
    holds('mse', 'scikit-image', relative(mse(reference, estimate), golden.mse), 1e-12);
    holds('psnr', 'scikit-image', relative(psnr(reference, estimate, { dataRange }), golden.psnr), 1e-12);
    for (const normalization of ['euclidean', 'min-max', 'mean'] as const) {
      holds('nrmse', 'scikit-image', relative(nrmse(reference, estimate, { normalization }), golden.nrmse[normalization]), 1e-12);
    }
    holds('pearson', 'NumPy', relative(pearson(reference, estimate)!, golden.pearson), 1e-12);
  });

  it('ssim within 1e-10, its map too', () => {
    holds('ssim', 'scikit-image', Math.abs(ssim(reference, estimate, { dataRange }) - golden.ssim), 1e-10);
    holds('ssim map', 'scikit-image', largestDeviation(ssimMap(reference, estimate, { dataRange }), unpack(golden.ssimMap)), 1e-10);
  });

  it('thresholds and smoothing', () => {
    holds("Otsu's threshold", 'scikit-image', relative(otsuThreshold(reference), golden.otsu), 1e-12);
    holds("Otsu's threshold", 'scikit-image', relative(otsuThreshold(estimate), golden.otsuEstimate), 1e-12);
    const { low, high, mask } = golden.hysteresis;
    expect(hysteresisThreshold(reference, { low, high, connectivity: 'face' })).toEqual(unpackMask(mask));
    holds('hysteresis threshold', 'scikit-image', largestDeviation(hysteresisThreshold(reference, { low, high, connectivity: 'face' }).data, unpack(mask)), 0);
    holds('Gaussian smoothing', 'SciPy', largestDeviation(smooth(reference, 1.2).data, unpack(golden.smooth)) / dataRange, 1e-10);
  });
});

interface VolumeCase { name: string; dataRange: number; reference: Packed; estimate: Packed; ssim: number; psnr: number; otsu: number }

describe.each(readGolden<VolumeCase>('volumes'))('volumes against scikit-image: $name', (golden) => {
  const reference = unpackGrid(golden.reference), estimate = unpackGrid(golden.estimate), { dataRange } = golden;
  it('ssim under a ball, psnr and the threshold', () => {
    holds('ssim_3d', 'scikit-image', Math.abs(ssimVolume(reference, estimate, { dataRange }) - golden.ssim), 1e-10);
    holds('psnr', 'scikit-image', relative(psnr(reference, estimate, { dataRange }), golden.psnr), 1e-12);
    holds("Otsu's threshold", 'scikit-image', relative(otsuThreshold(reference), golden.otsu), 1e-12);
  });
});

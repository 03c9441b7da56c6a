import { describe, expect, it } from 'vitest';
import { hysteresisThreshold, mse, nrmse, otsuThreshold, pearson, psnr, smooth, ssim, ssimMap } from '../src/index.js';
import { largestDeviation, numberOf, readGolden, unpack, unpackGrid, unpackMask, type Packed } from './golden.js';

interface Case {
  name: string; dataRange: number; reference: Packed; estimate: Packed;
  mse: number; psnr: number; nrmse: Record<'euclidean' | 'min-max' | 'mean', number>; pearson: number;
  ssim: number; ssimMap: Packed; otsu: number; otsuEstimate: number; smooth: Packed;
  hysteresis: { low: number; high: number; mask: Packed };
}

describe.each(readGolden<Case>('pixels'))('against scikit-image: $name', (golden) => {
  const reference = unpackGrid(golden.reference), estimate = unpackGrid(golden.estimate);
  const { dataRange } = golden;
  const relative = (got: number, wanted: number) => Math.abs(got / numberOf(wanted) - 1);

  it('mse, psnr, nrmse and pearson within 1e-12', () => {
    expect(relative(mse(reference, estimate), golden.mse)).toBeLessThan(1e-12);
    expect(relative(psnr(reference, estimate, { dataRange }), golden.psnr)).toBeLessThan(1e-12);
    for (const normalization of ['euclidean', 'min-max', 'mean'] as const) {
      expect(relative(nrmse(reference, estimate, { normalization }), golden.nrmse[normalization])).toBeLessThan(1e-12);
    }
    expect(relative(pearson(reference, estimate)!, golden.pearson)).toBeLessThan(1e-12);
  });

  it('ssim within 1e-10, its map too', () => {
    expect(Math.abs(ssim(reference, estimate, { dataRange }) - golden.ssim)).toBeLessThan(1e-10);
    expect(largestDeviation(ssimMap(reference, estimate, { dataRange }), unpack(golden.ssimMap))).toBeLessThan(1e-10);
  });

  it('thresholds and smoothing', () => {
    expect(otsuThreshold(reference)).toBeCloseTo(golden.otsu, 12);
    expect(otsuThreshold(estimate)).toBeCloseTo(golden.otsuEstimate, 12);
    const { low, high, mask } = golden.hysteresis;
    expect(hysteresisThreshold(reference, { low, high, connectivity: 'face' })).toEqual(unpackMask(mask));
    expect(largestDeviation(smooth(reference, 1.2).data, unpack(golden.smooth))).toBeLessThan(1e-10 * dataRange);
  });
});

import { describe, expect, it } from 'vitest';
import { fft2, frc, gmsd, kendallTau, msSsim, spectrumError, vif } from '../src/index.js';
import { largestDeviation, readGolden, unpack, unpackGrid, type Packed } from './golden.js';

interface Case {
  name: string; dataRange: number; reference: Packed; estimate: Packed; msSsim: number; gmsd: number; vif: number; spectrumError: number;
  frc: { curve: Packed; area: number; resolution: number | null; plainArea: number };
}

describe.each(readGolden<Case>('structures'))('against plain NumPy and SciPy: $name', (golden) => {
  const reference = unpackGrid(golden.reference), estimate = unpackGrid(golden.estimate), { dataRange } = golden;

  it('ms-ssim within 1e-10, gmsd within 1e-12, vif within 1e-9', () => {
    expect(Math.abs(msSsim(reference, estimate, { dataRange }) - golden.msSsim)).toBeLessThan(1e-10);
    expect(Math.abs(gmsd(reference, estimate, { dataRange }) - golden.gmsd)).toBeLessThan(1e-12);
    expect(Math.abs(vif(reference, estimate, { dataRange }) - golden.vif)).toBeLessThan(1e-9);
  });

  it('Fourier ring correlation and spectrum error within 1e-9', () => {
    const curve = frc(reference, estimate);
    expect(largestDeviation(curve.correlation.subarray(1), unpack(golden.frc.curve).subarray(1))).toBeLessThan(1e-9);
    expect(Math.abs(curve.area - golden.frc.area)).toBeLessThan(1e-9);
    expect(Math.abs(frc(reference, estimate, { window: 'none' }).area - golden.frc.plainArea)).toBeLessThan(1e-9);
    if (golden.frc.resolution === null) expect(curve.resolution).toBeNull();
    else expect(Math.abs(curve.resolution! - golden.frc.resolution)).toBeLessThan(1e-8);
    expect(Math.abs(spectrumError(reference, estimate)! - golden.spectrumError)).toBeLessThan(1e-9);
  });
});

it.each(readGolden<{ a: number[]; b: number[]; tau: number }>('kendall'))('Kendall tau-b as scipy: %#', ({ a, b, tau }) => {
  expect(kendallTau(a, b)).toBeCloseTo(tau, 12);
});

describe('fft2', () => {
  it.each([[8, 8], [6, 10], [7, 5], [1, 9]])('%d x %d equals the sum that defines it', (width, height) => {
    const plane = Float64Array.from({ length: width * height }, (_, i) => Math.sin(i * i));
    const { re, im } = fft2(plane, width, height);
    for (let v = 0; v < height; v++) for (let u = 0; u < width; u++) {
      let r = 0, m = 0;
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
        const angle = -2 * Math.PI * ((u * x) / width + (v * y) / height);
        r += plane[y * width + x] * Math.cos(angle);
        m += plane[y * width + x] * Math.sin(angle);
      }
      expect(re[v * width + u]).toBeCloseTo(r, 11);
      expect(im[v * width + u]).toBeCloseTo(m, 11);
    }
  });
});

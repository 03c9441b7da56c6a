import { describe, expect, it } from 'vitest';
import { fft2, frc, gmsd, kendallTau, msSsim, spectrumError, ssim, vif } from '../src/index.js';
import { holds } from './conformance.js';
import { largestDeviation, readGolden, unpack, unpackGrid, type Packed } from './golden.js';

interface Case {
  name: string;
  dataRange: number;
  reference: Packed;
  estimate: Packed;
  msSsim: number;
  gmsd: number;
  vif: number;
  spectrumError: number;
  frc: { curve: Packed; area: number; resolution: number | null; plainArea: number };
}

describe.each(readGolden<Case>('structures'))('against plain NumPy and SciPy: $name', (golden) => {
  const reference = unpackGrid(golden.reference);
  const estimate = unpackGrid(golden.estimate);
  const { dataRange } = golden;

  it('ms-ssim within 1e-10, gmsd within 1e-12, vif within 1e-9', () => {
    holds('ms_ssim', 'NumPy', Math.abs(msSsim(reference, estimate, { dataRange }) - golden.msSsim), 1e-10);
    holds('gmsd', 'NumPy', Math.abs(gmsd(reference, estimate, { dataRange }) - golden.gmsd), 1e-12);
    holds('vif', 'NumPy', Math.abs(vif(reference, estimate, { dataRange }) - golden.vif), 1e-9);
  });

  it('Fourier ring correlation and spectrum error within 1e-9', () => {
    const curve = frc(reference, estimate);
    holds(
      'frc curve',
      'NumPy',
      largestDeviation(curve.correlation.subarray(1), unpack(golden.frc.curve).subarray(1)),
      1e-9,
    );
    holds('frc_area', 'NumPy', Math.abs(curve.area - golden.frc.area), 1e-9);
    holds(
      'frc_area',
      'NumPy',
      Math.abs(frc(reference, estimate, { window: 'none' }).area - golden.frc.plainArea),
      1e-9,
    );
    if (golden.frc.resolution === null) expect(curve.resolution).toBeNull();
    else holds('frc_resolution', 'NumPy', Math.abs(curve.resolution! - golden.frc.resolution), 1e-8);
    holds('spectrum_error', 'NumPy', Math.abs(spectrumError(reference, estimate)! - golden.spectrumError), 1e-9);
  });
});

interface PiqCase {
  name: string;
  dataRange: number;
  reference: Packed;
  estimate: Packed;
  ssim: number;
  msSsim: number;
  gmsd: number;
  vif: number;
}

describe.each(readGolden<PiqCase>('piq'))('against piq in float64: $name', (golden) => {
  const reference = unpackGrid(golden.reference);
  const estimate = unpackGrid(golden.estimate);
  const { dataRange } = golden;
  const even = reference.width % 16 === 0 && reference.height % 16 === 0;

  it('ssim within 1e-10, vif within 1e-9', () => {
    holds('ssim', 'piq', Math.abs(ssim(reference, estimate, { dataRange }) - golden.ssim), 1e-10);
    holds('vif', 'piq', Math.abs(vif(reference, estimate, { dataRange }) - golden.vif), 1e-9);
  });

  it(
    even
      ? 'ms-ssim and gmsd within 1e-10'
      : 'ms-ssim and gmsd: at odd sizes piq pads otherwise, before the first and with zeros',
    () => {
      const differences = [
        Math.abs(msSsim(reference, estimate, { dataRange }) - golden.msSsim),
        Math.abs(gmsd(reference, estimate, { dataRange }) - golden.gmsd),
      ];
      if (even) {
        holds('ms_ssim', 'piq, even sizes', differences[0], 1e-10);
        holds('gmsd', 'piq, even sizes', differences[1], 1e-10);
      } else for (const difference of differences) expect(difference).toBeLessThan(2e-3);
    },
  );
});

it.each(readGolden<{ a: number[]; b: number[]; tau: number }>('kendall'))(
  'Kendall tau-b as scipy: %#',
  ({ a, b, tau }) => {
    holds("Kendall's tau-b", 'SciPy', Math.abs(kendallTau(a, b)! - tau), 1e-12);
  },
);

describe('fft2', () => {
  it.each([
    [8, 8],
    [6, 10],
    [7, 5],
    [1, 9],
  ])('%d x %d equals the sum that defines it', (width, height) => {
    const plane = Float64Array.from({ length: width * height }, (_, i) => Math.sin(i * i));
    const { re, im } = fft2(plane, width, height);
    for (let v = 0; v < height; v++)
      for (let u = 0; u < width; u++) {
        let r = 0;
        let m = 0;
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const angle = -2 * Math.PI * ((u * x) / width + (v * y) / height);
            r += plane[y * width + x] * Math.cos(angle);
            m += plane[y * width + x] * Math.sin(angle);
          }
        expect(re[v * width + u]).toBeCloseTo(r, 11);
        expect(im[v * width + u]).toBeCloseTo(m, 11);
      }
  });
});

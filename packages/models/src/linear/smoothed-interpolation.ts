import { factorOf, interpolationMatrix, type PerAxis } from '../graph/index.js';
import { filterGrid, type LinearFilter } from './linear-filter.js';

/**
 * Bicubic interpolation (tricubic of a volume) and then a Gaussian, as one filter: interpolation alone keeps the noise
 * of the scan, and most of what networks gain over it in decibels may be that they do not. Both are separable, and so
 * are the taps: the response of an HR pixel in the middle of a long row to each LR pixel.
 * @param options.factor a number for planes, one for each axis (z, y, x) for volumes.
 * @param options.sigma of the Gaussian, in LR pixels along each axis; 0 is interpolation alone.
 */
export function smoothedInterpolation({
  factor,
  sigma,
}: {
  readonly factor: PerAxis;
  readonly sigma: number;
}): LinearFilter {
  const half = Math.max(...factorOf(factor).map((along) => reachOf(along, sigma)));
  const kernel = 2 * half + 1;
  const { factors, taps, phases } = filterGrid('smoothed interpolation', kernel, factor);
  const x = responses(factors.x, sigma, half);
  const y = responses(factors.y, sigma, half);
  const isVolume = factorOf(factor).length === 3;
  const z = isVolume ? responses(factors.z, sigma, half) : Float64Array.of(1);
  const deep = isVolume ? half : 0;
  const weights = new Float64Array(taps.length * phases.length);
  taps.forEach((tap, i) => {
    phases.forEach((phase, p) => {
      const alongZ = z[(tap.z + deep) * factors.z + phase.z];
      const alongY = y[(tap.y + half) * factors.y + phase.y];
      const alongX = x[(tap.x + half) * factors.x + phase.x];
      weights[i * phases.length + p] = alongZ * (alongY * alongX);
    });
  });
  return { kernel, factor, weights, bias: new Float64Array(phases.length) };
}

/** LR pixels to each side on which an HR pixel depends. */
function reachOf(factor: number, sigma: number): number {
  const interpolated = factor === 1 ? 0 : 2;
  return interpolated + Math.ceil(Math.ceil(4 * sigma * factor) / factor);
}

/** [2·half + 1, factor]: what each LR pixel gives to each phase, along one axis. */
function responses(factor: number, sigma: number, half: number): Float64Array {
  const width = sigma * factor;
  const radius = Math.ceil(4 * width);
  const gaussian = gaussianTaps(width, radius);
  const kernel = 2 * half + 1;
  const length = 2 * half + 5;
  const middle = (length - 1) / 2;
  const interpolation = interpolationMatrix(length, factor, 'bicubic');
  const taps = new Float64Array(kernel * factor);
  for (let phase = 0; phase < factor; phase++) {
    gaussian.forEach((weight, u) => {
      const row = middle * factor + phase + u - radius;
      for (let k = 0; k < kernel; k++) {
        taps[k * factor + phase] += weight * interpolation[row * length + middle + k - half];
      }
    });
  }
  return taps;
}

function gaussianTaps(sigma: number, radius: number): Float64Array {
  const taps = new Float64Array(2 * radius + 1);
  let sum = 0;
  for (let i = -radius; i <= radius; i++) {
    const value = sigma === 0 ? 1 : Math.exp((-i * i) / (2 * sigma * sigma));
    taps[i + radius] = value;
    sum += value;
  }
  return taps.map((value) => value / sum);
}

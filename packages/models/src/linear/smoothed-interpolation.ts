import { interpolationMatrix } from '../graph/index.js';
import type { LinearFilter } from './linear-filter.js';

/**
 * Bicubic interpolation and then a Gaussian of `sigma` HR pixels, as one filter: interpolation alone keeps the noise of
 * the scan, and most of what networks gain over it in decibels may be that they do not. Both are separable, and so are
 * the taps: the response of an HR pixel in the middle of a long row to each LR pixel.
 * @param options.sigma of the Gaussian, in HR pixels; 0 is interpolation alone.
 */
export function smoothedInterpolation({
  factor,
  sigma,
}: {
  readonly factor: number;
  readonly sigma: number;
}): LinearFilter {
  const radius = Math.ceil(4 * sigma);
  const half = 2 + Math.ceil(radius / factor);
  const kernel = 2 * half + 1;
  const length = 2 * half + 5;
  const middle = (length - 1) / 2;
  const interpolation = interpolationMatrix(length, factor, 'bicubic');
  const gaussian = gaussianTaps(sigma, radius);
  const taps = new Float64Array(kernel * factor);
  for (let phase = 0; phase < factor; phase++) {
    gaussian.forEach((weight, u) => {
      const row = middle * factor + phase + u - radius;
      for (let k = 0; k < kernel; k++) {
        taps[k * factor + phase] += weight * interpolation[row * length + middle + k - half];
      }
    });
  }
  const phases = factor * factor;
  const weights = new Float64Array(kernel * kernel * phases);
  for (let i = 0; i < kernel * kernel; i++) {
    const row = Math.floor(i / kernel);
    const column = i % kernel;
    for (let p = 0; p < phases; p++) {
      weights[i * phases + p] = taps[row * factor + Math.floor(p / factor)] * taps[column * factor + (p % factor)];
    }
  }
  return { kernel, factor, weights, bias: new Float64Array(phases) };
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

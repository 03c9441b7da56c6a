import type { Rng } from '@lacuna/core';
import { requireOneChannel, type Intensities } from '../intensities.js';
import { transformVolume } from './fft-volume.js';

/**
 * An image of the same power spectrum whose structure is gone: every Fourier coefficient keeps its magnitude and takes
 * the phase that white noise has there (surrogate data, Theiler et al. 1992, doi 10.1016/0167-2789(92)90102-S). Mean
 * and variance stay. A volume is taken as such, not plane by plane.
 * @returns [z][y][x]; values may leave the image's range.
 * @throws {ShapeError} for more than one channel.
 */
export function shufflePhases(image: Intensities, rng: Rng): Float32Array {
  requireOneChannel('shufflePhases', image);
  const re = Float64Array.from(image.data);
  const im = new Float64Array(re.length);
  const phaseRe = Float64Array.from(re, () => rng.normal());
  const phaseIm = new Float64Array(re.length);
  transformVolume(re, im, image);
  transformVolume(phaseRe, phaseIm, image);
  // The mean keeps its sign.
  for (let i = 1; i < re.length; i++) {
    const scale = Math.hypot(re[i], im[i]) / Math.hypot(phaseRe[i], phaseIm[i]);
    re[i] = phaseRe[i] * scale;
    im[i] = phaseIm[i] * scale;
  }
  transformVolume(im, re, image);
  return Float32Array.from(re, (value) => value / re.length);
}

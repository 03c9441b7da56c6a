import { convertLength, type Image, type Rng } from '@lacuna/core';
import { applyAxes, kernelOperator } from '../filters/axis-operator.js';
import { PoissonField } from '../noise/poisson-field.js';
import { gaussianKernel } from '../filters/separable.js';

/** What the instrument at the fine pixel size does to a drawn network. Lengths in µm. */
export interface Exposure {
  readonly psfSigma: number;
  readonly psfSigmaZ: number;
  readonly background: number;
  /** At full intensity; null for no photon noise. */
  readonly photons: number | null;
}

/** Point spread function, background, photons. A volume's planes each have a stream of their own. */
export function expose(image: Image, { psfSigma, psfSigmaZ, background, photons }: Exposure, rng: Rng): Image {
  const { width, height, depth, pixelSize } = image;
  const side = (axis: 'x' | 'y' | 'z') => convertLength(pixelSize![axis] ?? pixelSize!.x, pixelSize!.unit, 'um');
  const blur = (sigma: number, pixel: number, length: number) =>
    sigma > 0 && length > 1 ? kernelOperator(gaussianKernel(sigma / pixel), length) : undefined;
  const { data } = applyAxes(image, {
    x: blur(psfSigma, side('x'), width),
    y: blur(psfSigma, side('y'), height),
    z: blur(psfSigmaZ, side('z'), depth),
  });
  const plane = width * height;
  for (let z = 0; z < depth; z++) {
    const scale = photons ?? 1;
    const from = z * plane;
    const light = new Float64Array(plane);
    for (let i = 0; i < plane; i++) light[i] = scale * (Math.max(0, data[from + i]) + background);
    if (photons !== null && depth === 1) for (let i = 0; i < plane; i++) light[i] = rng.poisson(light[i]);
    else if (photons !== null) new PoissonField(rng.fork(z)).replace(light);
    for (let i = 0; i < plane; i++) data[from + i] = light[i] / scale;
  }
  return { ...image, data };
}

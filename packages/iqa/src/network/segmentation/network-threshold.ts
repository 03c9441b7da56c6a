import { InputError, percentileOfSorted } from '@lacuna/core';
import { requireFinite, requireOneChannel, type Intensities } from '../../intensities.js';

/**
 * Edges count where the squared gradient exceeds this many times its median, which noise sets where the network is
 * sparse.
 */
const ABOVE_NOISE = 9;

/**
 * A level set at the network's own scale: the mean intensity at its edges, Σ w I / Σ w, where w is the squared gradient
 * of images smoothed to that scale (central differences) wherever it stands out of the noise (gradient-weighted
 * thresholding, Kittler et al. 1985, doi 10.1016/0734-189X(85)90093-5). Unlike Otsu's level it does not depend on the
 * network's share of the image: Otsu's splits the background's noise when a network fills a percent or so, as
 * canaliculi do.
 * @param images smoothed images of one kind (`smooth`, with σ of about half the finest branch's width); together they
 * give one level.
 * @returns the level; a constant image's own value.
 * @throws {InputError} without images. @throws {ShapeError} for more than one channel.
 */
export function networkThreshold(images: readonly Intensities[]): number {
  if (images.length === 0) throw new InputError({ who: 'networkThreshold', got: 'no images', wanted: 'at least one' });
  const gradients = images.map(squaredGradient);
  const all = new Float64Array(gradients.reduce((sum, g) => sum + g.length, 0));
  let at = 0;
  for (const g of gradients) {
    all.set(g, at);
    at += g.length;
  }
  const least = ABOVE_NOISE * percentileOfSorted(all.sort(), 0.5);
  let sum = 0;
  let weights = 0;
  let mean = 0;
  images.forEach(({ data }, k) => {
    const g = gradients[k];
    for (let i = 0; i < g.length; i++) {
      mean += data[i] / all.length;
      if (g[i] <= least) continue;
      sum += g[i] * data[i];
      weights += g[i];
    }
  });
  return weights > 0 ? sum / weights : mean;
}

/** |∇I|² by central differences, one-sided at the edges; along z in volumes too. */
function squaredGradient(image: Intensities): Float64Array {
  requireFinite('networkThreshold', 'image', image);
  requireOneChannel('networkThreshold', image);
  const { data, width, height, depth } = image;
  const plane = width * height;
  const out = new Float64Array(data.length);
  const slope = (i: number, at: number, size: number, step: number): number => {
    const before = at > 0 ? i - step : i;
    const after = at < size - 1 ? i + step : i;
    return before === after ? 0 : (data[after] - data[before]) / (before === i || after === i ? 1 : 2);
  };
  for (let z = 0, i = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        out[i] = slope(i, x, width, 1) ** 2 + slope(i, y, height, width) ** 2 + slope(i, z, depth, plane) ** 2;
      }
  return out;
}

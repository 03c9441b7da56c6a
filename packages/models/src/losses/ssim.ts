import { ShapeError } from '@lacuna/core';
import { alongAxes, spatialRank, type Graph, type Tensor } from '../graph/index.js';

/** Gaussian window of the paper: 11 pixels, sigma 1.5. */
const SIDE = 11;
const SIGMA = 1.5;

/** (K1 L)² and (K2 L)² of intensities in [0, 1]. */
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/** Rows [length - 10, length] of the window at each place where all of it lies inside the image. */
function windows(length: number): Float32Array {
  if (length < SIDE)
    throw new ShapeError({
      who: 'mse-ssim',
      got: `an HR patch of ${length} px`,
      wanted: `at least ${SIDE}, the window of SSIM`,
    });
  const raw = Array.from({ length: SIDE }, (_, i) => Math.exp(-((i - (SIDE - 1) / 2) ** 2) / (2 * SIGMA ** 2)));
  const sum = raw.reduce((total, value) => total + value, 0);
  const places = length - SIDE + 1;
  const out = new Float32Array(places * length);
  for (let i = 0; i < places; i++) raw.forEach((value, k) => (out[i * length + i + k] = value / sum));
  return out;
}

/**
 * Mean structural similarity of two images in [0, 1] (Wang et al. 2004, doi 10.1109/TIP.2003.819861), over places where
 * the window lies inside; planes of a volume by themselves. A scalar, 1 for equal images.
 * @throws {ShapeError} for planes smaller than the window.
 */
export function structuralSimilarity(g: Graph, estimate: Tensor, reference: Tensor): Tensor {
  const rank = spatialRank(estimate.shape);
  const local = (x: Tensor) =>
    alongAxes(
      g,
      x,
      x.shape.slice(1, -1).map((length, axis) => (axis < rank - 2 ? null : windows(length))),
    );
  const [a, b] = [local(estimate), local(reference)];
  const product = g.mul(a, b);
  const squares = g.add(g.square(a), g.square(b));
  const covariance = g.sub(local(g.mul(estimate, reference)), product);
  const variances = g.sub(local(g.add(g.square(estimate), g.square(reference))), squares);
  const above = g.mul(g.shift(g.scale(product, 2), C1), g.shift(g.scale(covariance, 2), C2));
  const below = g.mul(g.shift(squares, C1), g.shift(variances, C2));
  return g.mean(g.div(above, below));
}

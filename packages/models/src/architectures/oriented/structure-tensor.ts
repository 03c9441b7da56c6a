import { channelsOf, sizeOf, spatialRank, type Graph, type Tensor } from '../../graph/index.js';
import { mirrored } from './mirrored.js';

/** Of the Gaussian whose derivatives are the gradient, and of the one that averages its products; in LR pixels. */
const SIGMAS = { gradient: 0.8, tensor: 1.5 } as const;
const GRADIENT_RADIUS = 2;
/** Thin stacks have few planes to average over. */
const TENSOR_RADII: Readonly<Record<number, number>> = { 2: 4, 3: 3 };

/** Squares of gradients below this say nothing: 1e-4 of the range of intensities from pixel to pixel. */
const SILENT = 1e-8;

/** What the structure tensor says of each pixel; images of as many channels as named. */
export interface Structure {
  /**
   * Which way intensities change least, as numbers that a fixed product turns into the squared cosine of the angle to
   * any direction: cos and sin of the double angle in planes, d·dᵀ (xx, yy, zz, xy, xz, yz) in volumes.
   */
  readonly direction: Tensor;
  /** 0: all directions alike. 1 channel. */
  readonly coherence: Tensor;
  /** Logarithm of how much intensities change from pixel to pixel. 1 channel. */
  readonly strength: Tensor;
}

/**
 * The structure tensor J = G_1.5 * (∇v ∇vᵀ), ∇v = ∇G_0.8 * y (Förstner & Gülch 1987; Bigün & Granlund 1987), and what
 * filters are chosen by (Romano et al. 2017, arXiv:1606.01299). No angle and no eigenvector is computed, so that
 * everything has a gradient.
 *
 * Planes, with T = Jxx + Jyy and D = λ1 - λ2 = sqrt((Jxx - Jyy)² + 4 Jxy²): the double angle of the direction along
 * which intensities change least is (Jyy - Jxx, -2 Jxy) / D, coherence (√λ1 - √λ2) / (√λ1 + √λ2) = D / (T + 2 √det J),
 * strength log √λ1.
 *
 * Volumes: adj J has the eigenvectors of J with the eigenvalues λ2λ3, λ1λ3, λ1λ2: where one direction is quiet (a tube)
 * adj J / tr adj J is the projector on it, where two are (a plate) a hundredth of
 * T (T I - J) shares it among them. Coherence is the fractional
 * anisotropy sqrt(3/2) |J - T/3 I| / |J| (Basser & Pierpaoli 1996): 0 of noise, .7 of a tube, 1 of a plate. Strength is
 * log √T.
 */
export function structureOf(g: Graph, image: Tensor): Structure {
  // Mirrored once, as an image: a mirrored tensor would turn the sign of Jxy.
  const padded = mirrored(g, image, GRADIENT_RADIUS + TENSOR_RADII[spatialRank(image.shape)]);
  return spatialRank(padded.shape) === 2 ? planarStructure(g, padded) : spatialStructure(g, padded);
}

function planarStructure(g: Graph, padded: Tensor): Structure {
  const [xx, yy, xy] = tensorOf(g, padded, [
    [0, 0],
    [1, 1],
    [0, 1],
  ]);
  const trace = g.add(xx, yy);
  const across = g.sub(yy, xx);
  const mixed = g.scale(xy, -2);
  const gap = g.sqrt(g.shift(g.add(g.square(across), g.square(mixed)), SILENT ** 2));
  const determinant = g.relu(g.sub(g.mul(xx, yy), g.square(xy)));
  const rootOfDeterminant = g.sqrt(g.shift(determinant, SILENT ** 2));
  return {
    direction: g.div(g.concat([across, mixed], trace.shape.length - 1), gap),
    coherence: g.div(gap, g.shift(g.add(trace, g.scale(rootOfDeterminant, 2)), SILENT)),
    strength: logRoot(g, g.scale(g.add(trace, gap), 0.5)),
  };
}

function spatialStructure(g: Graph, padded: Tensor): Structure {
  const [xx, yy, zz, xy, xz, yz] = tensorOf(g, padded, [
    [0, 0],
    [1, 1],
    [2, 2],
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  const trace = g.add(g.add(xx, yy), zz);
  const squared = { xy: g.square(xy), xz: g.square(xz), yz: g.square(yz) };
  const adjugate = [
    g.sub(g.mul(yy, zz), squared.yz),
    g.sub(g.mul(xx, zz), squared.xz),
    g.sub(g.mul(xx, yy), squared.xy),
    g.sub(g.mul(xz, yz), g.mul(xy, zz)),
    g.sub(g.mul(xy, yz), g.mul(xz, yy)),
    g.sub(g.mul(xy, xz), g.mul(yz, xx)),
  ];
  // A hundredth of T (T I - J): the adjugate of a plate is near 0, and this is the projector on the plate.
  const share = g.scale(trace, 0.01);
  const entries = [xx, yy, zz, xy, xz, yz].map((each, i) => {
    const quiet = i < 3 ? g.shift(g.sub(trace, each), SILENT) : g.neg(each);
    return g.add(adjugate[i], g.mul(share, quiet));
  });
  const diagonal = entries.slice(0, 3).map((each) => g.shift(each, SILENT ** 2));
  const total = diagonal.reduce((sum, each) => g.add(sum, each));
  const squares = g.add(g.add(g.square(xx), g.square(yy)), g.square(zz));
  const products = g.add(g.add(squared.xy, squared.xz), squared.yz);
  const norm = g.add(squares, g.scale(products, 2));
  const deviation = g.relu(g.sub(norm, g.scale(g.square(trace), 1 / 3)));
  return {
    direction: g.div(g.concat([...diagonal, ...entries.slice(3)], trace.shape.length - 1), total),
    coherence: g.sqrt(g.shift(g.div(g.scale(deviation, 1.5), g.shift(norm, SILENT ** 2)), 1e-6)),
    strength: logRoot(g, trace),
  };
}

/** log √x. */
const logRoot = (g: Graph, x: Tensor): Tensor => g.scale(g.log(g.shift(x, SILENT)), 0.5);

/** Entries of the tensor, each by its two axes (0: x, 1: y, 2: z). */
function tensorOf(g: Graph, padded: Tensor, entries: readonly (readonly [number, number])[]): Tensor[] {
  const rank = spatialRank(padded.shape);
  const slopes = channelsApart(
    g,
    g.conv(padded, gradientFilter(g, rank, channelsOf(padded.shape)), { padding: 'valid' }),
  );
  const products = entries.map(([a, b]) => (a === b ? g.square(slopes[a]) : g.mul(slopes[a], slopes[b])));
  let averaged = g.concat(products, rank + 1);
  for (let along = 0; along < rank; along++) {
    averaged = g.conv(averaged, averagingFilter(g, rank, along, entries.length), { padding: 'valid' });
  }
  return channelsApart(g, averaged);
}

function channelsApart(g: Graph, x: Tensor): Tensor[] {
  const size = [...x.shape.slice(0, -1), 1];
  return Array.from({ length: channelsOf(x.shape) }, (_, channel) =>
    g.slice(x, [...size.slice(0, -1).map(() => 0), channel], size),
  );
}

/** Derivatives of a Gaussian along x, y (and z), of the mean of all channels: [spatial axes, channels, axes]. */
function gradientFilter(g: Graph, rank: number, channels: number): Tensor {
  const radius = GRADIENT_RADIUS;
  const side = 2 * radius + 1;
  const gaussian = gaussianTaps(SIGMAS.gradient, radius);
  // A ramp of slope 1 has the derivative 1.
  const moment = gaussian.reduce((sum, value, i) => sum + value * (i - radius) ** 2, 0);
  const derivative = gaussian.map((value, i) => (value * (i - radius)) / moment);
  const values = new Float32Array(side ** rank * channels * rank);
  for (let tap = 0; tap < side ** rank; tap++) {
    // By axis: x changes fastest.
    const places = Array.from({ length: rank }, (_, axis) => Math.floor(tap / side ** axis) % side);
    for (let axis = 0; axis < rank; axis++) {
      const weight = places.reduce((product, at, i) => product * (i === axis ? derivative : gaussian)[at], 1);
      for (let channel = 0; channel < channels; channel++) {
        values[(tap * channels + channel) * rank + axis] = weight / channels;
      }
    }
  }
  return g.constant(values, [...new Array<number>(rank).fill(side), channels, rank]);
}

/** A Gaussian along one spatial axis, of each channel by itself. */
function averagingFilter(g: Graph, rank: number, along: number, channels: number): Tensor {
  const radius = TENSOR_RADII[rank];
  const gaussian = gaussianTaps(SIGMAS.tensor, radius);
  const shape = Array.from({ length: rank }, (_, axis) => (axis === along ? gaussian.length : 1));
  const values = new Float32Array(sizeOf(shape) * channels * channels);
  gaussian.forEach((weight, tap) => {
    for (let channel = 0; channel < channels; channel++)
      values[(tap * channels + channel) * channels + channel] = weight;
  });
  return g.constant(values, [...shape, channels, channels]);
}

function gaussianTaps(sigma: number, radius: number): number[] {
  const taps = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)));
  const sum = taps.reduce((total, value) => total + value, 0);
  return taps.map((value) => value / sum);
}

import type { Builder, Padding } from './builder.js';
import type { Sides } from './attributes.js';
import type { Graph } from './graph.js';
import { alongAxes, interpolationMatrix } from './along-axes.js';
import { normal, ones, zeros, type Initializer } from './initializers.js';
import { channelsOf, perAxis, requireImage, sizeOf, spatialAxes, spatialRank, type PerAxis } from './shape.js';
import type { Tensor } from './tensor.js';
import { tiedWeight, type Tie } from './tie.js';

/** Options of {@link conv}. */
export interface ConvOptions {
  readonly filters: number;
  readonly kernel: PerAxis;
  readonly stride?: PerAxis;
  readonly padding?: Padding | 'reflect';
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
  /** Fixed weights are stored and counted, and no optimiser changes them. */
  readonly trainable?: boolean;
  /** Weights that are one number. */
  readonly tie?: { readonly weight: Tie; readonly bias: Tie };
}

const torch: Initializer = { kind: 'torch' };

/**
 * Convolution with bias of a plane or a volume: weight [kernel.., in, out] and bias [out], named `name.weight` and
 * `name.bias`. Both start as PyTorch's do (U(±1/sqrt(fan in))) unless told otherwise. `reflect` pads by half the
 * kernel, mirrored.
 */
export function conv(g: Graph, name: string, x: Tensor, options: ConvOptions): Tensor {
  const { filters, stride = 1, padding = 'same', bias = true, initializer = torch, trainable = true, tie } = options;
  const kernel = perAxis(`${name}: kernel`, options.kernel, requireImage(name, x.shape));
  const channels = channelsOf(x.shape);
  return g.scope(name, () => {
    const shape = [...kernel, channels, filters];
    const w = tiedWeight(g, 'weight', shape, { initializer, trainable, tie: tie?.weight });
    const y =
      padding === 'reflect'
        ? g.conv(g.padSpatial(x, kernel.map(halves), 'reflect'), w, { stride, padding: 'valid' })
        : g.conv(x, w, { stride, padding });
    if (!bias) return y;
    const start =
      options.biasInitializer ??
      (initializer.kind === 'torch' ? { kind: 'torch', fanIn: sizeOf(kernel) * channels } : zeros);
    return g.biasAdd(y, tiedWeight(g, 'bias', [filters], { initializer: start, trainable, tie: tie?.bias }));
  });
}

const halves = (length: number): Sides => [Math.floor(length / 2), Math.floor(length / 2)];

/** Transposed convolution with bias, enlarging by `stride` (padding same): weight [kernel.., out, in]. */
export function convTranspose(
  g: Graph,
  name: string,
  x: Tensor,
  options: { filters: number; kernel: PerAxis; stride: PerAxis; bias?: boolean; initializer?: Initializer },
): Tensor {
  const { filters, stride, bias = true, initializer = { kind: 'torch', transposed: true } } = options;
  const kernel = perAxis(`${name}: kernel`, options.kernel, requireImage(name, x.shape));
  return g.scope(name, () => {
    const w = g.weight('weight', [...kernel, filters, channelsOf(x.shape)], initializer);
    const y = g.convTranspose(x, w, { stride });
    return bias ? g.biasAdd(y, g.weight('bias', [filters], zeros)) : y;
  });
}

/** PReLU with one slope a channel, 0.25 at the start (He et al. 2015; PyTorch's default). */
export function prelu(g: Graph, name: string, x: Tensor, tie?: Tie): Tensor {
  const initializer = { kind: 'constant', value: 0.25 } as const;
  return g.scope(name, () => g.prelu(x, tiedWeight(g, 'slope', [channelsOf(x.shape)], { initializer, tie })));
}

/**
 * (x - mean) / sqrt(var + 1e-5) over the spatial axes, for each image and channel (Ulyanov et al. 2016); optional
 * affine.
 */
export function instanceNorm(
  g: Graph,
  name: string,
  x: Tensor,
  options: { affine?: boolean; epsilon?: number } = {},
): Tensor {
  const normalised = normalise(g, x, spatialAxes(x.shape), options.epsilon ?? 1e-5);
  return options.affine ? affine(g, name, normalised) : normalised;
}

/**
 * Batch normalisation with the statistics of the batch at hand, in training and at inference, as Pix2Pix
 * uses it (Isola et al. 2017, section 3.2 and appendix 6.2: batch size 1 makes it instance normalisation).
 */
export function batchNorm(g: Graph, name: string, x: Tensor): Tensor {
  return affine(g, name, normalise(g, x, [0, ...spatialAxes(x.shape)], 1e-5), normal(0.02, 1));
}

/** (x - mean) · rsqrt(var + epsilon), with mean and variance over the given axes. */
export function normalise(g: Builder, x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const mean = g.mean(x, { axes, keepDims: true });
  const centred = g.sub(x, mean);
  const variance = g.mean(g.square(centred), { axes, keepDims: true });
  return g.mul(centred, g.rsqrt(g.shift(variance, epsilon)));
}

function affine(g: Graph, name: string, x: Tensor, scale: Initializer = ones): Tensor {
  const channels = [channelsOf(x.shape)];
  return g.scope(name, () => g.add(g.mul(x, g.weight('scale', channels, scale)), g.weight('shift', channels, zeros)));
}

/** Nearest-neighbour enlargement by a whole factor. */
export function upsampleNearest(g: Builder, x: Tensor, factor: PerAxis): Tensor {
  const factors = perAxis('upsample: factor', factor, requireImage('upsample', x.shape));
  // Depth-to-space of copies: one cheap concat, and its gradient is the sum over each block.
  const copies = Array.from({ length: sizeOf(factors) }, () => x);
  return g.depthToSpace(g.concat(copies, x.shape.length - 1), factors);
}

/** How an image is enlarged without learning. */
export type Interpolation = 'nearest' | 'bilinear' | 'bicubic';

/** Enlarges by whole factors; linear and cubic along each axis. */
export function upsample(g: Builder, x: Tensor, factor: PerAxis, kind: Interpolation): Tensor {
  const factors = perAxis('upsample: factor', factor, spatialRank(x.shape));
  if (factors.every((each) => each === 1)) return x;
  if (kind === 'nearest') return upsampleNearest(g, x, factors);
  return alongAxes(
    g,
    x,
    factors.map((each, i) => (each === 1 ? null : interpolationMatrix(x.shape[i + 1], each, kind))),
  );
}

import type { Graph, Padding } from './graph.js';
import { normal, ones, zeros, type Initializer } from './initializers.js';
import type { Tensor } from './tensor.js';

/** Options of {@link conv}. */
export interface ConvOptions {
  readonly filters: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: Padding | 'reflect';
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

const torch: Initializer = { kind: 'torch' };

/**
 * Convolution with bias: weight [k,k,in,out] and bias [out], named `name.weight` and `name.bias`.
 * Both start as PyTorch's do (U(±1/sqrt(fan in))) unless told otherwise. `reflect` pads by half the kernel, mirrored.
 */
export function conv(g: Graph, name: string, x: Tensor, options: ConvOptions): Tensor {
  const { filters, kernel, stride = 1, padding = 'same', bias = true, initializer = torch } = options;
  const channels = x.shape[3];
  return g.scope(name, () => {
    const w = g.weight('weight', [kernel, kernel, channels, filters], initializer);
    const half = Math.floor(kernel / 2);
    const y =
      padding === 'reflect'
        ? g.conv2d(
            g.pad(
              x,
              [
                [0, 0],
                [half, half],
                [half, half],
                [0, 0],
              ],
              'reflect',
            ),
            w,
            { stride, padding: 'valid' },
          )
        : g.conv2d(x, w, { stride, padding });
    if (!bias) return y;
    const start =
      options.biasInitializer ??
      (initializer.kind === 'torch' ? { kind: 'torch', fanIn: kernel * kernel * channels } : zeros);
    return g.biasAdd(y, g.weight('bias', [filters], start));
  });
}

/** Transposed convolution with bias, enlarging by `stride` (padding same): weight [k,k,out,in]. */
export function convTranspose(
  g: Graph,
  name: string,
  x: Tensor,
  options: { filters: number; kernel: number; stride: number; bias?: boolean; initializer?: Initializer },
): Tensor {
  const { filters, kernel, stride, bias = true, initializer = { kind: 'torch', transposed: true } } = options;
  const channels = x.shape[3];
  return g.scope(name, () => {
    const y = g.conv2dTranspose(x, g.weight('weight', [kernel, kernel, filters, channels], initializer), { stride });
    return bias ? g.biasAdd(y, g.weight('bias', [filters], zeros)) : y;
  });
}

/** PReLU with one slope a channel, 0.25 at the start (He et al. 2015; PyTorch's default). */
export function prelu(g: Graph, name: string, x: Tensor): Tensor {
  return g.scope(name, () => g.prelu(x, g.weight('slope', [x.shape[3]], { kind: 'constant', value: 0.25 })));
}

/**
 * (x - mean) / sqrt(var + 1e-5) over height and width, for each image and channel (Ulyanov et al. 2016); optional
 * affine.
 */
export function instanceNorm(
  g: Graph,
  name: string,
  x: Tensor,
  options: { affine?: boolean; epsilon?: number } = {},
): Tensor {
  const normalised = normalise(g, x, [1, 2], options.epsilon ?? 1e-5);
  return options.affine ? affine(g, name, normalised) : normalised;
}

/**
 * Batch normalisation with the statistics of the batch at hand, in training and at inference, as Pix2Pix
 * uses it (Isola et al. 2017, section 3.2 and appendix 6.2: batch size 1 makes it instance normalisation).
 */
export function batchNorm(g: Graph, name: string, x: Tensor): Tensor {
  return affine(g, name, normalise(g, x, [0, 1, 2], 1e-5), normal(0.02, 1));
}

function normalise(g: Graph, x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const mean = g.mean(x, { axes, keepDims: true });
  const centred = g.sub(x, mean);
  const variance = g.mean(g.square(centred), { axes, keepDims: true });
  return g.mul(centred, g.rsqrt(g.shift(variance, epsilon)));
}

function affine(g: Graph, name: string, x: Tensor, scale: Initializer = ones): Tensor {
  return g.scope(name, () =>
    g.add(g.mul(x, g.weight('scale', [x.shape[3]], scale)), g.weight('shift', [x.shape[3]], zeros)),
  );
}

/** Nearest-neighbour enlargement by a whole factor. */
export function upsampleNearest(g: Graph, x: Tensor, factor: number): Tensor {
  // Depth-to-space of factor² copies: one cheap concat, and its gradient is the sum over each block.
  return g.depthToSpace(
    g.concat(
      Array.from({ length: factor * factor }, () => x),
      3,
    ),
    factor,
  );
}

/**
 * Applies one matrix along the rows' axis and one along the columns': y = R x Cᵀ for each image and channel.
 * Interpolation, blurring and sampling of separable kernels are all of this form, and so are their adjoints.
 * @param rows [h', h] and columns [w', w], row-major.
 */
export function separable(g: Graph, x: Tensor, rows: Float32Array, columns: Float32Array): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const outH = rows.length / h;
  const outW = columns.length / w;
  const vertical = g.matmul(g.constant(rows, [outH, h]), g.reshape(x, [n, h, w * c]));
  const horizontal = g.matmul(g.constant(columns, [outW, w]), g.reshape(vertical, [n * outH, w, c]));
  return g.reshape(horizontal, [n, outH, outW, c]);
}

/**
 * The matrix [length·factor, length] of bilinear or bicubic (Keys, a = -0.5) interpolation on centred pixels, edges
 * replicated. Output pixel i lies at (i + 0.5) / factor - 0.5 of the input: what MATLAB's imresize and half-pixel
 * resizing do when they enlarge.
 */
export function interpolationMatrix(length: number, factor: number, kind: 'bilinear' | 'bicubic'): Float32Array {
  const reach = kind === 'bilinear' ? 1 : 2;
  const kernel = kind === 'bilinear' ? (t: number) => Math.max(0, 1 - Math.abs(t)) : keys;
  const out = new Float32Array(length * factor * length);
  for (let i = 0; i < length * factor; i++) {
    const at = (i + 0.5) / factor - 0.5;
    const base = Math.floor(at);
    for (let k = base - reach + 1; k <= base + reach; k++) {
      out[i * length + Math.min(length - 1, Math.max(0, k))] += kernel(at - k);
    }
  }
  return out;
}

function keys(t: number): number {
  const x = Math.abs(t);
  if (x <= 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}

/** Enlarges by a whole factor. */
export function upsample(g: Graph, x: Tensor, factor: number, kind: 'nearest' | 'bilinear' | 'bicubic'): Tensor {
  if (factor === 1) return x;
  if (kind === 'nearest') return upsampleNearest(g, x, factor);
  return separable(g, x, interpolationMatrix(x.shape[1], factor, kind), interpolationMatrix(x.shape[2], factor, kind));
}

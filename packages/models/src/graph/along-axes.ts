import type { Builder } from './builder.js';
import { sizeOf, type Shape } from './shape.js';
import type { Tensor } from './tensor.js';

/**
 * Applies a matrix [out, in], row-major, along each spatial axis of x; null leaves an axis as it is.
 * Interpolation, blurring and sampling of separable kernels are all of this form, and so are their adjoints.
 *
 * Each is a batch of products: the axes before it in the batch, those after it as columns.
 */
export function alongAxes(g: Builder, x: Tensor, matrices: readonly (Float32Array | null)[]): Tensor {
  const shape = [...x.shape];
  let y = x;
  matrices.forEach((matrix, i) => {
    if (matrix === null) return;
    const length = shape[i + 1];
    const constant = g.constant(matrix, [matrix.length / length, length]);
    y = g.matmul(constant, g.reshape(y, linesOf(shape, i + 1)));
    shape[i + 1] = matrix.length / length;
  });
  return g.reshape(y, shape);
}

/** Sizes of an image's lines along an axis: axes before it, it, axes after it. */
const linesOf = (shape: Shape, axis: number): number[] => [
  sizeOf(shape.slice(0, axis)),
  shape[axis],
  sizeOf(shape.slice(axis + 1)),
];

/** What {@link alongAxes} did: to which image, and a matrix for each spatial axis or null. */
export interface AxisMatrices {
  readonly x: Tensor;
  readonly matrices: readonly (Tensor<'constant'> | null)[];
  /** The axis of x's shape that came last. */
  readonly lastAxis: number;
}

/**
 * Recognises the products of {@link alongAxes}, from the last of them or the reshape after it; null for anything else.
 */
export function matchAlongAxes(node: Tensor): AxisMatrices | null {
  const products: { readonly matrix: Tensor<'constant'>; readonly lines: Shape }[] = [];
  let y = node.op === 'reshape' ? node.inputs[0] : node;
  while (y.op === 'matmul') {
    const [matrix, lines] = y.inputs;
    const { transposeA, transposeB } = y.attributes;
    if (matrix.op !== 'constant' || lines.op !== 'reshape' || lines.shape.length !== 3 || transposeA || transposeB)
      return null;
    products.unshift({ matrix, lines: lines.shape });
    y = lines.inputs[0];
  }
  const isImage = y.shape.length === 4 || y.shape.length === 5;
  if (products.length === 0 || !isImage) return null;
  const shape = [...y.shape];
  const matrices: (Tensor<'constant'> | null)[] = shape.slice(1, -1).map(() => null);
  let lastAxis = 0;
  for (const { matrix, lines } of products) {
    const isTurn = (axis: number) => linesOf(shape, axis).every((length, i) => length === lines[i]);
    const axis = matrices.findIndex((_, i) => i + 1 > lastAxis && isTurn(i + 1)) + 1;
    if (axis === 0) return null;
    matrices[axis - 1] = matrix;
    shape[axis] = matrix.shape[0];
    lastAxis = axis;
  }
  return { x: y, matrices, lastAxis };
}

/**
 * The matrix [length·factor, length] of bilinear or bicubic (Keys, a = -0.5) interpolation on centred pixels, edges
 * replicated. Output pixel i lies at (i + 0.5) / factor - 0.5 of the input: what MATLAB's imresize and half-pixel
 * resizing do when they enlarge.
 */
export function interpolationMatrix(length: number, factor: number, kind: 'bilinear' | 'bicubic'): Float32Array {
  return resizeMatrix(length, length * factor, kind);
}

/** {@link interpolationMatrix} to any larger length: output pixel i lies at (i + 0.5) · length / outLength - 0.5. */
export function resizeMatrix(length: number, outLength: number, kind: 'bilinear' | 'bicubic'): Float32Array {
  const reach = kind === 'bilinear' ? 1 : 2;
  const kernel = kind === 'bilinear' ? (t: number) => Math.max(0, 1 - Math.abs(t)) : keys;
  const out = new Float32Array(outLength * length);
  for (let i = 0; i < outLength; i++) {
    const at = (i + 0.5) / (outLength / length) - 0.5;
    const base = Math.floor(at);
    for (let k = base - reach + 1; k <= base + reach; k++) {
      out[i * length + Math.min(length - 1, Math.max(0, k))] += kernel(at - k);
    }
  }
  return out;
}

/** An image interpolated to other spatial sizes, none of them smaller: bilinear on centred pixels, edges replicated. */
export function resizeTo(g: Builder, x: Tensor, sizes: readonly number[]): Tensor {
  return alongAxes(
    g,
    x,
    sizes.map((length, i) => (length === x.shape[i + 1] ? null : resizeMatrix(x.shape[i + 1], length, 'bilinear'))),
  );
}

function keys(t: number): number {
  const x = Math.abs(t);
  if (x <= 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}

import type { Tensor } from '@lacuna/models';
import type { AttributeValue } from './node-list.js';
import type { Lowered, Lowering } from './lowering.js';

/** A convolution with what is fused into it: zeros padded before it, a bias added after it. */
export interface ConvolutionPattern {
  readonly node: Tensor;
  readonly x: Tensor;
  readonly bias: Tensor | null;
  /** [[top, bottom], [left, right]] of a fused padding. */
  readonly pads: readonly (readonly number[])[] | null;
}

/** A convolution, or a bias added to one that nobody else reads. */
export function matchConvolution(node: Tensor, uses: (tensor: Tensor) => number): ConvolutionPattern | null {
  if (node.op === 'biasAdd') {
    const [inner, bias] = node.inputs as [Tensor, Tensor];
    const found = uses(inner) === 1 ? matchConvolution(inner, uses) : null;
    return found && found.bias === null ? { ...found, bias } : null;
  }
  if (node.op === 'conv2dInputGradient') return { node, x: node.inputs[0], bias: null, pads: null };
  if (node.op !== 'conv2d') return null;
  const x = node.inputs[0];
  const sides = x.op === 'pad' ? (x.attributes['paddings'] as readonly (readonly number[])[]) : null;
  const spatial =
    sides !== null &&
    node.attributes['padding'] === 'valid' &&
    uses(x) === 1 &&
    [sides[0], sides[3]].every(([before, after]) => before === 0 && after === 0);
  return spatial ? { node, x: x.inputs[0], bias: null, pads: sides.slice(1, 3) } : { node, x, bias: null, pads: null };
}

/** Conv or ConvTranspose, with the paddings that TensorFlow's SAME and VALID mean. */
export function lowerConvolution(ctx: Lowering, { node, x, bias, pads }: ConvolutionPattern): Lowered {
  const w = node.inputs[1];
  const stride = node.attributes['stride'] as number;
  const same = node.attributes['padding'] === 'same';
  const [kernelH, kernelW] = w.shape as [number, number];
  const transposed = node.op === 'conv2dInputGradient';
  const attributes: Record<string, AttributeValue> = { kernel_shape: [kernelH, kernelW], strides: [stride, stride] };
  if (transposed) Object.assign(attributes, transposedPadding(node, stride, same, [kernelH, kernelW]));
  else if (pads) attributes['pads'] = [pads[0][0], pads[1][0], pads[0][1], pads[1][1]];
  else if (same && stride > 1) attributes['auto_pad'] = 'SAME_UPPER';
  else if (same) attributes['pads'] = [half(kernelH - 1), half(kernelW - 1), rest(kernelH - 1), rest(kernelW - 1)];
  // HWIO to OIHW; the transposed filter [h, w, out, in] to [in, out, h, w]: the same order.
  const inputs = [ctx.image(x), ctx.permuted(w, [3, 2, 0, 1])];
  if (bias) inputs.push(ctx.plain(bias));
  const name = w.op === 'variable' ? (w.attributes['name'] as string).replace(/\.weight$/, '') : undefined;
  return {
    name: ctx.list.node(transposed ? 'ConvTranspose' : 'Conv', inputs, attributes, name === undefined ? {} : { name }),
    layout: 'image',
  };
}

const half = (total: number): number => Math.floor(total / 2);
const rest = (total: number): number => total - half(total);

/**
 * ONNX: out = stride (in - 1) + kernel - pads + output_padding. SAME gives stride · in: pads of kernel - stride in all,
 * the smaller part first; a kernel smaller than the stride leaves zeros at the end.
 */
function transposedPadding(
  node: Tensor,
  stride: number,
  same: boolean,
  kernel: readonly [number, number],
): Record<string, AttributeValue> {
  const input = node.inputs[0].shape.slice(1, 3);
  const totals = kernel.map((size) => (same ? Math.max(0, size - stride) : 0));
  const missing = kernel.map((size, axis) => node.shape[axis + 1] - (stride * (input[axis] - 1) + size - totals[axis]));
  return {
    pads: [half(totals[0]), half(totals[1]), rest(totals[0]), rest(totals[1])],
    ...(missing.some((count) => count !== 0) ? { output_padding: missing } : {}),
  };
}

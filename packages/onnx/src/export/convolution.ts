import { spatialRank, spatialSizes, type Node, type Sides, type Tensor } from '@lacuna/models';
import { filterFirst } from '../axes.js';
import type { AttributeValue } from './node-list.js';
import type { Lowered, Lowering } from './lowering.js';

/** A convolution with what is fused into it: zeros padded before it, a bias added after it. */
export interface ConvolutionPattern {
  readonly node: Tensor<'conv' | 'convInputGradient'>;
  readonly x: Tensor;
  readonly bias: Tensor | null;
  /** Sides of a fused padding along each spatial axis. */
  readonly pads: readonly Sides[] | null;
}

/** A convolution, or a bias added to one that nobody else reads. */
export function matchConvolution(node: Tensor, uses: (tensor: Tensor) => number): ConvolutionPattern | null {
  if (node.op === 'biasAdd') {
    const [inner, bias] = node.inputs;
    const found = uses(inner) === 1 ? matchConvolution(inner, uses) : null;
    return found && found.bias === null ? { ...found, bias } : null;
  }
  if (node.op === 'convInputGradient') return { node, x: node.inputs[0], bias: null, pads: null };
  if (node.op !== 'conv') return null;
  const x = node.inputs[0];
  const pads = node.attributes.padding === 'valid' && x.op === 'pad' && uses(x) === 1 ? spatialPads(x) : null;
  return pads ? { node, x: x.inputs[0], bias: null, pads } : { node, x, bias: null, pads: null };
}

/** The sides of a padding that leaves batch and channels as they are. */
function spatialPads({ attributes: { paddings } }: Node<'pad'>): readonly Sides[] | null {
  const still = [paddings[0], paddings[paddings.length - 1]].every(([before, after]) => before === 0 && after === 0);
  return still ? paddings.slice(1, -1) : null;
}

/** Conv or ConvTranspose, with the paddings that TensorFlow's SAME and VALID mean. */
export function lowerConvolution(ctx: Lowering, { node, x, bias, pads }: ConvolutionPattern): Lowered {
  const w = node.inputs[1];
  const rank = spatialRank(node.shape);
  const { stride, padding } = node.attributes;
  const kernel = w.shape.slice(0, rank);
  const attributes: Record<string, AttributeValue> = { kernel_shape: kernel, strides: stride };
  const around = (totals: readonly number[]) => [...totals.map(half), ...totals.map(rest)];
  if (node.op === 'convInputGradient') Object.assign(attributes, transposedPadding(node, kernel));
  else if (pads) attributes['pads'] = [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
  else if (padding === 'same' && stride.some((step) => step > 1)) attributes['auto_pad'] = 'SAME_UPPER';
  else if (padding === 'same') attributes['pads'] = around(kernel.map((length) => length - 1));
  // [.., in, out] to [out, in, ..]; the transposed filter [.., out, in] to [in, out, ..]: the same order.
  const inputs = [ctx.image(x), ctx.permuted(w, filterFirst(rank))];
  if (bias) inputs.push(ctx.plain(bias));
  // Tied weights are named after what is stored.
  const stored = w.op === 'take' ? w.inputs[0] : w;
  const name = stored.op === 'variable' ? stored.attributes.name.replace(/\.weight$/, '') : undefined;
  const opType = node.op === 'conv' ? 'Conv' : 'ConvTranspose';
  return { name: ctx.list.node(opType, inputs, attributes, name === undefined ? {} : { name }), layout: 'image' };
}

const half = (total: number): number => Math.floor(total / 2);
const rest = (total: number): number => total - half(total);

/**
 * ONNX: out = stride (in - 1) + kernel - pads + output_padding. SAME gives stride · in: pads of kernel - stride in all,
 * the smaller part first; a kernel smaller than the stride leaves zeros at the end.
 */
function transposedPadding(node: Node<'convInputGradient'>, kernel: readonly number[]): Record<string, AttributeValue> {
  const { stride, padding } = node.attributes;
  const input = spatialSizes(node.inputs[0].shape);
  const output = spatialSizes(node.shape);
  const totals = kernel.map((size, axis) => (padding === 'same' ? Math.max(0, size - stride[axis]) : 0));
  const missing = kernel.map((size, axis) => output[axis] - (stride[axis] * (input[axis] - 1) + size - totals[axis]));
  return {
    pads: [...totals.map(half), ...totals.map(rest)],
    ...(missing.some((count) => count !== 0) ? { output_padding: missing } : {}),
  };
}

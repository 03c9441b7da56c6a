import { channelsOf, type Tensor } from '@lacuna/models';
import { lowerCubicVolume, writeCubic } from './composites.js';
import { lowerFourier } from './fourier.js';
import { lowerConvolution, matchConvolution } from './convolution.js';
import { isLeaf, Lowering, type Lowered, type Weights } from './lowering.js';
import { NodeList, type AttributeValue } from './node-list.js';
import { lowerOperation } from './operations.js';
import {
  matchFourier,
  matchNorm,
  matchResize,
  matchStretch,
  type NormPattern,
  type ResizePattern,
  type StretchPattern,
} from './patterns.js';

/** One thing to write: an op, or several of ours for which ONNX has one. */
interface Step {
  readonly inputs: readonly Tensor[];
  readonly write: (ctx: Lowering) => Lowered;
}

/** Mark of a normalisation that spans the batch while training. */
export const ACROSS_BATCH = 'statistics of the batch in training; of each image here';

/**
 * Writes the graph between `lr` and its outputs as ONNX nodes; the outputs' values have their names, "sr" first, and
 * lie with channels first.
 */
export function lowerGraph(
  lr: Tensor,
  outputs: Readonly<Record<string, Tensor>>,
  weights: Weights,
  precision: 'float32' | 'float16',
): NodeList {
  const counts = new Map<number, number>();
  const uses = (tensor: Tensor) => counts.get(tensor.id) ?? 0;
  countUses(Object.values(outputs), counts);
  const list = new NodeList(precision);
  const ctx = new Lowering(list, weights);
  ctx.set(lr, { name: 'lr', layout: 'image' });
  const steps = new Map<number, Step>();
  const stepOf = (tensor: Tensor): Step => {
    let step = steps.get(tensor.id);
    if (!step) steps.set(tensor.id, (step = matchStep(tensor, lr, uses)));
    return step;
  };
  const done = new Set<number>([lr.id]);
  const stack = Object.values(outputs).reverse();
  while (stack.length > 0) {
    const tensor = stack.at(-1)!;
    if (done.has(tensor.id) || isLeaf(tensor)) {
      stack.pop();
      continue;
    }
    const step = stepOf(tensor);
    const missing = step.inputs.filter((input) => !done.has(input.id) && !isLeaf(input));
    if (missing.length > 0) {
      stack.push(...[...missing].reverse());
      continue;
    }
    ctx.set(tensor, step.write(ctx));
    done.add(tensor.id);
    stack.pop();
  }
  for (const [name, tensor] of Object.entries(outputs)) list.renameOutput(ctx.image(tensor), name);
  return list;
}

function matchStep(tensor: Tensor, lr: Tensor, uses: (tensor: Tensor) => number): Step {
  const stretch = matchStretch(tensor, lr);
  if (stretch) return { inputs: [stretch.x], write: (ctx) => writeStretch(ctx, stretch) };
  const fourier = matchFourier(tensor);
  if (fourier) return { inputs: [fourier.x], write: (ctx) => lowerFourier(ctx, fourier) };
  const resize = matchResize(tensor);
  if (resize) return { inputs: [resize.x], write: (ctx) => writeResize(ctx, resize) };
  const norm = matchNorm(tensor);
  if (norm) return { inputs: [norm.x], write: (ctx) => writeNorm(ctx, norm) };
  const convolution = matchConvolution(tensor, uses);
  if (convolution)
    return { inputs: [convolution.x, convolution.node.inputs[1]], write: (ctx) => lowerConvolution(ctx, convolution) };
  return { inputs: tensor.inputs, write: (ctx) => lowerOperation(ctx, tensor) };
}

function writeResize(ctx: Lowering, { x, factor, kind }: ResizePattern): Lowered {
  if (kind === 'bicubic') {
    if (factor.length === 3) return lowerCubicVolume(ctx, x, factor);
    return { name: writeCubic(ctx, ctx.image(x), factor), layout: 'image' };
  }
  const scales = ctx.list.constant([2 + factor.length], [1, 1, ...factor]);
  const attributes: Record<string, AttributeValue> =
    kind === 'nearest'
      ? { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }
      : { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  return { name: ctx.list.node('Resize', [ctx.image(x), '', scales], attributes), layout: 'image' };
}

/** The sizes are those that the input has when the model runs. */
function writeStretch(ctx: Lowering, { x, to }: StretchPattern): Lowered {
  const image = ctx.image(x);
  const kept = ctx.list.node('Shape', [image], { start: 0, end: 2 });
  const sizes = ctx.list.node('Concat', [kept, ctx.list.node('Shape', [ctx.image(to)], { start: 2 })], { axis: 0 });
  const attributes = { mode: 'linear', coordinate_transformation_mode: 'half_pixel' };
  return { name: ctx.list.node('Resize', [image, '', '', sizes], attributes), layout: 'image' };
}

function writeNorm(ctx: Lowering, { x, epsilon, acrossBatch, affine }: NormPattern): Lowered {
  const channels = channelsOf(x.shape);
  const scale = affine ? ctx.plain(affine.scale) : ctx.list.constant([channels], new Float32Array(channels).fill(1));
  const shift = affine ? ctx.plain(affine.shift) : ctx.list.constant([channels], new Float32Array(channels));
  return {
    name: ctx.list.node(
      'InstanceNormalization',
      [ctx.image(x), scale, shift],
      { epsilon: { float: epsilon } },
      acrossBatch ? { docString: ACROSS_BATCH } : {},
    ),
    layout: 'image',
  };
}

/** How many ops read each value. */
function countUses(outputs: readonly Tensor[], counts: Map<number, number>): void {
  const seen = new Set<number>(outputs.map(({ id }) => id));
  const stack = [...outputs];
  while (stack.length > 0) {
    for (const input of stack.pop()!.inputs) {
      counts.set(input.id, (counts.get(input.id) ?? 0) + 1);
      if (!seen.has(input.id)) {
        seen.add(input.id);
        stack.push(input);
      }
    }
  }
}

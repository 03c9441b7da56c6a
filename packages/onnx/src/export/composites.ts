import { sizeOf, spatialRank, type Node, type Tensor } from '@lacuna/models';
import type { Lowered, Lowering } from './lowering.js';

/**
 * What ONNX, or onnxruntime, has for planes alone is written for volumes as several nodes, and so are products with a
 * matrix that hangs on the image's size. Text on the last of them says what they are together, so that the file can be
 * read back op for op.
 */
export interface Composite {
  readonly kind: 'depthToSpace' | 'spaceToDepth' | 'bicubic' | 'cosine' | 'sine';
  /** Blocks or factors along each spatial axis; of a Fourier transform the axis, from 0. */
  readonly numbers: readonly number[];
  /** The value that the nodes begin with, an image. */
  readonly of: string;
}

/** Text for the last node of several. */
export const formatComposite = ({ kind, numbers, of }: Composite): string => `${kind} ${numbers.join(',')} of ${of}`;

/** Reads the text on a node; null where it says something else. */
export function parseComposite(text: string | undefined): Composite | null {
  const found = /^(depthToSpace|spaceToDepth|bicubic|cosine|sine) (\d+(?:,\d+)*) of (.+)$/.exec(text ?? '');
  if (!found) return null;
  return { kind: found[1] as Composite['kind'], numbers: found[2].split(',').map(Number), of: found[3] };
}

/** Lengths of a value's axes from `start` to before `end`, as they are when the model runs. */
const lengths = (ctx: Lowering, value: string, start: number, end?: number): string =>
  ctx.list.node('Shape', [value], { start, ...(end === undefined ? {} : { end }) });
const joined = (ctx: Lowering, parts: readonly string[]): string => ctx.list.node('Concat', parts, { axis: 0 });

/**
 * [n, b·c, spatial] to [n, b, c, spatial], each block axis moved behind its spatial axis, and the pairs joined. Zero
 * in a reshape means "as long as before".
 */
export function lowerDepthToSpace(ctx: Lowering, node: Node<'depthToSpace'>): Lowered {
  const { block } = node.attributes;
  const rank = block.length;
  const of = ctx.image(node.inputs[0]);
  const channels = node.shape[rank + 1];
  const small = lengths(ctx, of, 2);
  const split = ctx.list.node('Reshape', [of, joined(ctx, [ctx.list.ints([0, ...block, channels]), small])]);
  const pairs = block.flatMap((_, axis) => [2 + rank + axis, 1 + axis]);
  const moved = ctx.list.node('Transpose', [split], { perm: [0, 1 + rank, ...pairs] });
  const large = ctx.list.node('Mul', [small, ctx.list.ints(block)]);
  const shape = joined(ctx, [ctx.list.ints([0, channels]), large]);
  const docString = formatComposite({ kind: 'depthToSpace', numbers: block, of });
  return { name: ctx.list.node('Reshape', [moved, shape], {}, { docString }), layout: 'image' };
}

/** The steps of {@link lowerDepthToSpace} backwards. */
export function lowerSpaceToDepth(ctx: Lowering, node: Node<'spaceToDepth'>): Lowered {
  const { block } = node.attributes;
  const rank = block.length;
  const of = ctx.image(node.inputs[0]);
  const channels = node.inputs[0].shape[rank + 1];
  const small = ctx.list.node('Div', [lengths(ctx, of, 2), ctx.list.ints(block)]);
  const pairs = block.flatMap((length, axis) => [
    ctx.list.node('Slice', [small, ctx.list.ints([axis]), ctx.list.ints([axis + 1])]),
    ctx.list.ints([length]),
  ]);
  const split = ctx.list.node('Reshape', [of, joined(ctx, [ctx.list.ints([0, channels]), ...pairs])]);
  const blocks = block.map((_, axis) => 3 + 2 * axis);
  const spatial = block.map((_, axis) => 2 + 2 * axis);
  const moved = ctx.list.node('Transpose', [split], { perm: [0, ...blocks, 1, ...spatial] });
  const shape = joined(ctx, [ctx.list.ints([0, channels * sizeOf(block)]), small]);
  const docString = formatComposite({ kind: 'spaceToDepth', numbers: block, of });
  return { name: ctx.list.node('Reshape', [moved, shape], {}, { docString }), layout: 'image' };
}

/**
 * Cubic enlargement of a volume. onnxruntime has it for planes: planes first, all of them as channels; then z, with
 * each plane as one row.
 */
export function lowerCubicVolume(ctx: Lowering, x: Tensor, factor: readonly number[]): Lowered {
  const of = ctx.image(x);
  const rank = spatialRank(x.shape);
  const [alongZ, ...inPlane] = factor;
  const docString = formatComposite({ kind: 'bicubic', numbers: factor, of });
  let last = of;
  if (inPlane.some((each) => each > 1)) {
    const planes = joined(ctx, [ctx.list.ints([0, -1]), lengths(ctx, of, 3)]);
    const large = ctx.list.node('Mul', [lengths(ctx, of, 3), ctx.list.ints(inPlane)]);
    const cubic = writeCubic(ctx, ctx.list.node('Reshape', [of, planes]), inPlane);
    const shape = joined(ctx, [lengths(ctx, of, 0, rank), large]);
    last = ctx.list.node('Reshape', [cubic, shape], {}, alongZ === 1 ? { docString } : {});
  }
  if (alongZ > 1) {
    const rows = ctx.list.node('Reshape', [last, ctx.list.ints([0, 0, 0, -1])]);
    const large = ctx.list.node('Mul', [lengths(ctx, last, 2, 3), ctx.list.ints([alongZ])]);
    const shape = joined(ctx, [lengths(ctx, last, 0, 2), large, lengths(ctx, last, 3)]);
    last = ctx.list.node('Reshape', [writeCubic(ctx, rows, [alongZ, 1]), shape], {}, { docString });
  }
  return { name: last, layout: 'image' };
}

/** Keys' cubic with a = -0.5 on centred pixels. */
export function writeCubic(ctx: Lowering, image: string, factor: readonly number[]): string {
  return ctx.list.node('Resize', [image, '', ctx.list.constant([2 + factor.length], [1, 1, ...factor])], {
    mode: 'cubic',
    coordinate_transformation_mode: 'half_pixel',
    cubic_coeff_a: { float: -0.5 },
  });
}

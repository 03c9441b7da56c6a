import { dataTypes } from '../proto/tensors.js';
import { formatComposite } from './composites.js';
import type { Lowered, Lowering } from './lowering.js';
import type { FourierPattern } from './patterns.js';

/**
 * One part of a Fourier transform along one axis, as nodes that make its matrix for the size that the image has when
 * the model runs: f(2π (k - ⌊n/2⌋) j / n) / √n. The axis is brought to the rows where it is not the last.
 */
export function lowerFourier(ctx: Lowering, { x, part, axis }: FourierPattern): Lowered {
  const of = ctx.image(x);
  const rank = x.shape.length;
  const at = axis + 2;
  const matrix = fourierNodes(ctx, ctx.list.node('Shape', [of], { start: at, end: at + 1 }), part);
  const docString = formatComposite({ kind: part, numbers: [axis], of });
  // The matrix acts on the last axis but one: another one takes its place.
  const swapped = Array.from({ length: rank }, (_, i) => i);
  [swapped[at], swapped[rank - 2]] = [rank - 2, at];
  if (at === rank - 2) return { name: ctx.list.node('MatMul', [matrix, of], {}, { docString }), layout: 'image' };
  if (at === rank - 1) {
    const turned = ctx.list.node('Transpose', [matrix], { perm: [1, 0] });
    return { name: ctx.list.node('MatMul', [of, turned], {}, { docString }), layout: 'image' };
  }
  const brought = ctx.list.node('Transpose', [of], { perm: swapped });
  const made = ctx.list.node('MatMul', [matrix, brought]);
  return { name: ctx.list.node('Transpose', [made], { perm: swapped }, { docString }), layout: 'image' };
}

/** The matrix for an axis whose length is the one number of `length`. */
function fourierNodes(ctx: Lowering, length: string, part: FourierPattern['part']): string {
  const { list } = ctx;
  const scalar = list.node('Squeeze', [length]);
  const places = list.node('Range', [
    list.node('Squeeze', [list.ints([0])]),
    scalar,
    list.node('Squeeze', [list.ints([1])]),
  ]);
  const half = list.node('Div', [length, list.ints([2])]);
  const frequencies = list.node('Unsqueeze', [list.node('Sub', [places, half]), list.ints([1])]);
  // Whole turns are taken out of the whole numbers, before anything is rounded.
  const turns = list.node('Mod', [list.node('Mul', [frequencies, places]), length]);
  const float = (value: string) => list.node('Cast', [value], { to: dataTypes.float });
  const angles = list.node('Div', [list.node('Mul', [float(turns), list.constant([], [2 * Math.PI])]), float(length)]);
  const waves = list.node(part === 'cosine' ? 'Cos' : 'Sin', [angles]);
  return list.node('Div', [waves, list.node('Sqrt', [float(length)])]);
}

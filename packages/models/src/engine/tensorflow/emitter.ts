import type { Shape } from '../../graph/index.js';
import type { ElementType } from './element-types.js';
import type { NodeAttribute, SavedModelWriter } from './saved-model.js';

/** Where a kernel writes its nodes: names are unique within the action. */
export interface Emitter {
  readonly writer: SavedModelWriter;
  /** Whether the program runs on the CPU, where a convolution's kernel is chosen by its shape. */
  readonly cpu: boolean;
  /** Whether that CPU has AVX-512, where oneDNN has other kernels. */
  readonly avx512: boolean;
  /** Whether the action updates variables, as steps of a training do. */
  readonly trains: boolean;
  /** What the op takes and gives: its inputs come as this. */
  readonly element: ElementType;
  /** Fresh name for a node that helps. */
  name(hint: string): string;
  /** An int32 constant (shapes, axes, paddings). */
  ints(values: readonly number[], shape?: readonly number[]): string;
}

/** Attributes of a node by name. */
export type NodeAttributes = Readonly<Record<string, NodeAttribute>>;

/** The element type, under the name that most ops give it. */
export const T = ({ element }: Pick<Emitter, 'element'>) => ({ T: { type: element } }) as const;
/** Element type, and the type of sizes and axes under the name that the op gives it. */
export const withIndex = (emit: Emitter, name: string): NodeAttributes => ({ ...T(emit), [name]: { type: 'int32' } });

export const reshape = (emit: Emitter, x: string, shape: Shape, name = emit.name('reshape')): string =>
  emit.writer.node(name, 'Reshape', [x, emit.ints(shape)], withIndex(emit, 'Tshape'));

export const transpose = (emit: Emitter, x: string, order: readonly number[], name = emit.name('transpose')): string =>
  emit.writer.node(name, 'Transpose', [x, emit.ints(order)], withIndex(emit, 'Tperm'));

/** Zeros before and after each axis, in turn; none is no node. */
export function pad(emit: Emitter, x: string, zeros: readonly number[]): string {
  if (zeros.every((each) => each === 0)) return x;
  return emit.writer.node(
    emit.name('pad'),
    'Pad',
    [x, emit.ints(zeros, [zeros.length / 2, 2])],
    withIndex(emit, 'Tpaddings'),
  );
}

/** Adds a slice; `name` is a fresh one when left out. */
export const slice = (
  emit: Emitter,
  x: string,
  begin: readonly number[],
  size: Shape,
  name = emit.name('slice'),
): string => emit.writer.node(name, 'Slice', [x, emit.ints(begin), emit.ints(size)], withIndex(emit, 'Index'));

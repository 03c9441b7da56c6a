import { channelsOf, sizeOf, spatialRank, spatialSizes, type Node, type Shape } from '../../graph/index.js';
import { spreadDepth } from './depth-to-space.js';
import { T, pad, reshape, transpose, withIndex, type Emitter } from './emitter.js';

/** One axis of a transposed convolution, as a convolution on the small grid that gives all phases of the large one. */
interface Phases {
  readonly stride: number;
  /** Taps of a phase on the small grid. */
  readonly taps: number;
  /** Zeros about the small image, and about the kernel, so that it is `taps` times `stride` long. */
  readonly image: readonly [before: number, after: number];
  readonly kernel: readonly [before: number, after: number];
}

/**
 * Whether a transposed convolution of a volume is written as its phases. oneDNN takes up to 500 times longer than that
 * for an odd stride to one channel (10.7 s in place of 21 ms for 30 x 45 x 42 voxels of 4 channels, a kernel of 9 at a
 * stride of 3; AMD EPYC), and no longer for even ones. Trainings, whose patches are small, keep their kernels and bits.
 */
export function isSlowInVolumes(emit: Emitter, { shape, attributes }: Node<'convInputGradient'>): boolean {
  const { stride, padding } = attributes;
  return (
    emit.cpu &&
    !emit.trains &&
    emit.element === 'float' &&
    spatialRank(shape) === 3 &&
    channelsOf(shape) === 1 &&
    padding === 'same' &&
    stride.some((each) => each > 1 && each % 2 === 1) &&
    spatialSizes(shape).every((length, axis) => length % stride[axis] === 0)
  );
}

/**
 * A transposed convolution of a volume as one convolution on the small grid to all phases of the large one, which are
 * spread then: fine voxel q·s + r is the sum over t of w[r + p - t·s] · small[q + t], p the zeros that SAME adds first.
 */
export function phasesThenSpread(
  emit: Emitter,
  name: string,
  node: Node<'convInputGradient'>,
  [dy, w]: readonly string[],
): string {
  const [small, filter] = node.inputs.map(({ shape }) => shape);
  const phases = node.attributes.stride.map((stride, axis) => phasesOf(filter[axis], stride));
  const zeros = phases.flatMap(({ image }) => image);
  const image = pad(emit, dy, [0, 0, ...zeros, 0, 0]);
  const made = emit.writer.node(emit.name('phases'), 'Conv3D', [image, phaseFilter(emit, w, filter, phases)], {
    ...T(emit),
    strides: { ints: [1, 1, 1, 1, 1] },
    padding: { text: 'VALID' },
  });
  const depth = sizeOf(node.attributes.stride) * channelsOf(node.shape);
  return spreadDepth(emit, name, made, {
    small: [...small.slice(0, -1), depth],
    large: node.shape,
    block: node.attributes.stride,
  });
}

function phasesOf(kernel: number, stride: number): Phases {
  const before = Math.floor(Math.max(0, kernel - stride) / 2);
  const first = Math.ceil((before - kernel + 1) / stride);
  const last = Math.floor((stride - 1 + before) / stride);
  const taps = last - first + 1;
  const ahead = last * stride - before;
  return { stride, taps, image: [-first, last], kernel: [ahead, taps * stride - kernel - ahead] };
}

/** [k.., c, d] to [taps.., d, strides.. · c]: zeros about the kernel, cut into strides, the last of them first. */
function phaseFilter(emit: Emitter, w: string, [, , , c, d]: Shape, phases: readonly Phases[]): string {
  const around = phases.flatMap(({ kernel }) => kernel);
  const cut = reshape(emit, pad(emit, w, [...around, 0, 0, 0, 0]), [
    ...phases.flatMap(({ taps, stride }) => [taps, stride]),
    c,
    d,
  ]);
  const turned = emit.writer.node(
    emit.name('reverse'),
    'ReverseV2',
    [cut, emit.ints([0, 2, 4])],
    withIndex(emit, 'Tidx'),
  );
  const ordered = transpose(emit, turned, [0, 2, 4, 7, 1, 3, 5, 6]);
  const strides = phases.map(({ stride }) => stride);
  return reshape(emit, ordered, [...phases.map(({ taps }) => taps), d, sizeOf(strides) * c]);
}

import { createImage, type Image, type Rng } from '@lacuna/core';
import { applyAxes, operatorPart, type AxisOperator, type AxisOperators } from '../filters/axis-operator.js';
import { operatorsOf } from './kernels.js';
import type { ForwardKernels } from './sampling.js';

/** Size of an image or a volume. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
}

/** Whole rows of some planes: what is worked on at a time. Values are [depth][height][width][channels]. */
export interface Block {
  readonly z: number;
  readonly depth: number;
  readonly y: number;
  readonly height: number;
}

/**
 * One step of a degradation. Its result at a place depends on the place alone, however the image is cut into blocks.
 */
export interface Stage {
  /** What it does, for people. */
  readonly description: string;
  /** The grid of its result. */
  readonly to: Grid;
  /** Its linear map, where it is one; null for noise, bleaching and jitter. */
  readonly linear: AxisOperators | null;
  /** Input that a block of the result is made of. */
  need(block: Block): Block;
  apply(values: Float32Array, from: Block, to: Block): Float32Array;
}

/** A kernel along each axis. */
export function linearStage(description: string, kernels: ForwardKernels, from: Grid): Stage {
  const whole = operatorsOf(kernels, from);
  const to = {
    ...from,
    width: Math.floor(from.width / kernels.x.stride),
    height: Math.floor(from.height / kernels.y.stride),
    depth: kernels.z ? Math.floor(from.depth / kernels.z.stride) : from.depth,
  };
  return {
    description,
    to,
    linear: whole,
    need: (block) => needOf(whole, block),
    apply: (values, input, block) =>
      applyAxes(blockImage(values, input, from), { x: whole.x, ...partsFor(whole, block) }).data,
  };
}

/** Input rows and planes of a block of the result. */
export function needOf({ y, z }: AxisOperators, block: Block): Block {
  const rows = y ? operatorPart(y, block.y, block.y + block.height) : null;
  const planes = z ? operatorPart(z, block.z, block.z + block.depth) : null;
  return {
    y: rows ? rows.first : block.y,
    height: rows ? rows.end - rows.first : block.height,
    z: planes ? planes.first : block.z,
    depth: planes ? planes.end - planes.first : block.depth,
  };
}

/** The operators across rows and planes for one block of the result. */
export function partsFor(
  { y, z }: AxisOperators,
  block: Block,
): { y: AxisOperator | undefined; z: AxisOperator | undefined } {
  return {
    y: y && operatorPart(y, block.y, block.y + block.height).operator,
    z: z && operatorPart(z, block.z, block.z + block.depth).operator,
  };
}

/** Values of a block as an image. */
export function blockImage(values: Float32Array, { depth, height }: Block, { width, channels }: Grid): Image {
  return createImage({ data: values, width, height, depth, channels, dataRange: [0, 1], name: 'degradation' });
}

/**
 * Changes each row by numbers of its own stream, so that noise depends on the place and not on how the image is cut
 * into blocks.
 */
export function rowStage(
  description: string,
  grid: Grid,
  rng: Rng,
  change: (row: Float32Array, stream: Rng, place: { readonly y: number; readonly z: number }) => void,
): Stage {
  const length = grid.width * grid.channels;
  return {
    description,
    to: grid,
    linear: null,
    need: (block) => block,
    apply(values, _, block) {
      const out = values.slice();
      for (let z = 0; z < block.depth; z++) {
        const plane = rng.fork(block.z + z);
        for (let y = 0; y < block.height; y++) {
          const from = (z * block.height + y) * length;
          change(out.subarray(from, from + length), plane.fork(block.y + y), { y: block.y + y, z: block.z + z });
        }
      }
      return out;
    },
  };
}

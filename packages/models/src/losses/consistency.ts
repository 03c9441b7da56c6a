import { InputError } from '@lacuna/core';
import { separable, type Graph, type Tensor } from '../graph/index.js';

/**
 * The linear part of a known degradation along one axis: LR sample i is the sum over k of kernel[k] · HR[i·factor +
 * offset + k]. Outside the image its edge is repeated, or the image is mirrored about its edge.
 */
export interface ForwardKernel {
  readonly kernel: readonly number[];
  readonly offset: number;
  readonly edge?: 'repeat' | 'mirror';
}

/** One kernel for both axes of an image, or one for each. */
export type ForwardModel = ForwardKernel | { readonly x: ForwardKernel; readonly y: ForwardKernel };

/** Row-major matrix [length / factor, length] of the degradation along one axis. */
export function forwardMatrix(
  { kernel, offset, edge = 'repeat' }: ForwardKernel,
  length: number,
  factor: number,
): Float32Array {
  if (length % factor !== 0)
    throw new InputError({
      who: 'forward model',
      got: `length ${length}`,
      wanted: `a multiple of the factor ${factor}`,
    });
  const out = new Float32Array((length / factor) * length);
  for (let i = 0; i < length / factor; i++) {
    kernel.forEach((weight, k) => {
      out[i * length + insideIndex(i * factor + offset + k, length, edge)] += weight;
    });
  }
  return out;
}

/** The sample that stands for one at `at`, which may lie outside of 0..length-1. */
function insideIndex(at: number, length: number, edge: 'repeat' | 'mirror'): number {
  if (edge === 'repeat') return Math.min(length - 1, Math.max(0, at));
  const period = 2 * length;
  const folded = ((at % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}

/** Blurs and samples an HR image as the instrument does, without its noise. */
export function applyForwardModel(g: Graph, hr: Tensor, forward: ForwardModel, factor: number): Tensor {
  const { x, y } = 'kernel' in forward ? { x: forward, y: forward } : forward;
  return separable(g, hr, forwardMatrix(y, hr.shape[1], factor), forwardMatrix(x, hr.shape[2], factor));
}

/** L1 between the degraded SR image and the LR image: needs no HR, and refuses what the scan did not see. */
export function consistencyLoss(g: Graph, sr: Tensor, lr: Tensor, forward: ForwardModel, factor: number): Tensor {
  return g.mean(g.abs(g.sub(applyForwardModel(g, sr, forward, factor), lr)));
}

import { InputError } from '@lacuna/core';
import { separable, type Graph, type Tensor } from '../graph/index.js';

/**
 * The linear part of a known degradation: along each axis, LR sample i is the sum over k of kernel[k] · HR[i·factor + offset + k],
 * with coordinates outside the image moved to the edge.
 */
export interface ForwardKernel {
  readonly kernel: readonly number[];
  readonly offset: number;
}

/** Row-major matrix [length / factor, length] of the degradation along one axis. */
export function forwardMatrix({ kernel, offset }: ForwardKernel, length: number, factor: number): Float32Array {
  if (length % factor !== 0) throw new InputError({ who: 'forward model', got: `length ${length}`, wanted: `a multiple of the factor ${factor}` });
  const out = new Float32Array((length / factor) * length);
  for (let i = 0; i < length / factor; i++) {
    kernel.forEach((weight, k) => {
      out[i * length + Math.min(length - 1, Math.max(0, i * factor + offset + k))]! += weight;
    });
  }
  return out;
}

/** Blurs and samples an HR image as the instrument does, without its noise. */
export function applyForwardModel(g: Graph, hr: Tensor, forward: ForwardKernel, factor: number): Tensor {
  return separable(g, hr, forwardMatrix(forward, hr.shape[1]!, factor), forwardMatrix(forward, hr.shape[2]!, factor));
}

/** L1 between the degraded SR image and the LR image: needs no HR, and refuses what the scan did not see. */
export function consistencyLoss(g: Graph, sr: Tensor, lr: Tensor, forward: ForwardKernel, factor: number): Tensor {
  return g.mean(g.abs(g.sub(applyForwardModel(g, sr, forward, factor), lr)));
}

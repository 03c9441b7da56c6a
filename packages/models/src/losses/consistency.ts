import { InputError, clampIndex, mirrorIndex } from '@lacuna/core';
import { alongAxes, perAxis, spatialRank, type Graph, type PerAxis, type Tensor } from '../graph/index.js';

/**
 * The linear part of a known degradation along one axis: LR sample i is the sum over k of kernel[k] · HR[i·factor +
 * offset + k]. Outside the image its edge is repeated, or the image is mirrored about its edge.
 */
export interface ForwardKernel {
  readonly kernel: readonly number[];
  readonly offset: number;
  readonly edge?: 'repeat' | 'mirror';
}

/** One kernel for every axis, or one for each; without z, the planes of a volume stay as they are. */
export type ForwardModel =
  ForwardKernel | { readonly x: ForwardKernel; readonly y: ForwardKernel; readonly z?: ForwardKernel | null };

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
  const inside = edge === 'repeat' ? clampIndex : mirrorIndex;
  const out = new Float32Array((length / factor) * length);
  for (let i = 0; i < length / factor; i++) {
    kernel.forEach((weight, k) => {
      out[i * length + inside(i * factor + offset + k, length)] += weight;
    });
  }
  return out;
}

/** Blurs and samples an HR image as the instrument does, without its noise; `factor` by axis as LR and HR have it. */
export function applyForwardModel(g: Graph, hr: Tensor, forward: ForwardModel, factor: PerAxis): Tensor {
  const factors = perAxis('forward model: factor', factor, spatialRank(hr.shape));
  const kernels =
    'kernel' in forward ? factors.map(() => forward) : [forward.z, forward.y, forward.x].slice(-factors.length);
  return alongAxes(
    g,
    hr,
    kernels.map((kernel, i) => (kernel ? forwardMatrix(kernel, hr.shape[i + 1], factors[i]) : null)),
  );
}

/** L1 between the degraded SR image and the LR image: needs no HR, and refuses what the scan did not see. */
export function consistencyLoss(g: Graph, sr: Tensor, lr: Tensor, forward: ForwardModel, factor: PerAxis): Tensor {
  return g.mean(g.abs(g.sub(applyForwardModel(g, sr, forward, factor), lr)));
}

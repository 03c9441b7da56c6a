import type { PixelSize } from '@lacuna/core';
import { kernelOperator, type AxisOperators } from '../filters/axis-operator.js';
import { FWHM, confocalPsf, inPixels } from './optics.js';
import { ownDegradation } from './own-degradation.js';
import { boxSampling, cubicSampling, pointSampling, type AxisSampling, type ForwardKernels } from './sampling.js';
import { factorsOf, type DegradationSpec } from './spec.js';

/** A degradation whose operator the spec says. */
export type KnownModelSpec = Exclude<DegradationSpec, { kind: 'blind' }>;

/**
 * The linear part of a known degradation: the one source of what {@link degrade} does, of its adjoint, and of the
 * consistency loss. All kernels are centred on the coarse pixel, (factor - 1) / 2 HR pixels from its first: flips and
 * enlargements on centred grids agree.
 * - confocal: Gaussian PSF at the coarse pixel's centre. Along z where optics and the spacing of planes are known, or
 *   psfSigmaPx names it.
 * - ct: Gaussian PSF, then the mean over the coarse pixel.
 * - bicubic: Keys' cubic (a = -0.5), `factor` times as wide, of sum 1: MATLAB's imresize.
 * - those of others: what they were registered with.
 * @throws {InputError} for optics without a pixel size.
 */
export function forwardKernels(spec: KnownModelSpec, pixelSize: PixelSize | null = null): ForwardKernels {
  const own = ownDegradation(spec.kind);
  if (own !== null) return own.kernels(spec, pixelSize);
  const factors = factorsOf(spec);
  const sigma = psfSigmaPx(spec, pixelSize);
  const along = (axis: 'x' | 'y' | 'z') => {
    const stride = factors[axis];
    if (spec.kind === 'bicubic') return cubicSampling(stride);
    return spec.kind === 'ct' ? boxSampling(sigma[axis], stride) : pointSampling(sigma[axis], stride);
  };
  return { x: along('x'), y: along('y'), z: factors.z === 1 && sigma.z === 0 ? null : along('z') };
}

/** Operators for an image of this size. */
export function operatorsOf(
  kernels: ForwardKernels,
  size: { readonly width: number; readonly height: number; readonly depth: number },
): AxisOperators {
  const make = (sampling: AxisSampling | null, length: number) =>
    sampling === null || isIdentity(sampling)
      ? undefined
      : kernelOperator(sampling, length, sampling.stride, sampling.edge);
  return { x: make(kernels.x, size.width), y: make(kernels.y, size.height), z: make(kernels.z, size.depth) };
}

function isIdentity({ kernel, offset, stride }: AxisSampling): boolean {
  return stride === 1 && offset === 0 && kernel.length === 1 && kernel[0] === 1;
}

/** The width of a known PSF along each axis, in HR pixels. */
export function psfSigmaPx(spec: KnownModelSpec, pixelSize: PixelSize | null): { x: number; y: number; z: number } {
  if (spec.kind === 'bicubic') return { x: 0, y: 0, z: 0 };
  if (spec.kind === 'ct' && spec.psfFwhmUm !== undefined) {
    const nm = (1000 * spec.psfFwhmUm) / FWHM;
    const { x, y, z } = inPixels({ lateral: nm, axial: nm }, pixelSize, 'degradation ct');
    return { x, y, z: z ?? 0 };
  }
  if (spec.psfSigmaPx !== undefined)
    return typeof spec.psfSigmaPx === 'number' ? { x: spec.psfSigmaPx, y: spec.psfSigmaPx, z: 0 } : spec.psfSigmaPx;
  if (spec.kind !== 'confocal' || !spec.optics) return { x: 1, y: 1, z: 0 };
  const { x, y, z } = inPixels(confocalPsf(spec.optics), pixelSize, 'degradation confocal');
  return { x, y, z: z ?? 0 };
}

import { keysCubic, type PixelSize } from '@lacuna/core';
import { kernelOperator, type AxisOperators, type Edge } from '../filters/axis-operator.js';
import { gaussianKernel, type FilterKernel } from '../filters/separable.js';
import { FWHM, confocalPsf, inPixels } from './optics.js';
import { factorsOf, type DegradationSpec } from './spec.js';

/** A kernel at every `stride`-th pixel: out[i] = sum over k of kernel[k] · in[i·stride + offset + k]. */
export interface AxisSampling extends FilterKernel {
  readonly stride: number;
  /** What lies outside the image: its edge repeated, or the image mirrored with its edge repeated once. */
  readonly edge: Edge;
}

/** The linear part of a degradation along each axis; null where the axis stays as it is. */
export interface ForwardKernels {
  readonly x: AxisSampling;
  readonly y: AxisSampling;
  readonly z: AxisSampling | null;
}

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
 * @throws {InputError} for optics without a pixel size.
 */
export function forwardKernels(spec: KnownModelSpec, pixelSize: PixelSize | null = null): ForwardKernels {
  const factors = factorsOf(spec);
  const sigma = psfSigmaPx(spec, pixelSize);
  const along = (axis: 'x' | 'y' | 'z') => {
    const stride = factors[axis];
    if (spec.kind === 'bicubic') return cubicSampling(stride);
    return spec.kind === 'ct' ? boxSampling(sigma[axis], stride) : pointSampling(sigma[axis], stride);
  };
  return { x: along('x'), y: along('y'), z: factors.z === 1 && sigma.z === 0 ? null : along('z') };
}

/** Gaussian of the given sigma (px), taken at the centre of each coarse pixel. */
export function pointSampling(sigma: number, stride: number): AxisSampling {
  return { ...gaussianKernel(sigma, (stride - 1) / 2), stride, edge: 'repeat' };
}

/** Gaussian of the given sigma (px), then the mean over each coarse pixel. */
export function boxSampling(sigma: number, stride: number): AxisSampling {
  return {
    ...convolve(gaussianKernel(sigma), { kernel: new Array<number>(stride).fill(1 / stride), offset: 0 }),
    stride,
    edge: 'repeat',
  };
}

/** Antialiased bicubic shrinking by a whole factor. */
export function cubicSampling(stride: number): AxisSampling {
  const centre = (stride - 1) / 2;
  const from = Math.ceil(centre - 2 * stride);
  const raw: number[] = [];
  for (let k = from; k <= centre + 2 * stride; k++) raw.push(keysCubic((k - centre) / stride));
  // The outermost taps of a cubic are nought where they lie on its rim.
  const first = raw.findIndex((value) => value !== 0);
  const last = raw.findLastIndex((value) => value !== 0);
  const inside = raw.slice(first, last + 1);
  const sum = inside.reduce((total, value) => total + value, 0);
  return { kernel: inside.map((value) => value / sum), offset: from + first, stride, edge: 'mirror' };
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

function convolve(a: FilterKernel, b: FilterKernel): FilterKernel {
  const kernel = new Array<number>(a.kernel.length + b.kernel.length - 1).fill(0);
  a.kernel.forEach((p, i) =>
    b.kernel.forEach((q, k) => {
      kernel[i + k] += p * q;
    }),
  );
  return { kernel, offset: a.offset + b.offset };
}

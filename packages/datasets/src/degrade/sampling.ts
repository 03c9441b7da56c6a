import { keysCubic } from '@lacuna/core';
import type { Edge } from '../filters/axis-operator.js';
import { gaussianKernel, type FilterKernel } from '../filters/separable.js';

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

function convolve(a: FilterKernel, b: FilterKernel): FilterKernel {
  const kernel = new Array<number>(a.kernel.length + b.kernel.length - 1).fill(0);
  a.kernel.forEach((p, i) =>
    b.kernel.forEach((q, k) => {
      kernel[i + k] += p * q;
    }),
  );
  return { kernel, offset: a.offset + b.offset };
}

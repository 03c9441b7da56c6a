import { alongAxes } from './along-axes.js';
import type { Builder } from './builder.js';
import { spatialAxes } from './shape.js';
import type { Tensor } from './tensor.js';

/**
 * Real or negated imaginary part of the orthonormal discrete Fourier transform along an axis of n values, as a matrix
 * [n, n]: f(2π k j / n) / √n, frequencies k from -⌊n/2⌋ on, so that the lowest lies in the middle.
 */
export function fourierMatrix(part: 'cosine' | 'sine', length: number): Float32Array {
  const wave = part === 'cosine' ? Math.cos : Math.sin;
  const half = Math.floor(length / 2);
  const out = new Float32Array(length * length);
  for (let i = 0; i < length; i++) {
    for (let j = 0; j < length; j++) {
      // Whole turns are taken out while the product is exact.
      const turn = ((((i - half) * j) % length) + length) % length;
      out[i * length + j] = wave((2 * Math.PI * turn) / length) / Math.sqrt(length);
    }
  }
  return out;
}

/**
 * |F x|² of each channel: the power spectrum over all spatial axes, orthonormal, the lowest frequency in the middle.
 * An image [n, spatial, c] gives as many numbers. The transform is a product with real matrices along each axis; what a
 * pixel of noise has is the same at every size.
 */
export function powerSpectrum(g: Builder, x: Tensor): Tensor {
  const axes = spatialAxes(x.shape);
  const along = (y: Tensor, axis: number, part: 'cosine' | 'sine') =>
    alongAxes(
      g,
      y,
      axes.map((each) => (each === axis ? fourierMatrix(part, y.shape[axis]) : null)),
    );
  const [first, ...others] = axes;
  let real = along(x, first, 'cosine');
  let imaginary = g.neg(along(x, first, 'sine'));
  for (const axis of others) {
    const turned = g.add(along(real, axis, 'cosine'), along(imaginary, axis, 'sine'));
    imaginary = g.sub(along(imaginary, axis, 'cosine'), along(real, axis, 'sine'));
    real = turned;
  }
  return g.add(g.square(real), g.square(imaginary));
}

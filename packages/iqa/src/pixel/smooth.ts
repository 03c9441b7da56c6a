import { InputError, ShapeError, mirrorIndex } from '@lacuna/core';
import type { Intensities } from '../intensities.js';
import { Layout } from '@lacuna/core/wasm';
import { STEP, filterKernel } from './kernels/filter-kernel.js';
import { RowLoader } from './row-loader.js';

/**
 * Gaussian smoothing of a plane or, plane by plane, of a volume; edges mirrored. Masks at the network's own scale are
 * made on a lightly smoothed image, so that single noisy pixels are no components.
 * @param sigma in px; 0 returns the image as it is. The kernel ends at 4 σ.
 */
export function smooth(image: Intensities, sigma: number): Intensities {
  if (sigma === 0) return image;
  if (!(sigma > 0) || sigma > 100)
    throw new InputError({ who: 'smooth', got: `sigma ${sigma}`, wanted: '0 to 100 px' });
  if (image.channels !== 1) throw new ShapeError({ who: 'smooth', got: `${image.channels} channels`, wanted: 'one' });
  const { data, width, height, depth } = image;
  const weights = halfGaussian(sigma);
  const radius = weights.length - 1;
  const out = new Float64Array(data.length);
  // Rows filtered across wait in a ring for those below them.
  const ring = Math.min(height, 2 * radius + 1);
  const padded = Math.ceil(width / STEP) * STEP;
  const layout = new Layout();
  const weightsAt = layout.take(8 * weights.length);
  const pointersAt = layout.take(4 * (2 * radius + 1));
  const scratch = layout.take(4 * padded);
  const rowAt = layout.take(8 * (padded + 2 * radius));
  const outAt = layout.take(8 * padded);
  const ringAt = layout.take(8 * padded * ring);
  const { functions, buffer } = filterKernel().reserve(layout.bytes);
  const loader = new RowLoader(buffer, scratch, functions.promote);
  const numbers = new Float64Array(buffer);
  const pointers = new Int32Array(buffer, pointersAt, 2 * radius + 1);
  numbers.set(weights, weightsAt / 8);
  const row = numbers.subarray(rowAt / 8, rowAt / 8 + width + 2 * radius);
  const result = numbers.subarray(outAt / 8, outAt / 8 + width);
  const addressOf = (y: number) => ringAt + 8 * padded * (mirrorIndex(y, height) % ring);
  for (let z = 0; z < depth; z++) {
    const plane = z * width * height;
    for (let y = 0, read = 0; y < height; y++) {
      for (; read <= Math.min(y + radius, height - 1); read++) {
        const from = plane + read * width;
        loader.load(data, from, 1, width, rowAt + 8 * radius);
        for (let k = 1; k <= radius; k++) {
          row[radius - k] = data[from + mirrorIndex(-k, width)];
          row[radius + width - 1 + k] = data[from + mirrorIndex(width - 1 + k, width)];
        }
        functions.across(rowAt, addressOf(read), width, weightsAt, radius);
      }
      for (let k = -radius; k <= radius; k++) pointers[radius + k] = addressOf(y + k);
      functions.down(pointersAt, outAt, width, weightsAt, radius);
      out.set(result, plane + y * width);
    }
  }
  return { data: out, width, height, depth, channels: 1 };
}

/** Weights at 0..radius of a Gaussian whose whole sums to 1; it ends at 4 σ. */
function halfGaussian(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = new Float64Array(radius + 1);
  let total = 0;
  for (let i = 0; i <= radius; i++) {
    weights[i] = Math.exp((-0.5 * i * i) / (sigma * sigma));
    total += i ? 2 * weights[i] : weights[i];
  }
  return weights.map((weight) => weight / total);
}

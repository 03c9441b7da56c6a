import { InputError, describeShape, mirrorIndex } from '@lacuna/core';
import { requireDataRange, requirePair, type Intensities } from '../intensities.js';
import { RADIUS, sumOverWindows, type Channel } from './similarity.js';

/**
 * Structural similarity (Wang et al. 2004, doi 10.1109/TIP.2003.819861): the mean over pixels at least 5 px from the
 * edge of (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2)), C1 = (.01 L)², C2 = (.03 L)², Gaussian 11 x
 * 11 window of σ 1.5.
 *
 * Equals scikit-image with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False`. Channels, and the planes of
 * a volume, are scored by themselves and averaged.
 * @param options.dataRange L, mandatory.
 * @returns in [-1, 1], 1 for identical images.
 * @throws {InputError} for images below 11 x 11. @throws {ShapeError} if sizes differ.
 */
export function ssim(reference: Intensities, estimate: Intensities, { dataRange }: { dataRange: number }): number {
  checkSsim(reference, estimate, dataRange);
  const { width, height, depth, channels } = reference;
  const inner = (width - 2 * RADIUS) * (height - 2 * RADIUS);
  let total = 0;
  for (let z = 0; z < depth; z++)
    for (let c = 0; c < channels; c++)
      total += sumOverWindows('similarity', channelOf(reference, z, c), channelOf(estimate, z, c), dataRange) / inner;
  return total / (depth * channels);
}

/**
 * The SSIM of every pixel, [z][y][x][c]; beyond the edges the images are mirrored (edge pixel repeated), as
 * scikit-image's `full=True`. The map's mean over pixels at least 5 px from the edge is {@link ssim}.
 */
export function ssimMap(
  reference: Intensities,
  estimate: Intensities,
  { dataRange }: { dataRange: number },
): Float64Array {
  checkSsim(reference, estimate, dataRange);
  const { width, height, depth, channels } = reference;
  const map = new Float64Array(width * height * depth * channels);
  const plane = new Float64Array(width * height);
  for (let z = 0; z < depth; z++) {
    for (let c = 0; c < channels; c++) {
      sumOverWindows(
        'similarity',
        mirror(channelOf(reference, z, c)),
        mirror(channelOf(estimate, z, c)),
        dataRange,
        plane,
      );
      for (let i = 0; i < plane.length; i++) map[(z * plane.length + i) * channels + c] = plane[i];
    }
  }
  return map;
}

function checkSsim(reference: Intensities, estimate: Intensities, dataRange: number): void {
  requireDataRange('ssim', dataRange);
  requirePair('ssim', reference, estimate);
  const side = 2 * RADIUS + 1;
  if (reference.width < side || reference.height < side) {
    throw new InputError({
      who: 'ssim',
      got: describeShape(reference),
      wanted: `at least ${side} x ${side}, its window`,
      remedy: 'compare larger images, or use psnr',
    });
  }
}

function channelOf({ data, width, height, channels }: Intensities, z: number, c: number): Channel {
  return { data, width, height, first: z * width * height * channels + c, step: channels };
}

function mirror({ data, width, height, first = 0, step = 1 }: Channel): Channel {
  const w = width + 2 * RADIUS;
  const h = height + 2 * RADIUS;
  const out = new Float64Array(w * h);
  for (let y = 0; y < h; y++) {
    const sy = mirrorIndex(y - RADIUS, height);
    for (let x = 0; x < w; x++) out[y * w + x] = data[first + (sy * width + mirrorIndex(x - RADIUS, width)) * step];
  }
  return { data: out, width: w, height: h };
}

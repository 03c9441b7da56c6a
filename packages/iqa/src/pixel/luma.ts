import { ShapeError } from '@lacuna/core';
import type { Intensities } from '../intensities.js';

/**
 * Luma of ITU-R BT.601 as MATLAB's `rgb2ycbcr` has it, in the same data range L: (16 L + 65.481 R + 128.553 G + 24.966
 * B) / 255. Super-resolution papers report PSNR and SSIM on it.
 * @throws {ShapeError} unless there are three channels.
 */
export function luma(image: Intensities, { dataRange }: { dataRange: number }): Intensities {
  const { data, width, height, depth, channels } = image;
  if (channels !== 3)
    throw new ShapeError({
      who: 'luma',
      got: `${channels} channels`,
      wanted: '3 (R, G, B)',
      remedy: 'name a channel by its number',
    });
  const out = new Float64Array(width * height * depth);
  for (let i = 0; i < out.length; i++)
    out[i] = (16 * dataRange + 65.481 * data[3 * i] + 128.553 * data[3 * i + 1] + 24.966 * data[3 * i + 2]) / 255;
  return { data: out, width, height, depth, channels: 1 };
}

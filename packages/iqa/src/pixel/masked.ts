import { InputError, ShapeError } from '@lacuna/core';
import { requireDataRange, requireFinite, requireSameSize, type Intensities } from '../intensities.js';
import type { Mask } from '../mask.js';
import { mse, pearson, psnr } from './error.js';
import { ssimMap } from './ssim.js';

/** Scores over part of an image. */
export interface MaskedScores {
  readonly pixels: number;
  readonly mse: number;
  /** In dB; Infinity where the parts are identical. */
  readonly psnr: number;
  /** null where either part is constant. */
  readonly pearson: number | null;
  /** Mean SSIM over the windows of 11 x 11 px that lie wholly inside the mask; null if none does. */
  readonly ssim: number | null;
}

const RADIUS = 5;

/**
 * Scores over the pixels of a mask alone. Pixels outside are never read: they may hold NaN.
 * @param options.within 1 where a pixel counts, of the images' size.
 * @param options.dataRange L, mandatory.
 * @throws {ShapeError} if sizes differ. @throws {InputError} for an empty mask, and for values inside it that are not
 * finite.
 */
export function maskedScores(
  reference: Intensities,
  estimate: Intensities,
  { within, dataRange }: { within: Mask; dataRange: number },
): MaskedScores {
  requireDataRange('maskedScores', dataRange);
  requireSameSize('maskedScores', reference, estimate);
  const { width, height, depth, channels } = reference;
  if (within.width !== width || within.height !== height || within.depth !== depth) {
    throw new ShapeError({
      who: 'maskedScores',
      got: `a mask of ${within.width} x ${within.height} x ${within.depth}`,
      wanted: `the images' ${width} x ${height} x ${depth}`,
    });
  }
  const pixels = within.data.reduce((sum, v) => sum + v, 0);
  if (pixels === 0) throw new InputError({ who: 'maskedScores', got: 'an empty mask', wanted: 'at least one pixel' });
  const blank = (grid: Intensities): Intensities => ({
    ...grid,
    data: Float64Array.from(grid.data, (v, i) => (within.data[Math.floor(i / channels)] ? v : 0)),
  });
  const a = blank(reference);
  const b = blank(estimate);
  requireFinite('maskedScores', 'reference', a);
  requireFinite('maskedScores', 'estimate', b);
  const gather = (grid: Intensities): Intensities => ({
    data: Float64Array.from(grid.data).filter((_, i) => within.data[Math.floor(i / channels)]),
    width: pixels,
    height: 1,
    depth: 1,
    channels,
  });
  const p = gather(a);
  const q = gather(b);
  return {
    pixels,
    mse: mse(p, q),
    psnr: psnr(p, q, { dataRange }),
    pearson: pearson(p, q),
    ssim: maskedSsim(a, b, within, dataRange),
  };
}

function maskedSsim(a: Intensities, b: Intensities, within: Mask, dataRange: number): number | null {
  const { width, height, depth, channels } = a;
  const side = 2 * RADIUS + 1;
  if (width < side || height < side) return null;
  const map = ssimMap(a, b, { dataRange });
  let sum = 0;
  let count = 0;
  /** Mask pixels above and left of a corner, so that a window is full or not in four looks. */
  const integral = new Float64Array((width + 1) * (height + 1));
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        integral[(y + 1) * (width + 1) + x + 1] =
          within.data[(z * height + y) * width + x] +
          integral[y * (width + 1) + x + 1] +
          integral[(y + 1) * (width + 1) + x] -
          integral[y * (width + 1) + x];
      }
    for (let y = RADIUS; y < height - RADIUS; y++)
      for (let x = RADIUS; x < width - RADIUS; x++) {
        const top = (y - RADIUS) * (width + 1);
        const bottom = (y + RADIUS + 1) * (width + 1);
        const left = x - RADIUS;
        const right = x + RADIUS + 1;
        if (
          integral[bottom + right] - integral[top + right] - integral[bottom + left] + integral[top + left] <
          side * side
        )
          continue;
        for (let c = 0; c < channels; c++) sum += map[((z * height + y) * width + x) * channels + c];
        count += channels;
      }
  }
  return count > 0 ? sum / count : null;
}

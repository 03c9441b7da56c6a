import { median, percentileOfSorted, type Image } from '@lacuna/core';
import { frc, smooth } from '@lacuna/iqa';

/**
 * Standard deviation of white noise, in intensities: the median absolute response to Immerkær's mask (the difference of
 * two Laplacians, which structure hardly moves), times 1.4826 / 6 (Immerkær 1996, doi 10.1006/cviu.1996.0060, with the
 * median in place of the mean: lines and edges do not count). Noise that neighbours share is underestimated.
 */
export function noiseLevel({ data, width, height }: Image): number {
  const responses = new Float64Array(Math.max(0, (width - 2) * (height - 2)));
  let n = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const corners = data[i - width - 1] + data[i - width + 1] + data[i + width - 1] + data[i + width + 1];
      const sides = data[i - 1] + data[i + 1] + data[i - width] + data[i + width];
      responses[n++] = Math.abs(corners - 2 * sides + 4 * data[i]);
    }
  }
  return n === 0 ? 0 : (1.4826 / 6) * median(responses);
}

/** The span between the 0.5th and the 99.5th percentile. */
export function contrastOf({ data }: Image): { readonly low: number; readonly high: number } {
  const sorted = Float32Array.from(data).sort();
  return { low: percentileOfSorted(sorted, 0.005), high: percentileOfSorted(sorted, 0.995) };
}

/** Shares of the pixels that are cut off at either end of the scale. */
export interface Clipping {
  readonly low: number;
  readonly high: number;
}

/** Pixels at an end are cut off where they are this many times as many as those of the next value. */
const PILE = 3;

/**
 * Share of the pixels that have exactly the smallest and the largest value that occur, where they pile up there: a
 * detector of 12 bits that is stored in 16 saturates below what the type holds.
 */
export function clippingOf({ data }: Image): Clipping {
  const sorted = Float32Array.from(data).sort();
  const share = (values: Float32Array) => {
    const runs = [0, 0];
    let run = 0;
    for (let i = 0; i < values.length && run < 2; i++) {
      if (i > 0 && values[i] !== values[i - 1]) run++;
      if (run < 2) runs[run]++;
    }
    const [end, next] = runs;
    return next > 0 && end >= PILE * next ? end / values.length : 0;
  };
  return { low: share(sorted), high: share(sorted.reverse()) };
}

/** The light over the field: ratio and span of the extremes of the smoothed background. */
export interface Light {
  /** Brightest over darkest place. */
  readonly ratio: number;
  /** Their difference, in intensities. */
  readonly span: number;
}

/**
 * Low-pass extremes of the background: of each block the level that the network leaves alone (the 20th percentile, of a
 * dark network the 80th), then the median of each block and its neighbours.
 * @param blocks of a square grid, row by row.
 */
export function lightOf(blocks: readonly Float32Array[], isDark: boolean): Light {
  const side = Math.sqrt(blocks.length);
  const levels = blocks.map((block) => percentileOfSorted(Float32Array.from(block).sort(), isDark ? 0.8 : 0.2));
  const calm = levels.map((_, i) => {
    const [row, column] = [Math.floor(i / side), i % side];
    const near = levels.filter(
      (__, k) => Math.abs(Math.floor(k / side) - row) <= 1 && Math.abs((k % side) - column) <= 1,
    );
    return median(near);
  });
  const [low, high] = [Math.min(...calm), Math.max(...calm)];
  return { ratio: low > 0 ? high / low : Infinity, span: high - low };
}

/** Whether the network is brighter or darker than its surroundings, from -1 (dark) to 1 (bright). */
export interface Polarity {
  /** Squared strength of bright lines less that of dark ones, over both. */
  readonly lines: number;
  /** Of the smoothed intensities: a few bright pixels make it positive. */
  readonly skewness: number;
}

/** Widths at which lines are looked for, sigma in px. */
const SCALES = [1.5, 3, 6];

/**
 * Polarity by lines and by skewness. A pixel's line strength is the larger eigenvalue (by magnitude) of the Hessian at
 * a scale, times 1 - |smaller / larger|, times sigma²; below 0 on a bright line (after Lindeberg 1998, doi
 * 10.1023/A:1008097225773, scale-normalised ridges).
 */
export function polarityOf(image: Image): Polarity {
  let bright = 0;
  let dark = 0;
  for (const sigma of SCALES) {
    const { data } = smooth(image, sigma);
    const { width, height } = image;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const i = y * width + x;
        const xx = data[i - 1] - 2 * data[i] + data[i + 1];
        const yy = data[i - width] - 2 * data[i] + data[i + width];
        const xy = (data[i + width + 1] - data[i + width - 1] - data[i - width + 1] + data[i - width - 1]) / 4;
        const half = Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy);
        const mean = (xx + yy) / 2;
        const larger = mean < 0 ? mean - half : mean + half;
        if (larger === 0) continue;
        const smaller = mean < 0 ? mean + half : mean - half;
        const strength = sigma * sigma * larger * (1 - Math.abs(smaller / larger));
        if (strength < 0) bright += strength * strength;
        else dark += strength * strength;
      }
    }
  }
  return { lines: bright + dark > 0 ? (bright - dark) / (bright + dark) : 0, skewness: skewnessOf(smooth(image, 1)) };
}

function skewnessOf({ data }: { readonly data: ArrayLike<number> }): number {
  let mean = 0;
  for (let i = 0; i < data.length; i++) mean += data[i] / data.length;
  let second = 0;
  let third = 0;
  for (let i = 0; i < data.length; i++) {
    const d = data[i] - mean;
    second += (d * d) / data.length;
    third += (d * d * d) / data.length;
  }
  return second > 0 ? third / second ** 1.5 : 0;
}

/** The finest resolution that halves of an image can tell, px. */
export const FINEST = 4;

/**
 * Resolution in px by Fourier ring correlation of two halves of one image (after Koho et al. 2019, doi
 * 10.1038/s41467-019-11024-z; threshold 1/7). The fields of a checkerboard of 2 x 2 px give the halves: the mean of the
 * two black pixels and that of the two white ones have the same centre, so that nothing is shifted, and noise of their
 * own. Known bias: halves have pixels of 2 px and tell nothing finer than 4 px; noise that neighbours share (CT, JPEG,
 * deconvolved images) correlates and makes it look finer.
 * @returns 4 where the halves agree to their end; null for images that are too small, or without signal.
 */
export function resolutionOf({ data, width, height }: Image): number | null {
  const size = { width: Math.floor(width / 2), height: Math.floor(height / 2), depth: 1, channels: 1 };
  if (size.width < 16 || size.height < 16) return null;
  const black = new Float64Array(size.width * size.height);
  const white = new Float64Array(size.width * size.height);
  for (let y = 0, to = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, to++) {
      const i = 2 * y * width + 2 * x;
      black[to] = (data[i] + data[i + width + 1]) / 2;
      white[to] = (data[i + 1] + data[i + width]) / 2;
    }
  }
  const { resolution, flag } = frc({ data: black, ...size }, { data: white, ...size });
  if (flag === 'no signal') return null;
  return resolution === null ? FINEST : Math.max(FINEST, 2 * resolution);
}

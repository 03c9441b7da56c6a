import { InputError, ShapeError } from '@lacuna/core';
import { requireFinite, requireOneChannel, type Grid } from '../grid.js';
import type { Connectivity, Mask } from '../mask.js';
import { labelComponents } from './components.js';

/**
 * Otsu's threshold (1979): the level that maximises the variance between the two classes of a histogram.
 *
 * Intensities are sorted into `bins` equal bins between their smallest and largest value; the level is the centre of the
 * last bin of the lower class, as scikit-image's `threshold_otsu` has it for float images.
 * @returns the level; for a constant image its value (nothing lies above it).
 */
export function otsuThreshold(image: Grid, { bins = 256 }: { bins?: number } = {}): number {
  requireFinite('otsuThreshold', 'image', image);
  if (!Number.isInteger(bins) || bins < 2) throw new InputError({ who: 'otsuThreshold', got: `${bins} bins`, wanted: 'a whole number of at least 2' });
  const { data } = image;
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const v = data[i];
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low === high) return low;
  const edges = new Float64Array(bins + 1);
  const step = (high - low) / bins;
  for (let i = 0; i < bins; i++) edges[i] = i * step + low;
  edges[bins] = high;
  const counts = new Float64Array(bins);
  for (let i = 0; i < data.length; i++) {
    const v = data[i];
    let bin = Math.floor(((v - low) / (high - low)) * bins);
    if (bin === bins) bin--;
    // Rounding may put a value on an edge into the neighbouring bin: the edges decide.
    if (v < edges[bin]) bin--;
    else if (bin < bins - 1 && v >= edges[bin + 1]) bin++;
    counts[bin]++;
  }
  return betweenClassMaximum(counts, edges);
}

function betweenClassMaximum(counts: Float64Array, edges: Float64Array): number {
  const bins = counts.length;
  const upperWeight = new Float64Array(bins), upperSum = new Float64Array(bins);
  let weight = 0, sum = 0;
  for (let i = bins - 1; i >= 0; i--) {
    weight += counts[i];
    sum += (counts[i] * (edges[i] + edges[i + 1])) / 2;
    upperWeight[i] = weight;
    upperSum[i] = sum;
  }
  let best = -1, level = 0;
  weight = 0;
  sum = 0;
  for (let i = 0; i < bins - 1; i++) {
    const centre = (edges[i] + edges[i + 1]) / 2;
    weight += counts[i];
    sum += counts[i] * centre;
    const difference = sum / weight - upperSum[i + 1] / upperWeight[i + 1];
    const variance = weight * upperWeight[i + 1] * difference * difference;
    if (variance > best) {
      best = variance;
      level = centre;
    }
  }
  return level;
}

/** Pixels brighter than `level` (strictly). @throws {ShapeError} for more than one channel. */
export function threshold(image: Grid, level: number): Mask {
  requireOneChannel('threshold', image);
  const { data, width, height, depth } = image;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = data[i] > level ? 1 : 0;
  return { data: out, width, height, depth };
}

/**
 * Pixels above `low` that hang together with a pixel above `high` (Canny's hysteresis).
 * @param options.connectivity `full` (8 or 26) by default; scikit-image uses `face`.
 */
export function hysteresisThreshold(image: Grid, { low, high, connectivity = 'full' }: { low: number; high: number; connectivity?: Connectivity }): Mask {
  if (!(low <= high)) throw new InputError({ who: 'hysteresisThreshold', got: `low ${low} and high ${high}`, wanted: 'low <= high' });
  const weak = threshold(image, low);
  const { labels, count } = labelComponents(weak, { connectivity });
  const keep = new Uint8Array(count + 1);
  for (let i = 0; i < labels.length; i++) if (labels[i] && image.data[i] > high) keep[labels[i]] = 1;
  for (let i = 0; i < labels.length; i++) weak.data[i] = keep[labels[i]];
  return weak;
}

/**
 * Gaussian smoothing of a plane or, plane by plane, of a volume; edges mirrored. Masks at the network's own scale are made
 * on a lightly smoothed image, so that single noisy pixels are no components.
 * @param sigma in px; 0 returns the image as it is. The kernel ends at 4 σ.
 */
export function smooth(image: Grid, sigma: number): Grid {
  if (sigma === 0) return image;
  if (!(sigma > 0) || sigma > 100) throw new InputError({ who: 'smooth', got: `sigma ${sigma}`, wanted: '0 to 100 px' });
  if (image.channels !== 1) throw new ShapeError({ who: 'smooth', got: `${image.channels} channels`, wanted: 'one' });
  const { data, width, height, depth } = image;
  const radius = Math.floor(4 * sigma + 0.5);
  const weights = new Float64Array(radius + 1);
  let total = 0;
  for (let i = 0; i <= radius; i++) {
    weights[i] = Math.exp((-0.5 * i * i) / (sigma * sigma));
    total += i ? 2 * weights[i] : weights[i];
  }
  for (let i = 0; i <= radius; i++) weights[i] /= total;
  const mirrorIndex = (i: number, n: number) => {
    const period = ((i % (2 * n)) + 2 * n) % (2 * n);
    return period < n ? period : 2 * n - 1 - period;
  };
  const lines = Int32Array.from({ length: height + 2 * radius }, (_, i) => mirrorIndex(i - radius, height));
  const columns = Int32Array.from({ length: width + 2 * radius }, (_, i) => mirrorIndex(i - radius, width));
  const padded = new Float64Array(width + 2 * radius);
  const across = new Float64Array(width * height), out = new Float64Array(data.length);
  for (let z = 0; z < depth; z++) {
    const plane = z * width * height;
    for (let y = 0; y < height; y++) {
      const row = plane + y * width, to = y * width;
      for (let x = 0; x < padded.length; x++) padded[x] = data[row + columns[x]];
      for (let x = 0; x < width; x++) across[to + x] = weights[0] * padded[x + radius];
      for (let k = 1; k <= radius; k++) {
        const weight = weights[k];
        for (let x = 0, i = radius - k, j = radius + k; x < width; x++, i++, j++) across[to + x] += weight * (padded[i] + padded[j]);
      }
    }
    for (let y = 0; y < height; y++) {
      const to = plane + y * width;
      for (let x = 0; x < width; x++) out[to + x] = weights[0] * across[y * width + x];
      for (let k = 1; k <= radius; k++) {
        const above = lines[y + radius - k] * width, below = lines[y + radius + k] * width, weight = weights[k];
        for (let x = 0; x < width; x++) out[to + x] += weight * (across[above + x] + across[below + x]);
      }
    }
  }
  return { data: out, width, height, depth, channels: 1 };
}

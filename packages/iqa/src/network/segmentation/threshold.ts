import { InputError } from '@lacuna/core';
import { requireFinite, requireOneChannel, type Intensities } from '../../intensities.js';
import type { Connectivity, Mask } from '../../mask.js';
import { labelComponents } from '../topology/components.js';

/**
 * Otsu's threshold (1979): the level that maximises the variance between the two classes of a histogram.
 *
 * Intensities are sorted into `bins` equal bins between their smallest and largest value; the level is the centre of
 * the last bin of the lower class, as scikit-image's `threshold_otsu` has it for float images.
 * @returns the level; for a constant image its value (nothing lies above it).
 */
export function otsuThreshold(image: Intensities, { bins = 256 }: { bins?: number } = {}): number {
  if (!Number.isInteger(bins) || bins < 2)
    throw new InputError({ who: 'otsuThreshold', got: `${bins} bins`, wanted: 'a whole number of at least 2' });
  const { data } = image;
  const [low, high] = spanOf(data);
  // NaN and infinities make the span NaN: only then is the image searched for them.
  if (Number.isNaN(low)) requireFinite('otsuThreshold', 'image', image);
  if (low === high) return low;
  const edges = new Float64Array(bins + 1);
  const step = (high - low) / bins;
  for (let i = 0; i < bins; i++) edges[i] = i * step + low;
  edges[bins] = high;
  return betweenClassMaximum(histogram(data, edges), edges);
}

/**
 * Smallest and largest value; NaN where one is not finite. Two of each: a processor compares the next pixels before it
 * is done with these.
 */
function spanOf(data: Intensities['data']): [number, number] {
  const even = data.length & ~1;
  let low = data[0];
  let high = data[0];
  let otherLow = low;
  let otherHigh = high;
  for (let i = 0; i < even; i += 2) {
    const v = data[i];
    const w = data[i + 1];
    // A NaN stays.
    low = Math.min(low, v);
    high = Math.max(high, v);
    otherLow = Math.min(otherLow, w);
    otherHigh = Math.max(otherHigh, w);
  }
  const last = data[data.length - 1];
  low = Math.min(low, otherLow, last);
  high = Math.max(high, otherHigh, last);
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [NaN, NaN];
}

/** How many values lie in each bin, its lower edge included; the last bin has its upper edge too. */
function histogram(data: Intensities['data'], edges: Float64Array): Float64Array {
  const bins = edges.length - 1;
  const low = edges[0];
  const high = edges[bins];
  const scale = bins / (high - low);
  // So near to an edge rounding may have put a value into the neighbouring bin: there the edges decide.
  const near = 1e-9 + 16 * Number.EPSILON * Math.max(Math.abs(low), Math.abs(high)) * scale;
  const far = 1 - near;
  const decide = (v: number, found: number): number => {
    const bin = Math.min(found, bins - 1);
    if (v < edges[bin]) return bin - 1;
    return bin < bins - 1 && v >= edges[bin + 1] ? bin + 1 : bin;
  };
  // Neighbours are alike, and a count cannot be raised before the last raise of it is done: even and odd pixels have
  // counts of their own.
  const counts = new Int32Array(bins);
  const others = new Int32Array(bins);
  const even = data.length & ~1;
  for (let i = 0; i < even; i += 2) {
    const v = data[i];
    const w = data[i + 1];
    const at = (v - low) * scale;
    const otherAt = (w - low) * scale;
    let bin = at | 0;
    let other = otherAt | 0;
    const part = at - bin;
    const otherPart = otherAt - other;
    if (part < near || part > far) bin = decide(v, bin);
    if (otherPart < near || otherPart > far) other = decide(w, other);
    counts[bin]++;
    others[other]++;
  }
  if (even < data.length) counts[decide(data[even], ((data[even] - low) * scale) | 0)]++;
  return Float64Array.from(counts, (count, bin) => count + others[bin]);
}

function betweenClassMaximum(counts: Float64Array, edges: Float64Array): number {
  const bins = counts.length;
  const upperWeight = new Float64Array(bins);
  const upperSum = new Float64Array(bins);
  let weight = 0;
  let sum = 0;
  for (let i = bins - 1; i >= 0; i--) {
    weight += counts[i];
    sum += (counts[i] * (edges[i] + edges[i + 1])) / 2;
    upperWeight[i] = weight;
    upperSum[i] = sum;
  }
  let best = -1;
  let level = 0;
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
export function threshold(image: Intensities, level: number): Mask {
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
export function hysteresisThreshold(
  image: Intensities,
  { low, high, connectivity = 'full' }: { low: number; high: number; connectivity?: Connectivity },
): Mask {
  if (!(low <= high))
    throw new InputError({ who: 'hysteresisThreshold', got: `low ${low} and high ${high}`, wanted: 'low <= high' });
  const weak = threshold(image, low);
  const { labels, count } = labelComponents(weak, { connectivity });
  const keep = new Uint8Array(count + 1);
  for (let i = 0; i < labels.length; i++) if (labels[i] && image.data[i] > high) keep[labels[i]] = 1;
  for (let i = 0; i < labels.length; i++) weak.data[i] = keep[labels[i]];
  return weak;
}

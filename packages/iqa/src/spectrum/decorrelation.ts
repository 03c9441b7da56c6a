import { InputError, describeShape } from '@lacuna/core';
import { requireFinite, requireOneChannel, type Intensities } from '../intensities.js';
import { fft2 } from './fft.js';

const RADII = 50;
const FILTERS = 10;
/** A peak counts if the curve falls by more than this behind it. */
const DROP = 5e-4;
const LEAST_SNR = 0.05;
/** px over which the edges fade to the mean. */
const FADE = 20;

/** Resolution of one image by itself. */
export interface Decorrelation {
  /** 2 / cut-off, in px; null where no curve has a peak. */
  readonly resolution: number | null;
  /** Highest frequency with signal, 1 is the Nyquist frequency; 0 if there is none. */
  readonly cutOff: number;
  /** Height of the unfiltered curve's peak, an estimate of the signal's share. */
  readonly snr: number;
  readonly flag?: 'no resolution';
}

/** One peak of one curve. */
interface Peak {
  readonly radius: number;
  readonly height: number;
}

/**
 * Image decorrelation analysis (Descloux et al. 2019, doi 10.1038/s41592-019-0515-7): resolution from one image,
 * without a reference.
 *
 * The image's spectrum I is correlated with its phases, kept inside a circle of radius r: d(r) = Σ_{R<r} |I| / sqrt(Σ
 * |I|² · N_r). A peak tells where phases turn into noise. The image is filtered by high-passes 1 - exp(-2 g² R²), from
 * weak to strong, the search is refined around the best, and the highest peak position whose height is at least .05 is
 * the cut-off. Fifty radii, ten filters, twice. Edges fade to the mean over 20 px and the mean is removed; even sizes
 * lose their last row or column.
 * @returns `resolution` null and flagged for white noise and constant images.
 * @throws {InputError} for volumes and images below 45 x 45. @throws {ShapeError} for more than one channel.
 */
export function decorrelation(image: Intensities): Decorrelation {
  requireFinite('decorrelation', 'image', image);
  requireOneChannel('decorrelation', image);
  if (image.depth !== 1 || image.width < 45 || image.height < 45)
    throw new InputError({ who: 'decorrelation', got: describeShape(image), wanted: 'a plane of at least 45 x 45' });
  const spectrum = readSpectrum(image);
  let radii = linspace(0, 1, RADII);
  const plain = peakOf(curve(spectrum, radii, 0), radii);
  const widest = plain.radius > 0 ? 2 / plain.radius : Math.max(spectrum.width, spectrum.height) / 2;
  let filters = [spectrum.height / 4, ...geomspace(widest, 0.15, FILTERS)];
  const peaks = [plain];
  for (const g of filters) peaks.push(peakOf(curve(spectrum, radii, g), radii));
  const finest = indexOfLargest(peaks.map((p) => p.radius));
  const best = indexOfLargest(peaks.map((p) => Math.sqrt(p.radius * p.height)));
  const from = Math.min(finest, best);
  const to = from === 0 ? 0 : Math.max(finest, best);
  const high = Math.min(to + 1, filters.length - 1);
  const low = Math.min(from, high - 1);
  const centre = peaks[finest].radius;
  radii = linspace(Math.max(0, centre - 0.05), Math.min(1, centre + 0.3), RADII);
  filters = geomspace(filters[low], filters[high], FILTERS + 2).slice(1, -1);
  for (const g of filters) peaks.push(peakOf(curve(spectrum, radii, g), radii));
  let cutOff = 0;
  for (const { radius, height } of peaks) if (height >= LEAST_SNR && radius > cutOff) cutOff = radius;
  return cutOff > 0
    ? { resolution: 2 / cutOff, cutOff, snr: plain.height }
    : { resolution: null, cutOff, snr: plain.height, flag: 'no resolution' };
}

interface Spectrum {
  readonly width: number;
  readonly height: number;
  /** |I| and R² of the frequencies with R < 1, without the mean; one of each conjugate pair. */
  readonly amplitudes: Float64Array;
  readonly squaredRadii: Float64Array;
}

function readSpectrum({ data, width: fullWidth, height: fullHeight }: Intensities): Spectrum {
  const width = fullWidth - 1 + (fullWidth & 1);
  const height = fullHeight - 1 + (fullHeight & 1);
  let mean = 0;
  for (let i = 0; i < data.length; i++) mean += data[i];
  mean /= data.length;
  const wx = fade(width);
  const wy = fade(height);
  const plane = new Float64Array(width * height);
  let left = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) left += plane[y * width + x] = (data[y * fullWidth + x] - mean) * wx[x] * wy[y];
  left /= plane.length;
  let size = 0;
  for (let i = 0; i < plane.length; i++) {
    plane[i] -= left;
    size = Math.max(size, Math.abs(plane[i]));
  }
  // Rounding is no signal: below, a constant image of large values has a spectrum of its last digits.
  if (size <= 1e-12 * Math.abs(mean)) plane.fill(0);
  const { re, im } = fft2(plane, width, height);
  const amplitudes = new Float64Array(plane.length);
  const squaredRadii = new Float64Array(plane.length);
  let n = 0;
  for (let y = 0; y <= (height - 1) / 2; y++) {
    const ry = y / ((height - 1) / 2);
    for (let x = 0; x < width; x++) {
      const kx = x <= (width - 1) / 2 ? x : x - width;
      const rx = kx / ((width - 1) / 2);
      const squared = rx * rx + ry * ry;
      if (squared >= 1 || (y === 0 && kx <= 0)) continue;
      const i = y * width + x;
      amplitudes[n] = Math.sqrt(re[i] * re[i] + im[i] * im[i]);
      squaredRadii[n++] = squared;
    }
  }
  return { width, height, amplitudes: amplitudes.subarray(0, n), squaredRadii: squaredRadii.subarray(0, n) };
}

/** 1 inside, falling to 0 at the edge as half a sine. */
function fade(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    const inward = Math.min(i, n - 1 - i);
    return inward >= FADE ? 1 : (Math.sin(Math.PI * (inward / FADE - 0.5)) + 1) / 2;
  });
}

/** d(r) at each radius, behind the high-pass of strength `g` (0: none). */
function curve({ amplitudes, squaredRadii }: Spectrum, radii: Float64Array, g: number): Float64Array {
  const limits = radii.map((r) => r * r);
  const sums = new Float64Array(radii.length + 1);
  const counts = new Float64Array(radii.length + 1);
  const first = limits[0];
  const span = radii[radii.length - 1] - radii[0];
  const steps = radii.length - 1;
  let power = 0;
  for (let i = 0; i < amplitudes.length; i++) {
    const squared = squaredRadii[i];
    const value = g > 0 ? amplitudes[i] * (1 - Math.exp(-2 * g * g * squared)) : amplitudes[i];
    power += value * value;
    // The first radius beyond R: by its place on the line, put right where rounding matters.
    let k = squared < first ? 0 : Math.min(steps, Math.floor(((Math.sqrt(squared) - radii[0]) / span) * steps)) + 1;
    while (k > 0 && squared < limits[k - 1]) k--;
    while (k <= steps && squared >= limits[k]) k++;
    sums[k] += value;
    if (amplitudes[i] > 0) counts[k]++;
  }
  let sum = 0;
  let count = 0;
  return radii.map((_, k) => {
    sum += sums[k];
    count += counts[k];
    return count > 0 && power > 0 ? sum / Math.sqrt(power * count) : 0;
  });
}

/**
 * The highest point that is no end: ends are cut off until the maximum lies inside and stands out by more than {@link
 * DROP}.
 */
function peakOf(d: Float64Array, radii: Float64Array): Peak {
  const t = d.slice();
  let length = t.length;
  let at = indexOfLargest(t);
  while (at === length - 1) {
    length--;
    if (length === 0) return { radius: 0, height: 0 };
    at = indexOfLargest(t.subarray(0, length));
    let least = Infinity;
    for (let i = at; i < d.length; i++) least = Math.min(least, d[i]);
    if (t[at] - least > DROP) break;
    t[at] = least;
    at = length - 1;
  }
  return { radius: radii[at], height: t[at] };
}

function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

const linspace = (from: number, to: number, n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
const geomspace = (from: number, to: number, n: number): number[] =>
  Array.from(linspace(Math.log(from), Math.log(to), n), (v) => Math.exp(v));

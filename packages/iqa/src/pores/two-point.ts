import { InputError } from '@lacuna/core';
import type { Mask, Spacing } from '../mask.js';
import { planFft } from '../spectrum/fft.js';

/** Two-point correlation over distance. */
export interface TwoPoint {
  /** Centre of each bin, in the unit of the spacing: whole multiples of the smallest spacing. */
  readonly distances: Float64Array;
  /**
   * Probability that two points so far apart both lie in the foreground; its share at 0, its share squared far away.
   */
  readonly probability: Float64Array;
}

/**
 * Two-point correlation function S2(r) (Torquato 2002): mean over all pairs of pixels at a distance that rounds to r of
 * both being foreground, pairs inside the image only. S2(0) is the porosity φ; PoreSpy's `probability_normalized` is S2
 * / φ.
 * @param options.largest largest distance in the unit of the spacing; half the shortest side by default.
 * @throws {InputError} for a largest distance that the image does not hold.
 */
export function twoPointCorrelation(
  mask: Mask,
  { spacing = { x: 1, y: 1 }, largest }: { spacing?: Spacing; largest?: number } = {},
): TwoPoint {
  const { width, height, depth } = mask;
  const volume = depth > 1;
  const scale = [spacing.x, spacing.y, volume ? (spacing.z ?? 1) : 1];
  const sizes = [width, height, depth];
  const sides = sizes.map((n, a) => n * scale[a]).slice(0, volume ? 3 : 2);
  const bin = Math.min(...scale.slice(0, volume ? 3 : 2));
  const reach = largest ?? Math.min(...sides) / 2;
  if (!(reach > 0) || reach > Math.max(...sides))
    throw new InputError({
      who: 'twoPointCorrelation',
      got: `a largest distance of ${reach}`,
      wanted: `above 0, at most ${Math.max(...sides)}`,
    });
  const bins = Math.floor(reach / bin) + 1;
  const lags = sizes.map((n, a) => Math.min(n - 1, Math.ceil((bins * bin) / scale[a])));
  const padded = sizes.map((n, a) => (n === 1 ? 1 : 2 ** Math.ceil(Math.log2(n + lags[a]))));
  const correlation = autocorrelation(mask, padded);
  const sums = new Float64Array(bins);
  const pairs = new Float64Array(bins);
  for (let z = 0; z <= lags[2]; z++)
    for (let y = -lags[1]; y <= lags[1]; y++)
      for (let x = -lags[0]; x <= lags[0]; x++) {
        const k = Math.floor(Math.hypot(x * scale[0], y * scale[1], z * scale[2]) / bin + 0.5);
        if (k >= bins) continue;
        // Lag -d counts the same pairs as d: half of space is enough, the plane z = 0 is seen twice.
        const weight = z === 0 ? 1 : 2;
        const value =
          correlation[(z * padded[1] + ((y + padded[1]) % padded[1])) * padded[0] + ((x + padded[0]) % padded[0])];
        sums[k] += (weight * value) / ((width - Math.abs(x)) * (height - Math.abs(y)) * (depth - z));
        pairs[k] += weight;
      }
  return {
    distances: Float64Array.from({ length: bins }, (_, k) => k * bin),
    probability: sums.map((s, k) => (pairs[k] > 0 ? s / pairs[k] : 0)),
  };
}

/** Numbers of foreground pairs at each lag, by |FFT|². */
function autocorrelation(mask: Mask, [W, H, D]: number[]): Float64Array {
  const re = new Float64Array(W * H * D);
  const im = new Float64Array(re.length);
  for (let z = 0, i = 0; z < mask.depth; z++)
    for (let y = 0; y < mask.height; y++)
      for (let x = 0; x < mask.width; x++, i++) re[(z * H + y) * W + x] = mask.data[i];
  transform(re, im, [W, H, D]);
  for (let i = 0; i < re.length; i++) {
    re[i] = re[i] * re[i] + im[i] * im[i];
    im[i] = 0;
  }
  // The power spectrum is even: forward and inverse transform differ by the number of pixels alone.
  transform(re, im, [W, H, D]);
  return re.map((v) => Math.round(v / re.length));
}

function transform(re: Float64Array, im: Float64Array, sizes: number[]): void {
  for (let axis = 0, stride = 1; axis < sizes.length; stride *= sizes[axis], axis++) {
    const n = sizes[axis];
    if (n === 1) continue;
    const fft = planFft(n);
    const r = new Float64Array(n);
    const m = new Float64Array(n);
    for (let start = 0; start < re.length; start++) {
      if (Math.floor(start / stride) % n !== 0) continue;
      for (let k = 0, i = start; k < n; k++, i += stride) {
        r[k] = re[i];
        m[k] = im[i];
      }
      fft.transform(r, m);
      for (let k = 0, i = start; k < n; k++, i += stride) {
        re[i] = r[k];
        im[i] = m[k];
      }
    }
  }
}

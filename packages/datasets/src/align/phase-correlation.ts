import { ShapeError, describeShape, fft2, transformPlane } from '@lacuna/core';

/** Steps from one looked-at place of a fine grid to the next. */
const STRIDE = 5;

/** A plane of real numbers, row-major. */
export interface Plane {
  readonly data: ArrayLike<number>;
  readonly width: number;
  readonly height: number;
}

/**
 * The shift, in pixels, that moves `moving` onto `reference`: reference(x, y) = moving(x - shift.x, y - shift.y), to 1
 * / `upsample` of a pixel. The largest value of the circular cross-correlation gives whole pixels; around it the
 * correlation is computed on a grid `upsample` times as fine by a matrix product with the spectrum (Guizar-Sicairos,
 * Thurman & Fienup, Opt. Lett. 33, 156, 2008).
 * @param options.normalisation `phase` gives every frequency the same weight: sharp and indifferent to illumination,
 * sensitive to noise; `none` is the plain cross-correlation. The result is that of scikit-image's
 * `phase_cross_correlation` with the same settings.
 * @throws {ShapeError} if the planes have unequal sizes.
 */
export function phaseCorrelation(
  reference: Plane,
  moving: Plane,
  options: { readonly upsample: number; readonly normalisation: 'phase' | 'none' },
): { x: number; y: number } {
  const { width, height } = reference;
  const { upsample } = options;
  if (moving.width !== width || moving.height !== height)
    throw new ShapeError({
      who: 'phase correlation',
      got: describeShape({ ...moving, depth: 1, channels: 1 }),
      wanted: describeShape({ width, height, depth: 1, channels: 1 }),
    });
  const product = crossSpectrum(reference, moving, options.normalisation);
  // Parts exchanged: the inverse transform. Its scale does not move the peak.
  const re = product.re.slice();
  const im = product.im.slice();
  transformPlane(im, re, width, height);
  let best = 0;
  let highest = -1;
  for (let i = 0; i < re.length; i++) {
    const size = Math.hypot(re[i], im[i]);
    if (size > highest) [best, highest] = [i, size];
  }
  const wrap = (at: number, length: number) => (at > Math.trunc(length / 2) ? at - length : at);
  const whole = { x: wrap(best % width, width), y: wrap(Math.floor(best / width), height) };
  if (upsample <= 1) return whole;
  const { i, j } = finePeak(product, width, height, { whole, upsample });
  return { x: whole.x + i / upsample, y: whole.y + j / upsample };
}

/**
 * The highest of |correlation| within three quarters of a pixel of the whole one, in steps of 1 / `upsample` from it.
 * Between pixels the correlation is smooth (no frequency above half of one a pixel): of a fine grid every fifth
 * place is looked at first, then all about the highest.
 */
function finePeak(
  product: Spectrum,
  width: number,
  height: number,
  { whole, upsample }: { readonly whole: { readonly x: number; readonly y: number }; readonly upsample: number },
): { i: number; j: number } {
  const side = Math.ceil(upsample * 1.5);
  const first = -Math.trunc(side / 2);
  const highest = (columns: readonly number[], rows: readonly number[]) => {
    const values = correlationAt(product, width, height, {
      xs: columns.map((i) => whole.x + i / upsample),
      ys: rows.map((j) => whole.y + j / upsample),
    });
    let peak = 0;
    for (let k = 1; k < values.length; k++) if (values[k] > values[peak]) peak = k;
    return { i: columns[peak % columns.length], j: rows[Math.floor(peak / columns.length)] };
  };
  const all = Array.from({ length: side }, (_, k) => first + k);
  if (side <= 6 * STRIDE) return highest(all, all);
  const sparse = all.filter((_, k) => k % STRIDE === 0);
  const near = highest(sparse, sparse);
  const about = (at: number) => all.filter((k) => Math.abs(k - at) < STRIDE);
  return highest(about(near.i), about(near.j));
}

interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** F(reference) · conj(F(moving)). */
function crossSpectrum(reference: Plane, moving: Plane, normalisation: 'phase' | 'none'): Spectrum {
  const { width, height } = reference;
  const a = fft2(reference.data, width, height);
  const b = fft2(moving.data, width, height);
  const { re, im } = a;
  for (let i = 0; i < re.length; i++) {
    const r = re[i] * b.re[i] + im[i] * b.im[i];
    const m = im[i] * b.re[i] - re[i] * b.im[i];
    const size = normalisation === 'phase' ? Math.max(Math.hypot(r, m), 100 * Number.EPSILON) : 1;
    re[i] = r / size;
    im[i] = m / size;
  }
  return a;
}

/**
 * |correlation| at the places of a grid, row by row: rows of the spectrum are summed first, then columns. The latter
 * sums run side by side, each in the order of its frequencies: one alone would wait for itself.
 */
function correlationAt(
  { re, im }: Spectrum,
  width: number,
  height: number,
  { xs, ys }: { readonly xs: readonly number[]; readonly ys: readonly number[] },
): Float64Array {
  const columns = xs.length;
  const rowRe = new Float64Array(height * columns);
  const rowIm = new Float64Array(height * columns);
  xs.forEach((x, i) => {
    const { cos, sin } = waveAt(x, width);
    for (let v = 0; v < height; v++) {
      let r = 0;
      let m = 0;
      for (let k = 0, at = v * width; k < width; k++, at++) {
        r += re[at] * cos[k] - im[at] * sin[k];
        m += re[at] * sin[k] + im[at] * cos[k];
      }
      rowRe[v * columns + i] = r;
      rowIm[v * columns + i] = m;
    }
  });
  const out = new Float64Array(columns * ys.length);
  const sumRe = new Float64Array(columns);
  const sumIm = new Float64Array(columns);
  ys.forEach((y, j) => {
    const { cos, sin } = waveAt(y, height);
    sumRe.fill(0);
    sumIm.fill(0);
    for (let v = 0; v < height; v++) {
      for (let i = 0, at = v * columns; i < columns; i++, at++) {
        sumRe[i] += rowRe[at] * cos[v] - rowIm[at] * sin[v];
        sumIm[i] += rowRe[at] * sin[v] + rowIm[at] * cos[v];
      }
    }
    for (let i = 0; i < columns; i++) out[j * columns + i] = Math.hypot(sumRe[i], sumIm[i]);
  });
  return out;
}

/** cos and sin of 2π k `place` / `length`, over the frequencies k of a spectrum of `length` values. */
function waveAt(place: number, length: number): { cos: Float64Array; sin: Float64Array } {
  const cos = new Float64Array(length);
  const sin = new Float64Array(length);
  for (let k = 0; k < length; k++) {
    const signed = k < Math.ceil(length / 2) ? k : k - length;
    const angle = ((2 * Math.PI * signed) / length) * place;
    cos[k] = Math.cos(angle);
    sin[k] = Math.sin(angle);
  }
  return { cos, sin };
}

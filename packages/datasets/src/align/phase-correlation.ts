import { ShapeError, describeShape, fft2, transformPlane } from '@lacuna/core';

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
  const side = Math.ceil(upsample * 1.5);
  const middle = Math.trunc(side / 2);
  const fine = upsampled(product, width, height, {
    side,
    upsample,
    left: whole.x - middle / upsample,
    top: whole.y - middle / upsample,
  });
  let peak = 0;
  for (let i = 1; i < fine.length; i++) if (fine[i] > fine[peak]) peak = i;
  return {
    x: whole.x + ((peak % side) - middle) / upsample,
    y: whole.y + (Math.floor(peak / side) - middle) / upsample,
  };
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

/** |correlation| on a grid `upsample` times as fine, `side` steps from (left, top). */
function upsampled(
  { re, im }: Spectrum,
  width: number,
  height: number,
  { side, upsample, left, top }: { side: number; upsample: number; left: number; top: number },
): Float64Array {
  const frequency = (k: number, length: number) =>
    (2 * Math.PI * (k < Math.ceil(length / 2) ? k : k - length)) / length;
  const rowRe = new Float64Array(side * height);
  const rowIm = new Float64Array(side * height);
  const out = new Float64Array(side * side);
  for (let i = 0; i < side; i++) {
    const x = left + i / upsample;
    const cos = new Float64Array(width);
    const sin = new Float64Array(width);
    for (let k = 0; k < width; k++) {
      cos[k] = Math.cos(frequency(k, width) * x);
      sin[k] = Math.sin(frequency(k, width) * x);
    }
    for (let v = 0; v < height; v++) {
      let r = 0;
      let m = 0;
      for (let k = 0, at = v * width; k < width; k++, at++) {
        r += re[at] * cos[k] - im[at] * sin[k];
        m += re[at] * sin[k] + im[at] * cos[k];
      }
      rowRe[i * height + v] = r;
      rowIm[i * height + v] = m;
    }
  }
  for (let j = 0; j < side; j++) {
    const y = top + j / upsample;
    const cos = new Float64Array(height);
    const sin = new Float64Array(height);
    for (let v = 0; v < height; v++) {
      cos[v] = Math.cos(frequency(v, height) * y);
      sin[v] = Math.sin(frequency(v, height) * y);
    }
    for (let i = 0; i < side; i++) {
      let r = 0;
      let m = 0;
      for (let v = 0; v < height; v++) {
        r += rowRe[i * height + v] * cos[v] - rowIm[i * height + v] * sin[v];
        m += rowRe[i * height + v] * sin[v] + rowIm[i * height + v] * cos[v];
      }
      out[j * side + i] = Math.hypot(r, m);
    }
  }
  return out;
}

/** A discrete Fourier transform of one length, in place on separate real and imaginary parts. */
export interface Fft {
  readonly length: number;
  transform(re: Float64Array, im: Float64Array): void;
}

/**
 * Prepares a forward transform, X(k) = sum x(n) exp(-2πi kn / N), of any length N: radix 2 where N is a power of two,
 * else Bluestein's chirp (1970), which makes of it a convolution of such a length. N log N in either case.
 */
export function planFft(length: number): Fft {
  return (length & (length - 1)) === 0 ? radix2(length) : bluestein(length);
}

function radix2(n: number): Fft {
  const cos = new Float64Array(n / 2 || 1);
  const sin = new Float64Array(n / 2 || 1);
  for (let k = 0; k < n / 2; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / n);
    sin[k] = -Math.sin((2 * Math.PI * k) / n);
  }
  const bits = Math.round(Math.log2(n));
  const reversed = new Uint32Array(n);
  for (let i = 0; i < n; i++) reversed[i] = bits ? (reversed[i >> 1] >> 1) | ((i & 1) << (bits - 1)) : 0;
  const transform = (re: Float64Array, im: Float64Array): void => {
    for (let i = 0; i < n; i++) {
      const j = reversed[i];
      if (j <= i) continue;
      const r = re[i];
      const m = im[i];
      re[i] = re[j];
      im[i] = im[j];
      re[j] = r;
      im[j] = m;
    }
    for (let half = 1; half < n; half *= 2) {
      const step = n / (2 * half);
      for (let start = 0; start < n; start += 2 * half) {
        for (let k = 0, t = 0; k < half; k++, t += step) {
          const a = start + k;
          const b = a + half;
          const c = cos[t];
          const s = sin[t];
          const r = re[b] * c - im[b] * s;
          const m = re[b] * s + im[b] * c;
          re[b] = re[a] - r;
          im[b] = im[a] - m;
          re[a] += r;
          im[a] += m;
        }
      }
    }
  };
  return { length: n, transform };
}

function bluestein(n: number): Fft {
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const inner = radix2(size);
  const cos = new Float64Array(n);
  const sin = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    // k² modulo 2n keeps the angle small, so that it is exact for long lines.
    const angle = (Math.PI * ((k * k) % (2 * n))) / n;
    cos[k] = Math.cos(angle);
    sin[k] = -Math.sin(angle);
  }
  const chirpRe = new Float64Array(size);
  const chirpIm = new Float64Array(size);
  for (let k = 0; k < n; k++) {
    chirpRe[k] = chirpRe[(size - k) % size] = cos[k];
    chirpIm[k] = chirpIm[(size - k) % size] = -sin[k];
  }
  inner.transform(chirpRe, chirpIm);
  const a = new Float64Array(size);
  const b = new Float64Array(size);
  const transform = (re: Float64Array, im: Float64Array): void => {
    a.fill(0);
    b.fill(0);
    for (let k = 0; k < n; k++) {
      a[k] = re[k] * cos[k] - im[k] * sin[k];
      b[k] = re[k] * sin[k] + im[k] * cos[k];
    }
    inner.transform(a, b);
    for (let k = 0; k < size; k++) {
      const r = a[k] * chirpRe[k] - b[k] * chirpIm[k];
      const m = a[k] * chirpIm[k] + b[k] * chirpRe[k];
      // An inverse transform is a forward one with the parts exchanged.
      a[k] = m;
      b[k] = r;
    }
    inner.transform(a, b);
    for (let k = 0; k < n; k++) {
      const r = b[k] / size;
      const m = a[k] / size;
      re[k] = r * cos[k] - m * sin[k];
      im[k] = r * sin[k] + m * cos[k];
    }
  };
  return { length: n, transform };
}

/** Two-dimensional transform of a real plane, zero frequency first. */
export function fft2(plane: ArrayLike<number>, width: number, height: number): { re: Float64Array; im: Float64Array } {
  const re = Float64Array.from(plane);
  const im = new Float64Array(re.length);
  transformPlane(re, im, width, height);
  return { re, im };
}

/**
 * Two-dimensional transform of a complex plane, in place. With the parts exchanged it is the inverse, but for the
 * factor width · height.
 */
export function transformPlane(re: Float64Array, im: Float64Array, width: number, height: number): void {
  const across = planFft(width);
  const down = width === height ? across : planFft(height);
  for (let y = 0; y < height; y++)
    across.transform(re.subarray(y * width, (y + 1) * width), im.subarray(y * width, (y + 1) * width));
  const columnRe = new Float64Array(height);
  const columnIm = new Float64Array(height);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      columnRe[y] = re[y * width + x];
      columnIm[y] = im[y * width + x];
    }
    down.transform(columnRe, columnIm);
    for (let y = 0; y < height; y++) {
      re[y * width + x] = columnRe[y];
      im[y * width + x] = columnIm[y];
    }
  }
}

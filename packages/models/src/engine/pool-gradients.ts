import type { Attributes } from '../graph/index.js';

/**
 * Slopes of the two poolings in plain loops, NHWC. The WASM kernels of tfjs 4.22 give other values than every other
 * backend where windows overlap or leave pixels over (the contract test shows it), so WASM takes these.
 */
interface Windows {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outH: number;
  readonly outW: number;
  readonly window: number;
  readonly stride: number;
  readonly top: number;
  readonly left: number;
}

function windowsOf(
  input: readonly number[],
  output: readonly number[],
  { window, stride, padding }: Attributes,
): Windows {
  const [batch, height, width, channels] = input as [number, number, number, number];
  const outH = output[1];
  const outW = output[2];
  const size = window as number;
  const step = stride as number;
  const before = (length: number, out: number) =>
    padding === 'same' ? Math.floor(Math.max(0, (out - 1) * step + size - length) / 2) : 0;
  return {
    batch,
    height,
    width,
    channels,
    outH,
    outW,
    window: size,
    stride: step,
    top: before(height, outH),
    left: before(width, outW),
  };
}

/** Each output's slope goes to the first pixel of its window, row by row, that holds the maximum. */
export function maxPoolSlope(
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
  input: readonly number[],
  output: readonly number[],
  attributes: Attributes,
): Float32Array {
  const { batch, height, width, channels, outH, outW, window, stride, top, left } = windowsOf(
    input,
    output,
    attributes,
  );
  const dx = new Float32Array(batch * height * width * channels);
  for (let n = 0, o = 0; n < batch; n++)
    for (let i = 0; i < outH; i++)
      for (let j = 0; j < outW; j++) {
        const y0 = Math.max(0, i * stride - top);
        const y1 = Math.min(height, i * stride - top + window);
        const x0 = Math.max(0, j * stride - left);
        const x1 = Math.min(width, j * stride - left + window);
        for (let c = 0; c < channels; c++, o++) {
          let best = ((n * height + y0) * width + x0) * channels + c;
          for (let y = y0; y < y1; y++)
            for (let k = x0; k < x1; k++) {
              const at = ((n * height + y) * width + k) * channels + c;
              if (x[at] > x[best]) best = at;
            }
          dx[best] += dy[o];
        }
      }
  return dx;
}

/** Each output's slope is shared by the pixels of its window that lie inside the image. */
export function avgPoolSlope(
  dy: ArrayLike<number>,
  input: readonly number[],
  output: readonly number[],
  attributes: Attributes,
): Float32Array {
  const { batch, height, width, channels, outH, outW, window, stride, top, left } = windowsOf(
    input,
    output,
    attributes,
  );
  const dx = new Float32Array(batch * height * width * channels);
  for (let n = 0, o = 0; n < batch; n++)
    for (let i = 0; i < outH; i++)
      for (let j = 0; j < outW; j++) {
        const y0 = Math.max(0, i * stride - top);
        const y1 = Math.min(height, i * stride - top + window);
        const x0 = Math.max(0, j * stride - left);
        const x1 = Math.min(width, j * stride - left + window);
        const share = 1 / ((y1 - y0) * (x1 - x0));
        for (let c = 0; c < channels; c++, o++) {
          for (let y = y0; y < y1; y++)
            for (let k = x0; k < x1; k++) dx[((n * height + y) * width + k) * channels + c] += dy[o] * share;
        }
      }
  return dx;
}

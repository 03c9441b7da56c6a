import { channelsOf, spatialSizes, type PoolAttributes, type Shape } from '../../graph/index.js';

/**
 * Slopes of the two poolings in plain loops, for planes and volumes. The WASM kernels of tfjs 4.22 give other values
 * than every other backend where windows overlap or leave pixels over (the contract test shows it), so WASM takes
 * these.
 */

/** First and last + 1 index that each output's window covers along one axis, inside the image. */
type Spans = readonly (readonly [from: number, to: number])[];

function spansOf(length: number, out: number, window: number, stride: number, padding: string): Spans {
  const before = padding === 'same' ? Math.floor(Math.max(0, (out - 1) * stride + window - length) / 2) : 0;
  return Array.from({ length: out }, (_, i) => {
    const start = i * stride - before;
    return [Math.max(0, start), Math.min(length, start + window)] as const;
  });
}

/** Sizes as z, y, x: a plane is a volume with one plane. */
const asVolume = (numbers: readonly number[]): readonly number[] => (numbers.length === 3 ? numbers : [1, ...numbers]);

interface Windows {
  readonly sizes: readonly number[];
  readonly spans: readonly Spans[];
  readonly batch: number;
  readonly channels: number;
}

function windowsOf(input: Shape, output: Shape, { window, stride, padding }: PoolAttributes): Windows {
  const sizes = asVolume(spatialSizes(input));
  const outs = asVolume(spatialSizes(output));
  const windows = asVolume(window);
  const strides = asVolume(stride);
  return {
    sizes,
    spans: sizes.map((length, axis) => spansOf(length, outs[axis], windows[axis], strides[axis], padding)),
    batch: input[0],
    channels: channelsOf(input),
  };
}

/** Where a pooling's slope goes: its input's and output's shapes, and its window. */
export interface PoolSlopeOptions {
  readonly input: Shape;
  readonly output: Shape;
  readonly attributes: PoolAttributes;
}

/** Each output's slope goes to the first pixel of its window, in row-major order, that holds the maximum. */
export function maxPoolSlope(x: ArrayLike<number>, dy: ArrayLike<number>, options: PoolSlopeOptions): Float32Array {
  const { sizes, spans, batch, channels } = windowsOf(options.input, options.output, options.attributes);
  const [depth, height, width] = sizes;
  const [alongZ, alongY, alongX] = spans;
  const dx = new Float32Array(batch * depth * height * width * channels);
  let o = 0;
  for (let n = 0; n < batch; n++) {
    for (const [z0, z1] of alongZ) {
      for (const [y0, y1] of alongY) {
        for (const [x0, x1] of alongX) {
          for (let c = 0; c < channels; c++, o++) {
            let best = (((n * depth + z0) * height + y0) * width + x0) * channels + c;
            for (let z = z0; z < z1; z++)
              for (let y = y0; y < y1; y++)
                for (let k = x0; k < x1; k++) {
                  const at = (((n * depth + z) * height + y) * width + k) * channels + c;
                  if (x[at] > x[best]) best = at;
                }
            dx[best] += dy[o];
          }
        }
      }
    }
  }
  return dx;
}

/** Each output's slope is shared by the pixels of its window that lie inside the image. */
export function avgPoolSlope(dy: ArrayLike<number>, options: PoolSlopeOptions): Float32Array {
  const { sizes, spans, batch, channels } = windowsOf(options.input, options.output, options.attributes);
  const [depth, height, width] = sizes;
  const [alongZ, alongY, alongX] = spans;
  const dx = new Float32Array(batch * depth * height * width * channels);
  let o = 0;
  for (let n = 0; n < batch; n++) {
    for (const [z0, z1] of alongZ) {
      for (const [y0, y1] of alongY) {
        for (const [x0, x1] of alongX) {
          const share = 1 / ((z1 - z0) * (y1 - y0) * (x1 - x0));
          for (let c = 0; c < channels; c++, o++) {
            for (let z = z0; z < z1; z++)
              for (let y = y0; y < y1; y++)
                for (let k = x0; k < x1; k++)
                  dx[(((n * depth + z) * height + y) * width + k) * channels + c] += dy[o] * share;
          }
        }
      }
    }
  }
  return dx;
}

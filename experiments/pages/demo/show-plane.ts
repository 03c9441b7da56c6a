import { createImage, type Image } from '@lacuna/core';
import { enlarge as interpolate } from '@lacuna/datasets';
import type { Enlarged } from './enlarge.js';
import type { ShownPlane } from './protocol.js';

/** Pixels of a canvas at most; larger planes are shown reduced. */
const MOST_PIXELS = 4096 * 4096;
/** Values on which the shown range rests. */
const SAMPLES = 2 ** 20;

/** A plane of the enlarged image and of the coarse one, bicubic, as grey levels over the range of the enlarged one. */
export async function showPlane(enlarged: Enlarged, z: number): Promise<ShownPlane> {
  const { sr, lr, factor, channel } = enlarged;
  const count = sr.width * sr.height;
  const values = meanOfChannels(sr.data.subarray(z * count * sr.channels, (z + 1) * count * sr.channels), sr.channels);
  const coarse = await lr.readRegion({
    z: Math.min(lr.depth - 1, Math.floor(z / factor.z)),
    ...(channel === null ? {} : { c: channel }),
  });
  const plane = createImage({
    data: meanOfChannels(coarse, coarse.length / (lr.width * lr.height)),
    width: lr.width,
    height: lr.height,
    dataRange: sr.dataRange,
  });
  const bicubic = interpolate(plane, { x: factor.x, y: factor.y, z: 1 }, 'bicubic');
  const reduced = Math.ceil(Math.sqrt(count / MOST_PIXELS));
  const window = windowOf(values);
  return {
    z,
    width: Math.floor(sr.width / reduced),
    height: Math.floor(sr.height / reduced),
    reduced,
    sr: greyLevels({ ...bicubic, data: values }, window, reduced),
    bicubic: greyLevels(bicubic, window, reduced),
  };
}

function meanOfChannels(values: Float32Array, channels: number): Float32Array {
  if (channels === 1) return values;
  const out = new Float32Array(values.length / channels);
  for (let i = 0; i < values.length; i++) out[Math.floor(i / channels)] += values[i] / channels;
  return out;
}

/** What is shown black and white: the lowest value and the 99.8th percentile. */
function windowOf(values: Float32Array): readonly [number, number] {
  const step = Math.ceil(values.length / SAMPLES);
  const sorted = Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]).sort();
  return [sorted[0], sorted[Math.round(0.998 * (sorted.length - 1))]];
}

/** Means of `reduced` by `reduced` pixels as levels from 0 to 255. */
function greyLevels(
  { data, width, height }: Pick<Image, 'data' | 'width' | 'height'>,
  [low, high]: readonly [number, number],
  reduced: number,
): Uint8ClampedArray<ArrayBuffer> {
  const across = Math.floor(width / reduced);
  const down = Math.floor(height / reduced);
  const out = new Uint8ClampedArray(across * down);
  const scale = high > low ? 255 / (high - low) : 0;
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      let sum = 0;
      for (let v = 0; v < reduced; v++) {
        const row = (y * reduced + v) * width + x * reduced;
        for (let u = 0; u < reduced; u++) sum += data[row + u];
      }
      out[y * across + x] = (sum / reduced ** 2 - low) * scale;
    }
  }
  return out;
}

import type { TileModel } from '../../src/index.js';

/**
 * A model small enough to reckon by hand: a mean over (2 radius + 1)² LR pixels, zeros beyond the border, then each
 * pixel becomes a block of factor² whose values differ by their place.
 */
export function localModel({
  radius,
  factor,
  channels = 1,
  shift = 0,
  multiple = 1,
  global = false,
}: {
  radius: number;
  factor: number;
  channels?: number;
  shift?: number;
  multiple?: number;
  global?: boolean;
}): TileModel & { sizes: string[] } {
  const sizes: string[] = [];
  return {
    factor,
    channels,
    multiple,
    outputs: 1,
    bytesPerPixel: 100,
    sizes,
    halo: global ? null : radius,
    run(tile, height, width) {
      sizes.push(`${height}x${width}`);
      const out = new Float32Array(height * width * factor * factor * channels);
      const side = 2 * radius + 1;
      const whole = global ? tile.reduce((sum, value) => sum + value, 0) / tile.length : 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let c = 0; c < channels; c++) {
            let sum = 0;
            for (let j = y - radius; j <= y + radius; j++) {
              for (let i = x - radius; i <= x + radius; i++)
                if (j >= 0 && j < height && i >= 0 && i < width) sum += tile[(j * width + i) * channels + c];
            }
            for (let v = 0; v < factor; v++) {
              for (let u = 0; u < factor; u++)
                out[((y * factor + v) * width * factor + x * factor + u) * channels + c] =
                  sum / (side * side) + 0.01 * v + 0.001 * u + shift + whole;
            }
          }
        }
      }
      return Promise.resolve([out]);
    },
    reset: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
}

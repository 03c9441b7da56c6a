import type { Image } from '@lacuna/core';
import { imresize } from '../filters/imresize.js';

/**
 * Enlarges an LR image by a whole factor on centred grids: what the bicubic baseline gives, and what GANs on the HR
 * grid take.
 */
export function enlarge(lr: Image, factor: number, method: 'nearest' | 'bicubic' | 'bilinear'): Image {
  if (method === 'bicubic') return imresize(lr, factor);
  const { width, height, depth, channels } = lr;
  const outWidth = width * factor;
  const outHeight = height * factor;
  const data = new Float32Array(outWidth * outHeight * depth * channels);
  const weights = (length: number, i: number): [number, number, number] => {
    if (method === 'nearest') return [Math.floor(i / factor), Math.floor(i / factor), 0];
    const at = Math.min(length - 1, Math.max(0, (i + 0.5) / factor - 0.5));
    const low = Math.floor(at);
    return [low, Math.min(length - 1, low + 1), at - low];
  };
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < outHeight; y++) {
      const [top, bottom, v] = weights(height, y);
      for (let x = 0; x < outWidth; x++) {
        const [left, right, u] = weights(width, x);
        for (let c = 0; c < channels; c++) {
          const at = (row: number, column: number) => lr.data[((z * height + row) * width + column) * channels + c];
          data[((z * outHeight + y) * outWidth + x) * channels + c] =
            (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) +
            v * ((1 - u) * at(bottom, left) + u * at(bottom, right));
        }
      }
    }
  }
  const pixelSize = lr.pixelSize ? { ...lr.pixelSize, x: lr.pixelSize.x / factor, y: lr.pixelSize.y / factor } : null;
  return { ...lr, data, width: outWidth, height: outHeight, pixelSize };
}

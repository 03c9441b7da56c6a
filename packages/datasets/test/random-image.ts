import { createImage, createRng, type Image, type PixelSize } from '@lacuna/core';

/** Random values from 0 to `top`, whole ones where `top` is not 1; the same each time. */
export function randomImage(
  size: { width: number; height: number; depth?: number; channels?: number },
  top: number,
  pixelSize: PixelSize | null = null,
): Image {
  const rng = createRng(1);
  const { width, height, depth = 1, channels = 1 } = size;
  const data = Float32Array.from({ length: width * height * depth * channels }, () =>
    top === 1 ? rng.uniform() : Math.floor(rng.uniform() * (top + 1)),
  );
  return createImage({ data, ...size, dataRange: [0, top], pixelSize });
}

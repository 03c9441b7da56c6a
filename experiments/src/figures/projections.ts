import { createImage, type Image } from '@lacuna/core';

/** Brightest value along z at each pixel. */
function maximumProjection({ data, width, height, depth }: Image): Float32Array {
  const count = width * height;
  const out = data.slice(0, count);
  for (let z = 1; z < depth; z++)
    for (let i = 0; i < count; i++) if (data[z * count + i] > out[i]) out[i] = data[z * count + i]!;
  return out;
}

/**
 * Maximum projections of volumes of one height and in [0, 1] side by side, a white line between them, as grey levels of
 * 8 bits.
 */
export function sideBySide(images: readonly Image[]): Image {
  const height = images[0].height;
  const line = 4;
  const width = images.reduce((sum, image) => sum + image.width + line, -line);
  const data = new Float32Array(width * height).fill(255);
  let left = 0;
  for (const image of images) {
    const plane = maximumProjection(image);
    for (let y = 0; y < height; y++)
      data.set(
        plane.subarray(y * image.width, (y + 1) * image.width).map((value) => 255 * Math.min(1, value)),
        y * width + left,
      );
    left += image.width + line;
  }
  return createImage({ data, width, height, dataRange: [0, 255] });
}

import { createImage, type Image } from '@lacuna/core';

/** Largest value along z at each pixel of a volume of `depth` planes. */
export function largestAlongZ<Values extends Float32Array | Uint8Array>(data: Values, depth: number): Values {
  const count = data.length / depth;
  const out = data.slice(0, count) as Values;
  for (let z = 1; z < depth; z++) {
    for (let i = 0; i < count; i++) out[i] = Math.max(out[i], data[z * count + i]);
  }
  return out;
}

/** The value of largest magnitude along z at each pixel of a volume of `depth` planes, with its sign. */
export function strongestAlongZ(data: Float32Array, depth: number): Float32Array {
  const count = data.length / depth;
  const out = data.slice(0, count);
  for (let z = 1; z < depth; z++) {
    for (let i = 0; i < count; i++) {
      const value = data[z * count + i];
      if (Math.abs(value) > Math.abs(out[i])) out[i] = value;
    }
  }
  return out;
}

/** The maximum projection of a volume along z; a plane is its own. */
export function projected(image: Image): Image {
  return image.depth === 1 ? image : { ...image, depth: 1, data: largestAlongZ(image.data, image.depth) };
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
    const plane = largestAlongZ(image.data, image.depth);
    for (let y = 0; y < height; y++)
      data.set(
        plane.subarray(y * image.width, (y + 1) * image.width).map((value) => 255 * Math.min(1, value)),
        y * width + left,
      );
    left += image.width + line;
  }
  return createImage({ data, width, height, dataRange: [0, 255] });
}

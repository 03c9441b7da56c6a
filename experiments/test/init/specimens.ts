import { createImage, createRng, type Image, type PixelSize } from '@lacuna/core';

/** How a network is drawn. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly seed: number;
  /** Standard deviation of the branches' Gaussian profile, px. */
  readonly sigma?: number;
  /** Of the contrast. */
  readonly noise?: number;
  readonly pixelSize?: PixelSize | null;
}

/** Straight branches of a Gaussian profile, each across the whole field: 1 on their axes, 0 far away, plus noise. */
export function drawNetwork({
  width,
  height,
  depth = 1,
  seed,
  sigma = 1.5,
  noise = 0.02,
  pixelSize = null,
}: Drawing): Image {
  const rng = createRng(seed).fork('network');
  const branches = Array.from({ length: Math.round((width + height) / 40) }, () => {
    const angle = Math.PI * rng.uniform();
    return { x: width * rng.uniform(), y: height * rng.uniform(), cos: Math.cos(angle), sin: Math.sin(angle) };
  });
  const image = createImage({ width, height, depth, dataRange: [0, 1], pixelSize, name: `seed ${seed}` });
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const distances = branches.map((branch) => (x - branch.x) * branch.sin - (y - branch.y) * branch.cos + z / 4);
        const nearest = Math.min(...distances.map(Math.abs));
        image.data[i] = Math.exp((-0.5 * nearest * nearest) / (sigma * sigma)) + noise * rng.normal();
      }
    }
  }
  return image;
}

/** The image as integers: 0 becomes `low`, 1 becomes `high`; what lies beyond the type is cut off. */
export function asIntegers(image: Image, low: number, high: number, most: number): Image {
  const data = image.data.map((value) => Math.min(most, Math.max(0, Math.round(low + (high - low) * value))));
  return { ...image, data, dataRange: [0, most] };
}

/** Means of blocks of 2 x 2 px. */
export function halved(image: Image): Image {
  const [width, height] = [image.width / 2, image.height / 2];
  const out = createImage({ width, height, dataRange: image.dataRange });
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 2 * y * image.width + 2 * x;
      const { data } = image;
      const sum = data[at] + data[at + 1] + data[at + image.width] + data[at + image.width + 1];
      out.data[y * width + x] = Math.round(sum / 4);
    }
  }
  return out;
}

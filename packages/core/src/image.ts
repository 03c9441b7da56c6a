import { InputError, ShapeError } from './errors.js';
import type { PixelSize } from './units.js';

/**
 * An image or a volume: float32 intensities, channels last, rows from the top.
 *
 * `data[((z * height + y) * width + x) * channels + c]`. A plane has `depth` 1. `dataRange` is what the numbers can
 * span (0..65535 for 16-bit files, 0..1 for normalised images); no function guesses it.
 */
export interface Image {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
  /** Smallest and largest value that the image's kind can hold. */
  readonly dataRange: readonly [number, number];
  /** Size of a pixel, null when unknown: physical quantities are then in px. */
  readonly pixelSize: PixelSize | null;
  /** Where it came from, for messages and logs. */
  readonly name: string;
}

/** Fields of a new image that may be left out. */
export interface ImageOptions {
  readonly data?: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly channels?: number;
  readonly dataRange: readonly [number, number];
  readonly pixelSize?: PixelSize | null;
  readonly name?: string;
}

/**
 * Makes an image; without `data` it is filled with zeros.
 * @throws {ShapeError} if a size is not a whole number >= 1 or `data` has another length.
 * @throws {InputError} if the data range is empty or not finite.
 */
export function createImage(options: ImageOptions): Image {
  const { width, height, depth = 1, channels = 1, dataRange, pixelSize = null, name = 'image' } = options;
  for (const [axis, size] of Object.entries({ width, height, depth, channels })) {
    if (!Number.isInteger(size) || size < 1)
      throw new ShapeError({ who: name, got: `${axis} ${size}`, wanted: 'a whole number of at least 1' });
  }
  const count = width * height * depth * channels;
  const data = options.data ?? new Float32Array(count);
  if (data.length !== count)
    throw new ShapeError({
      who: name,
      got: `${data.length} values`,
      wanted: `${count} (${describeShape({ width, height, depth, channels })})`,
    });
  if (!(dataRange[1] > dataRange[0]) || !Number.isFinite(dataRange[1] - dataRange[0])) {
    throw new InputError({
      who: name,
      got: `data range ${dataRange[0]}..${dataRange[1]}`,
      wanted: 'two finite numbers, the second larger',
    });
  }
  return { data, width, height, depth, channels, dataRange, pixelSize, name };
}

/** "512 x 512", "512 x 512 x 64", "512 x 512, 3 channels": width first, as microscopes say it. */
export function describeShape(image: Pick<Image, 'width' | 'height' | 'depth' | 'channels'>): string {
  const size =
    image.depth > 1 ? `${image.width} x ${image.height} x ${image.depth}` : `${image.width} x ${image.height}`;
  return image.channels > 1 ? `${size}, ${image.channels} channels` : size;
}

/** Copies the block of `size` at `origin` (x, y, z; z 0 and the whole depth by default). */
export function cropImage(
  image: Image,
  box: { x: number; y: number; width: number; height: number; z?: number; depth?: number },
): Image {
  const { x, y, width, height, z = 0, depth = image.depth - z } = box;
  if (
    x < 0 ||
    y < 0 ||
    z < 0 ||
    width < 1 ||
    height < 1 ||
    depth < 1 ||
    x + width > image.width ||
    y + height > image.height ||
    z + depth > image.depth
  ) {
    throw new ShapeError({
      who: `crop of ${image.name}`,
      got: `box at ${x},${y},${z} of ${width} x ${height} x ${depth}`,
      wanted: `a box inside ${describeShape(image)}`,
    });
  }
  const { channels } = image;
  const data = new Float32Array(width * height * depth * channels);
  let to = 0;
  for (let k = z; k < z + depth; k++) {
    for (let j = y; j < y + height; j++) {
      const from = ((k * image.height + j) * image.width + x) * channels;
      data.set(image.data.subarray(from, from + width * channels), to);
      to += width * channels;
    }
  }
  return { ...image, data, width, height, depth };
}

/** One channel of an image, as an image of one channel. */
export function selectChannel(image: Image, channel: number): Image {
  if (!Number.isInteger(channel) || channel < 0 || channel >= image.channels) {
    throw new InputError({ who: image.name, got: `channel ${channel}`, wanted: `0 to ${image.channels - 1}` });
  }
  if (image.channels === 1) return image;
  const count = image.width * image.height * image.depth;
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = image.data[i * image.channels + channel];
  return { ...image, data, channels: 1 };
}

/** Applies `f` to each value; the result has the given data range. */
export function mapImage(image: Image, dataRange: readonly [number, number], f: (value: number) => number): Image {
  const data = new Float32Array(image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = f(image.data[i]);
  return { ...image, data, dataRange };
}

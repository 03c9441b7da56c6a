import { InputError, ShapeError, describeShape, type PixelSize } from '@lacuna/core';
import { freshFloats } from './fresh-array.js';

/** How a file stores its intensities. */
export type StoredType = 'uint8' | 'uint16' | 'uint32' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64';

/** What of a file is opened. */
export interface OpenOptions {
  /**
   * The time point, from 0, of files that have several. Without it, time points of one plane count as its depth; those
   * of stacks are refused.
   */
  readonly time?: number | undefined;
}

/** A block of one plane. What is left out is the whole extent, plane 0, all channels. */
export interface ImageRegion {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  readonly width?: number;
  readonly height?: number;
  readonly c?: number;
}

/** An image file that is read piece by piece: a stack larger than memory needs no more than its regions. */
export interface OpenImage {
  readonly name: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
  readonly dtype: StoredType;
  /** Bits that a value uses: 12 for cameras of 12 bits, else those of `dtype`. */
  readonly bits: number;
  /** What integers of that many bits can hold; null for floats, of which only {@link measureRange} knows it. */
  readonly dataRange: readonly [number, number] | null;
  readonly pixelSize: PixelSize | null;
  /** Axes from the slowest: `t` in place of `z` where the planes are time points. */
  readonly axes: 'zyxc' | 'tyxc';
  /** How the file lays channels out: together in each pixel, or each on pages (planes) of its own. */
  readonly channelLayout: 'interleaved' | 'pages';
  /** The program that wrote the file, as the file says it; empty where it does not. */
  readonly software: string;
  /**
   * Intensities as float32, [height][width][channels]; one channel where `c` is given.
   * @param into an array of that many values, to be filled and returned; a new one by default.
   * @throws {InputError} outside the image, and where the file is damaged.
   */
  readRegion(region?: ImageRegion, into?: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * The axis that is the depth, and where its first plane lies in time.
 * @throws {InputError} for stacks over time without a choice, and for time points that are not there.
 */
export function depthAxis(
  path: string,
  sizes: { readonly Z: number; readonly T: number },
  time: number | undefined,
): { axis: 'Z' | 'T'; time: number } {
  const { Z, T } = sizes;
  if (time === undefined) {
    if (Z > 1 && T > 1)
      throw new InputError({
        who: path,
        got: `${T} time points of ${Z} slices`,
        wanted: 'one time point',
        remedy: `name it (time: 0 to ${T - 1}), or save each time point as a file of its own`,
      });
    return { axis: T > 1 ? 'T' : 'Z', time: 0 };
  }
  if (!Number.isInteger(time) || time < 0 || time >= T)
    throw new InputError({
      who: path,
      got: `time point ${time}`,
      wanted: T === 1 ? '0, the only one' : `0 to ${T - 1}`,
    });
  return { axis: 'Z', time };
}

/** A region with nothing left out. */
export interface FullRegion {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly width: number;
  readonly height: number;
  readonly first: number;
  readonly take: number;
}

/**
 * Fills in what a region leaves out.
 * @throws {InputError} for a region that is not all inside the image.
 */
export function fullRegion(
  image: Pick<OpenImage, 'name' | 'width' | 'height' | 'depth' | 'channels'>,
  { x = 0, y = 0, z = 0, width = image.width - x, height = image.height - y, c }: ImageRegion = {},
): FullRegion {
  const inside =
    [x, y, z, width, height, c ?? 0].every((value) => Number.isInteger(value) && value >= 0) &&
    width >= 1 &&
    height >= 1 &&
    x + width <= image.width &&
    y + height <= image.height &&
    z < image.depth &&
    (c ?? 0) < image.channels;
  if (!inside)
    throw new InputError({
      who: `region of ${image.name}`,
      got: `${width} x ${height} at ${x},${y} of plane ${z}${c === undefined ? '' : `, channel ${c}`}`,
      wanted: `a block inside ${describeShape(image)}`,
    });
  return { x, y, z, width, height, first: c ?? 0, take: c === undefined ? image.channels : 1 };
}

/**
 * Where a region's values go: `into`, else a new array that is not cleared.
 * @throws {ShapeError} for an array of another length.
 */
export function targetOf(
  image: Pick<OpenImage, 'name'>,
  { width, height, take }: FullRegion,
  into: Float32Array | undefined,
): Float32Array {
  const count = width * height * take;
  if (into && into.length !== count)
    throw new ShapeError({
      who: `region of ${image.name}`,
      got: `an array of ${into.length} values`,
      wanted: `${count}`,
    });
  return into ?? freshFloats(count);
}

/** Values that are looked at in one go. */
const STEP = 1 << 22;

/**
 * Smallest and largest intensity of a whole file, read in bands of rows. A constant image gets a range of one.
 * @throws {InputError} for NaN or infinite pixels.
 */
export async function measureRange(image: OpenImage): Promise<readonly [number, number]> {
  const rows = Math.max(1, Math.floor(STEP / (image.width * image.channels)));
  let low = Infinity;
  let high = -Infinity;
  for (let z = 0; z < image.depth; z++) {
    for (let y = 0; y < image.height; y += rows) {
      const range = rangeOf(await image.readRegion({ z, y, height: Math.min(rows, image.height - y) }), image.path);
      low = Math.min(low, range[0]);
      high = Math.max(high, range[1]);
    }
  }
  return low === high ? [low, low + 1] : [low, high];
}

/**
 * Smallest and largest of some intensities.
 * @throws {InputError} for NaN or infinite ones.
 */
export function rangeOf(data: Float32Array, who: string): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
  }
  // One NaN or infinity makes the sum one too.
  if (!Number.isFinite(sum))
    throw new InputError({
      who,
      got: 'NaN or infinite pixels',
      wanted: 'finite intensities',
      remedy: 'replace them, for example with the background',
    });
  return [low, high];
}

/** The range of integers. */
export function integerRange(dtype: StoredType, bits: number): readonly [number, number] | null {
  if (dtype.startsWith('float')) return null;
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

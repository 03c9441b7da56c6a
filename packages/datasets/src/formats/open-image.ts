import type { PixelSize } from '@lacuna/core';

/** How a file stores its intensities. */
export type StoredType =
  'uint8' | 'uint16' | 'uint32' | 'uint64' | 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64';

/** What of a file is opened. */
export interface OpenOptions {
  /** One time point, counted from 0; all of them by default. */
  readonly time?: number | undefined;
  /** Is told what had to be assumed, was changed or is left out, with the file's name. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** A block of one plane. What is left out is the whole extent, time point 0, plane 0, all channels. */
export interface ImageRegion {
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  readonly t?: number;
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
  /** Planes of a volume along z. */
  readonly depth: number;
  /** Time points, each of `depth` planes. Time is never taken as depth. */
  readonly frames: number;
  readonly channels: number;
  readonly dtype: StoredType;
  /** Bits that a value uses: 12 for cameras of 12 bits, else those of `dtype`. */
  readonly bits: number;
  /**
   * What integers of that many bits can hold; null for floats and 64-bit integers, of which only {@link measureRange}
   * knows it.
   */
  readonly dataRange: readonly [number, number] | null;
  /** Along each axis, in one unit; null where the file does not say it along x and y. */
  readonly pixelSize: PixelSize | null;
  /** Axes that the file has, from the slowest: `tzyx`, `cyx`, `yxc`. */
  readonly axes: string;
  /** How the file lays channels out: together in each pixel, or each on pages (planes) of its own. */
  readonly channelLayout: 'interleaved' | 'pages';
  /** The program that wrote the file, as the file says it; empty where it does not. */
  readonly software: string;
  /** What had to be assumed, was changed while reading, or is left out: one line each. */
  readonly notes: readonly string[];
  /**
   * Intensities as float32, [height][width][channels]; one channel where `c` is given. Brighter is larger: a scale
   * whose zero is white is turned, a palette is looked up.
   * @param into an array of that many values, to be filled and returned; a new one by default.
   * @throws {InputError} outside the image, where the file is damaged, and for values that float32 does not hold.
   */
  readRegion(region?: ImageRegion, into?: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The range of integers; null for floats and 64-bit integers. */
export function integerRange(dtype: StoredType, bits: number): readonly [number, number] | null {
  if (dtype.startsWith('float') || dtype.endsWith('64')) return null;
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

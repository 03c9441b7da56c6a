import { formatLength, type PixelSize } from '@lacuna/core';
import { measureRange, openImage, type OpenImage } from '@lacuna/datasets';

/** What an image file says of itself, and how Lacuna reads it. */
export interface ImageFile {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly frames: number;
  readonly channels: number;
  /** Axes as the file has them, from the slowest. */
  readonly axes: string;
  readonly channelLayout: OpenImage['channelLayout'];
  readonly dtype: OpenImage['dtype'];
  readonly bits: number;
  /** What the type holds; null where only the values tell. */
  readonly dataRange: readonly [number, number] | null;
  /** Smallest and largest value that is there. */
  readonly values: readonly [number, number];
  readonly pixelSize: PixelSize | null;
  readonly software: string;
  readonly notes: readonly string[];
}

/**
 * Opens an image and reads it once, for the range of its values.
 * @throws {InputError} as every command that is given the file.
 */
export async function describeImageFile(path: string): Promise<ImageFile> {
  const image = await openImage(path);
  try {
    const { width, height, depth, frames, channels, axes, channelLayout, dtype, bits } = image;
    const { dataRange, pixelSize, software, notes } = image;
    const values = await measureRange(image);
    const sizes = { width, height, depth, frames, channels };
    return { path, ...sizes, axes, channelLayout, dtype, bits, dataRange, values, pixelSize, software, notes };
  } finally {
    await image.close();
  }
}

/** The same, for people. */
export function imageText(file: ImageFile): string {
  const { width, height, depth, frames, channels, dtype, bits, values, dataRange } = file;
  const lines: [string, string][] = [
    ['size', `x ${width}, y ${height}, z ${depth}, t ${frames}, c ${channels} (axes ${file.axes})`],
    ['channels', channels === 1 ? 'one' : layouts[file.channelLayout]],
    ['type', `${dtype}${Number(/\d+$/.exec(dtype)?.[0]) === bits ? '' : `, ${bits} bits used`}`],
    ['range', dataRange ? `${dataRange[0]} to ${dataRange[1]}` : 'the values tell it'],
    ['values', `${values[0]} to ${values[1]}`],
    ['pixel size', file.pixelSize ? pixelText(file.pixelSize) : 'the file does not say it'],
    ['written by', file.software || 'the file does not say it'],
    ...file.notes.map((note): [string, string] => ['note', note]),
  ];
  return [file.path, ...lines.map(([name, text]) => `  ${name.padEnd(11)} ${text}`)].join('\n');
}

const layouts = { interleaved: 'together in each pixel', pages: 'each on pages of its own' } as const;

function pixelText({ x, y, z, unit }: PixelSize): string {
  const along = (axis: string, side: number | undefined) =>
    side === undefined ? [] : [`${axis} ${formatLength(side, unit)}`];
  return [...along('x', x), ...along('y', y), ...along('z', z)].join(', ');
}

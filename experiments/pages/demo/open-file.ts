import { InputError } from '@lacuna/core';
import { bytesInMemory, openTiffBytes, openZarrStore, pixelsImage, zipStore, type OpenImage } from '@lacuna/datasets';
import { decode as decodePng } from 'fast-png';
import type { Dropped } from './dropped.js';
import { droppedStore } from './folder-store.js';

/** How files begin. */
const starts = {
  png: [0x89, 0x50, 0x4e, 0x47],
  jpeg: [0xff, 0xd8, 0xff],
  littleTiff: [0x49, 0x49],
  bigTiff: [0x4d, 0x4d],
  zip: [0x50, 0x4b],
} as const;

/**
 * Opens what was dropped or chosen: a TIFF (stacks and OME too), PNG or JPEG; an OME-Zarr, as a folder or a zip.
 * @throws {InputError} for other files, and for damaged ones.
 */
export async function openDropped(dropped: Dropped): Promise<OpenImage> {
  return dropped instanceof File ? openFile(dropped) : openZarrStore(droppedStore(dropped));
}

async function openFile(file: File): Promise<OpenImage> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const begins = (start: readonly number[]) => start.every((byte, i) => bytes[i] === byte);
  if (begins(starts.littleTiff) || begins(starts.bigTiff)) return openTiffBytes(bytesInMemory(file.name, bytes));
  if (begins(starts.png)) return openPng(file.name, bytes);
  if (begins(starts.jpeg)) return openJpeg(file);
  if (begins(starts.zip)) return openZarrStore(await zipStore(file.name, bytes));
  throw new InputError({
    who: file.name,
    got: bytes.length === 0 ? 'an empty file' : 'a file that is no image of these kinds',
    wanted: 'a TIFF (also a stack or OME-TIFF), an OME-Zarr (its folder or a zip), a PNG or a JPEG',
    remedy: 'export it as TIFF, for example with Fiji or Bio-Formats',
  });
}

function openPng(path: string, bytes: Uint8Array): OpenImage {
  const damaged = (error: unknown) =>
    new InputError(
      {
        who: path,
        got: `a damaged PNG (${error instanceof Error ? error.message : String(error)})`,
        wanted: 'a whole image',
        remedy: 'export or copy it again',
      },
      { cause: error },
    );
  let png: ReturnType<typeof decodePng>;
  try {
    png = decodePng(bytes);
  } catch (error) {
    throw damaged(error);
  }
  const { width, height, depth, channels: stored, data, palette } = png;
  if (palette !== undefined || depth < 8)
    throw new InputError({
      who: path,
      got: palette === undefined ? `a PNG of ${depth} bits` : 'a PNG with a palette',
      wanted: 'grey or RGB of 8 or 16 bits',
      remedy: 'save it again as grey or RGB',
    });
  const channels = stored <= 2 ? 1 : 3;
  const hasAlpha = stored !== channels;
  return pixelsImage({
    path,
    width,
    height,
    channels,
    bits: depth === 16 ? 16 : 8,
    notes: hasAlpha ? ['alpha is left out'] : [],
    decode: async () => withoutAlpha(data as Uint8Array | Uint16Array, stored, channels),
  });
}

async function openJpeg(file: File): Promise<OpenImage> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file, {
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
      imageOrientation: 'none',
    });
  } catch (error) {
    throw new InputError(
      { who: file.name, got: 'a damaged JPEG', wanted: 'a whole image', remedy: 'export or copy it again' },
      { cause: error },
    );
  }
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(picture, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const isGrey = rgba.every((value, i) => i % 4 === 3 || value === rgba[i - (i % 4)]);
  const channels = isGrey ? 1 : 3;
  return pixelsImage({
    path: file.name,
    width,
    height,
    channels,
    bits: 8,
    notes: ['a JPEG: its blocks and ringing are enlarged as well'],
    decode: async () => withoutAlpha(rgba, 4, channels),
  });
}

/** The first so many values of each pixel. */
function withoutAlpha<Values extends Uint8Array | Uint8ClampedArray | Uint16Array>(
  values: Values,
  stored: number,
  channels: number,
): Uint8Array | Uint16Array {
  const count = (values.length / stored) * channels;
  const out = values instanceof Uint16Array ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = values[Math.floor(i / channels) * stored + (i % channels)];
  return out;
}

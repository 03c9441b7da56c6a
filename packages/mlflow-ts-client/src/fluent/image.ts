import { randomUUID } from 'node:crypto';
import { MlflowInputError } from '../errors.js';

/** 8-bit pixels, row by row, channels together. */
export interface RawImage {
  /** height x width x channels values from 0 to 255. */
  readonly data: Uint8Array;
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Grey, grey and alpha, RGB, or RGB and alpha. */
  readonly channels: 1 | 2 | 3 | 4;
}

/** An image to show: encoded already, or pixels that `sharp` (an optional peer) or `encode` turns into both files. */
export type ImageToLog =
  { readonly png: Uint8Array; readonly webp: Uint8Array } | { readonly png: Uint8Array } | RawImage;

/** Makes the two files of MLflow's image grid from pixels or from a PNG. */
export type ImageEncoder = (
  image: RawImage | { readonly png: Uint8Array },
) => Promise<{ png: Uint8Array; webp: Uint8Array }>;

/**
 * Names of the two files that MLflow's image grid looks for: `images/{key}+step+{n}+timestamp+{ms}+{uuid}.png` and
 * the same stem with `+compressed.webp`. `/` in a key is written `~`. Any other file in `images/` would hide all of
 * the run's images.
 */
export function imagePaths(key: string, step: number, timestamp: number): { png: string; webp: string } {
  if (!/^[\w. \-/]+$/u.test(key))
    throw new MlflowInputError({
      who: 'logImage',
      got: JSON.stringify(key),
      wanted: 'a key of letters, digits, _ - . space and /',
      remedy: 'Rename it.',
    });
  const stem = `images/${key.replaceAll('/', '~')}+step+${step}+timestamp+${timestamp}+${randomUUID()}`;
  return { png: `${stem}.png`, webp: `${stem}+compressed.webp` };
}

/** Both files of an image, encoding what is missing. */
export async function encodeImage(
  image: ImageToLog,
  encoder: ImageEncoder = encodeWithSharp,
): Promise<{ png: Uint8Array; webp: Uint8Array }> {
  if ('png' in image && 'webp' in image) return image;
  if (!('png' in image) && image.data.length !== image.width * image.height * image.channels) {
    throw new MlflowInputError({
      who: 'logImage',
      got: `${image.data.length} bytes`,
      wanted: `${image.width} x ${image.height} x ${image.channels}`,
      remedy: 'Check width, height and channels.',
    });
  }
  return encoder(image);
}

const encodeWithSharp: ImageEncoder = async (image) => {
  const sharp = await import('sharp').then(
    (module) => module.default,
    () => undefined,
  );
  if (sharp === undefined) {
    throw new MlflowInputError({
      who: 'logImage',
      got: 'an image without its webp file, and no sharp to make it',
      wanted: 'png and webp, or sharp installed',
      remedy: 'npm install sharp, hand in { png, webp }, or pass an encoder to startRun.',
    });
  }
  const open = (): ReturnType<typeof sharp> =>
    'png' in image
      ? sharp(image.png)
      : sharp(image.data, { raw: { width: image.width, height: image.height, channels: image.channels } });
  const [png, webp] = await Promise.all([
    'png' in image ? image.png : open().png().toBuffer(),
    // MLflow's own client shrinks the compressed copy to 256 pixels on its longer side.
    open().resize(256, 256, { fit: 'inside', withoutEnlargement: true }).webp().toBuffer(),
  ]);
  return { png, webp };
};

import { fileName } from './file-name.js';
import type { OpenImage } from './open-image.js';
import { fullRegion, targetOf } from './region.js';

/** Pixels of one plane that are decoded as a whole. */
export interface PixelsOptions {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bits: 8 | 16;
  /** What is assumed or left out. */
  readonly notes: readonly string[];
  /** All values, row by row, channels last; called once, at the first region that is asked for. */
  decode(): Promise<Uint8Array | Uint16Array>;
}

/** A picture that is decoded as a whole, as an image that is read by region. It is kept until it is closed. */
export function pixelsImage({ path, width, height, channels, bits, notes, decode }: PixelsOptions): OpenImage {
  let pixels: Promise<Uint8Array | Uint16Array> | undefined;
  const image: OpenImage = {
    name: fileName(path),
    path,
    width,
    height,
    depth: 1,
    frames: 1,
    channels,
    dtype: bits === 16 ? 'uint16' : 'uint8',
    bits,
    dataRange: [0, bits === 16 ? 65535 : 255],
    axes: channels > 1 ? 'yxc' : 'yx',
    pixelSize: null,
    channelLayout: 'interleaved',
    software: '',
    notes,
    async readRegion(region, into) {
      const wanted = fullRegion(image, region);
      const { x, y, width: across, height: down, first, take } = wanted;
      const values = await (pixels ??= decode());
      const out = targetOf(image, wanted, into);
      if (across === width && take === channels) {
        out.set(values.subarray(y * width * channels, (y + down) * width * channels));
        return out;
      }
      let to = 0;
      for (let row = y; row < y + down; row++) {
        for (let column = x; column < x + across; column++) {
          const at = (row * width + column) * channels;
          for (let c = first; c < first + take; c++) out[to++] = values[at + c];
        }
      }
      return out;
    },
    async close() {
      pixels = undefined;
    },
  };
  return image;
}

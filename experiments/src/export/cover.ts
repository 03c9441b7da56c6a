import sharp from 'sharp';

/** Values of one plane, [height][width], in [0, 1]. */
interface Picture {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

/** Side of each half of the cover: zoo pages show covers as 2:1. */
const HALF = 256;

/** The cover of a package: the coarse image, pixel for pixel, beside what the model makes of it. PNG, 512 x 256. */
export async function coverPng(lr: Picture, sr: Picture): Promise<Uint8Array> {
  const half = async ({ data, width, height }: Picture, kernel: 'nearest' | 'cubic') =>
    sharp(Buffer.from(data.map((value) => Math.min(255, Math.max(0, Math.round(value * 255))))), {
      raw: { width, height, channels: 1 },
    })
      .resize(HALF, HALF, { kernel, fit: 'fill' })
      .png()
      .toBuffer();
  const parts = [
    { input: await half(lr, 'nearest'), left: 0, top: 0 },
    { input: await half(sr, 'cubic'), left: HALF, top: 0 },
  ];
  return sharp({ create: { width: 2 * HALF, height: HALF, channels: 3, background: '#000' } })
    .composite(parts)
    .png()
    .toBuffer();
}

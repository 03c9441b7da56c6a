import { createImage, type Image } from '@lacuna/core';
import { imresize, readImage } from '@lacuna/datasets';
import { cropBorder, luma, psnr } from '@lacuna/iqa';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Published PSNR of bicubic interpolation in dB, on luma, the border of `factor` px cut (the tables of VDSR, EDSR and
 * RCAN). The images have no stated licence and are not stored here: LACUNA_DATA may name a folder that holds
 * DIR/Set5/image_SRF_2/img_001_SRF_2_HR.png and so on, as the data of SelfExSR are laid out. x8 takes the HR images
 * of x4.
 */
const published: Readonly<Record<string, Readonly<Record<2 | 3 | 4 | 8, number>>>> = {
  Set5: { 2: 33.66, 3: 30.39, 4: 28.42, 8: 24.4 },
  Set14: { 2: 30.24, 3: 27.55, 4: 26.0, 8: 23.1 },
  BSD100: { 2: 29.56, 3: 27.21, 4: 25.96, 8: 23.67 },
};
/** Images in each set. */
const sizes: Readonly<Record<string, number>> = { Set5: 5, Set14: 14, BSD100: 100 };
const factors = [2, 3, 4, 8] as const;

const root = process.env['LACUNA_DATA'];
const folderOf = (set: string, factor: number): string =>
  join(root ?? '', set, `image_SRF_${factor === 8 ? 4 : factor}`);

const round = (image: Image): Image => ({
  ...image,
  data: image.data.map((v) => Math.min(255, Math.max(0, Math.round(v)))),
});

/** Luma as 8-bit files hold it, cut to a multiple of the factor. */
async function readLuma(path: string, factor: number): Promise<Image> {
  const image = await readImage(path);
  const y = image.channels === 1 ? grey(image) : luma(withoutAlpha(image), { dataRange: 255 });
  const width = y.width - (y.width % factor);
  const height = y.height - (y.height % factor);
  const data = new Float32Array(width * height);
  for (let row = 0; row < height; row++)
    for (let x = 0; x < width; x++) data[row * width + x] = y.data[row * y.width + x];
  return round(createImage({ width, height, data, dataRange: [0, 255] }));
}

/** A grey image is its own luma: MATLAB's scripts convert colour images alone. */
const grey = (image: Image): Image => image;
const withoutAlpha = (image: Image): Image => ({
  ...image,
  channels: 3,
  data: image.data.filter((_, i) => i % image.channels < 3),
});

describe.each(Object.keys(published))('bicubic interpolation of %s', (set) => {
  describe.each(factors)('x%d', (factor) => {
    const folder = folderOf(set, factor);
    const there = root !== undefined && existsSync(folder);
    it.skipIf(!there)(
      'is within 0.02 dB of the published ' +
        `${published[set][factor]}${there ? '' : ` (skipped: no ${root === undefined ? 'LACUNA_DATA' : folder})`}`,
      async () => {
        const files = readdirSync(folder).filter((name) => name.endsWith('_HR.png'));
        expect(files.length).toBe(sizes[set]);
        let sum = 0;
        for (const name of files) {
          const hr = await readLuma(join(folder, name), factor);
          const sr = round(imresize(imresize(hr, 1 / factor), factor));
          sum += psnr(cropBorder(hr, factor), cropBorder(sr, factor), { dataRange: 255 });
        }
        const mean = sum / files.length;
        console.info(`${set} x${factor}: ${mean.toFixed(3)} dB, published ${published[set][factor]}`);
        expect(Math.abs(mean - published[set][factor])).toBeLessThanOrEqual(0.02);
      },
    );
  });
});

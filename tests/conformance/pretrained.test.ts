import { createImage, type Image } from '@lacuna/core';
import { imresize, readImage } from '@lacuna/datasets';
import { cropBorder, luma, psnr } from '@lacuna/iqa';
import { exportModel, openSession, readOnnxMetadata } from '@lacuna/onnx';
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTensorFile } from '@lacuna/models';
import { describe, expect, it } from 'vitest';
import { findPackage } from '../../experiments/src/baseline/npm-package.js';
import { loadPretrained, pinnedPackage } from '../../experiments/src/baseline/pretrained.js';
import type { PretrainedName } from '../../experiments/src/baseline/spec.js';
import { importWeights } from '../../experiments/src/import/import-weights.js';

/**
 * PSNR in dB of the pretrained ESRGANs on Set5 x4: LR by MATLAB's bicubic from the RGB images, rounded to 8 bits;
 * luma of the result, rounded; the border of 4 px cut. The images have no stated licence and are not stored here:
 * LACUNA_DATA may name a folder that holds Set5/image_SRF_4/img_001_SRF_4_HR.png and so on. The packages are taken
 * from LACUNA_DATA/pretrained or the user's cache, where a sweep that names them leaves them, and not fetched here.
 */
const measured: Readonly<Record<PretrainedName, number>> = {
  'esrgan-slim': 28.58,
  'esrgan-medium': 28.73,
  'esrgan-thick': 29.93,
};

const folder = join(process.env['LACUNA_DATA'] ?? '', 'Set5', 'image_SRF_4');
const images = process.env['LACUNA_DATA'] !== undefined && existsSync(folder);

const round = (image: Image): Image => ({
  ...image,
  data: image.data.map((v) => Math.min(255, Math.max(0, Math.round(v)))),
});
const lumaOf = (image: Image) => luma(image, { dataRange: 255 });

/** RGB, cut to a multiple of the factor. */
async function readColour(path: string, factor: number): Promise<Image> {
  const image = await readImage(path);
  const width = image.width - (image.width % factor);
  const height = image.height - (image.height % factor);
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        data[(y * width + x) * 3 + c] =
          image.data[(y * image.width + x) * image.channels + (image.channels === 1 ? 0 : c)];
  return createImage({ width, height, channels: 3, data, dataRange: [0, 255] });
}

/** Why a network cannot be measured here; null where it can. */
function whatLacks(name: PretrainedName): string | null {
  if (!images) return `no ${process.env['LACUNA_DATA'] === undefined ? 'LACUNA_DATA' : folder}`;
  return findPackage(pinnedPackage(name)) === null ? 'its package is not at hand' : null;
}

/** Mean PSNR over Set5, dB. */
async function set5(name: string, onnx: Uint8Array): Promise<number> {
  const { range, channels, layout, multiple } = readOnnxMetadata(onnx)!;
  const session = await openSession(
    onnx,
    { name, factor: 4, channels, layout, range, multiple, halo: null, bytesPerPixel: 1 },
    { device: 'cpu' },
  );
  const files = readdirSync(folder).filter((file) => file.endsWith('_HR.png'));
  expect(files).toHaveLength(5);
  let sum = 0;
  for (const file of files) {
    const hr = await readColour(join(folder, file), 4);
    const lr = round(imresize(hr, 1 / 4));
    const [sr] = await session.run(
      lr.data.map((value) => value / 255),
      lr.height,
      lr.width,
    );
    const estimate = round({ ...hr, data: sr.map((value) => value * 255) });
    sum += psnr(cropBorder(lumaOf(hr), 4), cropBorder(lumaOf(estimate), 4), { dataRange: 255 });
  }
  await session.dispose();
  return sum / 5;
}

describe.each(Object.keys(measured) as PretrainedName[])('%s on Set5 x4', (name) => {
  const why = whatLacks(name);
  it.skipIf(why !== null)(
    `is within 0.02 dB of ${measured[name]}${why === null ? '' : ` (skipped: ${why})`}`,
    async () => {
      const { onnx } = await loadPretrained(name, 4);
      const found = await set5(name, onnx);
      console.info(`${name}: ${found.toFixed(3)} dB, expected ${measured[name]}`);
      expect(Math.abs(found - measured[name])).toBeLessThanOrEqual(0.02);
    },
    120_000,
  );
});

/**
 * RLFN's published weights (github.com/bytedance/RLFN, bccfde9, model_zoo/rlfn_x4.pth, Apache-2.0) through `lacuna
 * import`: LACUNA_DATA/pretrained/rlfn_x4.safetensors, made by tools/convert/torch_to_safetensors.py. The paper has
 * 32.24 dB (table 3, arXiv:2205.07514).
 */
describe('RLFN on Set5 x4', () => {
  const weights = join(process.env['LACUNA_DATA'] ?? '', 'pretrained', 'rlfn_x4.safetensors');
  const isHere = images && existsSync(weights);
  it.skipIf(!isHere)(
    `is within 0.02 dB of the paper's 32.24${isHere ? '' : ' (skipped: no Set5, or no weights)'}`,
    async () => {
      const out = join(mkdtempSync(join(tmpdir(), 'lacuna-rlfn-')), 'rlfn.safetensors');
      importWeights(weights, {
        model: 'rlfn',
        factor: 4,
        channels: 3,
        range: [0, 255],
        grey: false,
        out,
        force: false,
      });
      expect(readFileSync(out).length).toBeGreaterThan(2_000_000);
      const found = await set5('rlfn', exportModel(readTensorFile(out)));
      console.info(`rlfn: ${found.toFixed(3)} dB, published 32.24`);
      expect(Math.abs(found - 32.24)).toBeLessThanOrEqual(0.02);
    },
    120_000,
  );
});

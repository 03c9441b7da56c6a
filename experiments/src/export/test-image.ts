import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createImage, cropImage, type Image } from '@lacuna/core';
import { imresize, readImage, synthesizeDentin } from '@lacuna/datasets';
import type { OnnxMetadata } from '@lacuna/onnx';
import { layout } from '../sweep/results.js';

/** LR side that shows something and is quick to test. */
const SIDE = 64;

/** An LR image for tests and the cover, in the instrument's numbers. */
export interface TestImage {
  readonly lr: Image;
  readonly origin: string;
}

/**
 * The middle of the trial's first test image, or synthetic dentin where the trial is not at hand; sides are multiples
 * of the model's.
 */
export async function testImage(trial: string | null, model: OnnxMetadata): Promise<TestImage> {
  const path = trial === null ? null : join(layout.images(trial), 'lr.tif');
  const { multiple, channels } = model;
  const least = smallestSide(model);
  const wanted = Math.max(least, Math.ceil(SIDE / multiple) * multiple);
  if (path !== null && existsSync(path)) {
    const image = await readImage(path);
    const side = Math.min(wanted, Math.floor(Math.min(image.width, image.height) / multiple) * multiple);
    if (side >= least && image.channels === channels) {
      return {
        lr: cropImage(image, {
          x: Math.floor((image.width - side) / 2),
          y: Math.floor((image.height - side) / 2),
          z: 0,
          width: side,
          height: side,
          depth: 1,
        }),
        origin: 'a test region of the training data',
      };
    }
  }
  return { lr: synthetic(wanted, model), origin: 'synthetic dentin' };
}

/**
 * Coarse pixels beside a tile that its inner part depends on; 0 where the model looks at the whole image and no border
 * would do.
 */
export function haloOf({ receptiveField }: OnnxMetadata): number {
  return receptiveField === null ? 0 : Math.ceil(receptiveField / 2);
}

/** The smallest LR side in which every layer's mirroring has room, and something is left between two halos. */
export function smallestSide(model: OnnxMetadata): number {
  return Math.ceil((16 + 2 * haloOf(model)) / model.multiple) * model.multiple;
}

function synthetic(side: number, { factor, channels, normalisation }: OnnxMetadata): Image {
  const fine = synthesizeDentin({
    width: side * factor,
    height: side * factor,
    pixelSize: { x: 0.1, y: 0.1, unit: 'um' },
    seed: 1,
  }).image;
  const [low, high] = fine.dataRange;
  const coarse = imresize(
    { ...fine, data: fine.data.map((value) => (value - low) / (high - low)), dataRange: [0, 1] },
    1 / factor,
  );
  const ends = normalisation ?? { low: 0, high: 1 };
  const data = new Float32Array(side * side * channels);
  for (let i = 0; i < data.length; i++)
    data[i] = ends.low + coarse.data[Math.floor(i / channels)] * (ends.high - ends.low);
  return createImage({
    data,
    width: side,
    height: side,
    channels,
    dataRange: [Math.min(0, ends.low), ends.high],
    name: 'synthetic dentin',
  });
}

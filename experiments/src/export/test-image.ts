import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createImage, cropImage, type Image } from '@lacuna/core';
import { imresize, readImage, synthesizeDentin } from '@lacuna/datasets';
import type { OnnxMetadata } from '@lacuna/onnx';
import { layout } from '../sweep/results/results.js';
import { spatialAxes, type SpatialAxis } from './spatial-axes.js';

/** LR sides that show something and are quick to test: of planes, and of volumes. */
const SIDES = { 2: 64, 3: 24 } as const;

/** An LR image for tests and the cover, in the instrument's numbers. */
export interface TestImage {
  readonly lr: Image;
  readonly origin: string;
}

/** Lengths of an image. */
interface Lengths {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

const sides = { x: 'width', y: 'height', z: 'depth' } as const;

/**
 * The middle of the trial's first test image, or synthetic dentin where the trial is not at hand or its image is
 * too small; lengths are multiples of the model's.
 */
export async function testImage(trial: string | null, model: OnnxMetadata): Promise<TestImage> {
  const path = trial === null ? null : join(layout.images(trial), 'lr.tif');
  const axes = spatialAxes(model);
  const side = axes.length === 3 ? SIDES[3] : SIDES[2];
  const wanted = lengthsOf(axes, ({ least, multiple }) => Math.max(least, Math.ceil(side / multiple) * multiple));
  if (path !== null && existsSync(path)) {
    const image = await readImage(path);
    const taken = lengthsOf(axes, ({ id, multiple }) =>
      Math.min(wanted[sides[id]], Math.floor(image[sides[id]] / multiple) * multiple),
    );
    if (axes.every(({ id, least }) => taken[sides[id]] >= least) && image.channels === model.channels)
      return { lr: middleOf(image, taken), origin: 'a test region of the training data' };
  }
  return { lr: synthetic(wanted, model, axes), origin: 'synthetic dentin' };
}

function lengthsOf(axes: readonly SpatialAxis[], length: (axis: SpatialAxis) => number): Lengths {
  return { depth: 1, ...Object.fromEntries(axes.map((axis) => [sides[axis.id], length(axis)])) } as Lengths;
}

function middleOf(image: Image, { width, height, depth }: Lengths): Image {
  return cropImage(image, {
    x: Math.floor((image.width - width) / 2),
    y: Math.floor((image.height - height) / 2),
    z: Math.floor((image.depth - depth) / 2),
    width,
    height,
    depth,
  });
}

function synthetic(lengths: Lengths, { channels, normalisation }: OnnxMetadata, axes: readonly SpatialAxis[]): Image {
  const {
    x,
    y,
    z = 1,
  } = Object.fromEntries(axes.map(({ id, factor }) => [id, factor])) as Record<'x' | 'y', number> & {
    z?: number;
  };
  const pixelSize = { x: 0.1, y: 0.1, ...(axes.length === 3 ? { z: 0.1 } : {}), unit: 'um' } as const;
  const size = { width: lengths.width * x, height: lengths.height * y, depth: lengths.depth * z };
  const fine = synthesizeDentin({ ...size, pixelSize, seed: 1 }).image;
  const [low, high] = fine.dataRange;
  const coarse = imresize(
    { ...fine, data: fine.data.map((value) => (value - low) / (high - low)), dataRange: [0, 1] },
    { x: 1 / x, y: 1 / y, z: 1 / z },
  );
  const ends = normalisation ?? { low: 0, high: 1 };
  const data = new Float32Array(coarse.data.length * channels);
  for (let i = 0; i < data.length; i++)
    data[i] = ends.low + coarse.data[Math.floor(i / channels)] * (ends.high - ends.low);
  return createImage({
    data,
    ...lengths,
    channels,
    dataRange: [Math.min(0, ends.low), ends.high],
    name: 'synthetic dentin',
  });
}

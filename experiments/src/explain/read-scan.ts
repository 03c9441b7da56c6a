import { createImage, type Image, type PixelSize } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import { requireOneNetwork } from '../network/write-network.js';
import { chooseLevels, type Affine } from '../upscale/levels.js';
import type { UpscaleModel } from '../upscale/open-model.js';
import type { ExplainOptions } from './options.js';

/** How an image of a file becomes one that a model knows. */
export type ScanOptions = Pick<ExplainOptions, 'levels' | 'channel' | 'invert' | 'pixelSize'>;

/** One channel of a file, normalised as in training. */
export interface Scan {
  readonly image: Image;
  /** From the numbers of the file to those of the image. */
  readonly affine: Affine;
  /** What was assumed or changed on the way. */
  readonly notes: readonly string[];
}

/**
 * Reads one channel of an image as a model takes it.
 * @throws {InputError} for several channels without a choice, and levels that do not fit.
 */
export async function readChannel(image: OpenImage, model: UpscaleModel, options: ScanOptions): Promise<Scan> {
  requireOneNetwork(image.name, options.channel === null ? image.channels : 1);
  const channel = options.channel ?? 0;
  const invert = options.invert ?? (model.inverted && image.dataRange !== null);
  const { channels, description } = await chooseLevels(image, model.levels, {
    levels: options.levels,
    invert,
    shared: false,
  });
  const affine = channels[channel];
  const normalised = await normalisedChannel(image, channel, affine);
  return {
    image: { ...normalised, pixelSize: pixelSizeOf(image, options.pixelSize) },
    affine,
    notes: [
      ...image.notes,
      description,
      ...(invert ? ['the network is dark: the image was inverted; --no-invert leaves it'] : []),
    ],
  };
}

async function normalisedChannel(image: OpenImage, channel: number, { scale, offset }: Affine): Promise<Image> {
  const { width, height, depth, channels, name } = image;
  const plane = width * height;
  const data = new Float32Array(plane * depth);
  for (let z = 0; z < depth; z++) {
    const values = await image.readRegion(channels === 1 ? { z } : { z, c: channel });
    for (let i = 0; i < plane; i++) data[z * plane + i] = values[i] * scale + offset;
  }
  return createImage({ data, width, height, depth, dataRange: [0, 1], name });
}

/** What the file says, or somebody where it does not. */
function pixelSizeOf({ pixelSize, depth }: OpenImage, told: PixelSize | null): PixelSize | null {
  const isKnown = pixelSize !== null && (depth === 1 || pixelSize.z !== undefined);
  return isKnown ? pixelSize : (told ?? pixelSize);
}

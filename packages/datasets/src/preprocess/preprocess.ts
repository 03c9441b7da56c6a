import { z } from 'zod';
import { InputError, cropImage, mapImage, parsePixelSize, selectChannel, type Image } from '@lacuna/core';
import { gaussianBlur } from '../filters/separable.js';

/** What every source of images can be told. */
export const preprocessShape = {
  channel: z.int().min(0).optional().describe('the channel that holds the network; all of one-channel images'),
  invert: z.boolean().optional().describe('the network is dark'),
  flatten: z.number().positive().optional().describe('sigma (px) of the background that is subtracted'),
  crop: z
    .strictObject({
      x: z.int().min(0).describe('left edge, px'),
      y: z.int().min(0).describe('upper edge, px'),
      width: z.int().min(1).describe('px'),
      height: z.int().min(1).describe('px'),
    })
    .optional()
    .describe('the part that is used'),
  pixelSize: z.string().optional().describe('such as 0.1um: where the file does not say it'),
};

/** The options of {@link preprocess}. */
export interface PreprocessSpec {
  readonly channel?: number | undefined;
  readonly invert?: boolean | undefined;
  readonly flatten?: number | undefined;
  readonly crop?: { x: number; y: number; width: number; height: number } | undefined;
  readonly pixelSize?: string | undefined;
}

/** Channel, inversion, background, crop and pixel size, in this order: one bright network on a dark ground. */
export function preprocess(image: Image, spec: PreprocessSpec): Image {
  if (spec.channel === undefined && image.channels > 1) {
    throw new InputError({
      who: image.name,
      got: `${image.channels} channels`,
      wanted: 'one',
      remedy: 'name it: data.channel: 0; lacuna init FOLDER shows which holds the network',
    });
  }
  let out = selectChannel(image, spec.channel ?? 0);
  requireFinite(out);
  const [low, high] = out.dataRange;
  if (spec.invert) out = mapImage(out, [low, high], (value) => low + high - value);
  if (spec.flatten !== undefined) out = flatten(out, spec.flatten, spec.crop);
  else if (spec.crop) out = cropImage(out, spec.crop);
  return spec.pixelSize === undefined ? out : { ...out, pixelSize: parsePixelSize(spec.pixelSize) };
}

/** Takes the blurred image away; of a crop, only as much around it is blurred as the Gaussian reaches. */
function flatten(image: Image, sigma: number, crop: PreprocessSpec['crop']): Image {
  const [low, high] = image.dataRange;
  const reach = Math.ceil(4 * sigma) + 1;
  const box = crop ?? { x: 0, y: 0, width: image.width, height: image.height };
  // Throws, and names the box.
  if (box.x + box.width > image.width || box.y + box.height > image.height) return cropImage(image, box);
  const x = Math.max(0, box.x - reach);
  const y = Math.max(0, box.y - reach);
  const around = cropImage(image, {
    x,
    y,
    width: Math.min(image.width, box.x + box.width + reach) - x,
    height: Math.min(image.height, box.y + box.height + reach) - y,
  });
  const background = gaussianBlur(around, sigma);
  const data = around.data.map((value, i) => value - background.data[i]);
  return cropImage({ ...around, data, dataRange: [low - high, high - low] }, { ...box, x: box.x - x, y: box.y - y });
}

function requireFinite(image: Image): void {
  for (let i = 0; i < image.data.length; i++) {
    if (Number.isFinite(image.data[i])) continue;
    throw new InputError({
      who: image.name,
      got: `${image.data[i]} at x ${i % image.width}, y ${Math.floor(i / image.width) % image.height}`,
      wanted: 'finite intensities',
    });
  }
}

/**
 * How intensities become [0, 1]: `range` takes the image's data range, `percentile` two percentiles of the training
 * images.
 */
export const normalisationSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('range') }),
  z.strictObject({
    kind: z.literal('percentile'),
    low: z.number().min(0).max(100).default(0.5).describe('percentile that becomes 0'),
    high: z.number().min(0).max(100).default(99.8).describe('percentile that becomes 1'),
  }),
]);
export type NormalisationSpec = z.infer<typeof normalisationSpec>;

/** Stored with the model: normalised = (value - low) / (high - low). */
export interface Normalisation {
  readonly low: number;
  readonly high: number;
}

/**
 * The two levels that become 0 and 1, from training images alone.
 * @throws {InputError} for images without contrast.
 */
export function fitNormalisation(images: readonly Image[], spec: NormalisationSpec): Normalisation {
  if (spec.kind === 'range')
    return {
      low: Math.min(...images.map((image) => image.dataRange[0])),
      high: Math.max(...images.map((image) => image.dataRange[1])),
    };
  const total = images.reduce((sum, image) => sum + image.data.length, 0);
  const sorted = new Float32Array(total);
  let at = 0;
  for (const image of images) {
    sorted.set(image.data, at);
    at += image.data.length;
  }
  sorted.sort();
  const percentile = (p: number) => {
    const position = (p / 100) * (total - 1);
    const floor = Math.floor(position);
    return sorted[floor] + (position - floor) * (sorted[Math.min(total - 1, floor + 1)] - sorted[floor]);
  };
  const low = percentile(spec.low);
  const high = percentile(spec.high);
  if (!(high > low))
    throw new InputError({
      who: images[0]?.name ?? 'images',
      got: `constant intensities (${low})`,
      wanted: 'contrast between the percentiles',
      remedy: 'check data.channel and data.crop',
    });
  return { low, high };
}

/** To [0, 1]; `clip` cuts what lies outside, as HR images that serve as truth are cut. */
export function normalise(image: Image, { low, high }: Normalisation, options: { clip: boolean }): Image {
  const scale = 1 / (high - low);
  return mapImage(
    image,
    [0, 1],
    options.clip ? (value) => Math.min(1, Math.max(0, (value - low) * scale)) : (value) => (value - low) * scale,
  );
}

/** Back to the instrument's numbers. */
export function denormalise(image: Image, { low, high }: Normalisation, dataRange: readonly [number, number]): Image {
  return mapImage(image, dataRange, (value) => low + value * (high - low));
}

import { InputError, type Image } from '@lacuna/core';
import {
  networkThreshold,
  otsuThreshold,
  smooth,
  threshold,
  type EvaluationSpec,
  type Intensities,
  type Mask,
} from '@lacuna/iqa';

/** How the network is told from the rest in normalised images: losses and scores share it. */
export interface Segmentation {
  /** The network's level. */
  readonly level: number;
  /** The network of a normalised image. */
  readonly segment: (image: Image) => Mask;
}

/**
 * One level for all methods and splits, from the training images alone: a level of each image's own would hide what a
 * method lost.
 * @param training normalised HR images.
 * @throws {InputError} for hysteresis, which has two levels.
 */
export function fitSegmentation(
  training: readonly Image[],
  { threshold: rule, smoothing }: EvaluationSpec,
): Segmentation {
  if (typeof rule === 'object')
    throw new InputError({
      who: 'evaluation.threshold',
      got: 'hysteresis',
      wanted: 'otsu, network or one level',
      remedy: 'losses and scores share one level in a sweep',
    });
  const fitted = () => {
    const smoothed = training.map((hr) => smooth(hr, smoothing));
    return rule === 'network' ? networkThreshold(smoothed) : otsuOfAll(smoothed);
  };
  const level = typeof rule === 'number' ? rule : fitted();
  return { level, segment: (image) => threshold(smooth(image, smoothing), level) };
}

/** Otsu's level of all images together. */
function otsuOfAll(images: readonly Intensities[]): number {
  const parts = images.map((image) => image.data);
  const data = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return otsuThreshold({ data, width: data.length, height: 1, depth: 1, channels: 1 });
}

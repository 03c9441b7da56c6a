import { createImage, type Image } from '@lacuna/core';
import { evaluationSpec, skeletonize, threshold, type EvaluationSpec } from '@lacuna/iqa';
import type { Pair } from '../../src/trial/data/pair.js';
import type { Protocol } from '../../src/trial/scores/scores.js';

/** Sides of the drawn images, in px. */
export const SIDE = 40;

/** Three bright lines, `bright` high on a dark ground; in every plane of a volume. */
export function lines(bright: number, depth = 1): Image {
  const plane = Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const y = Math.floor(i / SIDE);
    return Math.abs((y % 13) - 6) < 2 ? bright : 0.05;
  });
  const data = new Float32Array(plane.length * depth);
  for (let z = 0; z < depth; z++) data.set(plane, z * plane.length);
  const pixelSize = { x: 0.5, y: 0.5, z: 1, unit: 'um' as const };
  return createImage({ data, width: SIDE, height: SIDE, depth, dataRange: [0, 1], pixelSize });
}

/** A region whose network is known, or what a level of .5 makes of the HR image. */
export function pairOf(hr: Image, isKnown: boolean): Pair {
  const mask = threshold(hr, 0.5);
  return {
    region: { role: 'test', hr, box: { image: 'a', x: 0, y: 0, width: SIDE, height: SIDE } } as Pair['region'],
    lr: hr,
    hr,
    forward: (image) => image,
    truth: isKnown ? { mask, skeleton: skeletonize(mask) } : null,
  };
}

/** A protocol whose common level is .5. */
export function protocolOf(evaluation: Partial<EvaluationSpec>): Protocol {
  const spec = evaluationSpec.parse({ smoothing: 0, metrics: ['psnr', 'cldice', 'recall_area'], ...evaluation });
  return { evaluation: spec, level: 0.5, segment: (image) => threshold(image, 0.5) };
}

import type { Image } from '@lacuna/core';
import { createMask, skeletonize } from '@lacuna/iqa';
import type { Dimensions } from './dimensions.js';

/** Images as models see them: volumes as they are, or cut into planes. */
export function imagesOf(image: Image, dimensions: Dimensions): Image[] {
  return dimensions === 3 ? [image] : planesOf(image);
}

/** Slices of a volume as images of their own; two-dimensional networks are what a plane shows. */
function planesOf(image: Image): Image[] {
  if (image.depth === 1) return [image];
  const count = image.width * image.height * image.channels;
  return Array.from({ length: image.depth }, (_, z) => ({
    ...image,
    depth: 1,
    data: image.data.slice(z * count, (z + 1) * count),
    name: `${image.name}[${z}]`,
  }));
}

/**
 * Centrelines as models see them. Those of a volume run through its planes and leave dots there: a plane's own are the
 * skeleton of its part of the mask.
 */
export function skeletonsOf(mask: Image, skeleton: Image, dimensions: Dimensions): Image[] {
  if (skeleton.depth === 1 || dimensions === 3) return [skeleton];
  return planesOf(mask).map((plane) => ({
    ...plane,
    data: Float32Array.from(skeletonize(createMask(plane.data, plane.width, plane.height)).data),
  }));
}

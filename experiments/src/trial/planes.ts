import type { Image } from '@lacuna/core';
import { createMask, skeletonize } from '@lacuna/iqa';

/** Slices of a volume as images of their own; two-dimensional networks are what a plane shows. */
export function planesOf(image: Image): Image[] {
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
 * Centrelines in each plane. Those of a volume run through its planes and leave dots there: a plane's own are the
 * skeleton of its part of the mask.
 */
export function planeSkeletons(mask: Image, skeleton: Image): Image[] {
  if (skeleton.depth === 1) return [skeleton];
  return planesOf(mask).map((plane) => ({
    ...plane,
    data: Float32Array.from(skeletonize(createMask(plane.data, plane.width, plane.height)).data),
  }));
}

import type { Image } from '@lacuna/core';
import type { Box, Factors } from '@lacuna/datasets';
import type { MeasuredBranch } from '../../network/measured.js';

/** Longest stretch of a centreline that is explained, in fine pixels. */
const LONGEST = 48;

/**
 * The middle of a branch, as long as fits: indices in the fine image. Models of planes see one plane alone: of a branch
 * through several, the stretch stays in that of its middle.
 */
export function stretchOf({ pixels }: Pick<MeasuredBranch, 'pixels'>, fine: Image, isVolume: boolean): number[] {
  const middle = pixels.length >> 1;
  const half = LONGEST >> 1;
  const near = [...pixels.subarray(Math.max(0, middle - half), middle + half)];
  if (isVolume) return near;
  const plane = fine.width * fine.height;
  const own = Math.floor(pixels[middle] / plane);
  return near.filter((pixel) => Math.floor(pixel / plane) === own);
}

/** Where a fine pixel lies, in coarse ones. */
export function coarsePlace(pixel: number, fine: Image, factors: Factors): { x: number; y: number; z: number } {
  return {
    x: Math.floor((pixel % fine.width) / factors.x),
    y: Math.floor((Math.floor(pixel / fine.width) % fine.height) / factors.y),
    z: Math.floor(Math.floor(pixel / (fine.width * fine.height)) / factors.z),
  };
}

/**
 * The coarse pixels on which a stretch depends: its own and a reach to every side, cut at the image's edges, from and
 * to multiples of what the model asks for.
 * @param options.reach coarse pixels; null where the model looks at the whole image.
 */
export function boxAround(
  stretch: readonly number[],
  lr: Image,
  options: {
    readonly fine: Image;
    readonly factors: Factors;
    readonly reach: Factors | null;
    readonly multiple: Factors;
    readonly isVolume: boolean;
  },
): Box {
  const { fine, factors, reach, multiple, isVolume } = options;
  const places = stretch.map((pixel) => coarsePlace(pixel, fine, factors));
  const along = (axis: 'x' | 'y' | 'z', length: number): [from: number, size: number] => {
    if (reach === null) return [0, length - (length % multiple[axis])];
    const values = places.map((place) => place[axis]);
    const fit = (value: number) => value - (value % multiple[axis]);
    const from = fit(Math.max(0, Math.min(...values) - reach[axis]));
    const to = Math.min(length, Math.max(...values) + reach[axis] + 1);
    const size = Math.ceil((to - from) / multiple[axis]) * multiple[axis];
    return [from, from + size <= length ? size : fit(length - from)];
  };
  const [x, width] = along('x', lr.width);
  const [y, height] = along('y', lr.height);
  const [z, depth] = isVolume ? along('z', lr.depth) : [places[0].z, 1];
  return { x, y, z, width, height, depth };
}

import { ShapeError } from '@lacuna/core';
import type { Intensities } from '../../intensities.js';
import { comparisonLabels, type NetworkComparison } from './compare.js';

/**
 * Colours of found, missed and invented centrelines, 0..255: blue, orange and magenta, which colour-blind eyes tell
 * apart.
 */
export const comparisonColours = { found: [0, 158, 255], missed: [255, 153, 0], invented: [255, 0, 200] } as const;

/**
 * A comparison as an RGB image, [y][x][3], 0..255: centrelines in {@link comparisonColours} on the grey reference, at
 * half brightness. Volumes are projected along z: the brightest voxel, and the worst finding (invented before missed
 * before found).
 * @param options.background the image under it, with its largest intensity; black without one.
 * @throws {ShapeError} if the background's size is not the masks'.
 */
export function comparisonImage(
  { labels }: Pick<NetworkComparison, 'labels'>,
  {
    width,
    height,
    depth = 1,
    background,
  }: { width: number; height: number; depth?: number; background?: { grid: Intensities; from: number; to: number } },
): Intensities {
  const plane = width * height;
  if (labels.length !== plane * depth)
    throw new ShapeError({
      who: 'comparisonImage',
      got: `${labels.length} labels`,
      wanted: `${width} x ${height} x ${depth}`,
    });
  const grid = background?.grid;
  if (grid && (grid.width !== width || grid.height !== height || grid.depth !== depth)) {
    throw new ShapeError({
      who: 'comparisonImage',
      got: `a background of ${grid.width} x ${grid.height} x ${grid.depth}`,
      wanted: `${width} x ${height} x ${depth}`,
    });
  }
  const colours = [null, comparisonColours.found, comparisonColours.missed, comparisonColours.invented];
  const data = new Uint8Array(plane * 3);
  for (let i = 0; i < plane; i++) {
    let worst: number = comparisonLabels.background;
    let bright = -Infinity;
    for (let z = 0; z < depth; z++) {
      worst = Math.max(worst, labels[z * plane + i]);
      if (grid) bright = Math.max(bright, grid.data[(z * plane + i) * grid.channels]);
    }
    const grey = background
      ? Math.round(127 * Math.min(1, Math.max(0, (bright - background.from) / (background.to - background.from))))
      : 0;
    for (let c = 0; c < 3; c++) data[3 * i + c] = colours[worst]?.[c] ?? grey;
  }
  return { data, width, height, depth: 1, channels: 3 };
}

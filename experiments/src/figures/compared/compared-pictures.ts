import { inferno, levelOf } from '../drawing/inferno.js';
import { embeddedPicture } from '../drawing/picture.js';
import type { Frame } from '../drawing/svg.js';
import { markColour } from '../drawing/theme.js';
import { mark, type FigureImage } from '../types.js';

/**
 * More pixels than that a printed column cannot show: larger images are drawn in blocks, the brightest pixel of each.
 */
const most = 700;

/** Greys to one half, then the colours of found, missed and invented. */
const palette = (() => {
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 253; i++) table.fill(Math.round(i / 2), 3 * i, 3 * i + 3);
  for (const [k, kind] of (['found', 'missed', 'invented'] as const).entries())
    for (let c = 0; c < 3; c++) table[3 * (253 + k) + c] = parseInt(markColour[kind].slice(1 + 2 * c, 3 + 2 * c), 16);
  return table;
})();

/** An image of intensities between the ends of the window. */
export function imagePicture(image: FigureImage, window: readonly [number, number], frame: Frame): string {
  const { width, height, values } = shrink(image, image.data, -Infinity);
  return embeddedPicture(
    Uint8Array.from(values, (v) => levelOf(v, window)),
    { width, height },
    inferno,
    frame,
  );
}

/** Centrelines in the colours of their marks, wide enough to be seen, over the dimmed image. */
export function comparisonPicture(
  image: FigureImage,
  window: readonly [number, number],
  marks: Uint8Array,
  frame: Frame,
): string {
  const { width, height, values } = shrink(image, image.data, -Infinity);
  const worst = shrink(
    image,
    widen(marks, image.width, image.height, Math.max(1, Math.round(Math.max(image.width, image.height) / 250))),
    0,
  ).values;
  return embeddedPicture(
    Uint8Array.from(values, (v, i) => (worst[i] > mark.none ? 252 + worst[i] : levelOf(v, window, 253))),
    { width, height },
    palette,
    frame,
  );
}

/**
 * Lines take in their neighbours, right and below, left and above, in turn, `times` over; what is missed goes before
 * found, what is invented before both, and what is a line by itself before all.
 */
function widen(marks: Uint8Array, width: number, height: number, times: number, step = 1): Uint8Array {
  if (times === 0) return marks;
  const out = marks.slice();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const value = marks[y * width + x];
      if (value === mark.none) continue;
      const u = x + step;
      const v = y + step;
      for (const i of [u >= 0 && u < width ? y * width + u : -1, v >= 0 && v < height ? v * width + x : -1])
        if (i >= 0 && marks[i] === mark.none) out[i] = Math.max(out[i], value);
    }
  return widen(out, width, height, times - 1, -step);
}

/** An image with the largest value of each block, small enough for a column. */
export function shrink(
  size: { readonly width: number; readonly height: number },
  data: ArrayLike<number>,
  least: number,
): { width: number; height: number; values: Float32Array } {
  const block = Math.max(1, Math.ceil(Math.max(size.width, size.height) / most));
  const width = Math.ceil(size.width / block);
  const height = Math.ceil(size.height / block);
  const values = new Float32Array(width * height).fill(least);
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) {
      const to = Math.floor(y / block) * width + Math.floor(x / block);
      values[to] = Math.max(values[to], data[y * size.width + x]);
    }
  return { width, height, values };
}

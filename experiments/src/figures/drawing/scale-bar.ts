import { formatLength, type LengthUnit, type PixelSize } from '@lacuna/core';
import { element, text } from './svg.js';
import { textWidth } from './text-width.js';
import { size } from './theme.js';

/** A scale bar: its length in HR pixels and its label. */
export interface ScaleBar {
  readonly pixels: number;
  readonly label: string;
}

/**
 * The bar of 1, 2 or 5 times a power of ten whose length is nearest to a quarter of `width` pixels; in px where the
 * pixel size is unknown.
 */
export function chooseScaleBar(width: number, pixelSize: PixelSize | null): ScaleBar {
  const perPixel = pixelSize?.x ?? 1;
  const target = (width / 4) * perPixel;
  const decade = 10 ** Math.floor(Math.log10(target));
  const candidates = [1, 2, 5, 10].map((step) => step * decade);
  const value = candidates.reduce((best, candidate) =>
    Math.abs(Math.log(candidate / target)) < Math.abs(Math.log(best / target)) ? candidate : best,
  );
  const length = Number(value.toPrecision(6));
  return { pixels: length / perPixel, label: labelOf(length, pixelSize?.unit ?? 'px') };
}

/** From 1000 on in the next larger unit. */
function labelOf(length: number, unit: LengthUnit | 'px'): string {
  if (length >= 1000 && unit === 'nm') return formatLength(length / 1000, 'um');
  if (length >= 1000 && unit === 'um') return formatLength(length / 1000, 'mm');
  return formatLength(length, unit);
}

/** The bar in the lower right corner of the square at (x, y), `scale` points a pixel. */
export function drawScaleBar(
  bar: ScaleBar,
  box: { x: number; y: number; width: number; height: number; scale: number; colour: string; shadow: string },
): string {
  const length = bar.pixels * box.scale;
  const right = box.x + box.width - 5;
  const bottom = box.y + box.height - 4.5;
  const backing = Math.max(length, textWidth(bar.label, size.small)) + 5;
  return (
    element('rect', {
      x: right - length / 2 - backing / 2,
      y: bottom - 11,
      width: backing,
      height: 13.2,
      rx: 1.5,
      fill: box.shadow,
      'fill-opacity': 0.5,
    }) +
    element('rect', { x: right - length, y: bottom - 1.5, width: length, height: 1.5, fill: box.colour }) +
    text(right - length / 2, bottom - 4, bar.label, { size: size.small, anchor: 'middle', fill: box.colour })
  );
}

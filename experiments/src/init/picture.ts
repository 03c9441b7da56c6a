import { cropImage } from '@lacuna/core';
import { drawSurvey, type SurveyedImage } from '../figures/index.js';
import { renderPng } from '../figures/drawing/png.js';
import { FINEST } from './measure.js';
import { spread } from './spread.js';
import type { MeasuredPlane, Survey } from './survey.js';

/** Planes that are shown, and the side of the part of each, px. */
const SHOWN = 4;
const SIDE = 160;
const BINS = 64;

/** The images of a survey as a PNG: parts with the network outlined, and histograms. */
export function pictureOf(survey: Survey, title: string): Buffer {
  const images = spread(survey.measured, SHOWN).map((one) => shownImage(one, survey.rule.level));
  return renderPng(drawSurvey(images, title));
}

function shownImage({ image, z, shown, mask, noise, resolution, width }: MeasuredPlane, level: number): SurveyedImage {
  const side = { width: Math.min(SIDE, shown.width), height: Math.min(SIDE, shown.height) };
  const box = { ...densestCorner(mask, side), ...side };
  const crop = cropImage(shown, box);
  const network = new Uint8Array(side.width * side.height);
  for (let y = 0; y < side.height; y++) {
    const from = (box.y + y) * mask.width + box.x;
    network.set(mask.data.subarray(from, from + side.width), y * side.width);
  }
  const histogram = new Array<number>(BINS).fill(0);
  for (const value of shown.data) histogram[Math.min(BINS - 1, Math.floor(value * BINS))]++;
  const size = `${image.width} x ${image.height}${image.depth > 1 ? ` x ${image.depth}` : ''} px`;
  const sharpness = resolution === FINEST ? `${FINEST} px or finer` : `${resolution?.toFixed(1)} px`;
  return {
    name: `${image.name}${image.depth > 1 ? `, z ${z}` : ''}, ${size}, ${image.dtype}`,
    crop,
    network,
    pixelSize: image.pixelSize,
    histogram,
    level,
    lines: [
      `noise: ${Number((100 * noise).toPrecision(2))} % of the contrast`,
      `sharpness: ${resolution === null ? 'not told' : sharpness}`,
      `branches: ${width === null ? 'none found' : `${width.toFixed(1)} px wide`}`,
    ],
  };
}

/** Of nine places the one with most network. */
function densestCorner(
  { data, width, height }: MeasuredPlane['mask'],
  side: { readonly width: number; readonly height: number },
): { x: number; y: number } {
  let best = { x: 0, y: 0 };
  let most = -1;
  for (const down of [0, 0.5, 1]) {
    for (const across of [0, 0.5, 1]) {
      const x = Math.floor((width - side.width) * across);
      const y = Math.floor((height - side.height) * down);
      let count = 0;
      for (let row = y; row < y + side.height; row++)
        for (let column = x; column < x + side.width; column++) count += data[row * width + column];
      if (count > most) [best, most] = [{ x, y }, count];
    }
  }
  return best;
}

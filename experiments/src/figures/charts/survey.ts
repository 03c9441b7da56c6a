import { inferno, levelOf } from '../drawing/inferno.js';
import { embeddedPicture } from '../drawing/picture.js';
import { chooseScaleBar, drawScaleBar } from '../drawing/scale-bar.js';
import { element, figure, line, text, type Frame } from '../drawing/svg.js';
import { fitText } from '../drawing/text-width.js';
import { ink, markColour, pageWidth, size } from '../drawing/theme.js';
import type { FigureImage } from '../types.js';
import type { PixelSize } from '@lacuna/core';

/** A part of one image, its network at a level, and how its intensities are distributed. */
export interface SurveyedImage {
  readonly name: string;
  /** In [0, 1], the network bright. */
  readonly crop: FigureImage;
  /** 1 where network is, on the crop's grid. */
  readonly network: Uint8Array;
  readonly pixelSize: PixelSize | null;
  /** Counts over equal bins of [0, 1], of the whole measured part. */
  readonly histogram: readonly number[];
  /** Of the network, in [0, 1]. */
  readonly level: number;
  /** What stands below. */
  readonly lines: readonly string[];
}

const margin = 4;
const gap = 8;
const head = 11;
const top = 26;
const picture = 150;
const rowHeight = head + picture + 12;

/**
 * A row for each image: a part of it, the same with the outline of the network that the level gives, and the histogram
 * with the level; a scale bar in each.
 */
export function drawSurvey(images: readonly SurveyedImage[], title: string): string {
  return figure(
    top + images.length * rowHeight,
    {
      title,
      description: images.map(({ name, lines }) => `${name}: ${lines.join('; ')}`).join('. '),
    },
    text(margin, 10, title, { size: size.title, weight: 'bold' }),
    text(
      margin,
      20,
      "a part of each image; the outline is what the spec's rule takes for network here, specks left out",
      {
        size: size.small,
        fill: ink.soft,
      },
    ),
    ...images.map((image, row) => drawRow(image, top + row * rowHeight)),
  );
}

function drawRow(image: SurveyedImage, y: number): string {
  const { crop, pixelSize } = image;
  const scale = picture / Math.max(crop.width, crop.height);
  const frameAt = (x: number): Frame => ({ x, y: y + head, width: crop.width * scale, height: crop.height * scale });
  const first = frameAt(margin);
  const second = frameAt(margin + picture + gap);
  const left = margin + 2 * (picture + gap) + 6;
  const bar = { ...chooseScaleBar(crop.width, pixelSize) };
  const indices = Uint8Array.from(crop.data, (value) => levelOf(value));
  const shown = (frame: Frame) =>
    embeddedPicture(indices, crop, inferno, frame) +
    drawScaleBar(bar, { ...frame, scale, colour: '#ffffff', shadow: '#000000' });
  return (
    text(margin, y + 7, fitText(image.name, pageWidth - 2 * margin, size.label, 'bold'), { weight: 'bold' }) +
    shown(first) +
    shown(second) +
    element('path', {
      d: outline(image.network, crop, { x: second.x, y: second.y, scale }),
      fill: 'none',
      stroke: markColour.found,
      'stroke-width': 1.4,
    }) +
    element('path', {
      d: outline(image.network, crop, { x: second.x, y: second.y, scale }),
      fill: 'none',
      stroke: '#ffffff',
      'stroke-width': 0.5,
    }) +
    drawHistogram(image, { x: left, y: y + head, width: pageWidth - margin - left, height: 78 }) +
    image.lines
      .map((content, i) => text(left, y + head + 106 + 9 * i, fitText(content, pageWidth - margin - left, size.label)))
      .join('')
  );
}

/** The edges between network and the rest, along the sides of pixels; the crop's own rim is none. */
function outline(
  network: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  { x, y, scale }: { readonly x: number; readonly y: number; readonly scale: number },
): string {
  const at = (value: number) => String(Math.round(value * 100) / 100);
  const moves: string[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const i = row * width + column;
      const [left, upper] = [x + column * scale, y + row * scale];
      if (column + 1 < width && network[i] !== network[i + 1])
        moves.push(`M${at(left + scale)} ${at(upper)}v${at(scale)}`);
      if (row + 1 < height && network[i] !== network[i + width])
        moves.push(`M${at(left)} ${at(upper + scale)}h${at(scale)}`);
    }
  }
  return moves.length === 0 ? 'M0 0' : moves.join('');
}

/** Counts as bars whose heights go by the logarithm: a network that fills little is seen beside its background. */
function drawHistogram({ histogram, level }: SurveyedImage, { x, y, width, height }: Frame): string {
  const most = Math.log1p(Math.max(1, ...histogram));
  const step = width / histogram.length;
  const bars = histogram.map((count, i) => {
    const tall = (height * Math.log1p(count)) / most;
    return element('rect', { x: x + i * step, y: y + height - tall, width: step, height: tall, fill: ink.rule });
  });
  const at = x + width * Math.min(1, Math.max(0, level));
  const isRight = level > 0.6;
  return (
    bars.join('') +
    line([x, y + height, x + width, y + height], ink.text, 0.6) +
    line([at, y, at, y + height], markColour.missed, 1) +
    text(at + (isRight ? -3 : 3), y + 6, 'level of the network', {
      size: size.small,
      fill: markColour.missed,
      halo: ink.paper,
      anchor: isRight ? 'end' : 'start',
    }) +
    text(x, y + height + 8, 'background', { size: size.small, fill: ink.soft }) +
    text(x + width, y + height + 8, 'network (pixels, logarithmic)', {
      size: size.small,
      fill: ink.soft,
      anchor: 'end',
    })
  );
}

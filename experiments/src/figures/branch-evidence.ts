import { embeddedPicture } from './picture.js';
import { shrink } from './compared-pictures.js';
import { inferno, levelOf } from './inferno.js';
import { pathData, smoothLine } from './network-lines.js';
import { chooseScaleBar, drawScaleBar } from './scale-bar.js';
import { shareColour } from './share-colour.js';
import { element, figure, text, type Frame } from './svg.js';
import { fitText, textWidth } from './text-width.js';
import { ink, pageWidth, size } from './theme.js';
import type { BranchEvidenceData, BranchPanel } from './types.js';

const margin = 6;
const gap = 8;
const mostColumns = 3;
const top = 28;
const heading = 20;
const legendHeight = 24;

/** Greys up to one half: what coloured lines are drawn over. */
const dimmed = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.round(Math.floor(i / 3) / 2.4));

/** Shares of a colour bar. */
const STEPS = 40;
/** How white lines without a value are. */
const UNKNOWN = '#ffffff';

/**
 * The branches of one network, panel by panel in the colours of a number of theirs, beside the image that they were
 * read from. Branches with low numbers are drawn last: they are what one looks for.
 */
export function drawBranchEvidence(data: BranchEvidenceData): string {
  const { image } = data;
  const columns = Math.min(mostColumns, data.panels.length + 1);
  const cell = (pageWidth - 2 * margin - (columns - 1) * gap) / columns;
  const height = Math.min(1.25 * cell, (cell * image.height) / image.width);
  const width = (height * image.width) / image.height;
  const rowHeight = heading + height + legendHeight;
  const frameOf = (i: number): Frame => ({
    x: margin + (i % columns) * (cell + gap),
    y: top + Math.floor(i / columns) * rowHeight + heading,
    width,
    height,
  });
  const rows = Math.ceil((data.panels.length + 1) / columns);
  const scale = width / image.width;
  const bar = chooseScaleBar(image.width, data.pixelSize);
  const withBar = (frame: Frame) => drawScaleBar(bar, { ...frame, scale, colour: '#ffffff', shadow: '#000000' });
  return figure(
    top + rows * rowHeight + 4,
    { title: data.title, description: `${data.note}; ${data.panels.map((panel) => panel.heading).join(', ')}` },
    text(margin, 11, fitText(data.title, pageWidth - 2 * margin, size.title, 'bold'), {
      size: size.title,
      weight: 'bold',
    }),
    text(margin, 21, fitText(data.note, pageWidth - 2 * margin, size.small), { size: size.small, fill: ink.soft }),
    text(frameOf(0).x, frameOf(0).y - 11, data.heading, { weight: 'bold' }),
    grey(image, data.window, inferno, frameOf(0)),
    withBar(frameOf(0)),
    ...data.panels.map((panel, i) => {
      const frame = frameOf(i + 1);
      return (
        drawHeading(panel, frame) +
        grey(image, data.window, dimmed, frame) +
        drawLines(panel, frame, scale) +
        withBar(frame)
      );
    }),
    ...data.panels.map((panel, i) => drawLegend(panel, frameOf(i + 1))),
  );
}

function grey(
  image: BranchEvidenceData['image'],
  window: readonly [number, number],
  colours: Uint8Array,
  frame: Frame,
): string {
  const { width, height, values } = shrink(image, image.data, -Infinity);
  const indices = Uint8Array.from(values, (value) => levelOf(value, window));
  return embeddedPicture(indices, { width, height }, colours, frame);
}

function drawHeading({ heading: title, note }: BranchPanel, { x, y, width }: Frame): string {
  return (
    text(x, y - 11, fitText(title, width, size.label, 'bold'), { weight: 'bold' }) +
    text(x, y - 3.5, fitText(note, width, size.small), { size: size.small, fill: ink.soft })
  );
}

function drawLines({ lines }: BranchPanel, { x, y }: Frame, scale: number): string {
  const width = Math.min(1.8, Math.max(0.8, 1.6 * scale));
  return [...lines]
    .sort((a, b) => (b.value ?? Infinity) - (a.value ?? Infinity))
    .map(({ points, value }) =>
      element('path', {
        d: pathData([smoothLine(points)], scale, x, y),
        fill: 'none',
        stroke: value === null ? UNKNOWN : shareColour(value),
        'stroke-width': value === null ? width / 2 : width,
        'stroke-linecap': 'round',
        'stroke-linejoin': 'round',
      }),
    )
    .join('');
}

function drawLegend({ from, to, lines }: BranchPanel, { x, y, width, height }: Frame): string {
  const style = { size: size.small, fill: ink.soft } as const;
  const left = x + textWidth(from, size.small) + 4;
  const right = x + width - textWidth(to, size.small) - 4;
  const step = (right - left) / STEPS;
  const bar = Array.from({ length: STEPS }, (_, i) =>
    element('rect', {
      x: left + i * step,
      y: y + height + 4,
      width: step + 0.2,
      height: 5,
      fill: shareColour((i + 0.5) / STEPS),
    }),
  );
  const without = lines.filter(({ value }) => value === null).length;
  return (
    text(x, y + height + 9, from, style) +
    bar.join('') +
    text(right + 4, y + height + 9, to, style) +
    (without === 0 ? '' : text(x, y + height + 17, `white: ${without} without a value`, style))
  );
}

import { embeddedPicture } from '../drawing/picture.js';
import { divergingColours, divergingLevel } from '../drawing/diverging.js';
import { shrink } from '../compared/compared-pictures.js';
import { inferno, levelOf } from '../drawing/inferno.js';
import { pathData, smoothLine } from '../panel/network-lines.js';
import { chooseScaleBar, drawScaleBar } from '../drawing/scale-bar.js';
import { shareColour } from '../drawing/share-colour.js';
import { element, figure, text, type Frame } from '../drawing/svg.js';
import { fitText, textWidth } from '../drawing/text-width.js';
import { ink, pageWidth, size } from '../drawing/theme.js';
import type { EvidenceCell, EvidenceData, ValuedLine } from './evidence-types.js';

const margin = 6;
const gap = 8;
const mostColumns = 3;
/** Height of a picture over its width, at most. */
const tallest = 1.25;
const top = 28;
const heading = 20;
const legendHeight = 24;

/** Greys up to one half: what coloured lines are drawn over. */
const dimmed = Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.round(Math.floor(i / 3) / 2.4));

/** Colours of a scale bar. */
const onBlack = { colour: '#ffffff', shadow: '#000000' } as const;
const onWhite = { colour: ink.text, shadow: ink.paper } as const;

/** Shares of a colour bar. */
const STEPS = 40;
/** How white lines without a value are. */
const UNKNOWN = '#ffffff';

/** Pictures side by side, three in a row; a row is as high as its highest picture. */
export function drawEvidence({ title, note, cells }: EvidenceData): string {
  const columns = Math.min(mostColumns, cells.length);
  const cell = (pageWidth - 2 * margin - (columns - 1) * gap) / columns;
  const rows = Array.from({ length: Math.ceil(cells.length / columns) }, (_, row) =>
    cells.slice(row * columns, (row + 1) * columns),
  );
  let y = top;
  const drawn = rows.flatMap((row) => {
    const frames = row.map(({ image }, column) => frameOf(image, { x: margin + column * (cell + gap), y, side: cell }));
    y += heading + Math.max(...frames.map(({ height }) => height)) + legendHeight;
    return row.map((each, column) => drawCell(each, frames[column], cell));
  });
  return figure(
    y + 4,
    { title, description: `${note}; ${cells.map((each) => each.heading).join(', ')}` },
    text(margin, 11, fitText(title, pageWidth - 2 * margin, size.title, 'bold'), { size: size.title, weight: 'bold' }),
    text(margin, 21, fitText(note, pageWidth - 2 * margin, size.small), { size: size.small, fill: ink.soft }),
    ...drawn,
  );
}

function frameOf(
  image: EvidenceCell['image'],
  { x, y, side }: { readonly x: number; readonly y: number; readonly side: number },
): Frame {
  const height = Math.min(tallest * side, (side * image.height) / image.width);
  return { x, y: y + heading, width: (height * image.width) / image.height, height };
}

function drawCell(cell: EvidenceCell, frame: Frame, room: number): string {
  const { image, lines, ends } = cell;
  const scale = frame.width / image.width;
  const bar = chooseScaleBar(image.width, cell.pixelSize);
  return (
    text(frame.x, frame.y - 11, fitText(cell.heading, room, size.label, 'bold'), { weight: 'bold' }) +
    text(frame.x, frame.y - 3.5, fitText(cell.note, room, size.small), { size: size.small, fill: ink.soft }) +
    drawImage(cell, frame) +
    drawLines(lines ?? [], frame, scale) +
    drawScaleBar(bar, { ...frame, scale, ...(cell.signed ? onWhite : onBlack) }) +
    (lines && ends ? drawLegend(lines, ends, frame) : '')
  );
}

function drawImage(cell: EvidenceCell, frame: Frame): string {
  if (cell.signed) return drawSigned(cell, frame);
  const { image, window, lines } = cell;
  const { width, height, values } = shrink(image, image.data, -Infinity);
  const indices = Uint8Array.from(values, (value) => levelOf(value, window));
  return embeddedPicture(indices, { width, height }, lines === undefined ? inferno : dimmed, frame);
}

/** A map of values above and below 0. */
function drawSigned({ image, window: [, high] }: EvidenceCell, frame: Frame): string {
  const indices = Uint8Array.from(image.data, (value) => divergingLevel(value / high));
  return embeddedPicture(indices, image, divergingColours, frame);
}

/** Branches of low numbers are drawn last: they are what one looks for. */
function drawLines(lines: readonly ValuedLine[], { x, y }: Frame, scale: number): string {
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

function drawLegend(
  lines: readonly ValuedLine[],
  [from, to]: readonly [string, string],
  { x, y, width, height }: Frame,
): string {
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

import { divergingColours, divergingLevel } from './diverging.js';
import { embeddedPicture } from './picture.js';
import { element, figure, text, type Frame } from './svg.js';
import { fitText } from './text-width.js';
import { ink, pageWidth, size } from './theme.js';
import type { FirstFilter, FirstLayerData } from './evidence-types.js';

const margin = 6;
const columns = 10;
const gap = 7;
const top = 30;
const cell = (pageWidth - 2 * margin - (columns - 1) * gap) / columns;

/** The filters of a first layer, strongest first: blue above 0, vermillion below, each within a span of its own. */
export function drawFirstLayer({ title, note, filters }: FirstLayerData): string {
  const rows = Math.ceil(filters.length / columns);
  const room = pageWidth - 2 * margin;
  return figure(
    top + rows * (cell + 14) + 4,
    { title, description: `${filters.length} filters; ${note}` },
    text(margin, 11, fitText(title, room, size.title, 'bold'), { size: size.title, weight: 'bold' }),
    text(margin, 21, fitText(note, room, size.small), { size: size.small, fill: ink.soft }),
    ...filters.map((filter, i) =>
      drawFilter(filter, {
        x: margin + (i % columns) * (cell + gap),
        y: top + Math.floor(i / columns) * (cell + 14),
        width: cell,
        height: (cell * filter.picture.height) / filter.picture.width,
      }),
    ),
  );
}

function drawFilter({ picture: { data, width, height }, energy }: FirstFilter, frame: Frame): string {
  const span = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const indices = Uint8Array.from(data, (value) => divergingLevel(value / span));
  return (
    embeddedPicture(indices, { width, height }, divergingColours, frame) +
    element('rect', { ...frame, fill: 'none', stroke: ink.rule, 'stroke-width': 0.5 }) +
    text(frame.x, frame.y + frame.height + 7, `${(100 * energy).toFixed(1)} %  ±${Number(span.toPrecision(2))}`, {
      size: 5.5,
      fill: ink.soft,
    })
  );
}

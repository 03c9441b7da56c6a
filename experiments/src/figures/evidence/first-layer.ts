import { divergingColours, divergingLevel } from '../drawing/diverging.js';
import { embeddedPicture } from '../drawing/picture.js';
import { element, figure, text, type Frame } from '../drawing/svg.js';
import { fitText } from '../drawing/text-width.js';
import { ink, pageWidth, size } from '../drawing/theme.js';
import type { FirstFilter, FirstLayerData } from './evidence-types.js';

const margin = 6;
const gap = 7;
const top = 30;
/** Below a filter: its share and span, and what it answers to. */
const captions = 22;
/** Filters in a row: of one picture, of three cuts. */
const columnsOf = (cuts: number): number => (cuts === 1 ? 6 : 4);

/** The filters of a first layer, strongest first: blue above 0, vermillion below, each within a span of its own. */
export function drawFirstLayer({ title, note, filters }: FirstLayerData): string {
  const room = pageWidth - 2 * margin;
  const columns = columnsOf(filters[0].pictures.length);
  const cell = (room - (columns - 1) * gap) / columns;
  const height = heightOf(filters[0], cell);
  const rows = Math.ceil(filters.length / columns);
  return figure(
    top + rows * (height + captions) + 4,
    { title, description: `${filters.length} filters; ${note}` },
    text(margin, 11, fitText(title, room, size.title, 'bold'), { size: size.title, weight: 'bold' }),
    text(margin, 21, fitText(note, room, size.small), { size: size.small, fill: ink.soft }),
    ...filters.map((filter, i) =>
      drawFilter(filter, {
        x: margin + (i % columns) * (cell + gap),
        y: top + Math.floor(i / columns) * (height + captions),
        width: cell,
        height,
      }),
    ),
  );
}

/** Part of a cell that a filter of one picture takes: its captions are wider. */
const ALONE = 0.62;
/** Between the cuts of a filter. */
const between = 2;

/** Points for a pixel of a filter, so that its pictures fill a cell. */
function scaleOf({ pictures }: FirstFilter, cell: number): number {
  const pixels = pictures.reduce((sum, { width }) => sum + width, 0);
  if (pictures.length === 1) return (ALONE * cell) / pixels;
  return (cell - between * (pictures.length - 1)) / pixels;
}

const heightOf = (filter: FirstFilter, cell: number): number =>
  scaleOf(filter, cell) * Math.max(...filter.pictures.map(({ height }) => height));

function drawFilter(filter: FirstFilter, frame: Frame): string {
  const { pictures, energy, answers } = filter;
  const all = pictures.flatMap(({ data }) => [...data]);
  const span = all.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const scale = scaleOf(filter, frame.width);
  let x = frame.x;
  const drawn = pictures.map(({ data, width, height }) => {
    const place = { x, y: frame.y, width: scale * width, height: scale * height };
    x += place.width + between;
    const indices = Uint8Array.from(data, (value) => divergingLevel(value / span));
    const border = element('rect', { ...place, fill: 'none', stroke: ink.rule, 'stroke-width': 0.5 });
    return embeddedPicture(indices, { width, height }, divergingColours, place) + border;
  });
  const below = frame.y + frame.height;
  const style = { size: 5.5, fill: ink.soft } as const;
  return (
    drawn.join('') +
    text(frame.x, below + 7, `${(100 * energy).toFixed(1)} %  ±${Number(span.toPrecision(2))}`, style) +
    text(frame.x, below + 14, fitText(answers, frame.width, 5.5), style)
  );
}

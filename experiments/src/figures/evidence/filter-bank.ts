import { InputError } from '@lacuna/core';
import { divergingColour, divergingColours, divergingLevel } from '../drawing/diverging.js';
import { embeddedPicture } from '../drawing/picture.js';
import { element, figure, line, text, type Frame } from '../drawing/svg.js';
import { ink, pageWidth, size } from '../drawing/theme.js';
import type { FigureImage, FilterBankData } from '../types.js';

const margin = 4;
const labelWidth = 42;
const gap = 3;
const groupGap = 8;
const mostCell = 62;
const top = 66;

/** Where each cell of the figure stands. */
interface Grid {
  readonly cell: number;
  readonly x: (column: number) => number;
  readonly y: (row: number) => number;
}

/**
 * The filters of a bank as pictures: a row for each direction, a column for each pair of bins, those of one strength
 * side by side. Blue is above 0 and vermillion below; each column has a span of its own, which stands above it, since
 * filters of weak structure average and those of strong structure do not.
 * @throws {InputError} if the number of filters is not that of directions and bins.
 */
export function drawFilterBank(data: FilterBankData): string {
  const rows = data.directions.length;
  const coherences = data.coherences.length + 1;
  const strengths = data.strengths.length + 1;
  const columns = coherences * strengths;
  if (data.filters.length !== rows * columns) {
    throw new InputError({
      who: 'filters',
      got: `${data.filters.length} filters`,
      wanted: `${rows * columns}, for ${rows} directions, ${coherences} coherences and ${strengths} strengths`,
    });
  }
  const grid = gridOf(columns, coherences);
  const spans = Array.from({ length: columns }, (_, column) =>
    spanOf(data.filters.slice(column * rows, (column + 1) * rows).map(({ response }) => response)),
  );
  const cells = data.filters.map(({ response }, i) => {
    const column = Math.floor(i / rows);
    return drawCell(response, spans[column], {
      x: grid.x(column),
      y: grid.y(i % rows),
      width: grid.cell,
      height: grid.cell,
    });
  });
  const bottom = grid.y(rows - 1) + grid.cell;
  return figure(
    bottom + 20,
    {
      title: `Filters by orientation, ${data.title}`,
      description: `${data.filters.length} filters: ${rows} directions, ${coherences} x ${strengths} bins`,
    },
    text(margin, 10, `Filters by orientation: ${data.title}`, { size: size.title, weight: 'bold' }),
    text(
      margin,
      20,
      'what one coarse pixel becomes on the fine grid; strength: change of intensity from coarse pixel to pixel',
      {
        fill: ink.soft,
        size: size.small,
      },
    ),
    ...headings(data, grid, spans),
    ...data.directions.map((direction, row) => drawDirection(direction, grid.y(row) + grid.cell / 2)),
    ...cells,
    colourBar(bottom + 8),
  );
}

function gridOf(columns: number, inGroup: number): Grid {
  const groups = columns / inGroup;
  const room = pageWidth - 2 * margin - labelWidth - (columns - 1) * gap - (groups - 1) * groupGap;
  const cell = Math.min(mostCell, room / columns);
  return {
    cell,
    x: (column) => margin + labelWidth + column * (cell + gap) + Math.floor(column / inGroup) * groupGap,
    y: (row) => top + row * (cell + gap),
  };
}

/** The largest magnitude of some pictures; 1 where all are 0. */
function spanOf(pictures: readonly FigureImage[]): number {
  const largest = pictures.reduce(
    (most, { data }) => data.reduce((sofar, value) => Math.max(sofar, Math.abs(value)), most),
    0,
  );
  return largest === 0 ? 1 : largest;
}

function drawCell({ data, width, height }: FigureImage, span: number, frame: Frame): string {
  const indices = Uint8Array.from(data, (value) => divergingLevel(value / span));
  const border = element('rect', { ...frame, fill: 'none', stroke: ink.rule, 'stroke-width': 0.5 });
  return embeddedPicture(indices, { width, height }, divergingColours, frame) + border;
}

/** Bins of strength above bins of coherence, and the span of each column. */
function headings({ strengths, coherences }: FilterBankData, grid: Grid, spans: readonly number[]): string[] {
  const inGroup = coherences.length + 1;
  const slopes = strengths.map((edge) => Math.exp(edge));
  const groups = Array.from({ length: strengths.length + 1 }, (_, group) => {
    const first = grid.x(group * inGroup);
    const last = grid.x((group + 1) * inGroup - 1) + grid.cell;
    return (
      text((first + last) / 2, 34, `strength ${binName(slopes, group)}`, { anchor: 'middle', weight: 'bold' }) +
      line([first, 38, last, 38], ink.rule, 0.7)
    );
  });
  const columns = spans.map((span, column) => {
    const middle = grid.x(column) + grid.cell / 2;
    const style = { anchor: 'middle', size: size.small } as const;
    return (
      text(middle, 48, binName(coherences, column % inGroup), style) +
      text(middle, 58, `±${short(span)}`, { ...style, fill: ink.soft })
    );
  });
  const rows = [
    text(margin, 48, 'coherence', { size: size.small }),
    text(margin, 58, 'colours', { size: size.small, fill: ink.soft }),
  ];
  return [...groups, ...columns, ...rows];
}

/** "< 0.13", "0.13–0.22", "> 0.22"; "any" where there is one bin. */
function binName(edges: readonly number[], bin: number): string {
  if (edges.length === 0) return 'any';
  if (bin === 0) return `< ${short(edges[0])}`;
  if (bin === edges.length) return `> ${short(edges[bin - 1])}`;
  return `${short(edges[bin - 1])}–${short(edges[bin])}`;
}

const short = (value: number): string => String(Number(value.toPrecision(2)));

/** A stroke along the direction and its angle as seen, from the right upwards; of volumes its axes. */
function drawDirection(direction: readonly number[], y: number): string {
  const [x, down] = direction;
  if (direction.length === 3) return text(margin, y + 2.5, axesOf(direction));
  const middle = margin + 7;
  const reach = 6;
  const angle = (((Math.atan2(-down, x) * 180) / Math.PI) % 180) + 180;
  const stroke = line([middle - reach * x, y - reach * down, middle + reach * x, y + reach * down], ink.text, 1.6);
  return stroke + text(margin + 17, y + 2.5, `${Number((angle % 180).toFixed(1))}°`);
}

/** "x", "x + y − z". */
function axesOf(direction: readonly number[]): string {
  return direction.reduce((sofar, part, axis) => {
    if (Math.abs(part) < 1e-9) return sofar;
    const name = 'xyz'[axis];
    if (sofar === '') return part < 0 ? `−${name}` : name;
    return `${sofar} ${part < 0 ? '−' : '+'} ${name}`;
  }, '');
}

function colourBar(y: number): string {
  const steps = 41;
  const width = 2.5;
  const left = margin + labelWidth;
  const bars = Array.from({ length: steps }, (_, i) =>
    element('rect', {
      x: left + i * width,
      y,
      width: width + 0.1,
      height: 5,
      fill: divergingColour((2 * i) / (steps - 1) - 1),
    }),
  );
  const style = { size: size.small, fill: ink.soft };
  return (
    bars.join('') +
    text(left - 3, y + 5, '−', { ...style, anchor: 'end' }) +
    text(left + steps * width + 3, y + 5, '+', style)
  );
}

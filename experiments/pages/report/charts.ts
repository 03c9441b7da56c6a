import * as Plot from '@observablehq/plot';
import { group } from 'd3-array';
import type { ExploredData } from '../../src/report/explore.js';
import { fill } from './data.js';

type Column = ExploredData['columns'][number];

/** A method at a point of the chart of scores. */
interface Point {
  readonly method: string;
  readonly colour: string;
  readonly symbol: Plot.SymbolType;
  readonly x: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly text: string;
}

const select = (id: string): HTMLSelectElement => document.getElementById(id) as HTMLSelectElement;
const INK = '#1a1a1a';
const LOOK = { color: INK, background: 'none', fontSize: '12px' } as const;
/** Colours of the HR image, which is no method. */
const CEILING = '#5c5c5c';

/** Shapes of about the same weight; a colour comes again after as many methods, with another shape. */
const SYMBOLS = ['circle', 'cross', 'diamond', 'square', 'star', 'triangle', 'wye'] as const;
const SHIFT = 3;

/** The shape of the method at `place` of the table, which no other one has in its colour. */
function symbolOf(place: number): Plot.SymbolType {
  const round = Math.floor(place / SYMBOLS.length);
  return SYMBOLS[(place + SHIFT * round) % SYMBOLS.length];
}

/** Scores against costs or one another, and the curves of training: both chosen, both to be pointed at. */
export function drawCharts(data: ExploredData): void {
  const x = select('chart-x');
  if (x === null) return;
  const y = select('chart-y');
  const names = data.columns.map(titleOf);
  const isScore = ({ better }: Column) => better !== null;
  fill(x, names, 0);
  fill(y, names, Math.max(0, data.columns.findIndex(isScore)));
  const show = () => replace('chart-scores', (width) => scoresChart(data, Number(x.value), Number(y.value), width));
  x.addEventListener('change', show);
  y.addEventListener('change', show);
  show();
  drawCurves(data);
}

/** Most and fewest pixels of a chart: in a narrow window its letters stay as large as those around it. */
const WIDEST = 760;
const NARROWEST = 320;

function replace(id: string, chart: (width: number) => Element): void {
  const place = document.getElementById(id)!;
  const width = Math.min(WIDEST, Math.max(NARROWEST, place.clientWidth));
  place.replaceChildren(chart(width));
}

const titleOf = ({ name, unit }: Column): string => (unit === undefined ? name : `${name}, ${unit}`);

function shown(value: number, { si, digits }: Column): string {
  const format = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
  return si ? format.format(value) : value.toFixed(digits);
}

function pointsOf({ columns, rows }: ExploredData, x: number, y: number): Point[] {
  return rows.flatMap(({ method, cells, colour }, place) => {
    const [across, up] = [cells[x], cells[y]];
    if (across == null || up == null) return [];
    const between = up.low === up.high ? '' : `\n95 %: ${shown(up.low, columns[y])} to ${shown(up.high, columns[y])}`;
    const text =
      `${method}\n${titleOf(columns[x])}: ${shown(across.mean, columns[x])}\n` +
      `${titleOf(columns[y])}: ${shown(up.mean, columns[y])}${between}`;
    const look = { colour: colour ?? CEILING, symbol: symbolOf(place) };
    return [{ method, ...look, x: across.mean, y: up.mean, low: up.low, high: up.high, text }];
  });
}

function scoresChart(data: ExploredData, x: number, y: number, width: number): Element {
  const points = pointsOf(data, x, y);
  const [across, up] = [data.columns[x], data.columns[y]];
  const domain = points.map(({ method }) => method);
  return Plot.plot({
    ariaLabel: `${titleOf(up)} against ${titleOf(across)}, a point a method`,
    width,
    height: 380,
    marginLeft: 56,
    marginBottom: 44,
    style: LOOK,
    grid: true,
    inset: 12,
    // Colours and shapes say the same.
    color: { domain, range: points.map(({ colour }) => colour) },
    symbol: { domain, range: points.map(({ symbol }) => symbol), legend: true },
    x: { label: `${titleOf(across)} →`, ...axisOf(across, width < 500 ? 3 : 6) },
    y: { label: `↑ ${titleOf(up)}${betterText(up)}`, nice: true, ...axisOf(up, 6) },
    marks: [
      Plot.ruleX(points, { x: 'x', y1: 'low', y2: 'high', stroke: 'method', strokeWidth: 1.5 }),
      Plot.dot(points, { x: 'x', y: 'y', fill: 'method', stroke: '#ffffff', r: 6, symbol: 'method' }),
      Plot.tip(points, Plot.pointer({ x: 'x', y: 'y', title: 'text' })),
    ],
  });
}

/** Large numbers by their logarithm; 0 (no parameters) has a place, too. */
function axisOf(column: Column, ticks: number): Plot.ScaleOptions {
  if (!column.si) return {};
  return { type: 'symlog', constant: 1000, ticks, tickFormat: (value: number) => shown(value, column) };
}

const betterText = ({ better }: Column): string => (better === null ? '' : ` (${better} is better)`);

/** A value of a curve. */
interface CurvePoint {
  readonly step: number;
  readonly value: number;
  readonly method: string;
  readonly trial: string;
}

function drawCurves(data: ExploredData): void {
  const choices = data.curves.flatMap(({ title, x, charts }) =>
    charts.map((chart) => ({ title, along: x ?? 'step of the training', chart })),
  );
  const list = select('chart-curve');
  if (choices.length === 0) {
    document.getElementById('curve-choice')!.hidden = true;
    return;
  }
  const many = data.curves.length > 1;
  const names = choices.map(({ title, chart }) => (many ? `${chart.name} (${title})` : chart.name));
  fill(list, names, names.length > 1 ? 1 : 0);
  const show = () => replace('chart-curves', (width) => curvesChart(choices[Number(list.value)], data, width));
  list.addEventListener('change', show);
  show();
}

function curvesChart(
  { along, chart }: { readonly along: string; readonly chart: ExploredData['curves'][number]['charts'][number] },
  { colours, rows }: Pick<ExploredData, 'colours' | 'rows'>,
  width: number,
): Element {
  const points = chart.methods.flatMap(({ method, seeds }) =>
    seeds.flatMap(({ seed, points: of }) =>
      of.map(([step, value]): CurvePoint => ({
        step,
        value,
        method,
        trial: `${method}, seed ${seed}`,
      })),
    ),
  );
  const title = ({ trial, step, value }: CurvePoint) => `${trial}\nstep ${step}: ${Number(value.toPrecision(4))}`;
  // The symbols of the chart above, where a method stands there: colours and shapes say the same.
  const domain = [...new Set(points.map(({ method }) => method))];
  const placeOf = (method: string) => rows.findIndex((row) => row.method === method);
  const unit = chart.unit === undefined ? '' : `, ${chart.unit}`;
  return Plot.plot({
    ariaLabel: `${chart.name}, a line a trial`,
    width,
    height: 320,
    marginLeft: 56,
    marginBottom: 44,
    style: LOOK,
    grid: true,
    color: { domain, range: domain.map((method) => colours[method] ?? INK) },
    symbol: { domain, range: domain.map((method) => symbolOf(Math.max(0, placeOf(method)))), legend: true },
    x: { label: `${along} →` },
    y: { label: `↑ ${chart.name}${unit}`, type: chart.scale, nice: true },
    marks: [
      Plot.line(points, { x: 'step', y: 'value', z: 'trial', stroke: 'method', strokeWidth: 1.5 }),
      Plot.dot(marked(points), { x: 'step', y: 'value', fill: 'method', stroke: '#ffffff', r: 4.5, symbol: 'method' }),
      Plot.tip(points, Plot.pointer({ x: 'step', y: 'value', title })),
    ],
  });
}

/** Symbols on a curve: more would hide it. */
const MARKS = 8;

/** The ends of each curve, and points evenly between them. */
function marked(points: readonly CurvePoint[]): CurvePoint[] {
  return [...group(points, ({ trial }) => trial).values()].flatMap((curve) => {
    const step = Math.max(1, Math.ceil((curve.length - 1) / (MARKS - 1)));
    return curve.filter((_, i) => i % step === 0 || i === curve.length - 1);
  });
}

import { linearScale, logScale, siLabel, tickLabels, type Scale } from '../drawing/axes.js';
import { placeLabels } from '../drawing/labels.js';
import { marker } from '../drawing/markers.js';
import { element, line, text, type Frame } from '../drawing/svg.js';
import { textWidth } from '../drawing/text-width.js';
import { ink, methodStyle, size, type MethodStyle } from '../drawing/theme.js';
import type { CostAxis, CostData, Estimate, ScoreAxis } from '../types.js';

/** Width of the slot before the axis breaks, for methods that cost nothing. */
const freeSlot = 26;

/** A method on a chart. */
interface Point {
  readonly name: string;
  readonly style: MethodStyle;
  readonly value: Estimate;
  /** Its place along the axis of costs; methods of equal cost stand side by side. */
  readonly x: number;
}

/** A chart's scales, and what stands on it. */
interface Chart {
  readonly frame: Frame;
  /** Where the logarithmic axis begins: behind the slot of what costs nothing, where there is such a method. */
  readonly axisStart: number;
  readonly isFree: boolean;
  readonly span: readonly [number, number];
  readonly x: Scale;
  readonly y: Scale;
  readonly points: readonly Point[];
}

/** Whether a chart is the first of its row, and of the last row: those bear the titles and numbers of the axes. */
export interface ChartEdge {
  readonly first: boolean;
  readonly last: boolean;
}

/** One score against one cost. */
export function drawScoreCostChart(
  data: CostData,
  score: ScoreAxis,
  cost: CostAxis,
  frame: Frame,
  edge: ChartEdge,
): string {
  const chart = layOut(data, score, cost, frame);
  const { y, points } = chart;
  const right = frame.x + frame.width;
  return element(
    'g',
    {},
    y.ticks.map((tick) => line([frame.x, y(tick), right, y(tick)], ink.grid, 0.6)).join(''),
    ceilingLine(score.ceiling, y, frame),
    costLine(chart),
    edge.first ? scoreNumbers(chart) + scoreTitle(frame, score) : '',
    costTicks(chart, edge.last),
    edge.last ? costTitle(chart, cost) : '',
    pointLabels(chart),
    points.map((point) => interval(chart, point)).join(''),
    points.map((point) => marker(point.x, y(point.value.mean), point.style)).join(''),
  );
}

function layOut(data: CostData, score: ScoreAxis, cost: CostAxis, frame: Frame): Chart {
  const shown = data.points
    .map((point, index) => ({
      name: point.method,
      style: methodStyle(index),
      cost: point.costs[cost.name],
      value: point.scores[score.name],
    }))
    .filter((point) => point.cost !== undefined && point.value !== undefined);
  const isFree = shown.some((point) => point.cost <= 0);
  const axisStart = frame.x + (isFree ? freeSlot : 0);
  const span = axisSpan(data, score);
  const x = logScale(
    shown.map((point) => point.cost),
    axisStart + 6,
    frame.x + frame.width - 6,
  );
  const y = linearScale(span, frame.y + frame.height, frame.y, 5);
  const places = dodgeOf(shown.map((point) => (point.cost > 0 ? x(point.cost) : freeCentre(frame))));
  const points = shown.map(({ name, style, value }, i) => ({ name, style, value, x: places[i] }));
  return { frame, axisStart, isFree, span, x, y, points };
}

const freeCentre = (frame: Frame): number => frame.x + freeSlot / 2 - 3;

/** The place of a score, at the edge of the chart for one beyond. */
function cut({ span, y }: Chart, value: number): number {
  return y(Math.min(span[1], Math.max(span[0], value)));
}

const hasSpread = ({ values = [] }: Estimate): boolean => new Set(values).size > 1;

function scoreNumbers({ frame, y }: Chart): string {
  const style = { anchor: 'end', size: size.small, fill: ink.soft } as const;
  return tickLabels(y.ticks)
    .map((label, i) => text(frame.x - 4, y(y.ticks[i]) + 2.4, label, style))
    .join('');
}

function scoreTitle(frame: Frame, score: ScoreAxis): string {
  const middle = frame.y + frame.height / 2;
  const upright = { anchor: 'middle', rotate: -90 } as const;
  const better = score.better === 'higher' ? '↑ better' : '↓ better';
  return (
    text(7, middle, titleOf(score), { ...upright, weight: 'bold' }) +
    text(15, middle, better, { ...upright, size: size.small, fill: ink.soft })
  );
}

const titleOf = ({ name, unit }: CostAxis): string => (unit === undefined ? name : `${name} (${unit})`);

const costNumber = (x: number, bottom: number, label: string): string =>
  text(x, bottom + 10, label, { anchor: 'middle', size: size.small, fill: ink.soft });

function costTicks({ frame, x }: Chart, hasNumbers: boolean): string {
  const bottom = frame.y + frame.height;
  return x.ticks
    .map(
      (tick) =>
        line([x(tick), bottom, x(tick), bottom + 2.5], ink.rule, 0.7) +
        (hasNumbers ? costNumber(x(tick), bottom, siLabel(tick)) : ''),
    )
    .join('');
}

/** The axis' name, and the number below the slot of what costs nothing. */
function costTitle({ frame, isFree }: Chart, cost: CostAxis): string {
  const bottom = frame.y + frame.height;
  return (
    (isFree ? costNumber(freeCentre(frame), bottom, '0') : '') +
    text(frame.x + frame.width / 2, bottom + 21, titleOf(cost), { anchor: 'middle', weight: 'bold' })
  );
}

/** The axis of costs, with its break where something costs nothing. */
function costLine({ frame, axisStart, isFree }: Chart): string {
  const bottom = frame.y + frame.height;
  const right = frame.x + frame.width;
  if (!isFree) return line([frame.x, bottom, right, bottom], ink.rule, 0.8);
  return (
    line([frame.x, bottom, axisStart - 5, bottom], ink.rule, 0.8) +
    line([axisStart, bottom, right, bottom], ink.rule, 0.8) +
    line([axisStart - 6.5, bottom + 3, axisStart - 3.5, bottom - 3], ink.rule, 0.8) +
    line([axisStart - 1.5, bottom + 3, axisStart + 1.5, bottom - 3], ink.rule, 0.8)
  );
}

/** A point's interval, with a bar at each end or an arrow where it goes on beyond the axis; its seeds beside it. */
function interval(chart: Chart, { x, style: { colour }, value }: Point): string {
  const { y, span } = chart;
  const { low, high, values = [] } = value;
  const seeds = hasSpread(value)
    ? values.map((seed) => element('circle', { cx: x + 4.6, cy: y(seed), r: 0.9, fill: colour })).join('')
    : '';
  if (Math.abs(y(low) - y(high)) < 0.01) return seeds;
  const end = (score: number, isBeyond: boolean, down: number): string =>
    isBeyond ? arrow(x, cut(chart, score), down, colour) : line([x - 2.2, y(score), x + 2.2, y(score)], colour, 1.1);
  return (
    seeds +
    line([x, cut(chart, low), x, cut(chart, high)], colour, 1.1) +
    end(low, low < span[0], 1) +
    end(high, high > span[1], -1)
  );
}

/** The tip of an arrow that points down (1) or up (-1). */
function arrow(x: number, y: number, down: number, colour: string): string {
  return element('path', {
    d: `M${x - 2.4},${y - 3 * down}L${x},${y}L${x + 2.4},${y - 3 * down}`,
    fill: 'none',
    stroke: colour,
    'stroke-width': 1.1,
  });
}

/** The methods' names, where there is room for them, with a line to those that stand away. */
function pointLabels(chart: Chart): string {
  const { frame, y, points } = chart;
  const obstacles = points.flatMap(({ x, value }): Frame[] => {
    const high = cut(chart, value.high);
    const low = cut(chart, value.low);
    return [
      { x: x - 4, y: y(value.mean) - 4, width: hasSpread(value) ? 10 : 8, height: 8 },
      { x: x - 2.5, y: high - 1, width: 8, height: low - high + 2 },
    ];
  });
  const requests = points.map(({ x, value, name }) => ({
    x,
    y: y(value.mean),
    width: textWidth(name, size.label),
  }));
  const inside = { x: frame.x + 1, y: frame.y, width: frame.width - 2, height: frame.height - 2 };
  return placeLabels(requests, obstacles, inside)
    .map(({ x, y, lead }, i) => {
      const drawn = lead === null ? '' : line([...lead.from, ...lead.to], points[i].style.colour, 0.5);
      return drawn + text(x, y, points[i].name, { halo: ink.paper });
    })
    .join('');
}

/** The span of a score's axis, with what the HR image scores. */
export function axisSpan({ points }: CostData, { name, ceiling }: ScoreAxis): readonly [number, number] {
  const [low, high] = scoreSpan(points.flatMap(({ scores }) => scores[name] ?? []));
  return ceiling === undefined ? [low, high] : [Math.min(low, ceiling), Math.max(high, ceiling)];
}

/** What the HR image scores: the line that no method is expected to pass. */
function ceilingLine(value: number | undefined, y: (value: number) => number, { x, width }: Frame): string {
  if (value === undefined) return '';
  const label = { anchor: 'end', size: size.small, fill: ink.soft, halo: ink.paper } as const;
  const dashes = line([x, y(value), x + width, y(value)], ink.soft, 0.8, { 'stroke-dasharray': '3 2' });
  return dashes + text(x + width - 1, y(value) + 7, 'HR image', label);
}

/**
 * From the lowest to the highest of what was measured, and of the intervals at most half as much again on either side.
 */
function scoreSpan(estimates: readonly Estimate[]): readonly [number, number] {
  const measured = estimates.flatMap(({ mean, low, high, values }) => (values ? [mean, ...values] : [low, high]));
  if (measured.length === 0) return [0, 1];
  const lowest = Math.min(...measured);
  const highest = Math.max(...measured);
  const room = (highest - lowest) / 2;
  return [
    Math.max(lowest - room, Math.min(lowest, ...estimates.map(({ low }) => low))),
    Math.min(highest + room, Math.max(highest, ...estimates.map(({ high }) => high))),
  ];
}

/**
 * Points of equal cost stand side by side, 8 points apart, around their place: two methods with one model stay apart.
 */
function dodgeOf(places: readonly number[]): number[] {
  const order = places.map((x, i) => ({ x, i })).sort((a, b) => a.x - b.x || a.i - b.i);
  const out = [...places];
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && order[to].x - order[from].x < 1) to++;
    for (let k = from; k < to; k++) out[order[k].i] = order[k].x + (k - from - (to - from - 1) / 2) * 8;
    from = to;
  }
  return out;
}

import { InputError } from '@lacuna/core';
import { linearScale, logScale, siLabel, tickLabels, type Scale } from '../drawing/axes.js';
import { placeLabels } from '../drawing/labels.js';
import { marker } from '../drawing/markers.js';
import { element, figure, line, text, type Frame } from '../drawing/svg.js';
import { textWidth } from '../drawing/text-width.js';
import { ink, markColour, methodStyle, pageWidth, size } from '../drawing/theme.js';
import type { CostAxis, SearchData, SearchedPoint } from '../types.js';

const left = 46;
const gap = 18;
const top = 40;
const plotHeight = 150;

/**
 * What a search found: the score of every point against each cost, with the front that no other point is better than in
 * both. The front's points carry their numbers.
 * @throws {InputError} if there is no point or no cost.
 */
export function drawFront(data: SearchData): string {
  for (const [part, items] of Object.entries({ points: data.points, costs: data.costs }))
    if (items.length === 0)
      throw new InputError({ who: 'front of a search', got: `no ${part}`, wanted: 'at least one' });
  const columns = data.costs.length;
  const width = (pageWidth - left - gap * (columns - 1) - 4) / columns;
  const charts = data.costs.map((cost, column) =>
    drawCost(data, cost, { x: left + column * (width + gap), y: top, width, height: plotHeight }),
  );
  const note = 'line: points that none is better than in score and cost; numbers are those of the points';
  return figure(
    top + plotHeight + 28,
    { title: data.title, description: `${data.score.name} against costs. ${describeFront(data)}` },
    text(0, 8, data.title, { size: size.title, weight: 'bold' }),
    text(0, 18, note, { fill: ink.soft, size: size.small }),
    methodLegend(data.methods),
    ...charts,
  );
}

/** The points of the front against the first cost, for those who do not see it. */
function describeFront({ points, costs, score }: SearchData): string {
  const [cost] = costs;
  return frontOf(points, cost.name, score.better)
    .map((point) => `${point.label}: ${point.score.toPrecision(4)} at ${siLabel(point.costs[cost.name])} ${cost.name}`)
    .join('; ');
}

function methodLegend(methods: readonly string[]): string {
  let x = 0;
  return methods
    .map((method, i) => {
      const at = x;
      x += 10 + textWidth(method, size.label) + 14;
      return marker(at + 3, 29, methodStyle(i)) + text(at + 10, 31.5, method);
    })
    .join('');
}

/** Points than which no other is better in score and cost, from the cheapest on. */
function frontOf(points: readonly SearchedPoint[], cost: string, better: 'higher' | 'lower'): readonly SearchedPoint[] {
  const sign = better === 'higher' ? 1 : -1;
  const known = points.filter(({ costs }) => costs[cost] !== undefined);
  const sorted = known.sort((a, b) => a.costs[cost] - b.costs[cost] || sign * (b.score - a.score));
  let best = -Infinity;
  return sorted.filter(({ score }) => {
    const isBetter = sign * score > best;
    if (isBetter) best = sign * score;
    return isBetter;
  });
}

function drawCost(data: SearchData, cost: CostAxis, frame: Frame): string {
  const points = data.points.filter(({ costs }) => costs[cost.name] !== undefined);
  const bottom = frame.y + frame.height;
  const right = frame.x + frame.width;
  const x = logScale(
    points.map(({ costs }) => costs[cost.name]),
    frame.x + 6,
    right - 6,
  );
  const y = linearScale(
    points.map(({ score }) => score),
    bottom,
    frame.y,
    5,
  );
  const front = frontOf(points, cost.name, data.score.better);
  const at = (point: SearchedPoint) => [x(point.costs[cost.name]), y(point.score)] as const;
  const dots = points.map((point) => marker(...at(point), methodStyle(data.methods.indexOf(point.method))));
  return element(
    'g',
    {},
    scoreAxis(data, frame, y),
    line([frame.x, bottom, right, bottom], ink.rule, 0.8),
    ...x.ticks.map(
      (tick) =>
        line([x(tick), bottom, x(tick), bottom + 2.5], ink.rule, 0.7) +
        text(x(tick), bottom + 10, siLabel(tick), { anchor: 'middle', size: size.small, fill: ink.soft }),
    ),
    text(frame.x + frame.width / 2, bottom + 21, withUnit(cost), { anchor: 'middle', weight: 'bold' }),
    staircase(front.map(at), right),
    ...dots,
    frontLabels(front, { at, points, frame }),
  );
}

const withUnit = ({ name, unit }: CostAxis): string => (unit === undefined ? name : `${name} (${unit})`);

/** Grid, numbers and title of the axis of the score. */
function scoreAxis({ score }: Pick<SearchData, 'score'>, frame: Frame, y: Scale): string {
  const labels = tickLabels(y.ticks);
  const isFirst = frame.x === left;
  const ticks = y.ticks.map(
    (tick, i) =>
      line([frame.x, y(tick), frame.x + frame.width, y(tick)], ink.grid, 0.6) +
      (isFirst ? text(frame.x - 4, y(tick) + 2.4, labels[i], { anchor: 'end', size: size.small, fill: ink.soft }) : ''),
  );
  if (!isFirst) return ticks.join('');
  const middle = frame.y + frame.height / 2;
  const better = score.better === 'higher' ? '↑ better' : '↓ better';
  return (
    ticks.join('') +
    text(7, middle, withUnit(score), { anchor: 'middle', rotate: -90, weight: 'bold' }) +
    text(15, middle, better, { anchor: 'middle', rotate: -90, size: size.small, fill: ink.soft })
  );
}

/** What one gets for a cost at most. */
function staircase(front: readonly (readonly [number, number])[], right: number): string {
  if (front.length === 0) return '';
  const steps = front.slice(1).map(([x, y]) => `H${x.toFixed(2)}V${y.toFixed(2)}`);
  const [[x, y]] = front;
  const d = `M${x.toFixed(2)},${y.toFixed(2)}${steps.join('')}H${right.toFixed(2)}`;
  return element('path', { d, fill: 'none', stroke: ink.soft, 'stroke-width': 1 });
}

function frontLabels(
  front: readonly SearchedPoint[],
  {
    at,
    points,
    frame,
  }: {
    readonly at: (point: SearchedPoint) => readonly [number, number];
    readonly points: readonly SearchedPoint[];
    readonly frame: Frame;
  },
): string {
  const requests = front.map((point) => {
    const [x, y] = at(point);
    return { x, y, width: textWidth(point.label, size.small) };
  });
  const dots = points.map((point) => {
    const [x, y] = at(point);
    return { x: x - 3, y: y - 3, width: 6, height: 6 };
  });
  const places = front.map(at);
  const steps = places.map(([x, y], i) => {
    const [next] = places[i + 1] ?? [frame.x + frame.width];
    return { x, y: y - 1, width: next - x, height: 2 };
  });
  const obstacles = [...dots, ...steps];
  return placeLabels(requests, obstacles, frame)
    .map(({ x, y }, i) => text(x, y, front[i].label, { size: size.small, halo: ink.paper }))
    .join('');
}

const rowHeight = 11;
const historyWidth = 230;
const fieldWidth = 128;

/**
 * How a search went, and what decided: the score of the points in their order with the best so far; and the share of
 * each field in what makes points good, for each objective.
 */
export function drawHistory(data: SearchData): string {
  const rows = data.importances.reduce((sum, { shares }) => sum + shares.length + 2, 0);
  const height = Math.max(plotHeight, rows * rowHeight);
  const frame: Frame = { x: left, y: top, width: historyWidth - left, height: plotHeight };
  return figure(
    top + height + 28,
    {
      title: data.title,
      description: data.importances
        .map(({ objective, shares }) => `${objective}: ${shares.map(describeShare).join(', ')}`)
        .join('; '),
    },
    text(0, 8, data.title, { size: size.title, weight: 'bold' }),
    text(0, 18, 'left: points in their order, line: best so far; right: share of each field (PED-ANOVA)', {
      fill: ink.soft,
      size: size.small,
    }),
    methodLegend(data.methods),
    drawOrder(data, frame),
    drawShares(data),
  );
}

const describeShare = ({ field, share }: { field: string; share: number }) => `${field} ${(share * 100).toFixed(0)} %`;

function drawOrder(data: SearchData, frame: Frame): string {
  const { history, score, methods } = data;
  if (history.length === 0) return '';
  const bottom = frame.y + frame.height;
  const right = frame.x + frame.width;
  const last = Math.max(...history.map(({ number }) => number));
  const x = linearScale([0, Math.max(1, last)], frame.x, right, 6);
  const finished = history.filter(({ isFinished }) => isFinished);
  const scores = history.map((point) => point.score);
  const y = linearScale(spanOf(scores, score.better), bottom, frame.y, 5);
  const inside = (value: number) => Math.min(bottom, Math.max(frame.y, y(value)));
  const sign = score.better === 'higher' ? 1 : -1;
  let best = -Infinity;
  const bests = finished.map((point) => {
    best = Math.max(best, sign * point.score);
    return [x(point.number), y(sign * best)] as const;
  });
  const dots = history.map((point) => {
    const px = x(point.number);
    const py = inside(point.score);
    if (point.isFinished) return marker(px, py, methodStyle(methods.indexOf(point.method)));
    return (
      line([px - 2, py - 2, px + 2, py + 2], markColour.missed, 0.8) +
      line([px - 2, py + 2, px + 2, py - 2], markColour.missed, 0.8)
    );
  });
  const ticks = x.ticks.filter((tick) => Number.isInteger(tick) && tick >= 0);
  return element(
    'g',
    {},
    scoreAxis(data, frame, y),
    line([frame.x, bottom, right, bottom], ink.rule, 0.8),
    ...ticks.map((tick) =>
      text(x(tick), bottom + 10, String(tick), { anchor: 'middle', size: size.small, fill: ink.soft }),
    ),
    text(frame.x + frame.width / 2, bottom + 21, 'point (× pruned, at its last score)', {
      anchor: 'middle',
      weight: 'bold',
    }),
    staircase(bests, right),
    ...dots,
  );
}

/** The axis leaves out the worst twentieth: a point that learned nothing would flatten all others. */
function spanOf(scores: readonly number[], better: 'higher' | 'lower'): readonly number[] {
  const sorted = [...scores].sort((a, b) => (better === 'higher' ? b - a : a - b));
  return sorted.slice(0, sorted.length - Math.floor(sorted.length / 20));
}

function drawShares({ importances }: SearchData): string {
  const x0 = historyWidth + 16 + fieldWidth;
  const x1 = pageWidth - 26;
  let y = top;
  const parts = importances.map(({ objective, shares }) => {
    const head = text(historyWidth + 16, y + 4, objective, { weight: 'bold' });
    y += rowHeight;
    const bars = shares.map(({ field, share }) => {
      const width = Math.max(0.4, (x1 - x0) * share);
      const bar =
        text(x0 - 4, y + 6.5, shortened(field), { anchor: 'end', size: size.small }) +
        element('rect', { x: x0, y: y + 1, width, height: rowHeight - 4, fill: markColour.found }) +
        text(x0 + width + 3, y + 6.5, `${(share * 100).toFixed(0)} %`, { size: size.small, fill: ink.soft });
      y += rowHeight;
      return bar;
    });
    y += rowHeight;
    return head + bars.join('');
  });
  return parts.join('');
}

/** The end of a path, which tells more than its beginning. */
function shortened(path: string): string {
  let text = path;
  while (textWidth(text, size.small) > fieldWidth - 8 && text.includes('.')) text = text.slice(text.indexOf('.') + 1);
  return text;
}

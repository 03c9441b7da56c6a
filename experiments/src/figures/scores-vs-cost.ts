import { InputError } from '@lacuna/core';
import { linearScale, logScale, siLabel, tickLabels } from './axes.js';
import { placeLabels } from './labels.js';
import { marker } from './markers.js';
import { element, figure, line, text, type Frame } from './svg.js';
import { textWidth } from './text-width.js';
import { ink, methodStyle, pageWidth, size } from './theme.js';
import type { CostAxis, CostData, Estimate, ScoreAxis } from './types.js';

const left = 38;
const columnGap = 16;
const rowGap = 14;
const plotHeight = 128;
const freeSlot = 26;

/**
 * Scores against costs: a row for each score, a column for each cost (logarithmic), a point a method with its interval
 * over seeds and its name beside it, each seed as a dot. Methods of equal cost stand side by side; those that cost
 * nothing stand in a slot of their own before the axis breaks. The axis of a score spans what was measured: intervals
 * that reach far beyond are cut there and end in an arrow.
 * @throws {InputError} if there is no method, score or cost.
 */
export function drawScoresVsCost(data: CostData): string {
  for (const [part, items] of Object.entries({ methods: data.points, scores: data.scores, costs: data.costs })) {
    if (items.length === 0)
      throw new InputError({ who: 'scores against costs', got: `no ${part}`, wanted: 'at least one' });
  }
  const columns = data.costs.length;
  const width = (pageWidth - left - columnGap * (columns - 1) - 4) / columns;
  const top = 30;
  const charts = data.scores.flatMap((score, row) =>
    data.costs.map((cost, column) => {
      const frame: Frame = {
        x: left + column * (width + columnGap),
        y: top + row * (plotHeight + rowGap),
        width,
        height: plotHeight,
      };
      return drawChart(data, score, cost, frame, { first: column === 0, last: row === data.scores.length - 1 });
    }),
  );
  const height = top + data.scores.length * (plotHeight + rowGap) - rowGap + 28;
  const values = data.points
    .filter((point) => Object.keys(point.scores).length > 0)
    .map(
      (point) =>
        `${point.method}: ${data.scores
          .filter((s) => point.scores[s.name])
          .map((s) => `${s.name} ${Number(point.scores[s.name].mean.toPrecision(4))}`)
          .join(', ')} at ${data.costs
          .filter((c) => point.costs[c.name] !== undefined)
          .map((c) => `${siLabel(point.costs[c.name])} ${c.name}`)
          .join(', ')}`,
    )
    .join('; ');
  const hasArrows = data.scores.some((score) => {
    const estimates = data.points.flatMap((point) => point.scores[score.name] ?? []);
    const [lowest, highest] = axisSpan(data, score);
    return estimates.some(({ low, high }) => low < lowest || high > highest);
  });
  const hasSeeds = data.points.some(({ scores }) =>
    Object.values(scores).some(({ values }) => new Set(values).size > 1),
  );
  const arrowNote = hasArrows ? ' (an arrow: it goes on beyond the axis)' : '';
  const seedNote = hasSeeds ? '; dots: seeds' : '';
  return figure(
    height,
    { title: data.title, description: `Scores against costs, bars: ${data.interval}. ${values}.` },
    text(0, 8, data.title, { size: size.title, weight: 'bold' }),
    text(0, 18, `bars: ${data.interval}${arrowNote}${seedNote}`, { fill: ink.soft, size: size.small }),
    ...charts,
  );
}

function drawChart(
  data: CostData,
  score: ScoreAxis,
  cost: CostAxis,
  frame: Frame,
  edge: { first: boolean; last: boolean },
): string {
  const points = data.points
    .map((point, index) => ({
      name: point.method,
      style: methodStyle(index),
      cost: point.costs[cost.name],
      value: point.scores[score.name],
    }))
    .filter(
      (point): point is typeof point & { cost: number; value: NonNullable<typeof point.value> } =>
        point.cost !== undefined && point.value !== undefined,
    );
  const bottom = frame.y + frame.height;
  const right = frame.x + frame.width;
  const free = points.some((point) => point.cost <= 0);
  const axisStart = frame.x + (free ? freeSlot : 0);
  const span = axisSpan(data, score);
  const x = logScale(
    points.map((point) => point.cost),
    axisStart + 6,
    right - 6,
  );
  const y = linearScale(span, bottom, frame.y, 5);
  const cut = (value: number) => y(Math.min(span[1], Math.max(span[0], value)));
  const dodge = dodgeOf(points.map((point) => (point.cost > 0 ? x(point.cost) : frame.x + freeSlot / 2 - 3)));
  const grid = y.ticks.map((tick) => line([frame.x, y(tick), right, y(tick)], ink.grid, 0.6)).join('');
  const yLabels = edge.first
    ? tickLabels(y.ticks)
        .map((label, i) =>
          text(frame.x - 4, y(y.ticks[i]) + 2.4, label, { anchor: 'end', size: size.small, fill: ink.soft }),
        )
        .join('')
    : '';
  const better = score.better === 'higher' ? '↑ better' : '↓ better';
  const yTitle = edge.first
    ? text(7, frame.y + frame.height / 2, score.unit === undefined ? score.name : `${score.name} (${score.unit})`, {
        anchor: 'middle',
        rotate: -90,
        weight: 'bold',
      }) +
      text(15, frame.y + frame.height / 2, better, { anchor: 'middle', rotate: -90, size: size.small, fill: ink.soft })
    : '';
  const xTicks = x.ticks
    .map(
      (tick) =>
        line([x(tick), bottom, x(tick), bottom + 2.5], ink.rule, 0.7) +
        (edge.last
          ? text(x(tick), bottom + 10, siLabel(tick), { anchor: 'middle', size: size.small, fill: ink.soft })
          : ''),
    )
    .join('');
  const zero =
    free && edge.last
      ? text(frame.x + freeSlot / 2 - 3, bottom + 10, '0', { anchor: 'middle', size: size.small, fill: ink.soft })
      : '';
  const xTitle = edge.last
    ? text(
        frame.x + frame.width / 2,
        bottom + 21,
        cost.unit === undefined ? cost.name : `${cost.name} (${cost.unit})`,
        { anchor: 'middle', weight: 'bold' },
      )
    : '';
  const axis = free
    ? line([frame.x, bottom, axisStart - 5, bottom], ink.rule, 0.8) +
      line([axisStart, bottom, right, bottom], ink.rule, 0.8) +
      line([axisStart - 6.5, bottom + 3, axisStart - 3.5, bottom - 3], ink.rule, 0.8) +
      line([axisStart - 1.5, bottom + 3, axisStart + 1.5, bottom - 3], ink.rule, 0.8)
    : line([frame.x, bottom, right, bottom], ink.rule, 0.8);
  const bars = points
    .map((point, i) => {
      const px = dodge[i];
      const { low, high, values = [] } = point.value;
      const { colour } = point.style;
      const seeds =
        new Set(values).size > 1
          ? values.map((value) => element('circle', { cx: px + 4.6, cy: y(value), r: 0.9, fill: colour })).join('')
          : '';
      if (Math.abs(y(low) - y(high)) < 0.01) return seeds;
      const ends = [
        [low, low < span[0], 1],
        [high, high > span[1], -1],
      ] as const;
      return (
        seeds +
        line([px, cut(low), px, cut(high)], colour, 1.1) +
        ends
          .map(([value, beyond, down]) =>
            beyond
              ? element('path', {
                  d: `M${px - 2.4},${cut(value) - 3 * down}L${px},${cut(value)}L${px + 2.4},${cut(value) - 3 * down}`,
                  fill: 'none',
                  stroke: colour,
                  'stroke-width': 1.1,
                })
              : line([px - 2.2, y(value), px + 2.2, y(value)], colour, 1.1),
          )
          .join('')
      );
    })
    .join('');
  const obstacles = points.flatMap((point, i): Frame[] => {
    const px = dodge[i];
    const high = cut(point.value.high);
    const low = cut(point.value.low);
    return [
      { x: px - 4, y: y(point.value.mean) - 4, width: new Set(point.value.values).size > 1 ? 10 : 8, height: 8 },
      { x: px - 2.5, y: high - 1, width: 8, height: low - high + 2 },
    ];
  });
  const requests = points.map((point, i) => ({
    x: dodge[i],
    y: y(point.value.mean),
    width: textWidth(point.name, size.label),
  }));
  const placed = placeLabels(requests, obstacles, {
    x: frame.x + 1,
    y: frame.y,
    width: frame.width - 2,
    height: frame.height - 2,
  });
  const labels = placed
    .map((label, i) => {
      const request = requests[i];
      const nearX = Math.min(label.x + request.width, Math.max(label.x, request.x));
      const nearY = label.y < request.y ? label.y + 1.5 : label.y - 6;
      const lead = label.led ? line([request.x, request.y, nearX, nearY], ink.rule, 0.6) : '';
      return lead + text(label.x, label.y, points[i].name, { halo: ink.paper });
    })
    .join('');
  return element(
    'g',
    {},
    grid,
    ceilingLine(score.ceiling, y, frame),
    axis,
    yLabels,
    yTitle,
    xTicks,
    zero,
    xTitle,
    labels,
    bars,
    points.map((point, i) => marker(dodge[i], y(point.value.mean), point.style)).join(''),
  );
}

/** The span of a score's axis, with what the HR image scores. */
function axisSpan({ points }: CostData, { name, ceiling }: ScoreAxis): readonly [number, number] {
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

import { ticks } from 'd3-array';
import { InputError } from '@lacuna/core';
import { linearScale, logScale, siLabel, tickLabels } from '../drawing/axes.js';
import { averageSeeds, type BandPoint } from '../drawing/bands.js';
import { marker } from '../drawing/markers.js';
import { element, figure, line, text } from '../drawing/svg.js';
import { textWidth } from '../drawing/text-width.js';
import { ink, methodStyle, pageWidth, size } from '../drawing/theme.js';
import type { CurveChart, CurveData } from '../types.js';

const columnGap = 30;
const firstColumn = 26;
const plotHeight = 92;
const chartHeight = plotHeight + 42;
const mostPoints = 120;

/**
 * Small charts of curves, such as loss terms and validation scores by step. A line is the mean over seeds, the band
 * reaches from the lowest to the highest seed; one colour a method, the same in every figure.
 * @throws {InputError} if no chart has a point.
 */
export function drawTrainingCurves(data: CurveData): string {
  const charts = data.charts.filter((chart) =>
    chart.methods.some((method) => method.seeds.some((seed) => seed.points.length > 0)),
  );
  if (charts.length === 0)
    throw new InputError({
      who: 'training curves',
      got: 'no chart with a point',
      wanted: 'at least one',
      remedy: 'train at least one method',
    });
  const columns = columnsOf(charts.length);
  const width = (pageWidth - firstColumn - columnGap * (columns - 1) - 6) / columns;
  const shown = data.methods.filter((name) =>
    charts.some((chart) =>
      chart.methods.some((m) => m.method === name && m.seeds.some((seed) => seed.points.length > 0)),
    ),
  );
  const key = drawKey(data.methods, shown);
  const top = 16 + key.height;
  const lastStep = Math.max(
    ...charts.flatMap((chart) =>
      chart.methods.flatMap((m) => m.seeds.flatMap((seed) => seed.points.map(([step]) => step))),
    ),
  );
  const drawn = charts.map((chart, i) =>
    drawChart(data, chart, {
      x: firstColumn + (i % columns) * (width + columnGap),
      y: top + Math.floor(i / columns) * chartHeight + 14,
      width,
      lastStep,
    }),
  );
  const height = top + Math.ceil(charts.length / columns) * chartHeight + 2;
  return figure(
    height,
    {
      title: data.title,
      description:
        `Curves of ${shown.join(', ')}: ${charts.map((chart) => chart.name).join(', ')} ` +
        `by ${data.x ?? 'step'} up to ${lastStep}; ` +
        `lines are means over seeds, bands reach from the lowest to the highest seed.`,
    },
    text(0, 8, data.title, { size: size.title, weight: 'bold' }),
    key.svg,
    ...drawn,
  );
}

/** Two charts, or four, make two columns; else a row has up to three. */
function columnsOf(charts: number): number {
  if (charts === 2 || charts === 4) return 2;
  return Math.min(3, charts);
}

function drawKey(methods: readonly string[], shown: readonly string[]): { svg: string; height: number } {
  let x = 0;
  let y = 21;
  const parts = shown.map((name) => {
    const style = methodStyle(methods.indexOf(name));
    const width = 18 + textWidth(name, size.label) + 12;
    if (x + width > pageWidth) {
      x = 0;
      y += 10;
    }
    const drawn =
      line([x, y - 2.4, x + 14, y - 2.4], style.colour, 1.4, { 'stroke-dasharray': style.dash }) +
      marker(x + 7, y - 2.4, style, 2.2) +
      text(x + 18, y, name);
    x += width;
    return drawn;
  });
  const note = 'line: mean of seeds; band: lowest to highest seed';
  const noteWidth = textWidth(note, size.small);
  if (x + noteWidth > pageWidth) {
    x = 0;
    y += 10;
  }
  return {
    svg: parts.join('') + text(pageWidth - 2, y, note, { size: size.small, fill: ink.soft, anchor: 'end' }),
    height: y - 8,
  };
}

function drawChart(
  data: CurveData,
  chart: CurveChart,
  at: { x: number; y: number; width: number; lastStep: number },
): string {
  const bands = chart.methods
    .map((method) => ({
      style: methodStyle(data.methods.indexOf(method.method)),
      points: averageSeeds(method.seeds, mostPoints),
    }))
    .filter((band) => band.points.length > 0);
  const values = bands.flatMap((band) => band.points.flatMap((point) => [point.low, point.high]));
  const usable = chart.scale === 'log' && values.every((value) => value > 0) ? 'log' : 'linear';
  const bottom = at.y + plotHeight;
  const right = at.x + at.width;
  const y = usable === 'log' ? logScale(values, bottom, at.y) : linearScale(values, bottom, at.y, 4);
  const x = (step: number) => at.x + (step / Math.max(1, at.lastStep)) * at.width;
  const grid = y.ticks.map((tick) => line([at.x, y(tick), right, y(tick)], ink.grid, 0.6)).join('');
  const yLabels = tickLabels(y.ticks)
    .map((label, i) =>
      text(at.x - 3.5, y(y.ticks[i]) + 2.2, usable === 'log' ? plain(y.ticks[i]) : label, {
        anchor: 'end',
        size: size.small,
        fill: ink.soft,
      }),
    )
    .join('');
  const xLabels = ticks(0, at.lastStep, 4)
    .map(
      (tick) =>
        line([x(tick), bottom, x(tick), bottom + 2.5], ink.rule, 0.7) +
        text(x(tick), bottom + 9.5, siLabel(tick), { anchor: 'middle', size: size.small, fill: ink.soft }),
    )
    .join('');
  const name = chart.unit === undefined ? chart.name : `${chart.name} (${chart.unit})`;
  return element(
    'g',
    {},
    text(at.x, at.y - 5, name, { weight: 'bold' }),
    usable === 'log' ? text(right, at.y - 5, 'log scale', { anchor: 'end', size: size.small, fill: ink.soft }) : '',
    grid,
    line([at.x, bottom, right, bottom], ink.rule, 0.8),
    yLabels,
    xLabels,
    text(right, bottom + 18, data.x ?? 'step', { anchor: 'end', size: size.small, fill: ink.soft }),
    ...bands.map((band) => areaOf(band.points, x, y, band.style.colour)),
    ...bands.map((band) => curveOf(band.points, x, y, band.style)),
  );
}

function plain(value: number): string {
  if (value >= 1000) return siLabel(value);
  return value >= 0.001 ? String(value) : value.toExponential(0).replace('-', '−');
}

function areaOf(
  points: readonly BandPoint[],
  x: (v: number) => number,
  y: (v: number) => number,
  colour: string,
): string {
  const banded = points.filter((point) => point.seeds > 1);
  if (banded.length < 2) return '';
  const there = banded.map((point) => `${fixed(x(point.step))} ${fixed(y(point.high))}`);
  const back = [...banded].reverse().map((point) => `${fixed(x(point.step))} ${fixed(y(point.low))}`);
  return element('path', { d: `M${there.join('L')}L${back.join('L')}Z`, fill: colour, 'fill-opacity': 0.18 });
}

function curveOf(
  points: readonly BandPoint[],
  x: (v: number) => number,
  y: (v: number) => number,
  style: ReturnType<typeof methodStyle>,
): string {
  const last = points[points.length - 1];
  const path =
    points.length > 1
      ? element('path', {
          d: `M${points.map((point) => `${fixed(x(point.step))} ${fixed(y(point.mean))}`).join('L')}`,
          fill: 'none',
          stroke: style.colour,
          'stroke-width': 1.2,
          'stroke-linejoin': 'round',
          'stroke-dasharray': style.dash,
        })
      : '';
  return path + marker(x(last.step), y(last.mean), style, 2.2);
}

function fixed(value: number): number {
  return Math.round(value * 100) / 100;
}

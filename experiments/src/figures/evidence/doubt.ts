import { scaleLinear, scaleLog } from 'd3-scale';
import { ticks } from 'd3-array';
import { element, figure, line, text, type Frame } from '../drawing/svg.js';
import { ink, markColour, pageWidth, size } from '../drawing/theme.js';
import { fitText } from '../drawing/text-width.js';
import type { DoubtCurveData, RiskCurveData } from './evidence-types.js';

const margin = 6;
const frame: Frame = { x: margin + 40, y: 40, width: pageWidth - 2 * margin - 40, height: 150 };
const percentText = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/**
 * The calibration curve: share of false branches by doubt, Wilson's 95 % intervals as bars, counts below; the share of
 * all branches as a dashed line.
 */
export function drawDoubtCurve({ title, note, bins, overall }: DoubtCurveData): string {
  const top = Math.max(0.05, ...bins.filter(({ count }) => count > 0).map(({ high }) => high));
  const y = scaleLinear([0, top], [frame.y + frame.height, frame.y]);
  const step = frame.width / bins.length;
  const drawn = bins.map(({ label, share, low, high, count, wrong }, i) => {
    const x = frame.x + (i + 0.5) * step;
    const below = frame.y + frame.height;
    const names =
      text(x, below + 11, label, { anchor: 'middle' }) +
      text(x, below + 20, `${wrong} of ${count} false`, { anchor: 'middle', size: size.small, fill: ink.soft });
    if (share === null) return names;
    const colour = markColour.invented;
    return (
      element('rect', { x: x - step / 4, y: y(share), width: step / 2, height: below - y(share), fill: colour }) +
      line([x, y(low), x, y(high)], ink.text, 1) +
      line([x - 4, y(low), x + 4, y(low)], ink.text, 1) +
      line([x - 4, y(high), x + 4, y(high)], ink.text, 1) +
      text(x + 6, y(high) + 6, percentText(share), { size: size.small }) +
      names
    );
  });
  return figure(
    frame.y + frame.height + 42,
    { title, description: bins.map(({ label, wrong, count }) => `${label}: ${wrong} of ${count} false`).join('; ') },
    headings(title, note),
    axis(y, top, 'share of branches that are false'),
    ...drawn,
    line([frame.x, y(overall), frame.x + frame.width, y(overall)], ink.soft, 0.8, { 'stroke-dasharray': '3 2' }),
    text(frame.x + frame.width, y(overall) - 2, `all branches: ${percentText(overall)}`, {
      anchor: 'end',
      size: size.small,
      fill: ink.soft,
      halo: ink.paper,
    }),
    text(frame.x + frame.width / 2, frame.y + frame.height + 33, 'doubt: share of the branch that halves do not give', {
      anchor: 'middle',
      fill: ink.soft,
    }),
  );
}

/** Conformal control: the calibration images' share of false branches by level, the bound, α and the chosen level. */
export function drawRiskCurve({ title, note, alpha, level, points }: RiskCurveData): string {
  const top = Math.min(1, Math.max(1.5 * alpha, ...points.map(({ meanLoss }) => meanLoss)));
  const y = scaleLinear([0, top], [frame.y + frame.height, frame.y]).clamp(true);
  const levels = points.map((point) => point.level);
  const x = scaleLog([Math.min(...levels) * 0.95, Math.max(...levels) * 1.05], [frame.x, frame.x + frame.width]);
  const below = frame.y + frame.height;
  const path = (values: readonly (readonly [number, number])[]) =>
    values.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${fixed(x(at))} ${fixed(y(value))}`).join('');
  const stroke = (d: string, colour: string, dash?: string) =>
    d === '' ? '' : element('path', { d, fill: 'none', stroke: colour, 'stroke-width': 1.3, 'stroke-dasharray': dash });
  const marks = x.ticks(8).map((tick) => {
    const shown = String(Number(tick.toPrecision(2)));
    return line([x(tick), below, x(tick), below + 3], ink.rule, 0.8) + text(x(tick), below + 11, shown, middle);
  });
  const mean = points.map((point) => [point.level, point.meanLoss] as const);
  const bounds = points.flatMap((point) => (point.bound === null ? [] : [[point.level, point.bound] as const]));
  return figure(
    below + 42,
    { title, description: `${note}; chosen level ${level}` },
    headings(title, note),
    axis(y, top, 'share of branches that are false'),
    ...marks,
    line([frame.x, y(alpha), frame.x + frame.width, y(alpha)], ink.text, 0.8, { 'stroke-dasharray': '4 2' }),
    text(frame.x + 3, y(alpha) - 3, `α = ${alpha}`),
    stroke(path(mean), markColour.invented),
    stroke(path(bounds), markColour.found, '3 1.5'),
    line([x(level), frame.y, x(level), below], markColour.found, 1),
    text(x(level) + 3, frame.y + 8, `level ${Number(level.toPrecision(3))}`, { fill: markColour.found }),
    text(frame.x + frame.width / 2, below + 24, 'level, normalised', { anchor: 'middle', fill: ink.soft }),
    text(frame.x, below + 36, 'purple: mean of the calibration images; blue, dashed: bound for one more image', {
      size: size.small,
      fill: ink.soft,
    }),
  );
}

const middle = { anchor: 'middle', size: size.small, fill: ink.soft } as const;
const fixed = (value: number): string => String(Math.round(100 * value) / 100);

function headings(title: string, note: string): string {
  const room = pageWidth - 2 * margin;
  return (
    text(margin, 11, fitText(title, room, size.title, 'bold'), { size: size.title, weight: 'bold' }) +
    text(margin, 21, fitText(note, room, size.small), { size: size.small, fill: ink.soft })
  );
}

function axis(y: (value: number) => number, top: number, name: string): string {
  const lines = ticks(0, top, 5).map(
    (tick) =>
      line([frame.x, y(tick), frame.x + frame.width, y(tick)], ink.grid, 0.6) +
      text(frame.x - 3, y(tick) + 2.2, percentText(tick), { anchor: 'end', size: size.small, fill: ink.soft }),
  );
  return (
    lines.join('') +
    line([frame.x, frame.y + frame.height, frame.x + frame.width, frame.y + frame.height], ink.rule, 0.8) +
    text(margin, frame.y - 6, name, { size: size.small, fill: ink.soft })
  );
}

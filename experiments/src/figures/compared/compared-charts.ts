import { ticks as roundValues } from 'd3-array';
import { linearScale, siLabel, tickLabels } from '../drawing/axes.js';
import { element, line, text, type Frame } from '../drawing/svg.js';
import { textWidth } from '../drawing/text-width.js';
import { ink, markColour, size } from '../drawing/theme.js';
import type { ComparedNetworksData, PlotLine, RecallBar } from '../types.js';

/** Room for the labels on the left of a chart. */
export const chartLeft = 26;

/** How the lines of both sides look. */
export const side = {
  reference: { colour: '#000000', dash: '' },
  estimate: { colour: '#d55e00', dash: '3 1.5' },
} as const;

/** Axes from 0 to 1 on the left, with the title above and the name of the other axis below. */
function axes(title: string, below: string, frame: Frame, top = 1, percent = true): string {
  const y = (value: number) => frame.y + frame.height * (1 - value / top);
  const ticks = roundValues(0, top, 4);
  const labels = percent ? ticks.map((t) => `${Math.round(100 * t)} %`) : tickLabels(ticks);
  return (
    text(frame.x - chartLeft, frame.y - 6, title, { weight: 'bold' }) +
    ticks
      .map(
        (tick, i) =>
          line([frame.x, y(tick), frame.x + frame.width, y(tick)], ink.grid, 0.6) +
          text(frame.x - 3, y(tick) + 2.2, labels[i], { anchor: 'end', size: size.small, fill: ink.soft }),
      )
      .join('') +
    line([frame.x, frame.y + frame.height, frame.x + frame.width, frame.y + frame.height], ink.rule, 0.8) +
    text(frame.x + frame.width / 2, frame.y + frame.height + 18, below, {
      anchor: 'middle',
      size: size.small,
      fill: ink.soft,
    })
  );
}

/** A bar for each bin. */
export function recallChart(title: string, bins: readonly RecallBar[], below: string, frame: Frame): string {
  if (bins.length === 0) return axes(title, 'no branches', frame);
  const step = frame.width / bins.length;
  return (
    axes(title, below, frame) +
    bins
      .map(({ from, to, recall }, i) => {
        const left = frame.x + i * step;
        const tall = frame.height * recall;
        return (
          element('rect', {
            x: left + 2,
            y: frame.y + frame.height - tall,
            width: step - 4,
            height: Math.max(0.4, tall),
            fill: markColour.found,
          }) +
          text(left + step / 2, frame.y + frame.height + 8.5, rangeLabel(from, to, step), {
            anchor: 'middle',
            size: 5,
            fill: ink.soft,
          })
        );
      })
      .join('')
  );
}

/** Both ends, with one prefix for both where they share it; three digits where there is room. */
function rangeLabel(from: number, to: number, room: number): string {
  const label = (digits: number): string => {
    const [low = '', lowPrefix = ''] = siLabel(Number(from.toPrecision(digits))).split(' ');
    const [high = '', prefix = ''] = siLabel(Number(to.toPrecision(digits))).split(' ');
    return low === high && lowPrefix === prefix
      ? `${low}${prefix}`
      : `${low}${lowPrefix === prefix ? '' : lowPrefix}–${high}${prefix}`;
  };
  return textWidth(label(3), 5) < room - 1 ? label(3) : label(2);
}

/** Shares of nodes by their number of branches, those of many together. */
export function degreeChart({ degrees }: ComparedNetworksData, frame: Frame): string {
  const largest = Math.max(1, ...degrees.reference, ...degrees.estimate);
  const shown = Math.min(8, largest);
  const shares = (list: readonly number[]) =>
    Array.from({ length: shown + 1 }, (_, d) =>
      list.length ? list.filter((v) => Math.min(shown, v) === d).length / list.length : 0,
    );
  const both = { reference: shares(degrees.reference), estimate: shares(degrees.estimate) };
  const top = Math.max(0.1, ...both.reference, ...both.estimate);
  const step = frame.width / (shown + 1);
  return (
    axes('Degrees of nodes', 'branches at a node', frame, top) +
    (['reference', 'estimate'] as const)
      .map((name, k) =>
        both[name]
          .map((share, d) =>
            element('rect', {
              x: frame.x + d * step + step * (0.12 + 0.38 * k),
              y: frame.y + frame.height * (1 - share / top),
              width: step * 0.38,
              height: (frame.height * share) / top,
              fill: side[name].colour,
              'fill-opacity': k === 0 ? 0.75 : 1,
            }),
          )
          .join(''),
      )
      .join('') +
    Array.from({ length: shown + 1 }, (_, d) =>
      text(
        frame.x + (d + 0.5) * step,
        frame.y + frame.height + 8.5,
        d === shown && largest > shown ? `${d}+` : String(d),
        { anchor: 'middle', size: size.small, fill: ink.soft },
      ),
    ).join('')
  );
}

/** Share of the values up to x. */
export function stepChart(
  title: string,
  below: string,
  values: Readonly<Record<'reference' | 'estimate', readonly number[]>>,
  frame: Frame,
): string {
  const top = Math.max(0, ...values.reference, ...values.estimate);
  if (top === 0) return axes(title, 'no branches', frame);
  const curve = (list: readonly number[]) => {
    const sorted = [...list].sort((a, b) => a - b);
    return {
      x: [0, ...sorted.flatMap((v) => [v, v]), top],
      y: [0, ...sorted.flatMap((_, i) => [i / sorted.length, (i + 1) / sorted.length]), sorted.length > 0 ? 1 : 0],
    };
  };
  const lines = { reference: curve(values.reference), estimate: curve(values.estimate), right: top };
  return lineChart(title, below, lines, frame);
}

/** Lines over x from 0 to `right`, y from 0 to 1; `level` is drawn across, dotted. */
interface Lines {
  readonly reference?: PlotLine;
  readonly estimate?: PlotLine;
  readonly right: number;
  readonly level?: number;
}

/** Lines of both sides, with ticks below. */
export function lineChart(title: string, below: string, lines: Lines, frame: Frame): string {
  const { right, level } = lines;
  const x = (value: number) => frame.x + (value / right) * frame.width;
  const y = (value: number) => frame.y + frame.height * (1 - Math.max(0, Math.min(1, value)));
  const ticks = linearScale([0, right], 0, 1, 4).ticks.filter((tick) => tick >= 0 && tick <= right);
  const labels = tickLabels(ticks);
  return (
    axes(title, below, frame, 1, false) +
    ticks
      .map(
        (tick, i) =>
          line([x(tick), frame.y + frame.height, x(tick), frame.y + frame.height + 2.5], ink.rule, 0.7) +
          text(x(tick), frame.y + frame.height + 9, labels[i], { anchor: 'middle', size: size.small, fill: ink.soft }),
      )
      .join('') +
    (level === undefined
      ? ''
      : line([frame.x, y(level), frame.x + frame.width, y(level)], ink.soft, 0.8, { 'stroke-dasharray': '1 2' })) +
    (['reference', 'estimate'] as const)
      .map((name) => {
        const curve = lines[name];
        if (!curve || curve.x.length === 0) return '';
        const points = Array.from(
          curve.x,
          (v, i) => `${Math.round(x(v) * 100) / 100} ${Math.round(y(curve.y[i]) * 100) / 100}`,
        );
        return element('path', {
          d: `M${points.join('L')}`,
          fill: 'none',
          stroke: side[name].colour,
          'stroke-width': 1.2,
          'stroke-dasharray': side[name].dash,
          'stroke-linejoin': 'round',
        });
      })
      .join('')
  );
}

import { InputError } from '@lacuna/core';
import { siLabel } from '../drawing/axes.js';
import { axisSpan, drawScoreCostChart } from './score-cost-chart.js';
import { figure, text, type Frame } from '../drawing/svg.js';
import { ink, pageWidth, size } from '../drawing/theme.js';
import type { CostData } from '../types.js';

const left = 38;
const columnGap = 16;
const rowGap = 14;
const plotHeight = 128;

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
      return drawScoreCostChart(data, score, cost, frame, {
        first: column === 0,
        last: row === data.scores.length - 1,
      });
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

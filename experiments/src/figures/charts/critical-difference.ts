import { marker } from '../drawing/markers.js';
import { element, figure, line, text } from '../drawing/svg.js';
import { ink, methodStyle, pageWidth, size } from '../drawing/theme.js';
import type { RankingChart, RankingData } from '../types.js';

const side = 118;
const rowHeight = 11;
const gap = 18;

/**
 * Critical-difference diagrams (Demšar 2006), one a score: methods at their mean rank, 1 the best and to the left; a
 * bar joins those whose ranks lie within the critical difference, whose length stands above the axis.
 */
export function drawRankings(data: RankingData): string {
  let top = 26;
  const charts = data.charts.map((chart) => {
    const { drawn, height } = drawChart(chart, top);
    top += height + gap;
    return drawn;
  });
  const described = data.charts.map(describe).join(' ');
  return figure(
    top - gap + 4,
    { title: data.title, description: described },
    text(0, 8, data.title, { size: size.title, weight: 'bold' }),
    text(0, 18, data.note, { fill: ink.soft, size: size.small }),
    ...charts,
  );
}

function describe({ name, methods, criticalDifference }: RankingChart): string {
  const ranks = methods.map(({ method, rank }) => `${method} ${rank.toFixed(2)}`).join(', ');
  return `${name}: mean ranks ${ranks}; critical difference ${criticalDifference.toFixed(2)}.`;
}

function drawChart(chart: RankingChart, top: number): { readonly drawn: string; readonly height: number } {
  const { name, methods, criticalDifference, groups, test } = chart;
  const count = methods.length;
  const [from, to] = [side, pageWidth - side];
  const x = (rank: number) => from + ((rank - 1) / (count - 1)) * (to - from);
  const axis = top + 26;
  const ranked = methods.map((each, index) => ({ ...each, index })).sort((a, b) => a.rank - b.rank);
  const half = Math.ceil(count / 2);
  const barsAt = axis + 7;
  const labelsAt = barsAt + groups.length * 4 + 8;
  const title =
    text(0, top + 6, name, { weight: 'bold' }) + text(0, top + 15, test, { fill: ink.soft, size: size.small });
  const ticks = Array.from({ length: count }, (_, i) => i + 1).map(
    (rank) =>
      line([x(rank), axis - 3, x(rank), axis], ink.rule, 0.8) +
      text(x(rank), axis - 5, String(rank), { anchor: 'middle', size: size.small, fill: ink.soft }),
  );
  const length = Math.min(to - from, x(1 + criticalDifference) - from);
  const isCut = x(1 + criticalDifference) > to;
  const distance = `critical difference ${criticalDifference.toFixed(2)}${isCut ? ', longer than the axis' : ''}`;
  const ruler =
    line([from, top + 8, from + length, top + 8], ink.text, 1) +
    text(from, top + 4, distance, { size: size.small, fill: ink.soft });
  const bars = groups.map((group, g) => {
    const ranks = group.map((i) => methods[i].rank);
    const y = barsAt + g * 4;
    return line([x(Math.min(...ranks)) - 3, y, x(Math.max(...ranks)) + 3, y], ink.text, 2);
  });
  const labels = ranked.map(({ method, rank, index }, place) => {
    const isLeft = place < half;
    const row = isLeft ? place : count - 1 - place;
    const y = labelsAt + row * rowHeight;
    const end = isLeft ? from - 8 : to + 8;
    const style = methodStyle(index);
    const label = `${method} (${rank.toFixed(2)})`;
    return (
      line([x(rank), axis, x(rank), y], ink.rule, 0.7) +
      line([x(rank), y, end, y], ink.rule, 0.7) +
      marker(x(rank), axis, style) +
      text(end + (isLeft ? -3 : 3), y + 2.4, label, { anchor: isLeft ? 'end' : 'start' })
    );
  });
  const drawn = element(
    'g',
    {},
    title,
    ruler,
    line([from, axis, to, axis], ink.rule, 0.8),
    ...ticks,
    ...bars,
    ...labels,
  );
  return { drawn, height: labelsAt + half * rowHeight - top };
}

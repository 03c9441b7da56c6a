import { InputError } from '@lacuna/core';
import { divergingColour } from '../drawing/diverging.js';
import { element, figure, line, text } from '../drawing/svg.js';
import { marker } from '../drawing/markers.js';
import { fitText, textWidth } from '../drawing/text-width.js';
import { ink, methodStyle, pageWidth, size } from '../drawing/theme.js';
import type { Agreement, DisagreementData } from '../types.js';

const margin = 6;
const innerWidth = pageWidth - 2 * margin;
const top = 32;
const rightStart = 294;
const mostCharts = 3;
const rowHeight = 11;

/**
 * Where metrics contradict each other. Left: Kendall's tau of each two metrics, whose names stand on the diagonal.
 * Right: the pairs that agree least, with the ranks that each gives the methods; the lines of methods that change
 * places are strong.
 * @throws {InputError} with fewer than two metrics or methods.
 */
export function drawDisagreement(data: DisagreementData): string {
  if (data.metrics.length < 2 || data.methods.length < 2) {
    throw new InputError({
      who: 'disagreement',
      got: `${data.metrics.length} metrics and ${data.methods.length} methods`,
      wanted: 'at least two of each',
    });
  }
  const contradictions = data.pairs
    .filter((pair) => pair.tau !== null && pair.conflicts.length > 0)
    .slice(0, mostCharts);
  const charts: string[] = [];
  let y = top;
  for (const pair of contradictions) {
    charts.push(drawRanks(pair, data.methods, y));
    y += 38 + pair.ranks.length * rowHeight;
  }
  if (contradictions.length === 0)
    charts.push(text(rightStart, top + 8, 'No two metrics order the methods differently.', { fill: ink.soft }));
  const matrix = drawMatrix(data, y);
  const agreements = data.pairs
    .slice(0, 6)
    .map((pair) => `${pair.a} and ${pair.b}: ${describeAgreement(pair)}`)
    .join('; ');
  return figure(
    Math.max(matrix.bottom, y - 8) + 4,
    {
      title: `Agreement of metrics, ${data.title}`,
      description: `Kendall's tau of the order of ${data.methods.length} methods. ${agreements}.`,
    },
    element(
      'g',
      { transform: `translate(${margin} 0)` },
      text(0, 8, `Which metrics agree on the order of the methods? ${data.title}`, {
        size: size.title,
        weight: 'bold',
      }),
      text(0, 18, 'Kendall’s τ: 1 the same order, −1 the opposite; bold: the 95 % interval leaves out 0', {
        fill: ink.soft,
        size: size.small,
      }),
      matrix.drawing,
      ...charts,
    ),
  );
}

/** Names below the charts on the right have the whole page. */
function drawMatrix(data: DisagreementData, chartsEnd: number): { drawing: string; bottom: number } {
  const count = data.metrics.length;
  const lastWidth = textWidth(data.metrics[count - 1], size.label);
  const cell = Math.max(7, Math.min(26, (rightStart - 16 - lastWidth) / (count - 1)));
  const parts: string[] = [];
  data.metrics.forEach((name, row) => {
    for (let column = 0; column < row; column++) {
      const pair = data.pairs.find(
        (p) => (p.a === name && p.b === data.metrics[column]) || (p.b === name && p.a === data.metrics[column]),
      );
      parts.push(drawCell(column * cell, top + row * cell, cell, pair ?? null));
    }
    parts.push(
      text(
        row * cell + 3,
        top + row * cell + cell / 2 + 2.4,
        fitText(name, (top + row * cell > chartsEnd ? innerWidth : rightStart - 8) - row * cell - 3, size.label),
      ),
    );
  });
  const y = top + count * cell + 10;
  const steps = 21;
  const width = 5;
  for (let i = 0; i < steps; i++)
    parts.push(
      element('rect', {
        x: 26 + i * width,
        y,
        width: width + 0.1,
        height: 5,
        fill: divergingColour((2 * i) / (steps - 1) - 1),
      }),
    );
  parts.push(
    text(22, y + 5, 'τ −1', { anchor: 'end', size: size.small, fill: ink.soft }),
    text(30 + steps * width, y + 5, '1', { size: size.small, fill: ink.soft }),
  );
  return { drawing: element('g', {}, ...parts), bottom: y + 8 };
}

function drawCell(x: number, y: number, side: number, pair: Agreement | null): string {
  const tau = pair?.tau ?? null;
  const square = element('rect', {
    x: x + 0.5,
    y: y + 0.5,
    width: side - 1,
    height: side - 1,
    fill: tau === null ? ink.grid : divergingColour(tau),
  });
  if (side < 17) return square;
  const sure = pair?.interval ? pair.interval[0] > 0 || pair.interval[1] < 0 : false;
  return (
    square +
    text(x + side / 2, y + side / 2 + 2.2, tau === null ? '–' : signed(tau), {
      anchor: 'middle',
      size: size.small,
      weight: sure ? 'bold' : 'normal',
      fill: tau !== null && Math.abs(tau) > 0.7 ? ink.paper : ink.text,
    })
  );
}

function drawRanks(pair: Agreement, methods: readonly string[], y: number): string {
  const width = innerWidth - rightStart;
  const labels = Math.min(78, Math.max(...pair.ranks.map(({ method }) => textWidth(`${method} 8=`, size.label))) + 8);
  const left = rightStart + labels;
  const right = innerWidth - labels;
  const first = y + 32;
  const placeOf = (side: 'a' | 'b') =>
    new Map(
      [...pair.ranks]
        .sort((p, q) => p[side] - q[side] || methods.indexOf(p.method) - methods.indexOf(q.method))
        .map(({ method }, place) => [method, first + place * rowHeight]),
    );
  const onLeft = placeOf('a');
  const onRight = placeOf('b');
  const rankText = (side: 'a' | 'b', rank: number) => {
    const ties = pair.ranks.filter((other) => other[side] === rank).length;
    return ties > 1 ? `${rank - (ties - 1) / 2}=` : String(rank);
  };
  const swapped = new Set(pair.conflicts.flatMap(({ preferredByA, preferredByB }) => [preferredByA, preferredByB]));
  const lines = pair.ranks.map(({ method }) => {
    const style = methodStyle(methods.indexOf(method));
    const strong = swapped.has(method);
    return line([left, onLeft.get(method)!, right, onRight.get(method)!], style.colour, strong ? 1.6 : 0.6, {
      'stroke-dasharray': style.dash,
      'stroke-opacity': strong ? 1 : 0.5,
    });
  });
  const ends = pair.ranks.map(({ method, a, b }) => {
    const style = methodStyle(methods.indexOf(method));
    const l = onLeft.get(method)!;
    const r = onRight.get(method)!;
    return (
      marker(left, l, style) +
      marker(right, r, style) +
      text(left - 6, l + 2.4, `${fitText(method, labels - 18, size.label)} ${rankText('a', a)}`, { anchor: 'end' }) +
      text(right + 6, r + 2.4, `${rankText('b', b)} ${fitText(method, labels - 18, size.label)}`)
    );
  });
  return element(
    'g',
    {},
    text(rightStart, y + 4, fitText(describeAgreement(pair), width, size.small), { size: size.small, fill: ink.soft }),
    text(left, y + 20, fitText(pair.a, (right - left) / 2 + labels - 8, size.label, 'bold'), {
      anchor: 'middle',
      weight: 'bold',
    }),
    text(right, y + 20, fitText(pair.b, (right - left) / 2 + labels - 8, size.label, 'bold'), {
      anchor: 'middle',
      weight: 'bold',
    }),
    ...lines,
    ...ends,
  );
}

function describeAgreement({ tau, interval, cases, worst }: Agreement): string {
  if (tau === null) return 'no case in which both tell methods apart';
  const range = interval ? ` (${signed(interval[0])} to ${signed(interval[1])})` : '';
  const least = worst && cases > 1 ? `; least in ${worst.case}: ${signed(worst.tau)}` : '';
  return `τ ${signed(tau)}${range}, ${cases} ${cases === 1 ? 'case' : 'cases'}${least}`;
}

function signed(value: number): string {
  return value
    .toFixed(2)
    .replace(/^-(0\.00)$/, '$1')
    .replace('-', '−');
}

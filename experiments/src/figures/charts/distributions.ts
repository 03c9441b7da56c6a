import type { Sample } from '@lacuna/datasets';
import { linearScale, logScale, tickLabels } from '../drawing/axes.js';
import { element, figure, line, text, type Frame } from '../drawing/svg.js';
import { ink, pageWidth, size } from '../drawing/theme.js';

/** Measured distributions of one structure. */
export interface DistributionsData {
  readonly title: string;
  readonly samples: readonly Sample[];
}

const columns = 4;
const cellHeight = 82;
const head = 20;
const left = 12;
const gap = 14;
const shadeFill = '#56b4e9';
const barFill = '#4d4d4d';
const bins = 24;

/**
 * One small histogram for each quantity, with the range that the literature gives shaded. Quantities that have one
 * value a specimen are drawn as ticks, those of which the literature has the tail as the share of values at or above
 * x, logarithmic, with the published line beside. Values above the 99.5th percentile are left out of the picture, not
 * of the numbers.
 */
export function drawDistributions({ title, samples }: DistributionsData): string {
  const shown = samples.filter(({ values }) => values.length > 0);
  const rows = Math.ceil(shown.length / columns);
  const width = (pageWidth - 2 * left - (columns - 1) * gap) / columns;
  const height = head + rows * cellHeight + 8;
  const cells = shown.map((sample, i) =>
    drawCell(sample, {
      x: left + (i % columns) * (width + gap),
      y: head + Math.floor(i / columns) * cellHeight,
      width,
      height: cellHeight - 14,
    }),
  );
  const description = shown.map(({ quantity, values }) => `${quantity.name}: ${values.length} values`).join('; ');
  return figure(
    height,
    { title, description: `${description}. Shaded: the range in the literature.` },
    text(left, 11, title, { size: size.title, weight: 'bold' }),
    element('rect', { x: pageWidth - 118, y: 5, width: 10, height: 7, fill: shadeFill, 'fill-opacity': 0.35 }),
    text(pageWidth - 105, 11, 'in the literature', { size: size.small, fill: ink.soft }),
    ...cells,
  );
}

function drawCell(sample: Sample, frame: Frame): string {
  const { x, y, width, height } = frame;
  const {
    quantity: { name, unit, shade, tail },
    values,
  } = sample;
  if (tail) return drawTail(sample, tail, frame);
  const sorted = [...values].sort((a, b) => a - b);
  const top = y + 13;
  const base = y + height - 12;
  const last = sorted[Math.min(sorted.length - 1, Math.ceil(0.995 * sorted.length))];
  const seen = sorted.filter((value) => value <= last);
  const scale = linearScale([...seen.slice(0, 1), ...seen.slice(-1), ...(shade ?? [])], x, x + width, 4);
  const labels = tickLabels(scale.ticks);
  const marks = scale.ticks.map(
    (tick, i) =>
      line([scale(tick), base, scale(tick), base + 2], ink.rule, 0.5) +
      text(scale(tick), base + 8, labels[i], { size: size.small, fill: ink.soft, anchor: 'middle' }),
  );
  const band = shade
    ? element('rect', {
        x: scale(shade[0]),
        y: top,
        width: scale(shade[1]) - scale(shade[0]),
        height: base - top,
        fill: shadeFill,
        'fill-opacity': 0.35,
      })
    : '';
  return (
    text(x, y + 8, `${name}${unit ? ` (${unit})` : ''}`, { size: size.small }) +
    band +
    drawBars(seen, scale, top, base) +
    line([x, base, x + width, base], ink.rule, 0.6) +
    marks.join('')
  );
}

/** P(value >= x) on a logarithmic axis: points measured, line published. */
function drawTail(
  { quantity: { name, unit }, values }: Sample,
  { a, k, from, to, step }: NonNullable<Sample['quantity']['tail']>,
  { x, y, width, height }: Frame,
): string {
  const top = y + 13;
  const base = y + height - 12;
  const law = (at: number) => a * Math.exp(-k * at);
  const places: { at: number; share: number }[] = [];
  for (let at = Math.max(0, from - 3); at <= to + 1e-9; at += step)
    places.push({ at, share: values.filter((value) => value >= at).length / values.length });
  const seen = places.filter(({ share }) => share > 0);
  const across = linearScale([places[0].at, to], x + 14, x + width, 4);
  const up = logScale([1, law(to), ...seen.map(({ share }) => share)], base, top);
  const labels = tickLabels(across.ticks);
  const ticks = across.ticks.map(
    (tick, i) =>
      line([across(tick), base, across(tick), base + 2], ink.rule, 0.5) +
      text(across(tick), base + 8, labels[i], { size: size.small, fill: ink.soft, anchor: 'middle' }),
  );
  const rungs = up.ticks.map(
    (tick) =>
      line([x + 12, up(tick), x + width, up(tick)], ink.grid, 0.5) +
      text(x + 11, up(tick) + 2, `10${superscript(Math.round(Math.log10(tick)))}`, {
        size: size.small,
        fill: ink.soft,
        anchor: 'end',
      }),
  );
  return (
    text(x, y + 8, `P(${name} ≥ x${unit ? `, ${unit}` : ''})`, { size: size.small }) +
    rungs.join('') +
    ticks.join('') +
    line([x + 12, base, x + width, base], ink.rule, 0.6) +
    line([across(from), up(law(from)), across(to), up(law(to))], shadeFill, 3, { 'stroke-opacity': 0.7 }) +
    seen.map(({ at, share }) => element('circle', { cx: across(at), cy: up(share), r: 1.6, fill: barFill })).join('')
  );
}

function superscript(power: number): string {
  return (power < 0 ? '⁻' : '') + [...String(Math.abs(power))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
}

function drawBars(values: readonly number[], scale: (value: number) => number, top: number, base: number): string {
  if (values.length < 12)
    return values.map((value) => line([scale(value), top + 6, scale(value), base], barFill, 1.2)).join('');
  const low = values[0];
  const high = values[values.length - 1];
  const whole = values.every(Number.isInteger);
  const step = whole ? Math.max(1, Math.ceil((high - low + 1) / bins)) : (high - low) / bins || 1;
  const start = whole ? low - 0.5 : low;
  const counts = new Array<number>(Math.max(1, Math.ceil((high - start) / step + 1e-9))).fill(0);
  for (const value of values) counts[Math.min(counts.length - 1, Math.floor((value - start) / step))]++;
  const most = Math.max(...counts);
  return counts
    .map((count, i) =>
      count === 0
        ? ''
        : element('rect', {
            x: scale(start + i * step),
            y: base - ((base - top) * count) / most,
            width: Math.max(0.4, scale(start + (i + 1) * step) - scale(start + i * step) - 0.3),
            height: ((base - top) * count) / most,
            fill: barFill,
            'fill-opacity': 0.75,
          }),
    )
    .join('');
}

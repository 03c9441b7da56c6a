import { InputError } from '@lacuna/core';
import { linearScale, niceTicks, siLabel, tickLabels } from './axes.js';
import { comparisonPicture, imagePicture } from './compared-pictures.js';
import { chooseScaleBar, drawScaleBar } from './scale-bar.js';
import { element, figure, line, text } from './svg.js';
import { fitText, textWidth } from './text-width.js';
import { ink, markColour, pageWidth, size } from './theme.js';
import type { ComparedNetworksData, RecallBar } from './types.js';

const margin = 6;
const gap = 10;
const columns = 3;
const chartHeight = 82;
const chartLeft = 26;
const cell = (pageWidth - 2 * margin - (columns - 1) * gap) / columns;
const side = { reference: { colour: '#000000', dash: '' }, estimate: { colour: '#d55e00', dash: '3 1.5' } } as const;

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Two networks: both images and the branches found, missed and invented (volumes: seen along z); recall by intensity and by diameter, degrees of nodes, lengths of
 * branches, how the largest component falls as the thinnest branches go, and Fourier ring (volumes: shell) correlation.
 * @throws {InputError} for images of different sizes.
 */
export function drawComparedNetworks(data: ComparedNetworksData): string {
  const { reference, estimate, marks } = data;
  if (
    estimate.width !== reference.width ||
    estimate.height !== reference.height ||
    marks.length !== reference.data.length
  ) {
    throw new InputError({
      who: 'compared networks',
      got: `an estimate of ${estimate.width} x ${estimate.height} and ${marks.length} marks`,
      wanted: `the reference's ${reference.width} x ${reference.height}`,
    });
  }
  const height = Math.min(1.25 * cell, (cell * reference.height) / reference.width);
  const width = (height * reference.width) / reference.height;
  const x = (column: number) => margin + column * (cell + gap);
  const pictures = 34;
  const place = (column: number): Frame => ({ x: x(column), y: pictures, width, height });
  const bar = { ...chooseScaleBar(reference.width, data.pixelSize) };
  const scale = width / reference.width;
  const scaleBar = (column: number) =>
    drawScaleBar(bar, { ...place(column), scale, colour: '#ffffff', shadow: '#000000' });
  const first = pictures + height + 40;
  const second = first + chartHeight + 46;
  const frame = (column: number, y: number): Frame => ({
    x: x(column) + chartLeft,
    y,
    width: cell - chartLeft,
    height: chartHeight,
  });
  const share = (part: number, whole: number) => (whole > 0 ? `${Math.round((100 * part) / whole)} %` : '–');
  const { lengths } = data;
  const { found, missed, invented } = data.branches;
  return figure(
    second + chartHeight + 30,
    {
      title: `Networks compared, ${data.title}`,
      description: `${found} branches found, ${missed} missed, ${invented} invented; ${share(lengths.found, lengths.reference)} of the reference's length found, ${share(lengths.invented, lengths.estimate)} of the estimate's invented.`,
    },
    text(margin, 10, fitText(data.title, pageWidth - 2 * margin, size.title, 'bold'), {
      size: size.title,
      weight: 'bold',
    }),
    text(margin, 20, `${found} branches found, ${missed} missed, ${invented} invented; lengths in ${data.unit}`, {
      size: size.small,
      fill: ink.soft,
    }),
    ...['Reference', 'Estimate', 'Branches'].map((name, column) =>
      text(x(column), pictures - 4, name, { weight: 'bold' }),
    ),
    imagePicture(reference, data.window, place(0)),
    scaleBar(0),
    imagePicture(estimate, data.window, place(1)),
    scaleBar(1),
    comparisonPicture(reference, data.window, marks, place(2)),
    scaleBar(2),
    legend(x(2), pictures + height + 9, [
      ['found', share(lengths.found, lengths.reference)],
      ['missed', share(lengths.missed, lengths.reference)],
      ['invented', share(lengths.invented, lengths.estimate)],
    ]),
    sideKey(x(0), pictures + height + 9),
    recallChart(
      'Recall by intensity, dim to bright',
      data.recallByIntensity,
      'mean intensity of the branch',
      frame(0, first),
    ),
    recallChart('Recall by diameter, thin to wide', data.recallByDiameter, `diameter (${data.unit})`, frame(1, first)),
    degreeChart(data, frame(2, first)),
    stepChart('Branch lengths, cumulative', `length (${data.unit})`, data.branchLengths, frame(0, second)),
    lineChart(
      'Largest component under attack',
      'share of branches removed, thinnest first',
      data.attacks,
      frame(1, second),
      1,
    ),
    data.correlation
      ? lineChart(
          'Fourier correlation with the reference',
          'frequency (cycles per px); dotted: 1/7',
          { estimate: data.correlation },
          frame(2, second),
          0.5,
          1 / 7,
        )
      : '',
  );
}

function legend(x: number, y: number, entries: readonly (readonly [keyof typeof markColour, string])[]): string {
  let at = x;
  return entries
    .map(([kind, share]) => {
      const words = `${kind} ${share}`;
      const drawn =
        element('rect', { x: at, y: y - 5, width: 6, height: 6, fill: markColour[kind] }) + text(at + 9, y, words);
      at += 9 + textWidth(words, size.label) + 6;
      return drawn;
    })
    .join('');
}

function sideKey(x: number, y: number): string {
  return (['reference', 'estimate'] as const)
    .map(
      (name, k) =>
        line(x + k * 62, y - 2.4, x + 14 + k * 62, y - 2.4, side[name].colour, 1.2, {
          'stroke-dasharray': side[name].dash,
        }) + text(x + 18 + k * 62, y, name),
    )
    .join('');
}

/** Axes from 0 to 1 on the left, with the title above and the name of the other axis below. */
function axes(title: string, below: string, frame: Frame, top = 1, percent = true): string {
  const y = (value: number) => frame.y + frame.height * (1 - value / top);
  const ticks = niceTicks(0, top, 4);
  const labels = percent ? ticks.map((t) => `${Math.round(100 * t)} %`) : tickLabels(ticks);
  return (
    text(frame.x - chartLeft, frame.y - 6, title, { weight: 'bold' }) +
    ticks
      .map(
        (tick, i) =>
          line(frame.x, y(tick), frame.x + frame.width, y(tick), ink.grid, 0.6) +
          text(frame.x - 3, y(tick) + 2.2, labels[i], { anchor: 'end', size: size.small, fill: ink.soft }),
      )
      .join('') +
    line(frame.x, frame.y + frame.height, frame.x + frame.width, frame.y + frame.height, ink.rule, 0.8) +
    text(frame.x + frame.width / 2, frame.y + frame.height + 18, below, {
      anchor: 'middle',
      size: size.small,
      fill: ink.soft,
    })
  );
}

function recallChart(title: string, bins: readonly RecallBar[], below: string, frame: Frame): string {
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

function degreeChart({ degrees }: ComparedNetworksData, frame: Frame): string {
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
function stepChart(
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
  return lineChart(title, below, { reference: curve(values.reference), estimate: curve(values.estimate) }, frame, top);
}

type Line = { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> };

function lineChart(
  title: string,
  below: string,
  lines: Readonly<Partial<Record<'reference' | 'estimate', Line>>>,
  frame: Frame,
  right: number,
  level?: number,
): string {
  const x = (value: number) => frame.x + (value / right) * frame.width;
  const y = (value: number) => frame.y + frame.height * (1 - Math.max(0, Math.min(1, value)));
  const ticks = linearScale([0, right], 0, 1, 4).ticks.filter((tick) => tick >= 0 && tick <= right);
  const labels = tickLabels(ticks);
  return (
    axes(title, below, frame, 1, false) +
    ticks
      .map(
        (tick, i) =>
          line(x(tick), frame.y + frame.height, x(tick), frame.y + frame.height + 2.5, ink.rule, 0.7) +
          text(x(tick), frame.y + frame.height + 9, labels[i], { anchor: 'middle', size: size.small, fill: ink.soft }),
      )
      .join('') +
    (level === undefined
      ? ''
      : line(frame.x, y(level), frame.x + frame.width, y(level), ink.soft, 0.8, { 'stroke-dasharray': '1 2' })) +
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

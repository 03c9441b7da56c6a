import { InputError } from '@lacuna/core';
import { chartLeft, degreeChart, lineChart, recallChart, side, stepChart } from './compared-charts.js';
import { comparisonPicture, imagePicture } from './compared-pictures.js';
import { chooseScaleBar, drawScaleBar } from '../drawing/scale-bar.js';
import { element, figure, line, text, type Frame } from '../drawing/svg.js';
import { fitText, textWidth } from '../drawing/text-width.js';
import { ink, markColour, pageWidth, size } from '../drawing/theme.js';
import type { ComparedNetworksData } from '../types.js';

const margin = 6;
const gap = 10;
const columns = 3;
const chartHeight = 82;
const cell = (pageWidth - 2 * margin - (columns - 1) * gap) / columns;

/**
 * Two networks: both images and the branches found, missed and invented (volumes: seen along z); recall by intensity
 * and by diameter, degrees of nodes, lengths of branches, how the largest component falls as the thinnest branches go,
 * and Fourier ring (volumes: shell) correlation.
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
  const bar = chooseScaleBar(reference.width, data.pixelSize);
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
      description:
        `${found} branches found, ${missed} missed, ${invented} invented; ` +
        `${share(lengths.found, lengths.reference)} of the reference's length found, ` +
        `${share(lengths.invented, lengths.estimate)} of the estimate's invented.`,
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
      { ...data.attacks, right: 1 },
      frame(1, second),
    ),
    data.correlation
      ? lineChart(
          'Fourier correlation with the reference',
          'frequency (cycles per px); dotted: 1/7',
          { estimate: data.correlation, right: 0.5, level: 1 / 7 },
          frame(2, second),
        )
      : '',
  );
}

function legend(x: number, y: number, entries: readonly (readonly [keyof typeof markColour, string])[]): string {
  let at = x;
  return entries
    .map(([kind, share]) => {
      const label = `${kind} ${share}`;
      const drawn =
        element('rect', { x: at, y: y - 5, width: 6, height: 6, fill: markColour[kind] }) + text(at + 9, y, label);
      at += 9 + textWidth(label, size.label) + 6;
      return drawn;
    })
    .join('');
}

function sideKey(x: number, y: number): string {
  return (['reference', 'estimate'] as const)
    .map(
      (name, k) =>
        line([x + k * 62, y - 2.4, x + 14 + k * 62, y - 2.4], side[name].colour, 1.2, {
          'stroke-dasharray': side[name].dash,
        }) + text(x + 18 + k * 62, y, name),
    )
    .join('');
}

import { ShapeError } from '@lacuna/core';
import { chooseCrop } from './crop.js';
import { inferno } from '../drawing/inferno.js';
import { longestErrors, pathData, traceNetwork, type NetworkLines } from './network-lines.js';
import { arrowHead, drawLegend, inventedStrokes } from './panel-legend.js';
import {
  backdrop,
  cropOf,
  cropPicture,
  intensityWindow,
  picture,
  type PanelView,
  type Place,
} from './panel-pictures.js';
import { chooseScaleBar } from '../drawing/scale-bar.js';
import { element, figure, text } from '../drawing/svg.js';
import { fitText, textWidth } from '../drawing/text-width.js';
import { ink, markColour, pageWidth, size } from '../drawing/theme.js';
import { mark, type CropBox, type PanelData, type PanelMethod, type PanelScore } from '../types.js';

const gap = 6;
const headline = 10;
const rowGap = 4;
const mostColumns = 5;

/**
 * The comparison panel: HR | LR with visible pixels | SR of every method, one crop of the test split, in inferno over
 * one common intensity window, each with a scale bar; below each SR its network against the true one: found, missed
 * and invented branches, the longest errors with arrows in both rows, and the method's scores over the whole test
 * split.
 * @throws {ShapeError} if an image or a mask is not on the HR grid.
 */
export function drawPanel(data: PanelData): string {
  checkShapes(data);
  const box = chooseCrop(data.rule, {
    width: data.hr.width,
    height: data.hr.height,
    factor: data.factor,
    network: data.network,
    marks: data.methods.map((m) => m.marks),
  });
  const cells = data.methods.length + 2;
  const columns = cells <= mostColumns ? cells : Math.min(mostColumns, Math.ceil(cells / 2));
  const width = (pageWidth - gap * (columns - 1)) / columns;
  const view: PanelView = {
    data,
    box,
    width,
    height: (width * box.height) / box.width,
    scale: width / box.width,
    window: intensityWindow(data.hr, box),
    bar: chooseScaleBar(box.width, data.pixelSize),
  };
  const scoreLines = Math.max(0, ...data.methods.map((method) => method.scores.length));
  const cellHeight = headline + 2 * view.height + rowGap + 11 + scoreLines * 8.5 + 10;
  const place = (index: number) => ({
    x: (index % columns) * (width + gap),
    y: 16 + Math.floor(index / columns) * cellHeight,
  });
  const drawn = [
    drawHr(view, place(0)),
    drawLr(view, place(1)),
    ...data.methods.map((method, i) => drawMethod(view, method, place(i + 2))),
  ];
  const rows = Math.ceil(cells / columns);
  const bottom = 16 + rows * cellHeight;
  const free = rows * columns - cells;
  const legend =
    free > 0
      ? drawLegend({ ...place(cells), y: place(cells).y + headline, width, upright: true })
      : drawLegend({ x: 0, y: bottom - 2, width: pageWidth, upright: false });
  return figure(
    bottom + (free > 0 ? 0 : 16),
    {
      title: data.title,
      description: describe(data, box),
    },
    text(0, 8, data.title, { size: size.title, weight: 'bold' }),
    ...drawn,
    legend,
  );
}

function drawHr(view: PanelView, at: Place): string {
  const { data, box } = view;
  const lower = { x: at.x, y: at.y + headline + view.height + rowGap };
  const lines = traceNetwork(
    cropOf(data.network, data.hr.width, box).map((v) => (v === 0 ? 0 : mark.found)),
    box.width,
    box.height,
  ).found;
  return (
    heading(at, 'HR', `${box.width} × ${box.height} px`, view.width) +
    picture(view, data.hr, box, { x: at.x, y: at.y + headline }) +
    backdrop(view, data.hr, lower) +
    element('path', {
      d: pathData(lines, view.scale, lower.x, lower.y),
      fill: 'none',
      stroke: ink.text,
      'stroke-width': 1.1,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
    }) +
    text(lower.x, lower.y + view.height + 8.5, data.isNetworkKnown ? 'true network' : 'network of HR', {
      fill: ink.soft,
    })
  );
}

function drawLr(view: PanelView, at: Place): string {
  const { data, box } = view;
  const f = data.factor;
  const small: CropBox = { x: box.x / f, y: box.y / f, width: box.width / f, height: box.height / f };
  const lower = { x: at.x, y: at.y + headline + view.height + rowGap };
  const fit = Math.min(view.width / data.hr.width, view.height / data.hr.height);
  const left = lower.x + (view.width - data.hr.width * fit) / 2;
  const top = lower.y + (view.height - data.hr.height * fit) / 2;
  const whole: CropBox = { x: 0, y: 0, width: data.lr.width, height: data.lr.height };
  return (
    heading(at, `LR ×${f}`, `${small.width} × ${small.height} px`, view.width) +
    picture(view, data.lr, small, { x: at.x, y: at.y + headline }) +
    cropPicture(
      data.lr,
      whole,
      { x: left, y: top, width: data.hr.width * fit, height: data.hr.height * fit },
      { window: intensityWindow(data.lr, whole), colours: inferno, repeat: 1 },
    ) +
    element('rect', {
      x: left + box.x * fit,
      y: top + box.y * fit,
      width: box.width * fit,
      height: box.height * fit,
      fill: 'none',
      stroke: '#ffffff',
      'stroke-width': 1.1,
    }) +
    text(lower.x, lower.y + view.height + 8.5, `crop: ${ruleNames[data.rule.kind]}`, { fill: ink.soft })
  );
}

const ruleNames = {
  'most-branches': 'most branches',
  'most-missed': 'most missed',
  median: 'median place',
  fixed: 'given place',
} as const;

function drawMethod(view: PanelView, method: PanelMethod, at: Place): string {
  const { data, box, scale } = view;
  const marks = cropOf(method.marks, data.hr.width, box);
  const lines = traceNetwork(marks, box.width, box.height);
  const pointers = longestErrors(marks, box.width, box.height, {
    perKind: 2,
    minLength: Math.max(4, box.width / 16),
    reach: 14 / scale,
  });
  const upper = { x: at.x, y: at.y + headline };
  const lower = { x: at.x, y: at.y + headline + view.height + rowGap };
  const arrows = (to: Place) =>
    pointers
      .map(({ x, y, dx, dy, kind }) =>
        arrowHead({ x: to.x + x * scale, y: to.y + y * scale, dx, dy }, markColour[kind]),
      )
      .join('');
  const below = lower.y + view.height + 8.5;
  return (
    heading(at, method.name, '', view.width) +
    picture(view, method.sr, box, upper) +
    arrows(upper) +
    backdrop(view, method.sr, lower) +
    strokes(lines, scale, lower) +
    arrows(lower) +
    shares(marks, at.x, below) +
    method.scores.map((score, i) => scoreLine(data, score, at.x, below + (i + 1) * 8.5, view.width)).join('')
  );
}

function strokes(lines: NetworkLines, scale: number, at: Place): string {
  const style = { fill: 'none', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
  return (
    element('path', {
      d: pathData(lines.found, scale, at.x, at.y),
      stroke: markColour.found,
      'stroke-width': 1.1,
      ...style,
    }) +
    element('path', {
      d: pathData(lines.missed, scale, at.x, at.y),
      stroke: markColour.missed,
      'stroke-width': 1.9,
      ...style,
    }) +
    // Hollow: blue and purple look alike to some, and all three do in grey print.
    inventedStrokes(pathData(lines.invented, scale, at.x, at.y))
  );
}

/**
 * Found and missed as shares of the true centreline in the crop, invented as a share of found and invented together.
 */
function shares(marks: Uint8Array, x: number, y: number): string {
  const count = (code: number) => marks.reduce((sum, value) => sum + (value === code ? 1 : 0), 0);
  const found = count(mark.found);
  const missed = count(mark.missed);
  const invented = count(mark.invented);
  const percent = (part: number, whole: number) => `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;
  let left = x;
  return (
    [
      ['found', percent(found, found + missed)],
      ['missed', percent(missed, found + missed)],
      ['invented', percent(invented, found + invented)],
    ] as const
  )
    .map(([kind, share]) => {
      const dot =
        kind === 'invented'
          ? element('circle', {
              cx: left + 2.2,
              cy: y - 2.4,
              r: 1.7,
              fill: ink.paper,
              stroke: markColour[kind],
              'stroke-width': 0.9,
            })
          : element('circle', { cx: left + 2.2, cy: y - 2.4, r: 2.1, fill: markColour[kind] });
      const label = text(left + 6, y, share, { size: size.label });
      left += 6 + textWidth(share, size.label) + 7;
      return dot + label;
    })
    .join('');
}

function scoreLine(data: PanelData, score: PanelMethod['scores'][number], x: number, y: number, width: number): string {
  const shown = (value: number) => value.toFixed(score.digits);
  const all = data.methods.flatMap((method) =>
    method.scores.filter((other) => other.name === score.name).map((other) => other.value),
  );
  const best = score.better === 'higher' ? Math.max(...all) : Math.min(...all);
  const weight = all.length > 1 && shown(score.value) === shown(best) ? 'bold' : 'normal';
  return (
    text(x, y, score.name, { fill: ink.soft }) +
    text(x + Math.min(width, 96), y, `${shown(score.value)}${score.unit === undefined ? '' : ` ${score.unit}`}`, {
      weight,
      anchor: 'end',
    })
  );
}

function heading(at: Place, name: string, note: string, width: number): string {
  return (
    text(at.x, at.y + 7, fitText(name, width, size.label, 'bold'), { weight: 'bold' }) +
    (note === '' ? '' : text(at.x + width, at.y + 7, note, { anchor: 'end', fill: ink.soft, size: size.small }))
  );
}

function describe(data: PanelData, box: CropBox): string {
  const scoreOf = ({ name, value, digits, unit }: PanelScore) =>
    `${name} ${value.toFixed(digits)}${unit === undefined ? '' : ` ${unit}`}`;
  const scores = data.methods.map((method) => `${method.name}: ${method.scores.map(scoreOf).join(', ')}`).join('; ');
  return (
    `HR, LR and the SR image of ${data.methods.length} methods in one crop of ${box.width} by ${box.height} ` +
    `HR pixels at ${box.x},${box.y}, chosen by the rule ${data.rule.kind}; ` +
    `below each, its network against the true one. ${scores}.`
  );
}

function checkShapes({ hr, lr, factor, network, methods }: PanelData): void {
  const count = hr.width * hr.height;
  const refuse = (who: string, got: string, wanted: string) => {
    throw new ShapeError({ who: `panel, ${who}`, got, wanted });
  };
  if (lr.width !== Math.floor(hr.width / factor) || lr.height !== Math.floor(hr.height / factor))
    refuse('LR', `${lr.width} x ${lr.height}`, `HR's ${hr.width} x ${hr.height} divided by ${factor}`);
  if (network.length !== count) refuse('network', `${network.length} pixels`, `${count}`);
  for (const { name, sr, marks } of methods) {
    if (sr.width !== hr.width || sr.height !== hr.height)
      refuse(`SR of ${name}`, `${sr.width} x ${sr.height}`, `${hr.width} x ${hr.height}`);
    if (marks.length !== count) refuse(`marks of ${name}`, `${marks.length} pixels`, `${count}`);
  }
}

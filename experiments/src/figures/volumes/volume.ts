import type { PixelSize } from '@lacuna/core';
import { inferno } from '../drawing/inferno.js';
import { cropPicture, intensityWindow } from '../panel/panel-pictures.js';
import { embeddedPicture } from '../drawing/picture.js';
import { chooseScaleBar, drawScaleBar, type ScaleBar } from '../drawing/scale-bar.js';
import { element, figure, line, text, type Frame } from '../drawing/svg.js';
import { ink, markColour, pageWidth, size } from '../drawing/theme.js';
import type { FigureImage, VolumeData, VolumeMethod } from '../types.js';
import { perspective, type VolumeGrid } from './perspective.js';
import { drawMarks, markPalette } from './volume-view.js';

const gap = 6;
/** Between the three projections of one volume. */
const seam = 1.5;
const headline = 9;
/** Volumes beside one another, each with its network. */
const COLUMNS = 2;
/** Pixels of the network's picture. */
const VIEW = 640;

/**
 * Volumes of one specimen of the test split: maximum projections of HR, LR and each method's SR from above, with those
 * from the side at its right and from the front below it, in inferno over one window and to scale; beside each the
 * network in perspective, far branches paler: found, missed, invented.
 */
export function drawVolume(data: VolumeData): string {
  const width = (pageWidth - 3 * gap) / 4;
  const grid = gridOf(data.hr, data.pixelSize);
  const views = viewsOf(grid, width);
  const top = 16;
  const cellHeight = headline + Math.max(width, views.front.y + views.front.height) + 8;
  const style = {
    window: intensityWindow(...wholeOf(projection(data.hr, 'z'))),
    bar: chooseScaleBar(grid.width, data.pixelSize),
    views,
    grid,
  };
  const cells: VolumeMethod[] = [
    { name: 'HR', volume: data.hr, marks: data.network },
    { name: `LR ×${data.factor}`, volume: data.lr, marks: null },
    ...data.methods,
  ];
  const palette = markPalette();
  const drawn = cells.map(({ name, volume, marks }, i) => {
    const x = (i % COLUMNS) * 2 * (width + gap);
    const y = top + Math.floor(i / COLUMNS) * cellHeight;
    const beside = { x: x + width + gap, y: y + headline, width, height: width };
    return (
      text(x, y + 6, name, { weight: 'bold' }) +
      projections(volume, { x, y: y + headline }, style) +
      (marks ? networkPicture(marks, grid, beside, palette) : '')
    );
  });
  const height = top + Math.ceil(cells.length / COLUMNS) * cellHeight + 12;
  return figure(
    height,
    { title: data.title, description: describe(data) },
    text(0, 8, data.title, { size: size.title, weight: 'bold' }),
    ...drawn,
    legend(height - 4, data.isNetworkKnown),
  );
}

/** What the projections of all volumes share. */
interface ProjectionStyle {
  readonly window: readonly [number, number];
  readonly bar: ScaleBar;
  readonly views: ReturnType<typeof viewsOf>;
  readonly grid: VolumeGrid;
}

/** The three projections of a volume. */
function projections(
  volume: Volume,
  at: { readonly x: number; readonly y: number },
  { window, bar, views, grid }: ProjectionStyle,
): string {
  const shown = (image: FigureImage, frame: Frame) =>
    cropPicture(
      image,
      wholeOf(image)[1],
      { ...frame, x: at.x + frame.x, y: at.y + frame.y },
      { window, colours: inferno, repeat: 1 },
    );
  const scale = views.above.width / grid.width;
  return (
    shown(projection(volume, 'z'), views.above) +
    shown(transposed(projection(volume, 'x')), views.side) +
    shown(projection(volume, 'y'), views.front) +
    drawScaleBar(bar, { ...views.above, ...at, scale, colour: '#ffffff', shadow: '#000000' })
  );
}

/** A volume as figures take it: values [depth][height][width]. */
type Volume = VolumeData['hr'];

function gridOf({ width, height, depth }: Volume, pixelSize: PixelSize | null): VolumeGrid {
  const { x = 1, y = 1, z = x } = pixelSize ?? {};
  return { width, height, depth, voxel: { x, y, z } };
}

/** Places of the three projections in a square, in points, with one scale for every axis. */
function viewsOf({ width, height, depth, voxel }: VolumeGrid, side: number): Record<'above' | 'side' | 'front', Frame> {
  const [x, y, z] = [width * voxel.x, height * voxel.y, depth * voxel.z];
  const scale = (side - seam) / (Math.max(x, y) + z);
  const above = { x: 0, y: 0, width: x * scale, height: y * scale };
  return {
    above,
    side: { x: above.width + seam, y: 0, width: z * scale, height: y * scale },
    front: { x: 0, y: above.height + seam, width: x * scale, height: z * scale },
  };
}

const wholeOf = (image: FigureImage): [FigureImage, { x: number; y: number; width: number; height: number }] => [
  image,
  { x: 0, y: 0, width: image.width, height: image.height },
];

/** The maximum projection of a volume along an axis. */
function projection({ data, width, height, depth }: Volume, along: 'x' | 'y' | 'z'): FigureImage {
  const columns = along === 'x' ? height : width;
  const rows = along === 'z' ? height : depth;
  const out = new Float32Array(columns * rows).fill(-Infinity);
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = along === 'z' ? y : z;
      for (let x = 0; x < width; x++) {
        const to = row * columns + (along === 'x' ? y : x);
        const value = data[(z * height + y) * width + x];
        if (value > out[to]) out[to] = value;
      }
    }
  }
  return { data: out, width: columns, height: rows };
}

/** Rows for columns. */
function transposed({ data, width, height }: FigureImage): FigureImage {
  const out = new Float32Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) out[x * height + y] = data[y * width + x];
  }
  return { data: out, width: height, height: width };
}

function networkPicture(marks: Uint8Array, grid: VolumeGrid, frame: Frame, palette: Uint8Array): string {
  const indices = drawMarks(marks, grid, VIEW);
  return embeddedPicture(indices, { width: VIEW, height: VIEW }, palette, frame) + edges(grid, frame);
}

/** The twelve edges of the volume. */
function edges(grid: VolumeGrid, frame: Frame): string {
  const project = perspective(grid);
  const ends = { x: [-0.5, grid.width - 0.5], y: [-0.5, grid.height - 0.5], z: [-0.5, grid.depth - 0.5] } as const;
  const corner = (i: number) => project(ends.x[i & 1], ends.y[(i >> 1) & 1], ends.z[(i >> 2) & 1]);
  const drawn: string[] = [];
  for (let a = 0; a < 8; a++) {
    for (const bit of [1, 2, 4]) {
      if (a & bit) continue;
      const [from, to] = [corner(a), corner(a | bit)];
      const x = (u: number) => frame.x + u * frame.width;
      const y = (v: number) => frame.y + v * frame.height;
      drawn.push(line([x(from.u), y(from.v), x(to.u), y(to.v)], ink.rule, 0.5));
    }
  }
  return drawn.join('');
}

function legend(y: number, isNetworkKnown: boolean): string {
  const names = [
    ['found', 'branch found'],
    ['missed', 'branch missed'],
    ['invented', 'branch invented'],
  ] as const;
  const entries = names.map(
    ([kind, name], i) =>
      line([i * 90, y - 2, i * 90 + 14, y - 2], markColour[kind], 2) + text(i * 90 + 18, y, name, { fill: ink.soft }),
  );
  const reference = isNetworkKnown ? 'against the true network' : "against the HR image's network";
  return element('g', {}, ...entries, text(280, y, `${reference}; far branches are paler`, { fill: ink.soft }));
}

function describe({ hr, methods }: VolumeData): string {
  const list = methods.map(({ name }) => name).join(', ');
  return (
    `Maximum projections along z, y and x of a volume of ${hr.width} by ${hr.height} by ${hr.depth} voxels, its ` +
    `coarse scan and what ${list} made of it; beside each its network in perspective: found, missed and invented ` +
    'branches.'
  );
}

import { inferno, levelOf, paleRamp } from '../drawing/inferno.js';
import { embeddedPicture } from '../drawing/picture.js';
import { drawScaleBar, type ScaleBar } from '../drawing/scale-bar.js';
import type { Frame } from '../drawing/svg.js';
import type { CropBox, FigureImage, PanelData } from '../types.js';

const grey = paleRamp(165);

/** What all cells of a panel share. */
export interface PanelView {
  readonly data: PanelData;
  readonly box: CropBox;
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly window: readonly [number, number];
  readonly bar: ScaleBar;
}

/** The corner of a cell. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** One crop of intensities filling a cell, with its scale bar. */
export function picture(view: PanelView, source: FigureImage, box: CropBox, at: Place): string {
  const cell = { x: at.x, y: at.y, width: view.width, height: view.height };
  return (
    cropPicture(source, box, cell, { window: view.window, colours: inferno, repeat: view.box.width / box.width }) +
    drawScaleBar(view.bar, { ...cell, scale: view.scale, colour: '#ffffff', shadow: '#000000' })
  );
}

/** One crop in pale grey, to draw a network over. */
export function backdrop(view: PanelView, source: FigureImage, at: Place): string {
  const cell = { x: at.x, y: at.y, width: view.width, height: view.height };
  return cropPicture(source, view.box, cell, { window: view.window, colours: grey, repeat: 1 });
}

/**
 * A crop as an embedded PNG; each pixel is repeated `repeat` times along both axes, so that LR pixels stay squares in
 * any viewer.
 */
export function cropPicture(
  source: FigureImage,
  box: CropBox,
  frame: Frame,
  style: { window: readonly [number, number]; colours: Uint8Array; repeat: number },
): string {
  const { window, colours, repeat } = style;
  const width = box.width * repeat;
  const height = box.height * repeat;
  const indices = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = source.data[(box.y + Math.floor(y / repeat)) * source.width + box.x + Math.floor(x / repeat)];
      indices[y * width + x] = levelOf(value, window);
    }
  }
  return embeddedPicture(indices, { width, height }, colours, frame);
}

/** The window of intensities that the panel's images share: the 0.5th to 99.8th percentile of the HR crop. */
export function intensityWindow(source: FigureImage, box: CropBox): readonly [number, number] {
  const sorted = new Float32Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    const from = (box.y + y) * source.width + box.x;
    sorted.set(source.data.subarray(from, from + box.width), y * box.width);
  }
  sorted.sort();
  const low = sorted[Math.floor((sorted.length - 1) * 0.005)];
  const high = sorted[Math.ceil((sorted.length - 1) * 0.998)];
  return high > low ? [low, high] : [low, low + 1];
}

export function cropOf(plane: Uint8Array, width: number, box: CropBox): Uint8Array {
  const out = new Uint8Array(box.width * box.height);
  for (let y = 0; y < box.height; y++)
    out.set(plane.subarray((box.y + y) * width + box.x, (box.y + y) * width + box.x + box.width), y * box.width);
  return out;
}

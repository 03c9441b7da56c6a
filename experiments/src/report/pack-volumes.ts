import { deflateSync } from 'node:zlib';
import type { PixelSize } from '@lacuna/core';
import { inferno, levelOf } from '../figures/inferno.js';
import { intensityWindow } from '../figures/panel-pictures.js';
import { largestAlongZ } from '../figures/projections.js';
import { markColour } from '../figures/theme.js';
import { mark, type FigureVolume, type VolumeData } from '../figures/types.js';
import { firstView } from '../figures/volume-view.js';
import { packedStrokes } from './packed-strokes.js';

/** The volumes of one test region as a report holds them: planes to go through, networks to turn. */
export interface PackedVolumes {
  readonly title: string;
  readonly grid: { readonly depth: number; readonly width: number; readonly height: number; readonly voxel: object };
  /** As people write it: nm, µm, mm. */
  readonly unit: string | null;
  readonly view: object;
  /** Base64 of 256 colours. */
  readonly palette: string;
  readonly colours: Readonly<Record<number, string>>;
  /** HR, LR and every SR; `data` is base64 of the deflated entries of the palette. */
  readonly volumes: readonly PackedVolume[];
  /** Base64 of deflated strokes ({@link packedStrokes}). */
  readonly networks: readonly { readonly name: string; readonly marks: string }[];
}

/** An image or volume; `data` is base64 of the deflated entries of the palette. */
export interface PackedVolume {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly data: string;
}

/**
 * Values that a report holds: more is cropped about the middle of the plane. A value of 64 levels takes at most 6 bits
 * when deflated and a third more as base64, so that volumes add at most 8 MB.
 */
const MOST_VALUES = 8e6;

/** Volumes as a report shows them; all together they have room in it. */
export function packVolumes(volumes: readonly VolumeData[], most: number = MOST_VALUES): PackedVolumes[] {
  return volumes.map((volume) => packed(cropped(volume, most / volumes.length)));
}

function packed(data: VolumeData): PackedVolumes {
  const { hr, pixelSize } = data;
  const volumes = [
    { name: 'HR', volume: data.hr },
    { name: `LR ×${data.factor}`, volume: data.lr },
    ...data.methods.map(({ name, volume }) => ({ name, volume })),
  ];
  const networks = [
    { name: data.isNetworkKnown ? 'true network' : 'network of HR', marks: data.network },
    ...data.methods.flatMap(({ name, marks }) => (marks ? [{ name, marks }] : [])),
  ];
  return {
    title: data.title,
    grid: { width: hr.width, height: hr.height, depth: hr.depth, voxel: voxelOf(pixelSize) },
    unit: pixelSize?.unit === 'um' ? 'µm' : (pixelSize?.unit ?? null),
    view: firstView,
    palette: Buffer.from(inferno).toString('base64'),
    colours: { [mark.found]: markColour.found, [mark.missed]: markColour.missed, [mark.invented]: markColour.invented },
    volumes: volumes.map(({ name, volume }) => packedVolume(name, volume, windowOf(hr))),
    networks: networks.map(({ name, marks }) => ({ name, marks: deflated(packedStrokes(marks, hr)) })),
  };
}

function voxelOf(pixelSize: PixelSize | null): { x: number; y: number; z: number } {
  const { x = 1, y = 1, z = x } = pixelSize ?? {};
  return { x, y, z };
}

/** The window of intensities of the fine volume's maximum projection. */
export function windowOf({ data, width, height, depth }: FigureVolume): readonly [number, number] {
  return intensityWindow({ data: largestAlongZ(data, depth), width, height }, { x: 0, y: 0, width, height });
}

/** A volume in 64 levels of a window. */
export function packedVolume(
  name: string,
  { data, width, height, depth }: FigureVolume,
  window: readonly [number, number],
): PackedVolume {
  // 64 levels look like 256 and take half the room.
  const levels = Uint8Array.from(data, (value) => levelOf(value, window) & 0xfc);
  return { name, width, height, depth, data: deflated(levels) };
}

const deflated = (bytes: Uint8Array): string => deflateSync(bytes, { level: 9 }).toString('base64');

/** Cut about the middle of the plane until all volumes together have room for `most` values. */
export function cropped(data: VolumeData, most: number): VolumeData {
  const { hr, lr } = data;
  const valuesOf = ({ width, height, depth }: FigureVolume) => width * height * depth;
  const count = valuesOf(hr) * (1 + data.methods.length) + valuesOf(lr);
  if (count <= most) return data;
  const share = Math.sqrt(most / count);
  const step = { x: hr.width / lr.width, y: hr.height / lr.height };
  const sides = { x: Math.max(1, Math.floor(lr.width * share)), y: Math.max(1, Math.floor(lr.height * share)) };
  const from = { x: Math.floor((lr.width - sides.x) / 2), y: Math.floor((lr.height - sides.y) / 2) };
  const cut = <Values extends Float32Array | Uint8Array>(values: Values, isFine: boolean): Values => {
    const by = isFine ? step : { x: 1, y: 1 };
    const size = isFine ? hr : lr;
    return cutPlanes(values, size, {
      x: from.x * by.x,
      y: from.y * by.y,
      width: sides.x * by.x,
      height: sides.y * by.y,
    });
  };
  const fine = { width: sides.x * step.x, height: sides.y * step.y };
  const cutFine = (volume: FigureVolume): FigureVolume => ({ ...volume, ...fine, data: cut(volume.data, true) });
  return {
    ...data,
    title: `${data.title}, the middle`,
    hr: cutFine(hr),
    lr: { ...lr, width: sides.x, height: sides.y, data: cut(lr.data, false) },
    network: cut(data.network, true),
    methods: data.methods.map((method) => ({
      ...method,
      volume: cutFine(method.volume),
      marks: method.marks && cut(method.marks, true),
    })),
  };
}

function cutPlanes<Values extends Float32Array | Uint8Array>(
  values: Values,
  { width, height, depth }: Pick<FigureVolume, 'width' | 'height' | 'depth'>,
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Values {
  const out = values.slice(0, box.width * box.height * depth) as Values;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < box.height; y++) {
      const start = (z * height + box.y + y) * width + box.x;
      out.set(values.subarray(start, start + box.width), (z * box.height + y) * box.width);
    }
  }
  return out;
}

import { deflateSync } from 'node:zlib';
import type { PixelSize } from '@lacuna/core';
import { inferno, levelOf } from '../figures/drawing/inferno.js';
import { intensityWindow } from '../figures/panel/panel-pictures.js';
import { largestAlongZ } from '../figures/volumes/projections.js';
import type { DrawnBranch } from '../figures/panel/network-marks.js';
import type { FigureVolume, VolumeData } from '../figures/types.js';
import { firstView, type View, type VolumeGrid } from '../figures/volumes/perspective.js';
import { branchNumbers, comparedNumbers, type BranchNumbers, type ComparedNumbers } from './branch-numbers.js';

/** The volumes of one test region as a report holds them: planes to go through, networks to turn. */
export interface PackedVolumes {
  readonly title: string;
  readonly grid: VolumeGrid;
  /** As people write it: nm, µm, mm; px where nobody knows the size of a voxel. */
  readonly unit: string;
  readonly view: View;
  /** Base64 of 256 colours. */
  readonly palette: string;
  /** HR, LR and every SR; `data` is base64 of the deflated entries of the palette. */
  readonly volumes: readonly PackedVolume[];
  /** Of the reference, then of each method that has one. */
  readonly networks: readonly PackedNetwork[];
}

/** The network of a volume, branch by branch. */
export interface PackedNetwork {
  readonly name: string;
  /** Base64 of their numbers: a deflated list, JSON, of {@link BranchNumbers} or {@link ComparedNumbers}. */
  readonly branches: string;
  readonly isDoubtAsked: boolean;
  /** By branch, how many points of `points` are its own, in turn. */
  readonly counts: readonly number[];
  /** Base64 of deflated x, y, z in HR voxels, 16 bits each, little-endian. */
  readonly points: string;
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
  return volumes.map((volume) => packed(volume, most / volumes.length));
}

function packed(whole: VolumeData, most: number): PackedVolumes {
  const data = cropped(whole, most);
  const { hr, pixelSize } = data;
  const volumes = [
    { name: 'HR', volume: hr },
    { name: `LR ×${data.factor}`, volume: data.lr },
    ...data.methods.map(({ name, volume }) => ({ name, volume })),
  ];
  const { perPixel, unit } = lengthsOf(pixelSize);
  const source = { hr: whole.hr, perPixel };
  const shown = { whole: whole.hr, corner: cornerOf(whole, data), hr };
  const reference = whole.reference ?? [];
  return {
    title: data.title,
    grid: { width: hr.width, height: hr.height, depth: hr.depth, voxel: voxelOf(pixelSize) },
    unit,
    view: firstView,
    palette: Buffer.from(inferno).toString('base64'),
    volumes: volumes.map(({ name, volume }) => packedVolume(name, volume, windowOf(hr))),
    networks: [
      packedNetwork(data.isNetworkKnown ? 'true network' : 'network of HR', reference, shown, (branch) =>
        branchNumbers(branch, source),
      ),
      ...whole.methods.flatMap(({ name, volume, branches }) =>
        branches === undefined
          ? []
          : packedNetwork(name, branches, shown, (branch) => comparedNumbers(branch, volume, source)),
      ),
    ],
  };
}

/** What is shown of a volume. */
interface ShownPart {
  readonly whole: FigureVolume;
  readonly corner: { readonly x: number; readonly y: number };
  readonly hr: FigureVolume;
}

/** The branches of a network that reach into what is shown, and what is said of each. */
function packedNetwork<Branch extends DrawnBranch>(
  name: string,
  branches: readonly Branch[],
  part: ShownPart,
  numbersOf: (branch: Branch) => BranchNumbers | ComparedNumbers,
): PackedNetwork {
  const shown = branches
    .map((branch) => ({ branch, points: longestInside(branch.pixels, part) }))
    .filter(({ points }) => points.length > 0);
  const points = Int16Array.from(shown.flatMap((each) => each.points));
  const bytes = new Uint8Array(2 * points.length);
  const view = new DataView(bytes.buffer);
  points.forEach((value, i) => view.setInt16(2 * i, value, true));
  return {
    name,
    branches: deflated(Buffer.from(JSON.stringify(shown.map(({ branch }) => numbersOf(branch))))),
    isDoubtAsked: branches.some((branch) => 'evidence' in branch),
    counts: shown.map((each) => each.points.length / 3),
    points: deflated(bytes),
  };
}

/** x, y, z of the longest part of a branch that lies within what is shown. */
function longestInside(pixels: Int32Array, { whole, corner, hr }: ShownPart): number[] {
  let longest: number[] = [];
  let run: number[] = [];
  for (const pixel of pixels) {
    const x = (pixel % whole.width) - corner.x;
    const y = (Math.floor(pixel / whole.width) % whole.height) - corner.y;
    const isInside = x >= 0 && y >= 0 && x < hr.width && y < hr.height;
    if (isInside) run.push(x, y, Math.floor(pixel / (whole.width * whole.height)));
    else run = [];
    if (run.length > longest.length) longest = run;
  }
  return longest;
}

/** What was cut away left of a volume and above it, HR voxels: the same on both sides, in whole LR voxels. */
export function cornerOf(whole: VolumeData, cut: VolumeData): { readonly x: number; readonly y: number } {
  const along = (side: 'width' | 'height') => {
    const step = whole.hr[side] / whole.lr[side];
    return Math.floor((whole.lr[side] - cut.lr[side]) / 2) * step;
  };
  return { x: along('width'), y: along('height') };
}

/** How long a px of x is, in a unit as people write it. */
export function lengthsOf(pixelSize: PixelSize | null): { readonly perPixel: number; readonly unit: string } {
  if (pixelSize === null) return { perPixel: 1, unit: 'px' };
  return { perPixel: pixelSize.x, unit: pixelSize.unit === 'um' ? 'µm' : pixelSize.unit };
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

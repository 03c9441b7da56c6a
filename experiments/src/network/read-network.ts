import { formatLength } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import { countForeground, otsuThreshold, skeletonize, smooth, threshold, type Mask } from '@lacuna/iqa';
import { planesOf } from '../upscale/plane-places.js';
import { branchHeader, branchRows } from './branch-table.js';
import type { GraphFacts } from './graph-text.js';
import { measureNetwork, type MeasuredNetwork } from './measured.js';
import type { Proposal } from './proposal.js';
import { proposalsFor } from './proposals.js';
import { cyclesOf } from './swc-text.js';

/** How a network is told from the rest of an image. */
export interface Reading {
  /** value · scale + offset: what level and smoothing are meant for; negative where the network is dark. */
  readonly affine: { readonly scale: number; readonly offset: number };
  /** What is above is network, once smoothed. */
  readonly level: number;
  /** Where the level comes from, for people. */
  readonly origin: string;
  /** Sigma in px of the Gaussian before the level, in the plane. */
  readonly smoothing: number;
}

/** What a network is read from. */
export interface NetworkSource {
  /** The image that the network is read from. */
  readonly image: OpenImage;
  /** What its branches' intensities are measured on, and what the picture shows. */
  readonly intensities: OpenImage;
  /** The network is darker there than what is around. */
  readonly dark: boolean;
  /** The channel that shows it. */
  readonly channel: number;
  readonly reading: Reading;
  /** Px that proposed links may bridge; null, and by default: none are looked for. */
  readonly propose?: number | null;
}

/** The network of one time point. */
export interface ReadNetwork {
  readonly mask: Mask;
  readonly skeleton: Mask;
  readonly network: MeasuredNetwork;
  /** The largest intensity along z at each pixel; where the network is dark, the largest of its negative. */
  readonly projection: Float32Array;
  /** Null where none were looked for. */
  readonly proposals: readonly Proposal[] | null;
}

/**
 * Reads the network of a time point: smooths each plane, takes what is above the level, thins it, measures the graph.
 * @throws {InputError} for an image that is network everywhere.
 */
export async function readNetwork(source: NetworkSource, t: number): Promise<ReadNetwork> {
  const { image, reading, dark, propose = null } = source;
  const { width, height, depth, pixelSize, name } = image;
  const count = width * height;
  const data = new Uint8Array(count * depth);
  const projection = new Float32Array(count).fill(-Infinity);
  const smoothed = propose === null ? null : new Float32Array(count * depth);
  for (let z = 0; z < depth; z++) {
    const plane = smooth(planeOf(await readPlane(source, t, z), { width, height }), reading.smoothing);
    data.set(threshold(plane, reading.level).data, z * count);
    smoothed?.set(plane.data, z * count);
    const shown = await readShown(source, t, z);
    for (let i = 0; i < count; i++) projection[i] = Math.max(projection[i], dark ? -shown[i] : shown[i]);
  }
  const mask: Mask = { data, width, height, depth };
  const skeleton = skeletonize(mask);
  const network = measureNetwork({ mask, skeleton }, await intensitiesOn(source, t, skeleton), {
    pixelSize,
    dark,
    name: image.frames > 1 ? `${name}[${t}]` : name,
  });
  const proposals =
    smoothed === null || propose === null
      ? null
      : proposalsFor(
          network,
          { mask, skeleton, image: smoothed, level: reading.level },
          { reach: propose, numbersOf: (value) => shownNumber(source, value) },
        );
  return { mask, skeleton, network, projection, proposals };
}

/** A number that the level is compared with, in those of the image; of a probability as such. */
function shownNumber({ image, intensities, reading: { affine } }: NetworkSource, value: number): number {
  return image === intensities ? (value - affine.offset) / affine.scale : value;
}

/** The level in the numbers of the image; of a probability as such. */
export const shownLevel = (source: NetworkSource): number => shownNumber(source, source.reading.level);

export const numberOf = (value: number): string => String(Number(value.toPrecision(5)));

/** What the graph files of a time point say of where they come from. */
export function factsOf(job: NetworkSource, time: number, software: string): GraphFacts {
  const { image, intensities, reading } = job;
  return {
    image: intensities.name,
    ...(image.frames > 1 ? { time } : {}),
    level: Number(shownLevel(job).toPrecision(7)),
    level_from: reading.origin,
    smoothing_px: reading.smoothing,
    made_by: software,
  };
}

/** The table of branches of all time points, CSV. */
export function* tableOf(networks: readonly MeasuredNetwork[]): Generator<string> {
  yield branchHeader(networks[0].unit);
  for (const [time, network] of networks.entries()) yield* branchRows(network, time);
}

/** Where planes of one channel come from, and what becomes of their numbers. */
interface PlaneSource extends Pick<NetworkSource, 'image' | 'channel'> {
  readonly reading: Pick<Reading, 'affine'>;
}

/** One plane of what branches are measured on, in the numbers of the file. */
function readShown({ intensities, channel }: NetworkSource, t: number, z: number): Promise<Float32Array> {
  return intensities.readRegion(intensities.channels === 1 ? { t, z } : { t, z, c: channel });
}

/** One plane, in the numbers that the level is meant for. */
async function readPlane({ image, channel, reading: { affine } }: PlaneSource, t: number, z: number) {
  const plane = await image.readRegion(image.channels === 1 ? { t, z } : { t, z, c: channel });
  for (let i = 0; i < plane.length; i++) plane[i] = plane[i] * affine.scale + affine.offset;
  return plane;
}

const planeOf = (data: Float32Array, { width, height }: { width: number; height: number }) => ({
  data,
  width,
  height,
  depth: 1,
  channels: 1,
});

/** Intensities of a centreline's pixels, in the numbers of the file. */
async function intensitiesOn(job: NetworkSource, t: number, skeleton: Mask): Promise<(pixel: number) => number> {
  const count = skeleton.width * skeleton.height;
  const pixels = new Int32Array(countForeground(skeleton));
  const values = new Float32Array(pixels.length);
  let found = 0;
  for (let z = 0; z < skeleton.depth; z++) {
    const start = z * count;
    if (!skeleton.data.subarray(start, start + count).includes(1)) continue;
    const plane = await readShown(job, t, z);
    for (let i = 0; i < count; i++) {
      if (!skeleton.data[start + i]) continue;
      pixels[found] = start + i;
      values[found++] = plane[i];
    }
  }
  return (pixel) => values[rankOf(pixel, pixels)];
}

/** Where a number stands among ascending ones. */
function rankOf(number: number, ascending: Int32Array): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A network, and how much of its image it covers. */
export interface CoveringNetwork {
  readonly network: MeasuredNetwork;
  /** 0..1. */
  readonly covered: number;
}

/** Share of an image that no network covers: beyond it, what is around was taken for it. */
const MOST_COVERED = 0.7;

export const coveredBy = (mask: Mask): number => countForeground(mask) / mask.data.length;

/** What to do about a network that covers nearly all of its image; nothing of others. */
export const coverageNotes = (covered: number): string[] =>
  covered <= MOST_COVERED
    ? []
    : [
        `${Math.round(100 * covered)} % of the image is network: what is around may have been taken for it; ` +
          'check whether the network is bright or dark (invert), or take another level',
      ];

/** What is to be known of a network's files: what there is, its unit, and what a format could not hold. */
export function networkNotes(
  { pixelSize, depth, frames }: OpenImage,
  found: readonly CoveringNetwork[],
  unit: MeasuredNetwork['unit'],
): string[] {
  const networks = found.map(({ network }) => network);
  const sum = (of: (network: MeasuredNetwork) => number) => networks.reduce((total, each) => total + of(each), 0);
  const branches = sum((network) => network.branches.length);
  const nodes = sum((network) => network.nodes.length);
  const cycles = sum(cyclesOf);
  const length = formatLength(
    sum((network) => network.length),
    unit,
  );
  const times = frames > 1 ? ` in ${frames} time points` : '';
  const counts = `${branches} branches, ${nodes} nodes, ${length} of centreline${times}`;
  return [
    branches + nodes === 0 ? 'no network above the level: the files are empty' : counts,
    ...coverageNotes(Math.max(...found.map(({ covered }) => covered))),
    ...(unit === 'px' ? [inPixels(pixelSize, depth)] : []),
    ...(cycles > 0 ? [`SWC holds trees: ${cycles} cycle${cycles === 1 ? ' is' : 's are'} cut there`] : []),
  ];
}

const inPixels = (pixelSize: OpenImage['pixelSize'], depth: number): string =>
  pixelSize === null
    ? 'lengths are in px: the file does not say the size of a pixel'
    : `lengths are in px: the file does not say how far its ${depth} planes lie apart`;

/** Values on which Otsu's level rests; more change nothing. */
const SAMPLES = 2 ** 24;

/**
 * Otsu's level of a whole image, all planes and time points, smoothed as its mask will be.
 * @param affine as in {@link Reading}.
 */
export async function otsuLevel(
  source: PlaneSource & { readonly reading: Pick<Reading, 'affine' | 'smoothing'> },
): Promise<number> {
  const { image, reading } = source;
  const { width, height, depth, frames } = image;
  const pixels = width * height * depth * frames;
  const step = Math.max(1, Math.ceil(pixels / SAMPLES));
  const samples = new Float64Array(Math.ceil(pixels / step));
  let pixel = 0;
  for (const { t, z } of planesOf(image)) {
    const plane = await readPlane(source, t, z);
    const { data } = smooth(planeOf(plane, { width, height }), reading.smoothing);
    for (let i = 0; i < data.length; i++, pixel++) if (pixel % step === 0) samples[pixel / step] = data[i];
  }
  return otsuThreshold({ data: samples, width: samples.length, height: 1, depth: 1, channels: 1 });
}

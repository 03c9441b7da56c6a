import { InputError, describeShape, formatBytes, formatLength, writeStreamAtomic } from '@lacuna/core';
import { writePng, type OpenImage } from '@lacuna/datasets';
import { countForeground, otsuThreshold, skeletonize, smooth, threshold, type Mask } from '@lacuna/iqa';
import { planesOf } from '../upscale/plane-places.js';
import { openRows, type RowsOut } from '../upscale/rows-out.js';
import { branchHeader, branchRows } from './branch-table.js';
import { graphMlText, nodeLinkText, type GraphFacts } from './graph-text.js';
import { measureNetwork, type MeasuredNetwork } from './measured.js';
import type { GraphFiles, NetworkFiles } from './network-files.js';
import { networkOverlay } from './overlay.js';
import { stageFiles } from './staged-files.js';
import { cyclesOf, swcText } from './swc-text.js';

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

/** The sizes of an image whose network is read. */
type Extent = Pick<OpenImage, 'width' | 'height' | 'depth'>;

/**
 * Bytes while the network of a time point is made: for each pixel the mask, what thinning keeps, the centreline and
 * distances of 8 bytes; for each pixel of a plane its intensities, smoothed ones and the picture. Measured: 13 for a
 * pixel of a volume of 320 x 320 x 200, 39 for one of a plane of 5000 x 4000.
 */
const BYTES = { pixel: 16, planePixel: 32 };
/** Pixels of a time point that indices of 32 bits reach, with the border of thinning. */
const MOST_PIXELS = 2 ** 31;

/**
 * The network of one time point is held whole, since centrelines and branches do not end at tiles.
 * @throws {InputError} where it does not fit into `bytes`, with how much it takes.
 */
export function requireNetworkRoom(name: string, { width, height, depth }: Extent, bytes: number): void {
  const size = { width, height, depth, channels: 1 };
  const refuse = (got: string, wanted: string, remedy: string) => new InputError({ who: name, got, wanted, remedy });
  if ((width + 2) * (height + 2) * (depth > 1 ? depth + 2 : 1) >= MOST_PIXELS)
    throw refuse(`a network in ${describeShape(size)}`, 'fewer than 2^31 pixels a time point', 'cut the image');
  const needed = width * height * (depth * BYTES.pixel + BYTES.planePixel);
  if (needed > bytes)
    throw refuse(
      `${formatBytes(Math.max(0, bytes))} for the network of ${describeShape(size)}, which is held whole`,
      `about ${formatBytes(needed)}`,
      'allow more with --memory, or give a part of the image',
    );
}

/** @throws {InputError} for images of several channels. */
export function requireOneNetwork(name: string, channels: number): void {
  if (channels === 1) return;
  throw new InputError({
    who: name,
    got: `${channels} channels`,
    wanted: 'the network of one',
    remedy: 'choose it, such as --channel 0',
  });
}

/** What {@link writeNetwork} is told. */
export interface NetworkJob {
  /** The image that the network is read from. */
  readonly image: OpenImage;
  /** What its branches' intensities are measured on, and what the picture shows. */
  readonly intensities: OpenImage;
  /** The network is darker there than what is around. */
  readonly dark: boolean;
  /** The channel that shows it. */
  readonly channel: number;
  readonly reading: Reading;
  readonly files: NetworkFiles;
  /** Written into mask and centreline, so that they are known again. */
  readonly software: string;
  readonly print: (line: string) => void;
}

/**
 * Reads an image's network, time point after time point, and writes mask, centreline, graphs and branches: all files or
 * none.
 * @returns the networks.
 */
export async function writeNetwork(job: NetworkJob): Promise<readonly MeasuredNetwork[]> {
  const { image, files, software, print } = job;
  const { width, height, depth, frames, pixelSize } = image;
  const networks: MeasuredNetwork[] = [];
  await stageFiles(files.all, async (staged) => {
    const open = (path: string) =>
      openRows(staged(path), {
        width,
        height,
        depth,
        frames,
        channels: 1,
        type: 'uint8',
        channelLayout: 'pages',
        pixelSize,
        software,
        dataRange: [0, 255],
      });
    const outs = { mask: open(files.mask), centreline: open(files.centreline) };
    try {
      for (let t = 0; t < frames; t++) {
        const network = await networkAt(job, t, outs, staged(files.graphs[t].picture));
        await writeGraphs(network, files.graphs[t], factsOf(job, t), staged);
        networks.push(network);
      }
      await outs.mask.finish();
      await outs.centreline.finish();
    } catch (error) {
      await outs.mask.abandon();
      await outs.centreline.abandon();
      throw error;
    }
    await writeStreamAtomic(staged(files.branches), tableOf(networks));
  });
  const { unit } = networks[0];
  const { name } = job.intensities;
  print(`${name}: network above ${numberOf(shownLevel(job))} (${job.reading.origin})`);
  for (const note of networkNotes(image, networks, unit)) print(`${name}: ${note}`);
  return networks;
}

/** The level in the numbers of the image; of a probability as such. */
function shownLevel({ image, intensities, reading: { level, affine } }: NetworkJob): number {
  return image === intensities ? (level - affine.offset) / affine.scale : level;
}

const numberOf = (value: number): string => String(Number(value.toPrecision(5)));

function factsOf(job: NetworkJob, time: number): GraphFacts {
  const { image, intensities, reading, software } = job;
  return {
    image: intensities.name,
    ...(image.frames > 1 ? { time } : {}),
    level: Number(shownLevel(job).toPrecision(7)),
    level_from: reading.origin,
    smoothing_px: reading.smoothing,
    made_by: software,
  };
}

async function writeGraphs(
  network: MeasuredNetwork,
  files: GraphFiles,
  facts: GraphFacts,
  staged: (file: string) => string,
): Promise<void> {
  await writeStreamAtomic(staged(files.graphMl), graphMlText(network, facts));
  await writeStreamAtomic(staged(files.json), nodeLinkText(network, facts));
  await writeStreamAtomic(staged(files.swc), swcText(network, facts));
}

function* tableOf(networks: readonly MeasuredNetwork[]): Generator<string> {
  yield branchHeader(networks[0].unit);
  for (const [time, network] of networks.entries()) yield* branchRows(network, time);
}

/** The network of one time point; its mask and centreline are written, and its picture. */
async function networkAt(
  job: NetworkJob,
  t: number,
  outs: Readonly<Record<'mask' | 'centreline', RowsOut>>,
  picture: string,
): Promise<MeasuredNetwork> {
  const { image, reading } = job;
  const { width, height, depth, pixelSize, name } = image;
  const count = width * height;
  const data = new Uint8Array(count * depth);
  const projection = new Float32Array(count).fill(-Infinity);
  for (let z = 0; z < depth; z++) {
    data.set(maskOf(await readPlane(job, t, z), { width, height }, reading).data, z * count);
    const shown = await readShown(job, t, z);
    for (let i = 0; i < count; i++) projection[i] = Math.max(projection[i], job.dark ? -shown[i] : shown[i]);
  }
  const mask: Mask = { data, width, height, depth };
  const skeleton = skeletonize(mask);
  for (let z = 0; z < depth; z++) {
    await outs.mask.writeRows({ t, z }, 0, height, whiteOn(mask, z));
    await outs.centreline.writeRows({ t, z }, 0, height, whiteOn(skeleton, z));
  }
  const network = measureNetwork({ mask, skeleton }, await intensitiesOn(job, t, skeleton), {
    pixelSize,
    dark: job.dark,
    name: image.frames > 1 ? `${name}[${t}]` : name,
  });
  await writePng(picture, networkOverlay({ data: spread(projection), width, height }, network), { bits: 8 });
  return network;
}

/** Where planes of one channel come from, and what becomes of their numbers. */
interface PlaneSource extends Pick<NetworkJob, 'image' | 'channel'> {
  readonly reading: Pick<Reading, 'affine'>;
}

/** One plane of what branches are measured on, in the numbers of the file. */
function readShown({ intensities, channel }: NetworkJob, t: number, z: number): Promise<Float32Array> {
  return intensities.readRegion(intensities.channels === 1 ? { t, z } : { t, z, c: channel });
}

/** A plane of a mask, 255 for 1. */
function whiteOn({ data, width, height }: Mask, z: number): Float32Array {
  const values = Float32Array.from(data.subarray(z * width * height, (z + 1) * width * height));
  for (let i = 0; i < values.length; i++) values[i] *= 255;
  return values;
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

function maskOf(plane: Float32Array, size: { width: number; height: number }, { level, smoothing }: Reading): Mask {
  return threshold(smooth(planeOf(plane, size), smoothing), level);
}

/** Intensities of a centreline's pixels, in the numbers of the file. */
async function intensitiesOn(job: NetworkJob, t: number, skeleton: Mask): Promise<(pixel: number) => number> {
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

/** Brings values to 0 to 1, from the lowest to the 99.8th percentile: what a picture shows. */
function spread(values: Float32Array): Float32Array {
  const step = Math.ceil(values.length / 2 ** 20);
  const sorted = Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]).sort();
  const low = sorted[0];
  const high = sorted[Math.round(0.998 * (sorted.length - 1))];
  for (let i = 0; i < values.length; i++) values[i] = high > low ? (values[i] - low) / (high - low) : 0;
  return values;
}

/** What is to be known of a network's files: what there is, its unit, and what a format could not hold. */
function networkNotes(
  { pixelSize, depth, frames }: OpenImage,
  networks: readonly MeasuredNetwork[],
  unit: MeasuredNetwork['unit'],
): string[] {
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

import { InputError, describeShape, formatBytes, writeStreamAtomic } from '@lacuna/core';
import { writePng, type OpenImage } from '@lacuna/datasets';
import type { Mask } from '@lacuna/iqa';
import { openRows, type RowsOut } from '../upscale/rows-out.js';
import { graphMlText, nodeLinkText, type GraphFacts } from './graph-text.js';
import type { MeasuredNetwork } from './measured.js';
import type { GraphFiles, NetworkFiles } from './network-files.js';
import { networkOverlay } from './overlay.js';
import type { Proposal } from './proposal.js';
import { proposalsTable } from './proposals.js';
import {
  coveredBy,
  factsOf,
  networkNotes,
  numberOf,
  readNetwork,
  shownLevel,
  tableOf,
  type CoveringNetwork,
  type NetworkSource,
  type ReadNetwork,
} from './read-network.js';
import { stageFiles } from './staged-files.js';
import { swcText } from './swc-text.js';

/** The sizes of an image whose network is read. */
type Extent = Pick<OpenImage, 'width' | 'height' | 'depth'>;

/**
 * Bytes while the network of a time point is made: for each pixel the mask, what thinning keeps, the centreline and
 * distances of 8 bytes; for each pixel of a plane its intensities, smoothed ones and the picture. Measured: 13 for a
 * pixel of a volume of 320 x 320 x 200, 39 for one of a plane of 5000 x 4000. Links are proposed from the smoothed
 * intensities of every pixel.
 */
const BYTES = { pixel: 16, planePixel: 32, proposing: 4 };
/** Pixels of a time point that indices of 32 bits reach, with the border of thinning. */
const MOST_PIXELS = 2 ** 31;

/**
 * The network of one time point is held whole, since centrelines and branches do not end at tiles.
 * @throws {InputError} where it does not fit into `bytes`, with how much it takes.
 */
export function requireNetworkRoom(
  name: string,
  { width, height, depth }: Extent,
  { bytes, proposes }: { readonly bytes: number; readonly proposes: boolean },
): void {
  const size = { width, height, depth, channels: 1 };
  const refuse = (got: string, wanted: string, remedy: string) => new InputError({ who: name, got, wanted, remedy });
  if ((width + 2) * (height + 2) * (depth > 1 ? depth + 2 : 1) >= MOST_PIXELS)
    throw refuse(`a network in ${describeShape(size)}`, 'fewer than 2^31 pixels a time point', 'cut the image');
  const pixel = BYTES.pixel + (proposes ? BYTES.proposing : 0);
  const needed = width * height * (depth * pixel + BYTES.planePixel);
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
export interface NetworkJob extends NetworkSource {
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
  const networks: CoveringNetwork[] = [];
  const proposed: (readonly Proposal[])[] = [];
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
        const { network, covered, proposals } = await networkAt(job, t, outs, staged(files.graphs[t].picture));
        await writeGraphs({ network, proposals, facts: factsOf(job, t, software) }, files.graphs[t], staged);
        networks.push({ network, covered });
        proposed.push(proposals ?? []);
      }
      await outs.mask.finish();
      await outs.centreline.finish();
    } catch (error) {
      await outs.mask.abandon();
      await outs.centreline.abandon();
      throw error;
    }
    await writeStreamAtomic(staged(files.branches), tableOf(networks.map(({ network }) => network)));
    if (files.proposals !== null)
      await writeStreamAtomic(staged(files.proposals), proposalsTable(networks[0].network.unit, proposed));
  });
  const { unit } = networks[0].network;
  const { name } = job.intensities;
  print(`${name}: network above ${numberOf(shownLevel(job))} (${job.reading.origin})`);
  for (const note of networkNotes(image, networks, unit)) print(`${name}: ${note}`);
  if (files.proposals !== null) print(`${name}: ${describeProposals(proposed.flat())}`);
  return networks.map(({ network }) => network);
}

/** "3 links proposed (scores 0.41 to 0.78), none of them in image, mask or centreline" */
function describeProposals(proposals: readonly Proposal[]): string {
  if (proposals.length === 0) return 'no links proposed';
  const scores = proposals.map(({ score }) => score);
  const range = `scores ${Math.min(...scores).toFixed(2)} to ${Math.max(...scores).toFixed(2)}`;
  const count = `${proposals.length} link${proposals.length === 1 ? '' : 's'} proposed`;
  return `${count} (${range}), none of them in image, mask or centreline`;
}

/** What the graph files of a time point show. */
interface ShownGraph extends Pick<ReadNetwork, 'network' | 'proposals'> {
  readonly facts: GraphFacts;
}

async function writeGraphs(
  { network, proposals, facts }: ShownGraph,
  files: GraphFiles,
  staged: (file: string) => string,
): Promise<void> {
  await writeStreamAtomic(staged(files.graphMl), graphMlText(network, facts, { proposals }));
  await writeStreamAtomic(staged(files.json), nodeLinkText(network, facts, { proposals }));
  await writeStreamAtomic(staged(files.swc), swcText(network, facts));
}

/** The network of one time point; its mask and centreline are written, and its picture. */
async function networkAt(
  job: NetworkJob,
  t: number,
  outs: Readonly<Record<'mask' | 'centreline', RowsOut>>,
  picture: string,
): Promise<CoveringNetwork & Pick<ReadNetwork, 'proposals'>> {
  const { width, height, depth } = job.image;
  const { mask, skeleton, network, projection, proposals } = await readNetwork(job, t);
  for (let z = 0; z < depth; z++) {
    await outs.mask.writeRows({ t, z }, 0, height, whiteOn(mask, z));
    await outs.centreline.writeRows({ t, z }, 0, height, whiteOn(skeleton, z));
  }
  const shown = { data: spread(projection), width, height };
  await writePng(picture, networkOverlay(shown, network, proposals ?? []), { bits: 8 });
  return { network, covered: coveredBy(mask), proposals };
}

/** A plane of a mask, 255 for 1. */
function whiteOn({ data, width, height }: Mask, z: number): Float32Array {
  const values = Float32Array.from(data.subarray(z * width * height, (z + 1) * width * height));
  for (let i = 0; i < values.length; i++) values[i] *= 255;
  return values;
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

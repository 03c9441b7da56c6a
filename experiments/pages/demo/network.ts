import { InputError, createImage, formatLength } from '@lacuna/core';
import { countComponents } from '@lacuna/iqa';
import type { DemoModel } from '../../src/demo/demo-model.js';
import type { MeasuredBranch, MeasuredNetwork } from '../../src/network/measured.js';
import {
  coveredBy,
  networkNotes,
  otsuLevel,
  readNetwork,
  shownLevel,
  type NetworkSource,
  type ReadNetwork,
  type Reading,
} from '../../src/network/read-network.js';
import { cyclesOf } from '../../src/network/swc-text.js';
import type { KnownLevel } from '../../src/upscale/network-level.js';
import type { Enlarged } from './enlarge.js';
import { memoryImage } from './memory-image.js';
import type { NetworkFigure, ShownBranch, ShownNetwork } from './protocol.js';

/** A network, and what it was read from. */
export interface NetworkOfImage extends ReadNetwork {
  readonly source: NetworkSource;
  readonly notes: readonly string[];
}

/** Weakness above which a branch is of the weakest third of the length. */
const WEAK = 2 / 3;

/**
 * Reads the network of an enlarged image, as `lacuna upscale --network` does: by the model's head or level, else at a
 * level that the user names.
 * @param wanted in the numbers of the image, or Otsu's; null for what the model knows, and Otsu's where it knows none.
 * @throws {InputError} for several channels, and levels above which everything lies.
 */
export async function networkOf(
  demo: DemoModel,
  enlarged: Enlarged,
  wanted: number | 'otsu' | null,
  keepsTrainingLevels: boolean,
): Promise<NetworkOfImage> {
  const { sr, lr, probability, levels, channel, isInverted } = enlarged;
  if (sr.channels !== 1)
    throw new InputError({
      who: sr.name,
      got: `${sr.channels} channels`,
      wanted: 'the network of one',
      remedy: 'take a model of one channel: it enlarges the channel that is chosen',
    });
  const image = memoryImage(sr, lr);
  const byHead = probability !== null && wanted === null;
  const shown = byHead
    ? memoryImage(createImage({ ...sr, data: probability, dataRange: [0, 1] }), { ...lr, dtype: 'float32', bits: 32 })
    : image;
  const affine = byHead ? { scale: 1, offset: 0 } : levels.channels[channel ?? 0];
  const { smoothing } = demo.network;
  const base = { image: shown, intensities: image, dark: isInverted, channel: 0 };
  const reading = { affine, smoothing };
  const known = knownLevel(demo, wanted, { byHead, keepsTrainingLevels, affine });
  const level: KnownLevel = known ?? {
    level: await otsuLevel({ ...base, reading }),
    origin: "Otsu's of the enlarged image",
  };
  const source: NetworkSource = { ...base, reading: { ...reading, ...level } };
  const read = await readNetwork(source, 0);
  const covering = { network: read.network, covered: coveredBy(read.mask) };
  return { ...read, source, notes: networkNotes(shown, [covering], read.network.unit) };
}

/** The level that the user or the model says; null where Otsu's is to be taken. */
function knownLevel(
  { network }: DemoModel,
  wanted: number | 'otsu' | null,
  how: { readonly byHead: boolean; readonly keepsTrainingLevels: boolean; readonly affine: Reading['affine'] },
): KnownLevel | null {
  if (wanted === 'otsu') return null;
  if (wanted !== null) return { level: wanted * how.affine.scale + how.affine.offset, origin: 'as told' };
  if (how.byHead) return network.head;
  // The model's level holds for images that are normalised as in training.
  return how.keepsTrainingLevels ? network.level : null;
}

/** What a page shows of a network. */
export function shownNetwork({ mask, network, source }: NetworkOfImage): ShownNetwork {
  const { nodes, spacing } = network;
  const places = (kinds: readonly string[]): Float32Array =>
    Float32Array.from(
      nodes
        .filter(({ kind }) => kinds.includes(kind))
        .flatMap(({ x, y, z }) => [x / spacing.x, y / spacing.y, z / spacing.z]),
    );
  return {
    level: shownLevel(source),
    origin: source.reading.origin,
    figures: figuresOf(network, mask),
    branches: network.branches.map((branch) => shownBranch(branch, network, mask)),
    ends: places(['end', 'point']),
    junctions: places(['junction']),
  };
}

function figuresOf(network: MeasuredNetwork, mask: ReadNetwork['mask']): NetworkFigure[] {
  const { nodes, branches, unit, spacing, length } = network;
  const extent = mask.width * mask.height * spacing.x * spacing.y * (mask.depth > 1 ? mask.depth * spacing.z : 1);
  const count = (kind: string) => String(nodes.filter((node) => node.kind === kind).length);
  const weighted = branches.reduce((sum, branch) => sum + branch.meanRadius * branch.length, 0);
  const total = branches.reduce((sum, branch) => sum + branch.length, 0);
  const power = mask.depth > 1 ? '³' : '²';
  const share = 100 * coveredBy(mask);
  const shownUnit = unit === 'um' ? 'µm' : unit;
  return [
    { name: 'branches', value: String(branches.length) },
    { name: 'length of centreline', value: formatLength(length, unit) },
    {
      name: mask.depth > 1 ? 'length per volume' : 'length per area',
      value: `${Number((length / extent).toPrecision(4))} ${shownUnit}/${shownUnit}${power}`,
    },
    { name: 'mean radius', value: total > 0 ? formatLength(weighted / total, unit) : '–' },
    { name: 'junctions', value: count('junction') },
    { name: 'free ends', value: count('end') },
    { name: 'components', value: String(countComponents(mask)) },
    { name: 'closed loops', value: String(cyclesOf(network)) },
    { name: mask.depth > 1 ? 'share of the volume' : 'share of the area', value: `${share.toFixed(1)} %` },
  ];
}

function shownBranch(branch: MeasuredBranch, { unit, nodes }: MeasuredNetwork, mask: ReadNetwork['mask']): ShownBranch {
  const { id, pixels, length, meanRadius, minRadius, tortuosity, meanIntensity, weakness } = branch;
  const { width, height } = mask;
  const places = new Int32Array(3 * pixels.length);
  pixels.forEach((pixel, i) => {
    places[3 * i] = pixel % width;
    places[3 * i + 1] = Math.floor(pixel / width) % height;
    places[3 * i + 2] = Math.floor(pixel / (width * height));
  });
  const text = [
    `branch ${id} (${nodes[branch.from].kind} to ${nodes[branch.to].kind})`,
    `length ${formatLength(length, unit)}`,
    `radius ${formatLength(meanRadius, unit)}, ${formatLength(minRadius, unit)} at the thinnest`,
    tortuosity === null ? 'a loop' : `tortuosity ${tortuosity.toFixed(2)}`,
    `intensity ${Number(meanIntensity.toPrecision(4))}`,
  ].join('; ');
  return { id, isWeak: weakness > WEAK, pixels: places, text };
}

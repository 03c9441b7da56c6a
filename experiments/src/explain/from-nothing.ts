import { convertLength, createImage, median, type Image, type LengthUnit, type Rng } from '@lacuna/core';
import { degrade, enlarge, factorsOf, finerPixelSize, type DegradationSpec, type Factor } from '@lacuna/datasets';
import { extractGraph, shufflePhases, type Mask, type NetworkGraph, type Spacing } from '@lacuna/iqa';
import { readNetwork, type NetworkReading, type Restored, type Restorer } from './read-network.js';

/** Length of network for an area or a volume. */
export interface NetworkDensity {
  readonly value: number;
  /** `mm/mm²` of planes and `mm/mm³` of volumes; of images that do not say their pixels `px/px²` and `px/px³`. */
  readonly unit: string;
}

/**
 * Length of a network over the extent of its image.
 * @param options.unit of the spacing.
 */
export function networkDensity(
  { length }: Pick<NetworkGraph, 'length'>,
  { width, height, depth }: Pick<Mask, 'width' | 'height' | 'depth'>,
  { spacing, unit }: { readonly spacing: Required<Spacing>; readonly unit: LengthUnit | 'px' },
): NetworkDensity {
  const isVolume = depth > 1;
  const extent = width * spacing.x * height * spacing.y * (isVolume ? depth * spacing.z : 1);
  const power = isVolume ? '³' : '²';
  if (unit === 'px') return { value: length / extent, unit: `px/px${power}` };
  // Lengths fall by one dimension, or two, when they are divided by the extent.
  const millimetre = convertLength(1, 'mm', unit);
  return { value: (length / extent) * millimetre ** (isVolume ? 2 : 1), unit: `mm/mm${power}` };
}

/** What a model makes of an input without a network. */
export interface Imagined {
  /** The input of the first draw. */
  readonly lr: Image;
  readonly restored: Restored;
  /** The network of the first draw. */
  readonly graph: NetworkGraph;
  /** Mean over the draws. */
  readonly density: NetworkDensity;
  /** The same of bicubic interpolation, cut at the same level; null where networks are read from a head. */
  readonly interpolated: NetworkDensity | null;
}

/** How inputs without a network are restored and read. */
export interface NothingOptions {
  readonly restorer: Pick<Restorer, 'restore' | 'readsHead'>;
  readonly reading: Pick<NetworkReading, 'level' | 'smoothing'>;
  readonly spacing: Required<Spacing>;
  readonly unit: LengthUnit | 'px';
  /** Of the model. */
  readonly factor: Factor;
  readonly rng: Rng;
  /** Inputs that are drawn. */
  readonly draws: number;
}

/** What a model makes of `draws` inputs, and what interpolation makes of them. */
export async function imagine(draw: (rng: Rng) => Image, options: NothingOptions): Promise<Imagined> {
  const { restorer, reading, spacing, factor, rng, draws } = options;
  const densityIn = (map: Image) => {
    const { skeleton } = readNetwork(map, reading);
    const graph = extractGraph(skeleton, { spacing });
    return { graph, density: networkDensity(graph, skeleton, options) };
  };
  let first: Pick<Imagined, 'lr' | 'restored' | 'graph'> | null = null;
  const densities: NetworkDensity[] = [];
  const plain: NetworkDensity[] = [];
  for (let k = 0; k < draws; k++) {
    const lr = draw(rng.fork(k));
    const restored = await restorer.restore(lr);
    const { graph, density } = densityIn(restored.map);
    densities.push(density);
    first ??= { lr, restored, graph };
    if (!restorer.readsHead) plain.push(densityIn(enlarge(lr, factor, 'bicubic')).density);
  }
  return { ...first!, density: meanOf(densities)!, interpolated: meanOf(plain) };
}

function meanOf(densities: readonly NetworkDensity[]): NetworkDensity | null {
  if (densities.length === 0) return null;
  const sum = densities.reduce((total, { value }) => total + value, 0);
  return { value: sum / densities.length, unit: densities[0].unit };
}

/** The brightness around a network: the median of what is not in its mask; 0 where that is all. */
export function backgroundOf(sr: Image, mask: Mask): number {
  const around = sr.data.filter((_, i) => mask.data[i] === 0);
  return around.length === 0 ? 0 : Math.max(0, median(around));
}

/** A scan of a field as bright as the background everywhere: noise alone. */
export function blankField(
  lr: Image,
  { degradation, brightness }: { readonly degradation: DegradationSpec; readonly brightness: number },
  rng: Rng,
): Image {
  const factors = factorsOf(degradation);
  const field = createImage({
    width: lr.width * factors.x,
    height: lr.height * factors.y,
    depth: lr.depth * factors.z,
    dataRange: [0, 1],
    pixelSize: lr.pixelSize && finerPixelSize(lr.pixelSize, factors),
    name: 'blank field',
  });
  field.data.fill(brightness);
  return { ...degrade(field, degradation, rng), pixelSize: lr.pixelSize };
}

/** A scan of the same spectrum whose structure is gone. */
export const shuffled = (lr: Image, rng: Rng): Image => ({
  ...lr,
  data: shufflePhases(lr, rng),
  name: 'shuffled phases',
});

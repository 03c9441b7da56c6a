import type { Image } from '@lacuna/core';
import { skeletonize, smooth, threshold, type Mask } from '@lacuna/iqa';

/** What a model makes of a scan. */
export interface Restored {
  /** On the fine grid, normalised as the scan is; not clipped. */
  readonly image: Image;
  /** What its network is read from: the image, or the probability that the model's head gives. */
  readonly map: Image;
}

/** A model that enlarges scans in memory. */
export interface Restorer {
  /** One line for people: where it runs. */
  readonly device: string;
  /** Networks are read from the model's head. */
  readonly readsHead: boolean;
  restore(lr: Image): Promise<Restored>;
  dispose(): Promise<void>;
}

/** How a network is told from the rest. */
export interface NetworkReading {
  /** In what it is read from. */
  readonly level: number;
  /** Where the level comes from, for people. */
  readonly origin: string;
  /** Sigma in px of the Gaussian before the level, in the plane. */
  readonly smoothing: number;
}

/** A network as its mask and its centreline. */
export interface ReadNetwork {
  readonly mask: Mask;
  readonly skeleton: Mask;
}

/** The network of what a model made. */
export function readNetwork(
  map: Image,
  { level, smoothing }: Pick<NetworkReading, 'level' | 'smoothing'>,
): ReadNetwork {
  const mask = threshold(smooth(map, smoothing), level);
  return { mask, skeleton: skeletonize(mask) };
}

import type { Image } from '@lacuna/core';
import type { Region } from '@lacuna/datasets';
import type { Mask } from '@lacuna/iqa';

/** One place as coarse and fine image, both normalised. */
export interface Pair {
  readonly region: Region;
  readonly lr: Image;
  readonly hr: Image;
  /** What the degradation does to a fine image of this place, without noise. */
  readonly forward: (hr: Image) => Image;
  /** The network that is known to be in a synthetic image. */
  readonly truth: { readonly mask: Mask; readonly skeleton: Mask } | null;
}

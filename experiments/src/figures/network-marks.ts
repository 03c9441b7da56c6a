import type { Image } from '@lacuna/core';
import { compareNetworks, skeletonize, type Mask } from '@lacuna/iqa';

/** The images or volumes of one specimen of the test split: the same HR and LR for all methods. */
export interface TestImages {
  readonly hr: Image;
  readonly lr: Image;
  readonly sr: readonly { readonly method: string; readonly image: Image }[];
  /** The network that is known to be there; null where the HR image has to say it. */
  readonly truth: { readonly mask: Mask; readonly skeleton: Mask } | null;
}

/** How networks are compared: as the evaluation does. */
export interface MarkOptions {
  /** px of x by which a branch may be off and still count as found. */
  readonly tolerance: number;
  readonly segment: (image: Image) => Mask;
}

/** The reference's centreline and, for each method in turn, which branches are found, missed and invented. */
export interface NetworkMarks {
  readonly skeleton: Mask;
  readonly marks: readonly Uint8Array[];
}

/** Compares the network of each method with the known one, or with that of the HR image. */
export function networkMarks({ hr, sr, truth }: TestImages, { tolerance, segment }: MarkOptions): NetworkMarks {
  const mask = truth?.mask ?? segment(hr);
  // Drawn centrelines are thinned, as the scores do.
  const skeleton = skeletonize(truth?.skeleton ?? mask);
  // Voxels differ along z: distances between their branches need their size.
  const pixelSize = mask.depth > 1 ? hr.pixelSize : null;
  const marks = sr.map(({ image }) => {
    const estimate = segment(image);
    const { labels } = compareNetworks(mask, estimate, {
      tolerance: tolerance * (pixelSize?.x ?? 1),
      pixelSize,
      skeletons: { reference: skeleton, estimate: skeletonize(estimate) },
    });
    return labels;
  });
  return { skeleton, marks };
}

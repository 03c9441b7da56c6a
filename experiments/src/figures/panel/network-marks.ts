import type { Image } from '@lacuna/core';
import { compareNetworks, skeletonize, type Mask, type NetworkComparison } from '@lacuna/iqa';

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
  /** By method the branches, one by one. */
  readonly branches: readonly (readonly MarkedBranch[])[];
  /** Those of the reference's network; none where no method was compared with it. */
  readonly reference: readonly DrawnBranch[];
}

/** A branch as it is drawn. */
export interface DrawnBranch {
  /** In order, indices in the plane or volume. */
  readonly pixels: Int32Array;
  /** In px of x. */
  readonly length: number;
}

/** A branch that was compared. */
export interface MarkedBranch extends DrawnBranch {
  readonly kind: 'found' | 'missed' | 'invented';
  /** Share of it within the tolerance of the other network's centreline, 0 to 1. */
  readonly share: number;
  /** What speaks for it, where that was measured; nothing of branches that the method does not show. */
  readonly evidence?: BranchEvidence;
}

/** What speaks for a branch that a method shows. */
export interface BranchEvidence {
  /** Mean share of it that a half of the light gives, 0..1; null where the light was not split. */
  readonly given: number | null;
  /** Share of its contrast that the scan determines, 0..1; null where nobody asked or it has no contrast. */
  readonly measured: number | null;
  readonly isDoubtful: boolean;
}

/** Compares the network of each method with the known one, or with that of the HR image. */
export function networkMarks({ hr, sr, truth }: TestImages, { tolerance, segment }: MarkOptions): NetworkMarks {
  const mask = truth?.mask ?? segment(hr);
  // Drawn centrelines are thinned, as the scores do.
  const skeleton = skeletonize(truth?.skeleton ?? mask);
  // Voxels differ along z: distances between their branches need their size.
  const pixelSize = mask.depth > 1 ? hr.pixelSize : null;
  const unit = pixelSize?.x ?? 1;
  const compared = sr.map(({ image }) => {
    const estimate = segment(image);
    return compareNetworks(mask, estimate, {
      tolerance: tolerance * unit,
      pixelSize,
      skeletons: { reference: skeleton, estimate: skeletonize(estimate) },
    });
  });
  return {
    skeleton,
    marks: compared.map(({ labels }) => labels),
    branches: compared.map((comparison) => branchesOf(comparison, unit)),
    reference: compared.length === 0 ? [] : compared[0].graphs.reference.branches.map((branch) => drawn(branch, unit)),
  };
}

const drawn = ({ pixels, length }: DrawnBranch, unit: number): DrawnBranch => ({ pixels, length: length / unit });

/** @param unit how long a px of x is in the comparison's lengths. */
function branchesOf(comparison: NetworkComparison, unit: number): MarkedBranch[] {
  return (['found', 'missed', 'invented'] as const).flatMap((kind) =>
    comparison[kind].map(({ branch, share }) => ({ kind, ...drawn(branch, unit), share })),
  );
}

import { median, type Image } from '@lacuna/core';
import type { DegradationSpec } from '@lacuna/datasets';
import { distanceTransform, type Mask } from '@lacuna/iqa';
import { GIVEN_FROM } from '../../explain/halves.js';
import { measuredParts, measuredShares } from '../../explain/measured.js';
import type { MarkedBranch } from '../../figures/panel/network-marks.js';

/** Part of the usual measured share below which a branch is doubtful: a scan determines about as much of all. */
const OF_USUAL = 0.5;

/** What branches of one method are asked by. */
export interface EvidenceSource {
  readonly sr: Image;
  /** The method's network. */
  readonly mask: Mask;
  /** At each pixel the share of halves of the light that give it; null where the light was not split. */
  readonly given: Image | null;
  /** The scan, and how it was made; null where nobody asked what it determines. */
  readonly scan: { readonly lr: Image; readonly degradation: DegradationSpec } | null;
}

/**
 * Branches with what speaks for them. A branch is doubtful where halves of the light give less than half of it, or
 * where the scan determines less than half as much of its contrast as of the method's middle branch. What was missed is
 * not shown, and has no evidence.
 */
export function withBranchEvidence(branches: readonly MarkedBranch[], source: EvidenceSource): MarkedBranch[] {
  const { given, scan } = source;
  if (given === null && scan === null) return [...branches];
  const measured = scan === null ? branches.map(() => null) : sharesOf(branches, source, scan);
  const found = branches.map(({ kind, pixels }, i) =>
    kind === 'missed' ? null : { given: given && meanAlong(given.data, pixels), measured: measured[i] },
  );
  const shares = found.flatMap((each) => each?.measured ?? []);
  const usual = shares.length === 0 ? 0 : median(shares);
  return branches.map((branch, i) => {
    const each = found[i];
    if (each === null) return branch;
    const isNotGiven = each.given !== null && each.given < GIVEN_FROM;
    const isAdded = each.measured !== null && each.measured < OF_USUAL * usual;
    return { ...branch, evidence: { ...each, isDoubtful: isNotGiven || isAdded } };
  });
}

const meanAlong = (data: ArrayLike<number>, pixels: Int32Array): number =>
  pixels.reduce((sum, pixel) => sum + data[pixel], 0) / pixels.length;

/** Shares of the branches' contrast in the part of the image that the scan determines; null without contrast. */
function sharesOf(
  branches: readonly MarkedBranch[],
  { sr, mask }: EvidenceSource,
  { lr, degradation }: NonNullable<EvidenceSource['scan']>,
): (number | null)[] {
  // What is around a wide branch begins beyond its radius, in px of x: voxels differ along z.
  const { x = 1, z = x } = sr.pixelSize ?? {};
  const radii = distanceTransform(mask, { spacing: { x: 1, y: 1, z: z / x } });
  const wide = branches.map(({ pixels }) => ({ pixels, meanRadius: meanAlong(radii, pixels) }));
  const parts = measuredParts(sr, lr, degradation);
  return measuredShares({ branches: wide, spacing: { x: 1 } }, mask, sr, parts).map(({ measured }) => measured);
}

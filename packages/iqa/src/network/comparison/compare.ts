import { InputError, type PixelSize } from '@lacuna/core';
import type { Intensities } from '../../intensities.js';
import { requireSameMaskSize, type Mask } from '../../mask.js';
import { branchIntensity } from './contrast.js';
import { distanceToMask } from '../distance/distance.js';
import { kolmogorovSmirnov, wasserstein1 } from '../../distributions.js';
import { extractGraph, type Branch, type NetworkGraph } from '../graph/graph.js';
import { shareOf } from './matched-share.js';
import { binRecall, weakRecall, type RecallBin } from './recall.js';
import { skeletonize } from '../thinning/skeletonize.js';

/** What {@link compareNetworks} draws: pixels of the label image. */
export const comparisonLabels = { background: 0, found: 1, missed: 2, invented: 3 } as const;

/** A branch of one network, and how much of it the other one has. */
export interface ComparedBranch {
  readonly branch: Branch;
  /** Share of its pixels within the tolerance of the other's centreline, 0..1. */
  readonly share: number;
  /** Mean intensity along the centreline; null without intensities. */
  readonly intensity: number | null;
  /** That, less the mean of the background beside it; null without intensities or background. */
  readonly contrast: number | null;
}

/** Distances between two distributions. */
export interface DistributionDistance {
  readonly wasserstein: number | null;
  readonly ks: number | null;
}

/** Two networks compared branch by branch. Lengths are in `unit`. */
export interface NetworkComparison {
  readonly unit: PixelSize['unit'] | 'px';
  readonly found: readonly ComparedBranch[];
  readonly missed: readonly ComparedBranch[];
  readonly invented: readonly ComparedBranch[];
  readonly lengths: {
    readonly reference: number;
    readonly estimate: number;
    readonly found: number;
    readonly missed: number;
    readonly invented: number;
  };
  /** Found length over the reference's length; null for an empty reference. */
  readonly recall: number | null;
  /** Invented length over the estimate's length; null for an empty estimate. */
  readonly inventedShare: number | null;
  /** Recall of the weakest third of the reference's length: by intensity where given, else by diameter. */
  readonly weakRecall: number | null;
  readonly recallByIntensity: readonly RecallBin[];
  readonly recallByDiameter: readonly RecallBin[];
  readonly degrees: DistributionDistance;
  readonly branchLengths: DistributionDistance;
  readonly graphs: { readonly reference: NetworkGraph; readonly estimate: NetworkGraph };
  /** One byte a pixel, values of {@link comparisonLabels}. */
  readonly labels: Uint8Array;
}

/** Options of {@link compareNetworks}. */
export interface CompareOptions {
  /** How far apart two centrelines may lie and still be one, in the unit of the pixel size. */
  readonly tolerance: number;
  /** Size of a pixel; null or missing: lengths are in px. */
  readonly pixelSize?: PixelSize | null;
  /** Grey images that the masks came from: the reference's for its branches, the estimate's for invented ones. */
  readonly intensities?: { readonly reference: Intensities; readonly estimate?: Intensities };
  /** Share of a branch from which it counts as found (invented below it); .5 by default. */
  readonly foundFrom?: number;
  /** Bins of equal length in the recall tables; 5 by default. */
  readonly bins?: number;
  /** Skeletons made already. */
  readonly skeletons?: { readonly reference: Mask; readonly estimate: Mask };
}

/**
 * Which branches of the reference the estimate has found or missed, and which it has invented.
 *
 * Both masks are thinned and made into graphs. A pixel of a centreline counts as matched if the other centreline passes
 * within the tolerance; a branch is found, or not invented, if at least half of it is. Lengths of found, missed and
 * invented parts are summed pixel by pixel, so that half a branch counts half.
 * @throws {ShapeError} if sizes differ. @throws {InputError} for a negative tolerance.
 */
export function compareNetworks(reference: Mask, estimate: Mask, options: CompareOptions): NetworkComparison {
  requireSameMaskSize('compareNetworks', reference, estimate);
  const { tolerance, pixelSize = null, intensities, foundFrom = 0.5, bins = 5 } = options;
  if (!(tolerance >= 0))
    throw new InputError({
      who: 'compareNetworks',
      got: `a tolerance of ${tolerance}`,
      wanted: 'a number >= 0, in the unit of the pixel size (px without one)',
    });
  const spacing = pixelSize ?? { x: 1, y: 1, z: 1 };
  const skeletons = options.skeletons ?? { reference: skeletonize(reference), estimate: skeletonize(estimate) };
  const graphs = {
    reference: extractGraph(skeletons.reference, { spacing, mask: reference }),
    estimate: extractGraph(skeletons.estimate, { spacing, mask: estimate }),
  };
  const toEstimate = distanceToMask(skeletons.estimate, { spacing });
  const toReference = distanceToMask(skeletons.reference, { spacing });
  const examine = (
    graph: NetworkGraph,
    distances: Float64Array,
    mask: Mask,
    image: Intensities | undefined,
  ): ComparedBranch[] =>
    graph.branches.map((branch) => ({
      branch,
      share: shareOf(branch, (pixel) => distances[pixel] <= tolerance),
      ...branchIntensity(branch, mask, image),
    }));
  const ours = examine(graphs.reference, toEstimate, reference, intensities?.reference);
  const theirs = examine(graphs.estimate, toReference, estimate, intensities?.estimate);
  const foundLength = matchedLength(ours);
  const sharedLength = matchedLength(theirs);
  const referenceLength = branchTotal(ours);
  const estimateLength = branchTotal(theirs);
  const weigh = (key: (b: ComparedBranch) => number | null) =>
    ours.flatMap((b) => {
      const value = key(b);
      return value === null ? [] : [{ value, length: b.branch.length, recall: b.share }];
    });
  const byIntensity = weigh((b) => b.intensity);
  const byDiameter = weigh((b) => b.branch.width);
  const degreesOf = (graph: NetworkGraph) => graph.nodes.map((node) => node.degree);
  const lengthsOf = (list: ComparedBranch[]) => list.map((b) => b.branch.length);
  const compare = (a: number[], b: number[]): DistributionDistance => ({
    wasserstein: wasserstein1(a, b),
    ks: kolmogorovSmirnov(a, b),
  });
  return {
    unit: pixelSize?.unit ?? 'px',
    found: ours.filter((b) => b.share >= foundFrom),
    missed: ours.filter((b) => b.share < foundFrom),
    invented: theirs.filter((b) => b.share < foundFrom),
    lengths: {
      reference: referenceLength,
      estimate: estimateLength,
      found: foundLength,
      missed: referenceLength - foundLength,
      invented: estimateLength - sharedLength,
    },
    recall: referenceLength > 0 ? foundLength / referenceLength : null,
    inventedShare: estimateLength > 0 ? (estimateLength - sharedLength) / estimateLength : null,
    weakRecall: weakRecall(intensities ? byIntensity : byDiameter),
    recallByIntensity: binRecall(byIntensity, bins),
    recallByDiameter: binRecall(byDiameter, bins),
    degrees: compare(degreesOf(graphs.reference), degreesOf(graphs.estimate)),
    branchLengths: compare(lengthsOf(ours), lengthsOf(theirs)),
    graphs,
    labels: paint(skeletons, toEstimate, toReference, tolerance),
  };
}

const branchTotal = (list: ComparedBranch[]) => list.reduce((sum, b) => sum + b.branch.length, 0);
const matchedLength = (list: ComparedBranch[]) => list.reduce((sum, b) => sum + b.branch.length * b.share, 0);

function paint(
  skeletons: { reference: Mask; estimate: Mask },
  toEstimate: Float64Array,
  toReference: Float64Array,
  tolerance: number,
): Uint8Array {
  const { data } = skeletons.reference;
  const other = skeletons.estimate.data;
  const labels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    if (data[i]) labels[i] = toEstimate[i] <= tolerance ? comparisonLabels.found : comparisonLabels.missed;
    else if (other[i] && toReference[i] > tolerance) labels[i] = comparisonLabels.invented;
  }
  return labels;
}

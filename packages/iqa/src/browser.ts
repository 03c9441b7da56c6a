// What runs in a browser as well as in Node: the entry for the condition `browser`.
export { cropBorder, type Intensities } from './intensities.js';
export { countForeground, createMask, type Connectivity, type Mask, type Spacing } from './mask.js';
export { mse, nrmse, pearson, psnr, type Normalization } from './pixel/error.js';
export { ssim, ssimMap } from './pixel/ssim.js';
export { hysteresisThreshold, otsuThreshold, threshold } from './network/segmentation/threshold.js';
export { smooth } from './pixel/smooth.js';
export {
  countComponents,
  labelComponents,
  largestComponentShare,
  type ComponentOptions,
  type Components,
} from './network/topology/components.js';
export { bettiErrors, bettiNumbers, patchBettiErrors, type Betti, type BettiErrors } from './network/topology/betti.js';
export { criticalRegions, type CriticalRegions } from './network/topology/critical-regions.js';
export { eulerNumber } from './network/topology/euler.js';
export { bettiMatching, type BettiMatching, type BettiMatchingOptions } from './network/topology/betti-matching.js';
export { networkThreshold } from './network/segmentation/network-threshold.js';
export { thinZhang } from './network/thinning/thin-zhang.js';
export { distanceToMask, distanceTransform } from './network/distance/distance.js';
export { clDice, dice, type ClDice, type EmptyFlag } from './network/comparison/overlap.js';
export { dilateSquare, trainingTargets, type TrainingTargets } from './network/targets.js';
export { skeletonize } from './network/thinning/skeletonize.js';
export { thinLee } from './network/thinning/thin-lee.js';
export { thinVolume } from './network/thinning/thin-volume.js';
export { extractGraph, pruneSkeleton, type Branch, type NetworkGraph, type GraphNode } from './network/graph/graph.js';
export {
  compareNetworks,
  comparisonLabels,
  type CompareOptions,
  type ComparedBranch,
  type DistributionDistance,
  type NetworkComparison,
} from './network/comparison/compare.js';
export { branchIntensity } from './network/comparison/contrast.js';
export { knownShares, matchedShares } from './network/comparison/matched-share.js';
export { ownLevel, type OwnLevel, type ValidationPair } from './network/comparison/own-level.js';
export {
  recallAtInvention,
  type RecallAtInvention,
  type RecallAtInventionOptions,
  type RecallPoint,
} from './network/comparison/recall-at-invention.js';
export { type RecallBin } from './network/comparison/recall.js';
export { meanTortuosity, morphometry, type Morphometry } from './network/graph/morphometry.js';
export { surfaceDistances, type SurfaceDistances } from './network/distance/surface.js';
export { kolmogorovSmirnov, wasserstein1 } from './distributions.js';
export { luma } from './pixel/luma.js';
export { metricNames, metricOf, metrics, registerMetric, type MetricName } from './evaluate/catalogue.js';
export { type Measured, type Metric } from './evaluate/metric.js';
export { metricsTable } from './evaluate/metrics-table.js';
export { type EvaluateOptions, type EvaluationContext } from './evaluate/context.js';
export { evaluationSpec, registeredEvaluationSpec, thresholdSpec, type EvaluationSpec } from './evaluate/spec.js';
export { msSsim } from './pixel/ms-ssim.js';
export { gmsd } from './pixel/gmsd.js';
export { vif } from './pixel/vif.js';
export { frc, type Frc } from './spectrum/frc.js';
export { spectrumError } from './spectrum/power.js';
export { decorrelation, type Decorrelation } from './spectrum/decorrelation.js';
export { shufflePhases } from './spectrum/shuffle-phases.js';
export { fft2, planFft, type Fft } from './spectrum/fft.js';
export { type SpectrumWindow } from './spectrum/rings.js';
export { kendallTau } from './analysis/kendall.js';
export { disagreement, type Disagreement, type MetricPair, type ScoreRow } from './analysis/disagreement.js';
export {
  attackCurve,
  compareAttacks,
  type AttackComparison,
  type AttackCurve,
  type AttackOrder,
} from './network/graph/attack.js';
export { localThickness } from './network/distance/thickness.js';
export { resolutionScaled, type ResolutionScaled } from './pixel/squirrel.js';
export { proposeLinks, type LinkOptions, type LinkSource, type ProposedLink } from './network/links/propose-links.js';
export { judgeLinks, type JudgedNetworks, type LinkJudgement } from './network/links/judge-links.js';
export { pathSimilarity, shortestPaths, type PathOptions } from './network/graph/path-similarity.js';
export { niqe, niqeFeatures } from './no-reference/niqe.js';
export { frechetDistance, kernelDistance, type FeatureRows, type FeatureScale } from './analysis/set-distances.js';
export { connectivityDensity, eulerChange } from './network/topology/connectivity-density.js';
export { comparisonColours, comparisonImage } from './network/comparison/comparison-image.js';
export { type Axis } from './pores/axis.js';
export { chordLengths, type EdgeChords } from './pores/chords.js';
export { twoPointCorrelation, type TwoPoint } from './pores/two-point.js';
export { percolation, type Percolation } from './pores/percolation.js';
export { measurePores, porosity, summarizeThickness, type Pore, type ThicknessSummary } from './pores/pores.js';
export { lacunoCanalicular, type Lacuna, type LacunoCanalicular } from './pores/lacunae.js';
export { ssimVolume } from './pixel/ssim-volume.js';
export { maskedScores, type MaskedScores } from './pixel/masked.js';
export { geometryFeatureNames, geometryFeatures } from './analysis/geometry-features.js';

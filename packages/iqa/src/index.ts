export { cropBorder, type Grid } from './grid.js';
export { countForeground, createMask, type Connectivity, type Mask, type Spacing } from './mask.js';
export { mse, nrmse, pearson, psnr, type Normalization } from './pixel/error.js';
export { ssim, ssimMap } from './pixel/ssim.js';
export { hysteresisThreshold, otsuThreshold, threshold } from './network/threshold.js';
export { smooth } from './pixel/smooth.js';
export {
  countComponents,
  labelComponents,
  largestComponentShare,
  type ComponentOptions,
  type Components,
} from './network/components.js';
export { bettiErrors, bettiNumbers, patchBettiErrors, type Betti, type BettiErrors } from './network/betti.js';
export { eulerNumber } from './network/euler.js';
export { bettiMatching, type BettiMatching, type BettiMatchingOptions } from './network/betti-matching.js';
export { networkThreshold } from './network/network-threshold.js';
export { thinZhang } from './network/thin-zhang.js';
export { distanceToMask, distanceTransform } from './network/distance.js';
export { clDice, dice, type ClDice, type EmptyFlag } from './network/overlap.js';
export { dilateSquare, trainingTargets, type TrainingTargets } from './network/targets.js';
export { skeletonize } from './network/skeletonize.js';
export { thinLee } from './network/thin-lee.js';
export { thinVolume } from './network/thin-volume.js';
export { extractGraph, pruneSkeleton, type Branch, type NetworkGraph, type NetworkNode } from './network/graph.js';
export {
  compareNetworks,
  comparisonLabels,
  type CompareOptions,
  type ComparedBranch,
  type DistributionDistance,
  type NetworkComparison,
} from './network/compare.js';
export { type RecallBin } from './network/recall.js';
export { meanTortuosity, morphometry, type Morphometry } from './network/morphometry.js';
export { surfaceDistances, type SurfaceDistances } from './network/surface.js';
export { kolmogorovSmirnov, wasserstein1 } from './distributions.js';
export { luma } from './pixel/luma.js';
export { metricNames, metricOf, metrics, type Measured, type Metric, type MetricName } from './evaluate/catalogue.js';
export { describeProtocol, evaluate, protocolId, type Evaluation } from './evaluate/evaluate.js';
export { type EvaluateOptions } from './evaluate/context.js';
export { evaluationSpec, thresholdSpec, type EvaluationSpec } from './evaluate/spec.js';
export { msSsim } from './pixel/ms-ssim.js';
export { gmsd } from './pixel/gmsd.js';
export { vif } from './pixel/vif.js';
export { frc, type Frc } from './spectrum/frc.js';
export { spectrumError } from './spectrum/power.js';
export { decorrelation, type Decorrelation } from './spectrum/decorrelation.js';
export { fft2, planFft, type Fft } from './spectrum/fft.js';
export { type SpectrumWindow } from './spectrum/rings.js';
export { kendallTau } from './study/kendall.js';
export { disagreement, type Disagreement, type MetricPair, type ScoreRow } from './study/disagreement.js';
export {
  attackCurve,
  compareAttacks,
  type AttackComparison,
  type AttackCurve,
  type AttackOrder,
} from './network/attack.js';
export { localThickness } from './network/thickness.js';
export { resolutionScaled, type ResolutionScaled } from './pixel/squirrel.js';
export { pathSimilarity, shortestPaths, type PathOptions } from './network/path-similarity.js';
export { niqe, niqeFeatures } from './no-reference/niqe.js';
export { frechetDistance, kernelDistance, type FeatureRows, type FeatureScale } from './study/set-distances.js';
export { connectivityDensity, eulerChange } from './network/connectivity-density.js';
export { comparisonColours, comparisonImage } from './network/comparison-image.js';
export { chordLengths, type Axis, type EdgeChords } from './pores/chords.js';
export { twoPointCorrelation, type TwoPoint } from './pores/two-point.js';
export { percolation, type Percolation } from './pores/percolation.js';
export { measurePores, porosity, summarizeThickness, type Pore, type ThicknessSummary } from './pores/pores.js';
export { lacunoCanalicular, type Lacuna, type LacunoCanalicular } from './pores/lacunae.js';
export { ssimVolume } from './pixel/ssim-volume.js';
export { maskedScores, type MaskedScores } from './pixel/masked.js';
export { geometryFeatureNames, geometryFeatures } from './study/geometry-features.js';

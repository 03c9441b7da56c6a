export { adversarialLoss, adversarialLosses, type AdversarialLoss } from './adversarial.js';
export {
  applyForwardModel,
  consistencyLoss,
  forwardMatrix,
  type ForwardKernel,
  type ForwardModel,
} from './consistency.js';
export {
  crossEntropyLoss,
  diceLoss,
  skeletonRecallLoss,
  softClDiceLoss,
  softSkeleton,
  softThreshold,
  thresholdLogits,
  type Erosion,
} from './network.js';
export { noiseVariance, withNoise, type NoiseModel } from './noise.js';
export { patchNce } from './patch-nce.js';
export { pixelLoss, pixelLosses, type PixelLoss } from './pixel.js';
export { topologicalErrorLoss, type CriticalWeights } from './topology.js';

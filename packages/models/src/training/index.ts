export { Divergence, LossAlarms, checkOutput } from './alarms.js';
export { CheckpointStore, HEADS_FILE, type LoopState } from './checkpoint.js';
export { generatorShapes, requireFit, type InitialWeights } from './initial-weights.js';
export { ImagePool } from './pool.js';
export { predictImage, predictSizeFor, predictSizes, type PredictOptions } from './predict.js';
export { decodeTensorFile, isTensorFile, readTensorFile, writeTensorFile, type TensorFile } from './safetensors.js';
export { learningRateAt, trainingSpec, type TrainingSpec } from './spec.js';
export {
  trainModel,
  type BatchSource,
  type Measured,
  type Progress,
  type TrainOptions,
  type TrainOutcome,
} from './train.js';
export { tileStarts, type Tile } from './tiles.js';

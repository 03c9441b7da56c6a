import { noiseModel, type PatchSize } from '@lacuna/datasets';
import { predictSizes, type ForwardModel, type RegimeContext, type Teacher } from '@lacuna/models';
import type { TrialSpec } from '../sweep/spec/spec.js';
import { criticalWeights } from './critical-weights.js';
import type { ByAxis } from './view/turn-axes.js';
import { forModel, forwardInView, inView, modelFactor, planesOf, type View } from './view/view.js';

/** What a trial's program is built for beside its settings: what its data say, or stand-ins before they are read. */
export interface ProgramSizes {
  readonly view: View;
  readonly batch: number;
  /** LR patch, by the axes of the images. */
  readonly patch: PatchSize;
  /** LR image that `predict` takes, by the axes of what the model sees. */
  readonly predicted: ByAxis;
  /** Level of the network in normalised HR images. */
  readonly threshold: number | null;
  /** The known degradation along the axes of the images. */
  readonly forward: ForwardModel | null;
  /** What the student of a regime with a teacher learns from. */
  readonly teacher: Teacher | null;
}

/** What a regime is built for: a trial's settings, and sizes. */
export function regimeContext(spec: TrialSpec, sizes: ProgramSizes): RegimeContext {
  const { model, training } = spec;
  const { optimizer } = training;
  const { view, batch, patch, predicted, threshold, forward, teacher } = sizes;
  const factor = modelFactor(spec, view);
  return {
    model,
    factor,
    noise: noiseModel(spec.degradation),
    channels: 1,
    planes: planesOf(view),
    batch,
    patch: forModel(inView(patch, view), view),
    predictSize: predictSizes(model, factor, [predicted.z, predicted.y, predicted.x].slice(-view.dimensions)),
    optimizer: {
      beta1: optimizer.beta1,
      beta2: optimizer.beta2,
      epsilon: optimizer.epsilon,
      weightDecay: optimizer.kind === 'adamw' ? optimizer.weightDecay : 0,
      clipNorm: training.clipNorm,
    },
    ema: training.ema,
    precision: training.precision,
    threshold,
    forward: forwardInView(forward, view),
    hasBreaks: training.breaks !== undefined,
    criticalWeights,
    teacher,
  };
}

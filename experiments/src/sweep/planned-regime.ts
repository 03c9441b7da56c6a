import { LacunaError } from '@lacuna/core';
import { forwardKernels, type PatchSize } from '@lacuna/datasets';
import { buildRegime, predictSizes, type ForwardModel, type Regime, type TrainedRegimeSpec } from '@lacuna/models';
import { criticalWeights } from '../trial/critical-weights.js';
import { forModel, modelFactor, type Dimensions } from '../trial/dimensions.js';
import type { TrialSpec } from './spec.js';

/** What a step is built for. */
export interface PlannedStep {
  readonly patch: PatchSize;
  readonly batch: number;
  readonly dimensions: Dimensions;
}

/**
 * What a trial will train, before its data are read: levels and pixel sizes are those of any image.
 * @throws {LacunaError} for a patch that does not pass through the model.
 */
export function plannedRegime(
  { model, degradation, training }: TrialSpec,
  regime: TrainedRegimeSpec,
  { patch, batch, dimensions }: PlannedStep,
): Regime {
  const factor = modelFactor({ degradation }, dimensions);
  return buildRegime(regime, {
    model,
    factor,
    channels: 1,
    batch,
    patch: forModel(patch, dimensions),
    predictSize: predictSizes(model, factor, [patch.z, patch.y, patch.x].slice(-dimensions)),
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: training.clipNorm },
    ema: training.ema,
    threshold: 0.5,
    forward: plannedForward(degradation),
    criticalWeights,
  });
}

/** The operator that losses know. Where it hangs on the pixel size, which the images say, one of the same stride. */
function plannedForward(degradation: TrialSpec['degradation']): ForwardModel | null {
  if (degradation.kind === 'blind') return null;
  try {
    return forwardKernels(degradation);
  } catch (error) {
    if (!(error instanceof LacunaError)) throw error;
    return forwardKernels({ kind: 'bicubic', factor: degradation.factor, noise: 0 });
  }
}

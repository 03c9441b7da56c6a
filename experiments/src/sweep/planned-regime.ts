import { LacunaError } from '@lacuna/core';
import { forwardKernels, type PatchSize } from '@lacuna/datasets';
import { buildRegime, predictSizes, type ForwardModel, type Regime, type TrainedRegimeSpec } from '@lacuna/models';
import { criticalWeights } from '../trial/critical-weights.js';
import { forModel, forwardInView, inView, modelFactor, planesOf, type View } from '../trial/view.js';
import type { TrialSpec } from './spec.js';

/** What a step is built for. */
export interface PlannedStep {
  readonly patch: PatchSize;
  readonly batch: number;
  readonly view: View;
}

/**
 * What a trial will train, before its data are read: levels and pixel sizes are those of any image.
 * @throws {LacunaError} for a patch that does not pass through the model.
 */
export function plannedRegime(
  { model, degradation, training }: TrialSpec,
  regime: TrainedRegimeSpec,
  { patch, batch, view }: PlannedStep,
): Regime {
  const factor = modelFactor({ degradation }, view);
  const seen = inView(patch, view);
  return buildRegime(regime, {
    model,
    factor,
    channels: 1,
    planes: planesOf(view),
    batch,
    patch: forModel(seen, view),
    predictSize: predictSizes(model, factor, [seen.z, seen.y, seen.x].slice(-view.dimensions)),
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: training.clipNorm },
    ema: training.ema,
    threshold: 0.5,
    forward: forwardInView(plannedForward(degradation), view),
    hasBreaks: training.breaks !== undefined,
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

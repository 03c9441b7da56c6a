import { LacunaError } from '@lacuna/core';
import { forwardKernels, type PatchSize } from '@lacuna/datasets';
import { buildRegime, type ForwardModel, type Regime, type Teacher, type TrainedRegimeSpec } from '@lacuna/models';
import { regimeContext } from '../../trial/regime-context.js';
import { inView, type View } from '../../trial/view/view.js';
import type { TrialSpec } from '../spec/spec.js';

/** What a step is built for. */
export interface PlannedStep {
  readonly patch: PatchSize;
  readonly batch: number;
  readonly view: View;
  readonly teacher: Teacher | null;
}

/**
 * What a trial will train, before its data are read: levels and pixel sizes are those of any image.
 * @throws {LacunaError} for a patch that does not pass through the model.
 */
export function plannedRegime(spec: TrialSpec, regime: TrainedRegimeSpec, step: PlannedStep): Regime {
  const { patch, batch, view, teacher } = step;
  return buildRegime(
    regime,
    regimeContext(spec, {
      view,
      batch,
      patch,
      predicted: inView(patch, view),
      threshold: 0.5,
      forward: plannedForward(spec.degradation),
      teacher,
    }),
  );
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

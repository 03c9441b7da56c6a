import { InputError } from '@lacuna/core';
import { GENERATOR, closedFormFit, isUnpaired, type Engine } from '@lacuna/models';
import { isTrained } from '../sweep/spec/method.js';
import type { TrialSpec } from '../sweep/spec/spec.js';
import { fitSource } from './data/fit-source.js';
import type { PreparedData } from './data/prepare.js';
import { modelFactor, viewOf } from './view/view.js';

/**
 * Refuses models that are fitted to what their trial does not have.
 * @throws {InputError} for a fit to pairs in a regime without them, and for one to a degradation that is not known.
 */
export function requireFittable({ regime, model, degradation }: TrialSpec): void {
  const fit = isTrained(regime) ? closedFormFit(model) : null;
  if (fit === null) return;
  if (isUnpaired(regime) || regime.kind === 'equivariant') {
    throw new InputError({
      who: fit.label,
      got: `regime ${regime.kind}, which has no pairs to fit it to`,
      wanted: 'pairs',
      remedy: `${fit.otherwise}, or regime.kind to paired or geometry`,
    });
  }
  if (fit.needs === 'forward' && degradation.kind === 'blind') {
    throw new InputError({
      who: fit.label,
      got: 'degradation.kind blind, which draws another blur for each region',
      wanted: 'a known one',
      remedy: `${fit.otherwise}, or degradation.kind to confocal, ct or bicubic`,
    });
  }
}

/** First values of the weights that a trial's model has in closed form, by their names in its regime. */
export async function fittedWeights(
  spec: TrialSpec,
  data: PreparedData,
  engine: Engine,
): Promise<Record<string, Float32Array>> {
  const fit = closedFormFit(spec.model);
  if (fit === null) return {};
  const factor = modelFactor(spec, viewOf(spec, data.dimensions));
  const weights = await fit.weights(fitSource(spec, data, engine), { factor, channels: 1 });
  return Object.fromEntries(Object.entries(weights).map(([name, { values }]) => [`${GENERATOR}.${name}`, values]));
}

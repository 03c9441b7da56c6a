import { Graph, stepNumbers } from '../graph/index.js';
import { pixelLoss } from '../losses/index.js';
import { HEADS, buildTerms, termInputs } from './geometry-terms.js';
import {
  GENERATOR,
  finishRegime,
  patchInputs,
  trainGenerator,
  trainScope,
  weightedSum,
  type Regime,
  type RegimeContext,
} from './regime.js';
import type { RegimeOf } from './spec.js';

/**
 * The geometry-informed regime: the paired one, and terms that know the network. All of them act while training; the
 * model that is handed over is the generator alone, with the same parameters and work as without them.
 */
export function geometryRegime(spec: RegimeOf<'geometry'>, context: RegimeContext): Regime {
  const g = new Graph();
  const { lr, hr } = patchInputs(g, context);
  const { sr, features, featureFactor } = trainGenerator(g, lr, context);
  const pixel = pixelLoss(g, spec.loss, sr, hr);
  const terms = buildTerms(termInputs(g, context, { lr, sr, features, featureFactor }, spec.temperature), spec);
  const weighted = terms.map(({ weight, value }) => [weight, value] as const);
  const loss = weightedSum(g, [[1, pixel], ...weighted]);
  const scopes = spec.heads > 0 ? [GENERATOR, HEADS] : [GENERATOR];
  const { updates, norms } = trainScope(g, loss, scopes, stepNumbers(g), context);
  const fetches = {
    loss,
    'loss/pixel': pixel,
    ...Object.fromEntries(terms.map(({ name, value }) => [`loss/${name}`, value])),
    ...norms,
  };
  return finishRegime(g, context, { step: { fetches, updates } });
}

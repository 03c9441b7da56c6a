import { Graph, stepNumbers } from '../graph/index.js';
import { pixelLoss } from '../losses/index.js';
import {
  GENERATOR,
  finishRegime,
  patchInputs,
  trainGenerator,
  trainScope,
  type Regime,
  type RegimeContext,
} from './regime.js';
import type { RegimeOf } from './spec.js';

/** LR and HR patches of one place, and the distance between SR and HR. */
export function pairedRegime(spec: RegimeOf<'paired'>, context: RegimeContext): Regime {
  const g = new Graph();
  const { lr, hr } = patchInputs(g, context);
  const { sr } = trainGenerator(g, lr, context);
  const loss = pixelLoss(g, spec.loss, sr, hr);
  const { updates, norms } = trainScope(g, loss, [GENERATOR], stepNumbers(g), context);
  return finishRegime(g, context, { step: { fetches: { loss, ...norms }, updates } });
}

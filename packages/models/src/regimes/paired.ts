import { Graph, stepNumbers } from '../graph/index.js';
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
import { askTeacher, pixelTerms } from './teacher.js';

/** LR and HR patches of one place, and the distance between SR and HR, and that to a teacher's image. */
export function pairedRegime(spec: RegimeOf<'paired'>, context: RegimeContext): Regime {
  const g = new Graph();
  const { lr, hr } = patchInputs(g, context);
  const { sr } = trainGenerator(g, lr, context);
  const answer = spec.teacher ? askTeacher(g, lr, context) : null;
  const terms = pixelTerms(g, spec, { sr, hr, answer });
  const loss = weightedSum(
    g,
    terms.map(({ weight, value }) => [weight, value]),
  );
  const values = answer ? Object.fromEntries(terms.map(({ name, value }) => [`loss/${name}`, value])) : {};
  const { updates, norms } = trainScope(g, loss, [GENERATOR], stepNumbers(g), context);
  return finishRegime(g, context, { step: { fetches: { loss, ...values, ...norms }, updates } });
}

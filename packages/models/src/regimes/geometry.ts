import { InputError } from '@lacuna/core';
import { middlePlane } from '../architectures/index.js';
import { Graph, stepNumbers, type Tensor, type Update } from '../graph/index.js';
import {
  CRITICAL,
  HEADS,
  buildTerms,
  taughtNetworkLoss,
  termInputs,
  type BuiltTerm,
  type TermInputs,
  type TermTimes,
} from './geometry-terms.js';
import {
  GENERATOR,
  finishRegime,
  lrInput,
  patchInputs,
  trainGenerator,
  trainScope,
  weightedSum,
  type Regime,
  type RegimeContext,
} from './regime.js';
import { keepsNetworkHead, type RegimeOf } from './spec.js';
import { askTeacher, pixelTerms, type TeacherAnswer, type WeightedTerm } from './teacher.js';

/** The action that asks where the network is before a step, for the terms that are made of its errors. */
const PROBABILITY = 'probability';

/**
 * The geometry-informed regime: the paired one, and terms that know the network. They act while training; the model
 * that is handed over is the generator alone, with the same parameters and work as without them, unless `networkHead`
 * keeps a head that gives the network beside the image.
 *
 * Terms that are part of some steps only make an action for each set of them, with a gradient of its own: a step
 * without a term computes nothing of it.
 */
export function geometryRegime(spec: RegimeOf<'geometry'>, given: RegimeContext): Regime {
  const context = { ...given, networkHead: keepsNetworkHead(spec) };
  const g = new Graph();
  const { lr, hr, shown } = patchInputs(g, context);
  const { sr, features, featureFactor, network } = trainGenerator(g, lr, context);
  const answer = spec.teacher ? askTeacher(g, lr, context) : null;
  const pixel = pixelTerms(g, spec, { sr, hr, answer });
  // The degraded SR image is held to what was measured, not to what was broken on purpose.
  const measured = context.hasBreaks ? middlePlane(g, lrInput(g, context, 'lrWhole'), context) : shown;
  const inputs = termInputs(g, context, { lr: measured, sr, hr, features, featureFactor, network }, spec.temperature);
  const always = [...pixel, ...taughtNetwork(inputs, spec, answer)];
  const terms = buildTerms(inputs, spec);
  const constant = terms.filter(({ times }) => times === null);
  const timed = terms.filter(isTimed);
  const scopes = spec.heads > 0 ? [GENERATOR, HEADS] : [GENERATOR];
  const numbers = stepNumbers(g);
  const stepWith = (some: readonly BuiltTerm[]) => {
    const all = [...always, ...some];
    const loss = weightedSum(
      g,
      all.map(({ weight, value }) => [weight, value]),
    );
    const { updates, norms } = trainScope(g, loss, scopes, numbers, context);
    const values = Object.fromEntries(all.map(({ name, value }) => [`loss/${name}`, value]));
    return { fetches: { loss, ...values, ...norms }, updates };
  };
  const actions: Record<string, { fetches: Record<string, Tensor>; updates: readonly Update[] }> = {};
  for (const some of subsets(timed)) actions[actionOf(some)] = stepWith([...constant, ...some]);
  const needsErrors = (some: readonly BuiltTerm[]) => some.some(({ name }) => name === 'topology');
  if (!needsErrors(timed))
    return finishRegime(g, context, actions, { actionsAt: (...at) => [actionOf(due(timed, at))] });

  actions[PROBABILITY] = { fetches: { [PROBABILITY]: inputs.probability() }, updates: [] };
  const { criticalWeights } = context;
  if (!criticalWeights)
    throw new InputError({
      who: 'regime geometry: topology',
      got: 'a context without criticalWeights',
      wanted: 'a function that labels what is topologically wrong',
    });
  const { shape } = inputs.probability();
  return finishRegime(g, context, actions, {
    actionsAt(...at) {
      const some = due(timed, at);
      return [...(needsErrors(some) ? [PROBABILITY] : []), actionOf(some)];
    },
    made: [
      {
        from: PROBABILITY,
        to: CRITICAL,
        make: (probability, { mask }) => criticalWeights(probability, mask, shape),
      },
    ],
  });
}

/** The term that holds a student's network to its teacher's; none without a teacher, or at weight 0. */
function taughtNetwork(
  inputs: TermInputs,
  { teacher, temperature }: RegimeOf<'geometry'>,
  answer: TeacherAnswer | null,
): WeightedTerm[] {
  if (!teacher || answer === null || teacher.network === 0) return [];
  const value = taughtNetworkLoss(inputs, { answer, temperature });
  return [{ name: 'teacher_network', weight: teacher.network, value }];
}

/** A term that is not part of every step. */
interface TimedTerm extends BuiltTerm {
  readonly times: TermTimes;
}
const isTimed = (term: BuiltTerm): term is TimedTerm => term.times !== null;

/** Terms that are part of a step. */
function due(terms: readonly TimedTerm[], [step, steps]: readonly [step: number, steps: number]): TimedTerm[] {
  return terms.filter(({ times: { from, every } }) => step > from * steps && step % every === 0);
}

/** Every choice of some terms, none and all among them. */
function subsets(terms: readonly TimedTerm[]): TimedTerm[][] {
  return terms.reduce<TimedTerm[][]>((sets, term) => [...sets, ...sets.map((set) => [...set, term])], [[]]);
}

/** "step", "step.soft_cldice.topology". */
const actionOf = (terms: readonly BuiltTerm[]): string => ['step', ...terms.map(({ name }) => name)].join('.');

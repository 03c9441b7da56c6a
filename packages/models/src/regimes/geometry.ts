import { InputError } from '@lacuna/core';
import { Graph, stepNumbers, conv, normal, type Tensor } from '../graph/index.js';
import {
  consistencyLoss,
  diceLoss,
  pixelLoss,
  skeletonRecallLoss,
  softClDiceLoss,
  softThreshold,
} from '../losses/index.js';
import {
  GENERATOR,
  finishRegime,
  hrInput,
  patchInputs,
  trainGenerator,
  trainScope,
  weightedSum,
  type Regime,
  type RegimeContext,
} from './regime.js';
import type { RegimeOf } from './spec.js';

const HEADS = 'heads';

/**
 * The geometry-informed regime: the paired one, and terms that know the network. All of them act while training; the
 * model that is handed over is the generator alone, with the same parameters and work as without them.
 */
export function geometryRegime(spec: RegimeOf<'geometry'>, context: RegimeContext): Regime {
  const g = new Graph();
  const { lr, hr } = patchInputs(g, context);
  const plane = { ...context, channels: 1 };
  const { sr, features, featureFactor } = trainGenerator(g, lr, context);
  const pixel = pixelLoss(g, spec.loss, sr, hr);
  const terms: [string, number, Tensor][] = [];

  if (spec.skeletonRecall > 0 || spec.dice > 0 || spec.softClDice > 0) {
    if (context.threshold === null)
      throw new InputError({
        who: 'regime geometry',
        got: 'no threshold',
        wanted: "the network's level in the HR images",
      });
    const probability = softThreshold(
      g,
      context.channels === 1 ? sr : g.mean(sr, { axes: [3], keepDims: true }),
      context.threshold,
      spec.temperature,
    );
    const mask = hrInput(g, 'mask', plane);
    if (spec.skeletonRecall > 0)
      terms.push([
        'skeleton_recall',
        spec.skeletonRecall,
        skeletonRecallLoss(g, probability, hrInput(g, 'tube', plane)),
      ]);
    if (spec.dice > 0) terms.push(['dice', spec.dice, diceLoss(g, probability, mask)]);
    if (spec.softClDice > 0)
      terms.push(['soft_cldice', spec.softClDice, softClDiceLoss(g, probability, mask, spec.softClDiceIterations)]);
  }
  if (spec.consistency > 0 && context.forward)
    terms.push(['consistency', spec.consistency, consistencyLoss(g, sr, lr, context.forward, context.factor)]);
  if (spec.heads > 0) terms.push(['heads', spec.heads, headsLoss(g, features, featureFactor, plane)]);

  const loss = weightedSum(g, [[1, pixel], ...terms.map(([, weight, term]) => [weight, term] as const)]);
  const { updates, norms } = trainScope(
    g,
    loss,
    spec.heads > 0 ? [GENERATOR, HEADS] : [GENERATOR],
    stepNumbers(g),
    context,
  );
  const fetches = {
    loss,
    'loss/pixel': pixel,
    ...Object.fromEntries(terms.map(([name, , term]) => [`loss/${name}`, term])),
    ...norms,
  };
  return finishRegime(g, context, { step: { fetches, updates } });
}

/**
 * One convolution from the generator's last features to four maps on the HR grid: distance to the background (px,
 * scaled to 0..1), centreline heat, and the direction as cos and sin of the double angle; L1 to their targets.
 */
function headsLoss(g: Graph, features: Tensor, featureFactor: number, plane: RegimeContext): Tensor {
  const maps = g.depthToSpace(
    g.scope(HEADS, () =>
      conv(g, 'maps', features, { filters: 4 * featureFactor * featureFactor, kernel: 3, initializer: normal(0.01) }),
    ),
    featureFactor,
  );
  const target = g.concat(
    [
      hrInput(g, 'distance', plane),
      hrInput(g, 'centreline', plane),
      hrInput(g, 'orientation', { ...plane, channels: 2 }),
    ],
    3,
  );
  return g.mean(g.abs(g.sub(maps, target)));
}

import { Graph, stepNumbers, type Tensor } from '../graph/index.js';
import { applyForwardModel, pixelLoss, withNoise } from '../losses/index.js';
import { DISCRIMINATOR_LOSS, discriminatorOf } from './discriminate.js';
import { requireForward, scanFit } from './known-physics.js';
import {
  GENERATOR,
  axesOf,
  finishRegime,
  hrInput,
  lrInput,
  noiseInput,
  trainGenerator,
  trainScope,
  weightedSum,
  type Regime,
  type RegimeContext,
} from './regime.js';
import type { RegimeOf } from './spec.js';

/**
 * Unpaired training without a second generator: the known degradation A, with its noise, is the way back. It closes
 * both cycles, A G(LR) to LR ({@link scanFit}: its noise is not to be explained) and G(A HR + noise) to HR, and needs
 * no weights, no discriminator of LR images and no learned intensities; one PatchGAN holds G(LR) to HR patches of other
 * places. An adversarial weight of 0 leaves the PatchGAN out.
 */
export function lightRegime(spec: RegimeOf<'light'>, context: RegimeContext): Regime {
  const forward = requireForward('regime light', context);
  const { factors } = axesOf(context);
  const g = new Graph();
  const lr = lrInput(g, context);
  const hr = hrInput(g, 'hrUnpaired', context);
  const degrade = (image: Tensor) => applyForwardModel(g, image, forward, factors);
  const adversary = spec.adversarialWeight > 0 ? discriminatorOf(g, spec, context) : null;

  const generate = (image: Tensor) => trainGenerator(g, image, context).sr;
  const { noise = null } = context;

  const sr = generate(lr);
  const fool = adversary?.fool(sr) ?? g.scalar(0);
  const consistency = scanFit(g, lr, { measured: degrade(sr), again: (scan) => degrade(generate(scan)), noise });
  const scan = withNoise(g, degrade(hr), noiseInput(g, 'scan', lr.shape), noise);
  const cycle = spec.cycleWeight > 0 ? pixelLoss(g, spec.loss ?? 'l1', generate(scan), hr) : g.scalar(0);
  const loss = weightedSum(g, [
    [spec.adversarialWeight, fool],
    [spec.consistencyWeight, consistency],
    [spec.cycleWeight, cycle],
  ]);
  const generator = trainScope(g, loss, [GENERATOR], adversary?.numbers ?? stepNumbers(g), context);

  const step = {
    fetches: {
      loss,
      ...(adversary ? { 'loss/adversarial': fool } : {}),
      'loss/consistency': consistency,
      ...(spec.cycleWeight > 0 ? { 'loss/cycle': cycle } : {}),
      ...(adversary ? { fakeHr: sr } : {}),
      ...generator.norms,
    },
    updates: generator.updates,
  };
  if (adversary === null) return finishRegime(g, context, { generators: step });
  return finishRegime(
    g,
    context,
    { generators: step, discriminators: adversary.step(sr, hr) },
    { pools: adversary.pools(sr), discriminatorLosses: [DISCRIMINATOR_LOSS] },
  );
}

import { Graph, stepNumbers, upsample, type Tensor } from '../graph/index.js';
import { patchDiscriminator } from '../architectures/index.js';
import { adversarialLoss, pixelLoss } from '../losses/index.js';
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

const DISCRIMINATOR = 'discriminator';

/**
 * Pix2Pix (Isola et al. 2017): the discriminator sees the enlarged LR image beside HR or SR. It is trained first, on
 * its halved loss; the generator then meets the discriminator as it is after that step.
 */
export function adversarialRegime(spec: RegimeOf<'adversarial'>, context: RegimeContext): Regime {
  const g = new Graph();
  const { lr, hr, shown } = patchInputs(g, context);
  const condition = upsample(g, shown, context.factor, 'bicubic');
  const { sr } = trainGenerator(g, lr, context);
  const discriminate = (image: Tensor) =>
    g.scope(DISCRIMINATOR, () =>
      patchDiscriminator(g, g.concat([condition, image], image.shape.length - 1), spec.discriminator),
    );
  const numbers = stepNumbers(g);

  const real = adversarialLoss(g, spec.adversarial, discriminate(hr), true);
  const fake = adversarialLoss(g, spec.adversarial, discriminate(g.stopGradient(sr)), false);
  const discriminatorLoss = g.scale(g.add(real, fake), 0.5);
  const discriminator = trainScope(g, discriminatorLoss, [DISCRIMINATOR], numbers, context);

  const fooled = g.withUpdatedWeights(() => adversarialLoss(g, spec.adversarial, discriminate(sr), true));
  const pixel = pixelLoss(g, spec.loss, sr, hr);
  const loss = weightedSum(g, [
    [spec.pixelWeight, pixel],
    [spec.adversarialWeight, fooled],
  ]);
  const generator = trainScope(g, loss, [GENERATOR], numbers, context);

  const fetches = {
    loss,
    'loss/pixel': pixel,
    'loss/adversarial': fooled,
    'loss/discriminator': discriminatorLoss,
    ...discriminator.norms,
    ...generator.norms,
  };
  return finishRegime(
    g,
    context,
    { step: { fetches, updates: [...discriminator.updates, ...generator.updates] } },
    { discriminatorLosses: ['loss/discriminator'] },
  );
}

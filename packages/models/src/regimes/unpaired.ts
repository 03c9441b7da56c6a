import { InputError } from '@lacuna/core';
import { Graph, spatialSizes, stepNumbers, upsample, type Tensor } from '../graph/index.js';
import { buildGenerator, gridOf, patchDiscriminator, shrinkGenerator } from '../architectures/index.js';
import { adversarialLoss, applyForwardModel, pixelLoss } from '../losses/index.js';
import {
  GENERATOR,
  axesOf,
  finishRegime,
  hrInput,
  lrInput,
  trainGenerator,
  trainScope,
  weightedSum,
  type Regime,
  type RegimeContext,
} from './regime.js';
import type { RegimeOf } from './spec.js';

/** The way back gives one coarse plane, and the way forth would need its neighbours. */
const planesAlone = (planes: number): InputError =>
  new InputError({
    who: 'regime unpaired',
    got: `${planes} neighbouring planes for one`,
    wanted: 'planes by themselves: the way back makes one coarse plane, whose neighbours nobody has',
    remedy: 'leave slicewise.neighbours out, or set regime.kind: paired',
  });

const BACKWARD = 'backward';
const DISCRIMINATOR_HR = 'discriminator-hr';
const DISCRIMINATOR_LR = 'discriminator-lr';

/**
 * CycleGAN (Zhu et al. 2017) between coarse and fine scans of different places: G enlarges, F goes back, each that is
 * learned has a discriminator. Generators first, then the discriminators on pools of earlier images.
 *
 * A model on the HR grid is the paper's own case: LR is enlarged once, and both generators map equal sizes. A model on
 * the LR grid enlarges by itself; F is then learned with strided convolutions, or is the known degradation. The
 * identity term of the paper (G of an HR image is that image) exists for equal sizes alone; between unequal ones the
 * mean over each LR pixel of G(LR) is held to LR.
 */
export function unpairedRegime(spec: RegimeOf<'unpaired'>, context: RegimeContext): Regime {
  const { channels, planes = 1 } = context;
  if (planes > 1) throw planesAlone(planes);
  const { factors: factor } = axesOf(context);
  const g = new Graph();
  const lr = lrInput(g, context);
  const hr = hrInput(g, 'hrUnpaired', context);
  const numbers = stepNumbers(g);
  const equalSizes = gridOf(context.model) === 'hr';
  const coarse = equalSizes ? upsample(g, lr, factor, 'bicubic') : lr;
  const forward = context.forward;
  const learnsBack = spec.backward.kind === 'learned';
  if (spec.backward.kind === 'known' && !forward) {
    throw new InputError({
      who: 'regime unpaired',
      got: 'backward: known, with a degradation that has no linear model',
      wanted: 'a confocal, ct or bicubic degradation',
      remedy: 'set regime.backward.kind to learned',
    });
  }

  // Between equal sizes a network runs several times in a step; CycleGAN has no dropout.
  const enlarge = (image: Tensor) =>
    equalSizes
      ? buildGenerator(g, GENERATOR, image, context.model, { factor: 1, channels, training: false }).sr
      : trainGenerator(g, image, context).sr;
  const shrink = (image: Tensor): Tensor => {
    if (spec.backward.kind === 'known') {
      const small = applyForwardModel(g, image, forward!, factor);
      return equalSizes ? upsample(g, small, factor, 'bicubic') : small;
    }
    if (equalSizes)
      return buildGenerator(g, BACKWARD, image, context.model, { factor: 1, channels, training: false }).sr;
    const { blocks, filters } = spec.backward;
    return g.scope(BACKWARD, () => shrinkGenerator(g, image, { blocks, filters, factor, channels }));
  };
  const discriminateHr = (image: Tensor) =>
    g.scope(DISCRIMINATOR_HR, () => patchDiscriminator(g, image, spec.discriminator));
  // A small LR patch leaves nothing to a deep discriminator: it loses one layer for each halving below 64 px.
  const lrSide = Math.min(...spatialSizes(coarse.shape));
  const lrLayers = Math.max(
    1,
    Math.min(spec.discriminator.layers, spec.discriminator.layers - Math.ceil(Math.log2(64 / lrSide))),
  );
  const discriminateLr = (image: Tensor) =>
    g.scope(DISCRIMINATOR_LR, () => patchDiscriminator(g, image, { ...spec.discriminator, layers: lrLayers }));

  const fakeHr = enlarge(coarse);
  const fakeLr = shrink(hr);
  const foolHr = adversarialLoss(g, spec.adversarial, discriminateHr(fakeHr), true);
  // The known way back learns nothing from a judge of its scans, which lack noise and are told apart at once.
  const fool = learnsBack ? g.add(foolHr, adversarialLoss(g, spec.adversarial, discriminateLr(fakeLr), true)) : foolHr;
  const cycle = g.add(pixelLoss(g, 'l1', shrink(fakeHr), coarse), pixelLoss(g, 'l1', enlarge(fakeLr), hr));
  const identity = equalSizes
    ? g.add(pixelLoss(g, 'l1', enlarge(hr), hr), learnsBack ? pixelLoss(g, 'l1', shrink(coarse), coarse) : g.scalar(0))
    : pixelLoss(g, 'l1', g.avgPool(fakeHr, { window: factor }), lr);
  const loss = weightedSum(g, [
    [1, fool],
    [spec.cycleWeight, cycle],
    [spec.cycleWeight * spec.identityWeight, identity],
  ]);
  const generators = trainScope(g, loss, learnsBack ? [GENERATOR, BACKWARD] : [GENERATOR], numbers, context);

  const pooledHr = g.input('pooledHr', fakeHr.shape);
  const half = (discriminate: (image: Tensor) => Tensor, real: Tensor, fake: Tensor) =>
    g.scale(
      g.add(
        adversarialLoss(g, spec.adversarial, discriminate(real), true),
        adversarialLoss(g, spec.adversarial, discriminate(fake), false),
      ),
      0.5,
    );
  const lossHr = half(discriminateHr, hr, pooledHr);
  const lossLr = learnsBack ? half(discriminateLr, coarse, g.input('pooledLr', fakeLr.shape)) : null;
  const discriminators =
    lossLr === null
      ? trainScope(g, lossHr, [DISCRIMINATOR_HR], numbers, context)
      : trainScope(g, g.add(lossHr, lossLr), [DISCRIMINATOR_HR, DISCRIMINATOR_LR], numbers, context);

  return finishRegime(
    g,
    context,
    {
      generators: {
        fetches: {
          loss,
          'loss/adversarial': fool,
          'loss/cycle': cycle,
          'loss/identity': identity,
          fakeHr,
          ...(learnsBack ? { fakeLr } : {}),
          ...generators.norms,
        },
        updates: generators.updates,
      },
      discriminators: {
        fetches: {
          'loss/discriminator_hr': lossHr,
          ...(lossLr === null ? {} : { 'loss/discriminator_lr': lossLr }),
          ...discriminators.norms,
        },
        updates: discriminators.updates,
      },
    },
    {
      pools: [
        { from: 'fakeHr', to: 'pooledHr', size: spec.poolSize, shape: fakeHr.shape },
        ...(learnsBack ? [{ from: 'fakeLr', to: 'pooledLr', size: spec.poolSize, shape: fakeLr.shape }] : []),
      ],
      discriminatorLosses: ['loss/discriminator_hr', ...(learnsBack ? ['loss/discriminator_lr'] : [])],
    },
  );
}

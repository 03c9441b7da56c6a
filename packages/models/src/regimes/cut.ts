import { InputError } from '@lacuna/core';
import { buildGenerator, gridOf, type GeneratorOutput, type ModelSpec } from '../architectures/index.js';
import { Graph, upsample, type Tensor } from '../graph/index.js';
import { patchNce } from '../losses/index.js';
import { DISCRIMINATOR_LOSS, discriminatorOf } from './discriminate.js';
import {
  GENERATOR,
  axesOf,
  finishRegime,
  hrInput,
  lrInput,
  trainScope,
  weightedSum,
  type Regime,
  type RegimeContext,
} from './regime.js';
import type { RegimeOf } from './spec.js';

/** Scope of the layers that make features comparable; dropped after training. */
const PROJECTION = 'projection';

/**
 * CUT (Park et al. 2020, arXiv:2007.15651): one generator, one PatchGAN, and PatchNCE in place of the way back: what
 * the encoder sees at a place of the SR image is to be told as what it saw there in the LR image, enlarged to the HR
 * grid. With `identity` the mean of that and of the same for HR patches, which G is to leave as they are.
 */
export function cutRegime(spec: RegimeOf<'cut'>, context: RegimeContext): Regime {
  const { channels, planes = 1, model } = context;
  const { factors } = axesOf(context);
  const g = new Graph();
  const lr = lrInput(g, context);
  const hr = hrInput(g, 'hrUnpaired', context);
  const generate = (image: Tensor) =>
    buildGenerator(g, GENERATOR, image, model, { factor: factors.map(() => 1), channels, training: false });
  if (gridOf(model) !== 'hr' || planes > 1)
    throw new InputError({
      who: 'regime cut',
      got: planes > 1 ? `${planes} neighbouring planes for one` : `model ${model.name} on the LR grid`,
      wanted: 'a generator between equal sizes, whose encoder reads SR images as it reads LR images',
      remedy: 'set model: { name: resnet-generator, grid: hr }',
    });
  const adversary = discriminatorOf(g, spec, context);

  const coarse = upsample(g, lr, factors, 'bicubic');
  const forth = generate(coarse);
  const { sr } = forth;
  const isCompared = spec.nceWeight > 0;
  const contrast = isCompared ? contrastOf(g, spec, { made: generate(sr), of: forth, model }) : null;
  const kept = isCompared && spec.identity ? generate(hr) : null;
  const identity = kept && contrastOf(g, spec, { made: generate(kept.sr), of: kept, model });
  const fool = adversary.fool(sr);
  const terms: [number, Tensor][] = [[spec.adversarialWeight, fool]];
  if (contrast !== null) {
    const nce = identity === null ? contrast : g.scale(g.add(contrast, identity), 0.5);
    terms.push([spec.nceWeight, nce]);
  }
  const loss = weightedSum(g, terms);
  const generator = trainScope(g, loss, [GENERATOR, PROJECTION], adversary.numbers, context);

  return finishRegime(
    g,
    context,
    {
      generators: {
        fetches: {
          loss,
          'loss/adversarial': fool,
          ...(contrast === null ? {} : { 'loss/nce': contrast }),
          ...(identity === null ? {} : { 'loss/identity': identity }),
          fakeHr: sr,
          ...generator.norms,
        },
        updates: generator.updates,
      },
      discriminators: adversary.step(sr, hr),
    },
    { pools: adversary.pools(sr), discriminatorLosses: [DISCRIMINATOR_LOSS] },
  );
}

/** PatchNCE between what the encoder sees of an image that was made and of the one that it was made from. */
function contrastOf(
  g: Graph,
  spec: RegimeOf<'cut'>,
  { made, of, model }: { readonly made: GeneratorOutput; readonly of: GeneratorOutput; readonly model: ModelSpec },
): Tensor {
  if (made.encoder !== undefined && of.encoder !== undefined) {
    const [query, key] = [made.encoder, of.encoder];
    return g.scope(PROJECTION, () => patchNce(g, query, key, spec));
  }
  throw new InputError({
    who: 'regime cut',
    got: `model ${model.name}, which shows no features on its way in`,
    wanted: 'a generator with an encoder',
    remedy: 'set model: { name: resnet-generator, grid: hr }',
  });
}

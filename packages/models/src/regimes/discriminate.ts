import { patchDiscriminator } from '../architectures/index.js';
import { stepNumbers, type Graph, type StepNumbers, type Tensor } from '../graph/index.js';
import { adversarialLoss, type AdversarialLoss } from '../losses/index.js';
import { atRate, noiseInput, trainScope, type RegimeContext } from './regime.js';
import type { RegimeOf } from './spec.js';

/** What light training and CUT say of their discriminator. */
type Adversary = Pick<
  RegimeOf<'light'>,
  'adversarial' | 'discriminator' | 'discriminatorRate' | 'gradientPenalty' | 'poolSize'
>;

const DISCRIMINATOR = 'discriminator';

/** How far images are moved to see the discriminator's slope. */
const MOVED = 0.01;

/** A PatchGAN on HR patches beside a generator. */
export interface Discriminator {
  /** How far SR patches are from fooling it. */
  readonly fool: (sr: Tensor) => Tensor;
  /** Its own step, on HR patches and earlier SR patches that come back as `pooledHr`. */
  readonly step: (
    sr: Tensor,
    hr: Tensor,
  ) => { readonly fetches: Record<string, Tensor>; readonly updates: ReturnType<typeof trainScope>['updates'] };
  readonly pools: (sr: Tensor) => { from: string; to: string; size: number; shape: readonly number[] }[];
  readonly numbers: StepNumbers;
}

/** The loss of a discriminator, for the alarm of its collapse. */
export const DISCRIMINATOR_LOSS = 'loss/discriminator';

/**
 * A PatchGAN with what steadies it: a rate of its own (two time scales, Heusel et al. 2017, arXiv:1706.08500), a pool
 * of earlier images, and R1 (Mescheder et al. 2018, arXiv:1801.04406), γ/2 of the mean square of its slope at HR
 * patches. The slope is seen along one random direction u for each image, E[((D(x + δu) - D(x)) / δ)²] = |∇D|² for
 * small δ, which needs no second derivative.
 */
export function discriminatorOf(g: Graph, spec: Adversary, context: RegimeContext): Discriminator {
  const numbers = stepNumbers(g);
  const discriminate = (image: Tensor) =>
    g.scope(DISCRIMINATOR, () => patchDiscriminator(g, image, spec.discriminator));
  const distance = (kind: AdversarialLoss, logits: Tensor, real: boolean) => adversarialLoss(g, kind, logits, real);
  return {
    numbers,
    fool: (sr) => distance(spec.adversarial, discriminate(sr), true),
    step(sr, hr) {
      const pooled = g.input('pooledHr', sr.shape);
      const real = discriminate(hr);
      const both = g.add(
        distance(spec.adversarial, real, true),
        distance(spec.adversarial, discriminate(pooled), false),
      );
      const half = g.scale(both, 0.5);
      const penalty = spec.gradientPenalty > 0 ? slopePenalty(g, hr, real, discriminate) : null;
      const loss = penalty === null ? half : g.add(half, g.scale(penalty, spec.gradientPenalty / 2));
      const rated = atRate(g, numbers, spec.discriminatorRate);
      const { updates, norms } = trainScope(g, loss, [DISCRIMINATOR], rated, context);
      return {
        fetches: {
          [DISCRIMINATOR_LOSS]: half,
          ...(penalty === null ? {} : { 'loss/gradient_penalty': penalty }),
          ...norms,
        },
        updates,
      };
    },
    pools: (sr) => [{ from: 'fakeHr', to: 'pooledHr', size: spec.poolSize, shape: sr.shape }],
  };
}

/** The mean over images of (D(x + δu) - D(x))² / δ², D the mean over an image's patches. */
function slopePenalty(g: Graph, hr: Tensor, logits: Tensor, discriminate: (image: Tensor) => Tensor): Tensor {
  const perImage = (x: Tensor) => g.mean(x, { axes: x.shape.map((_, axis) => axis).slice(1) });
  const moved = discriminate(g.add(hr, g.scale(noiseInput(g, 'discriminator', hr.shape), MOVED)));
  return g.mean(g.square(g.scale(g.sub(perImage(moved), perImage(logits)), 1 / MOVED)));
}

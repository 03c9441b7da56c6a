import { patchDiscriminator } from '../architectures/index.js';
import { stepNumbers, type Graph, type StepNumbers, type Tensor } from '../graph/index.js';
import { adversarialLoss } from '../losses/index.js';
import { trainScope, type RegimeContext } from './regime.js';
import type { RegimeOf } from './spec.js';

/** What light training and CUT say of their discriminator. */
type Adversary = Pick<RegimeOf<'light'>, 'adversarial' | 'discriminator' | 'poolSize'>;

const DISCRIMINATOR = 'discriminator';

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

/** A PatchGAN that is shown earlier SR images again. */
export function discriminatorOf(g: Graph, spec: Adversary, context: RegimeContext): Discriminator {
  const numbers = stepNumbers(g);
  const discriminate = (image: Tensor) =>
    g.scope(DISCRIMINATOR, () => patchDiscriminator(g, image, spec.discriminator));
  const distance = (image: Tensor, real: boolean) => adversarialLoss(g, spec.adversarial, discriminate(image), real);
  return {
    numbers,
    fool: (sr) => distance(sr, true),
    step(sr, hr) {
      const pooled = g.input('pooledHr', sr.shape);
      const loss = g.scale(g.add(distance(hr, true), distance(pooled, false)), 0.5);
      const { updates, norms } = trainScope(g, loss, [DISCRIMINATOR], numbers, context);
      return { fetches: { [DISCRIMINATOR_LOSS]: loss, ...norms }, updates };
    },
    pools: (sr) => [{ from: 'fakeHr', to: 'pooledHr', size: spec.poolSize, shape: sr.shape }],
  };
}

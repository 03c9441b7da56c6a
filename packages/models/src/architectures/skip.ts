import { z } from 'zod';
import { InputError } from '@lacuna/core';
import { factorOf, fitted, sizeOf, upsample, type Graph, type Tensor } from '../graph/index.js';
import {
  convolutionWeights,
  defaultSide,
  filterSide,
  fitLmmse,
  fitRidge,
  requireForward,
  ridgeStrength,
  type LinearFilter,
} from '../linear/index.js';
import type { ClosedFormFit } from './architecture.js';
import { symmetricLayers, tieFilter } from './symmetric-layers.js';
import type { Symmetry } from './symmetry-group.js';

/** Filters that are fitted in closed form. */
const filters = ['ridge', 'lmmse'] as const;
type Fit = (typeof filters)[number];

/** What a network adds to. */
export const skipKind = z.enum(['none', 'bilinear', 'bicubic', ...filters]);

export const skipMeaning =
  'what the network adds to: nothing, the interpolated LR image, or a linear filter (one convolution) that is fitted ' +
  'in closed form to the training pairs (ridge) or to the known degradation (lmmse)';

/** The linear core: what a fitted skip is made of. */
export const coreOptions = z
  .strictObject({
    kernel: filterSide,
    ridge: ridgeStrength,
    trained: z.boolean().default(false).describe('true: training goes on from the fitted filter; false: it stays'),
  })
  .optional()
  .describe('of skip ridge or lmmse: its filter');

/** The options of architectures with a skip. */
export interface SkipOptions {
  readonly skip?: z.infer<typeof skipKind> | undefined;
  readonly core?: z.infer<typeof coreOptions>;
  /** A core is held to it as the network is. */
  readonly symmetry?: Symmetry | undefined;
}

const isFit = (skip: SkipOptions['skip']): skip is Fit => filters.some((fit) => fit === skip);

/** Refuses a core where nothing is fitted: for `refine` of an architecture's options. */
export const coreHasSkip: [holds: (options: SkipOptions) => boolean, error: { path: string[]; message: string }] = [
  ({ skip, core }: SkipOptions) => core === undefined || isFit(skip),
  { path: ['core'], message: 'core is the filter of skip: ridge or lmmse; set one of them, or leave core out' },
];

/** The convolution's name under the model's scope. */
const CORE = 'core';

/**
 * SR = y + skip(lr): interpolation, or the linear core
 *
 *     shuffle(K * lr),
 *
 * one convolution on the LR grid with a channel for each phase, edges mirrored. K is what {@link fitSkip} says, fixed
 * unless `core.trained`.
 */
export function addSkip(
  g: Graph,
  y: Tensor,
  lr: Tensor,
  { skip = 'none', core, symmetry, factor }: SkipOptions & { readonly factor: readonly number[] },
): Tensor {
  if (skip === 'none') return y;
  if (!isFit(skip)) return g.add(y, upsample(g, lr, factor, skip));
  const phases = symmetricLayers(symmetry, factor.length).conv(g, CORE, lr, {
    filters: (y.shape.at(-1) ?? 1) * sizeOf(factor),
    kernel: core?.kernel ?? defaultSide(factor.length),
    padding: 'reflect',
    initializer: fitted,
    biasInitializer: fitted,
    trainable: core?.trained ?? false,
    reads: 'image',
    makes: 'image',
    block: factor,
  });
  return g.add(y, g.depthToSpace(phases, factor));
}

/** How the linear core is fitted; null for a skip that has none. */
export function fitSkip({ skip, core, symmetry }: SkipOptions): ClosedFormFit | null {
  if (!isFit(skip)) return null;
  return {
    label: `model.skip ${skip}`,
    needs: skip === 'ridge' ? 'pairs' : 'forward',
    otherwise: 'set model.skip to bicubic',
    weights(source, { factor, channels }) {
      if (channels !== 1)
        throw new InputError({ who: `skip ${skip}`, got: `${channels} channels`, wanted: '1: filters are grey' });
      const kernel = core?.kernel ?? defaultSide(factorOf(factor).length);
      const filter: LinearFilter =
        skip === 'ridge'
          ? fitRidge(source.pairs, { kernel, factor, ridge: core?.ridge ?? 1e-3, field: 'model.core.kernel' })
          : fitLmmse(
              source.pairs.map(({ hr }) => hr),
              {
                kernel,
                factor,
                forward: requireForward(source.forward, { who: 'model.skip lmmse', instead: 'skip: ridge' }),
                noiseVariance: source.noiseVariance(),
              },
            );
      return tieFilter(symmetry, convolutionWeights(filter, CORE), { kernel, factor });
    },
  };
}

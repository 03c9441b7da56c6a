import { z } from 'zod';
import { InputError } from '@lacuna/core';
import {
  conv,
  factorOf,
  fitted,
  normal,
  prelu,
  sizeOf,
  zeros,
  type ConvOptions,
  type Graph,
  type Tensor,
} from '../graph/index.js';
import {
  convolutionWeights,
  defaultSide,
  filterSide,
  fitCorrection,
  fitLmmse,
  fitRidge,
  forwardWeights,
  meanSquaredError,
  requireForward,
  ridgeStrength,
} from '../linear/index.js';
import { architecture } from './architecture.js';

/**
 * Unrolled, noise-weighted consistency, after Zhang et al. 2020 (arXiv:2003.10428), who solve each step by Fourier
 * transforms of the whole image. An estimate x starts from a fitted linear filter of the LR image y; every step
 * refines it by a small network, the same in each, and takes back what the scan y contradicts:
 *
 *     x = K y;  repeat: z = x + net(x, y),  x = z + B (y - A z),  B = Aᵀ (A Aᵀ + ν I)⁻¹.
 *
 * A is the known degradation without its noise. With x as phases of coarse pixels (before a depth-to-space) K, A and B
 * are convolutions on the LR grid, so that the network runs and is exported at any size. B has finite support and is
 * the best such filter for a white error of z and white noise ({@link fitCorrection}). ν is the noise of an LR pixel
 * over the squared error that K leaves: 0 would put the noise of the scan back.
 */
export const unrolled = architecture({
  source: 'arXiv:2003.10428',
  options: z.strictObject({
    steps: z.int().min(1).max(16).default(2).describe('how often the estimate is refined and held to the scan'),
    filters: z.int().min(1).default(16).describe('features of the network that refines'),
    layers: z.int().min(0).default(2).describe('its 3x3 layers between the first and the last'),
    fit: z.enum(['ridge', 'lmmse']).default('ridge').describe('how the filter is fitted that it starts from'),
    kernel: filterSide,
    ridge: ridgeStrength,
    nu: z
      .number()
      .positive()
      .optional()
      .describe(
        'noise of an LR pixel over the squared error of the estimate: the larger, the less the scan is trusted; when ' +
          'left out, both are measured on the training pairs',
      ),
  }),
  grid: () => 'lr',
  multiple: () => 1,
  closedForm: ({ fit, kernel: side, ridge, nu }) => ({
    label: 'model unrolled',
    needs: 'forward',
    otherwise: 'set model to { name: fsrcnn, upsampler: shuffle, skip: bicubic }',
    weights(source, { factor, channels }) {
      if (channels !== 1)
        throw new InputError({ who: 'model unrolled', got: `${channels} channels`, wanted: '1: filters are grey' });
      const kernel = side ?? defaultSide(factorOf(factor).length);
      const forward = requireForward(source.forward, {
        who: 'model unrolled',
        instead: 'another model (fsrcnn with skip: ridge)',
      });
      const noiseVariance = source.noiseVariance();
      const core =
        fit === 'ridge'
          ? fitRidge(source.pairs, { kernel, factor, ridge, field: 'model.kernel' })
          : fitLmmse(
              source.pairs.map(({ hr }) => hr),
              { kernel, factor, forward, noiseVariance },
            );
      const weight = nu ?? noiseVariance / meanSquaredError(core, source.pairs);
      const correction = fitCorrection({ kernel, factor, forward, noiseVariance: weight });
      const { 'correction.weight': correctionWeight } = convolutionWeights(correction, 'correction');
      return {
        ...convolutionWeights(core, 'core'),
        'correction.weight': correctionWeight,
        'forward.weight': forwardWeights(forward, { kernel, factor, field: 'model.kernel' }),
      };
    },
  }),
  build(g, lr, { steps, filters, layers, kernel: side }, { factor, channels, middle }) {
    const kernel = side ?? defaultSide(factor.length);
    const phases = channels * sizeOf(factor);
    const known = { kernel, padding: 'reflect', initializer: fitted, trainable: false } as const;
    const refine = (x: Tensor) => g.scope('net', () => network(g, x, { filters, layers, phases }));
    let x = conv(g, 'core', middle, { ...known, filters: phases, biasInitializer: fitted });
    let features = x;
    for (let step = 0; step < steps; step++) {
      const refined = refine(g.concat([x, lr], x.shape.length - 1));
      const z = g.add(x, refined.y);
      const left = g.sub(middle, conv(g, 'forward', z, { ...known, filters: channels, bias: false }));
      x = g.add(z, conv(g, 'correction', left, { ...known, filters: phases, bias: false }));
      features = refined.features;
    }
    return { sr: g.depthToSpace(x, factor), features, featureFactor: factor };
  },
});

/** What refines an estimate: 3x3 convolutions with PReLU between; it begins by changing next to nothing. */
function network(
  g: Graph,
  x: Tensor,
  { filters, layers, phases }: { readonly filters: number; readonly layers: number; readonly phases: number },
): { y: Tensor; features: Tensor } {
  const he: ConvOptions = { filters, kernel: 3, initializer: { kind: 'he-normal' } };
  let features = prelu(g, 'first', conv(g, 'first', x, he));
  for (let i = 0; i < layers; i++) features = prelu(g, `layer.${i}`, conv(g, `layer.${i}`, features, he));
  const y = conv(g, 'last', features, {
    filters: phases,
    kernel: 3,
    initializer: normal(0.001),
    biasInitializer: zeros,
  });
  return { y, features };
}

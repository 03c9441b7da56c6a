import { InputError } from '@lacuna/core';
import { channelsOf, fitted, sizeOf, spatialRank, type Graph, type Tensor } from '../../graph/index.js';
import { architecture } from '../architecture.js';
import { fitOriented } from './closed-form.js';
import { orientedGates } from './gates.js';
import { mirrored } from './mirrored.js';
import { bankOf, bucketsOf, orientedOptions, type Bank } from './options.js';

/**
 * A bank of linear filters of which each pixel takes those of its own structure, as RAISR does (Romano et al. 2017,
 * arXiv:1606.01299), but with gates that have a gradient:
 *
 *     SR = shuffle(sum over buckets b of gate_b(orientation, coherence, strength) · (W_b * y + bias_b))
 *
 * with what the structure tensor of the LR image says of a pixel. All filters are one convolution, and the sum is a
 * product of matrices at each pixel: twice as fast as products and sums of whole images. Edges are mirrored.
 * Weights: `filter.weight` [taps.., in, phases · out · buckets], `filter.bias`, and the edges of the bins.
 */
export const oriented = architecture({
  source: 'arXiv:1606.01299',
  options: orientedOptions,
  grid: () => 'lr',
  multiple: () => 1,
  closedForm: fitOriented,
  build(g, lr, options, { factor, channels, planes = 1 }) {
    if (planes > 1)
      throw new InputError({
        who: 'model oriented',
        got: `${planes} neighbouring planes`,
        wanted: 'planes by themselves, or volumes: its structure tensor is of one image',
        remedy: 'leave slicewise.neighbours out, or take another model',
      });
    const bank = bankOf(options, spatialRank(lr.shape));
    const outputs = channels * sizeOf(factor);
    const phases = gated(g, filtered(g, lr, bank, outputs), orientedGates(g, lr, bank), outputs);
    return { sr: g.depthToSpace(phases, factor), features: lr, featureFactor: factor };
  },
});

/** The sum over buckets of [n, spatial, outputs · buckets] by their gates: [n, spatial, outputs]. */
function gated(g: Graph, candidates: Tensor, gates: Tensor | null, outputs: number): Tensor {
  if (gates === null) return candidates;
  const pixels = gates.shape.slice(0, -1);
  const buckets = channelsOf(gates.shape);
  const columns = g.reshape(gates, [...pixels, buckets, 1]);
  const rows = g.reshape(candidates, [...pixels, outputs, buckets]);
  return g.reshape(g.matmul(rows, columns), [...pixels, outputs]);
}

/** What every filter of the bank gives: channels are ordered by output, then by bucket. */
function filtered(g: Graph, lr: Tensor, bank: Bank, outputs: number): Tensor {
  const { kernel } = bank;
  const channels = channelsOf(lr.shape);
  const sides = new Array<number>(spatialRank(lr.shape)).fill(kernel);
  const filters = outputs * bucketsOf(bank);
  return g.scope('filter', () => {
    const weight = g.weight('weight', [...sides, channels, filters], fitted);
    const padded = mirrored(g, lr, (kernel - 1) / 2);
    return g.biasAdd(g.conv(padded, weight, { padding: 'valid' }), g.weight('bias', [filters], fitted));
  });
}

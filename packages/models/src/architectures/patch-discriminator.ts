import { z } from 'zod';
import { batchNorm, conv, instanceNorm, normal, type Graph, type Initializer, type Tensor } from '../graph/index.js';
import { signed } from './resnet-generator.js';

const initializer: Initializer = normal(0.02);
const norms = { batch: batchNorm, instance: instanceNorm, none: (_g: Graph, _name: string, x: Tensor) => x };

/** Options of {@link patchDiscriminator}; three layers of 64 are the 70x70 PatchGAN. */
export const discriminatorOptions = z.strictObject({
  layers: z.int().min(1).max(5).default(3).describe('halvings: with each its field grows'),
  filters: z.int().min(1).default(64).describe('features of the first layer'),
  norm: z.enum(['batch', 'instance', 'none']).default('batch').describe('after all layers but the first and the last'),
});

/**
 * PatchGAN (Isola et al. 2017): says for each patch whether it is real. Input a plane or volume [n, spatial, c] in
 * [0, 1], output logits [n, spatial', 1]. `layers` convolutions of stride 2, then two of stride 1, all of size 4; no
 * norm in the first and the last.
 */
export function patchDiscriminator(
  g: Graph,
  image: Tensor,
  { layers, filters, norm }: z.infer<typeof discriminatorOptions>,
): Tensor {
  // Batch norm has a shift of its own, so a bias before it would do nothing.
  const bias = norm !== 'batch';
  let x = g.leakyRelu(conv(g, 'layer.0', signed(g, image), { filters, kernel: 4, stride: 2, padding: 1, initializer }));
  for (let i = 1; i <= layers; i++) {
    const y = conv(g, `layer.${i}`, x, {
      filters: filters * Math.min(8, 2 ** i),
      kernel: 4,
      stride: i === layers ? 1 : 2,
      padding: 1,
      bias,
      initializer,
    });
    x = g.leakyRelu(norms[norm](g, `layer.${i}.norm`, y));
  }
  return conv(g, 'layer.end', x, { filters: 1, kernel: 4, padding: 1, initializer });
}

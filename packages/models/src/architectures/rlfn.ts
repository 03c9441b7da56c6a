import { z } from 'zod';
import { conv, resizeTo, sizeOf, spatialSizes, type Graph, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';

/** Slope of the leaky ReLUs below 0. */
const SLOPE = 0.05;

/** Side and stride of the attention's max pooling. */
const WINDOW = 7;
const STRIDE = 3;

/**
 * Enhanced spatial attention, as RLFN simplified it: few channels, a strided convolution and a wide max pooling see
 * far; what they see is stretched back, and scales every feature at every place. Images of less than 15 pixels are
 * pooled over what there is.
 */
function spatialAttention(g: Graph, x: Tensor, filters: number): Tensor {
  const squeezed = conv(g, 'conv1', x, { filters, kernel: 1 });
  const strided = conv(g, 'conv2', squeezed, { filters, kernel: 3, stride: 2, padding: 'valid' });
  const window = spatialSizes(strided.shape).map((length) => Math.min(WINDOW, length));
  const pooled = g.maxPool(strided, { window, stride: window.map(() => STRIDE) });
  const seen = resizeTo(g, conv(g, 'conv3', pooled, { filters, kernel: 3 }), spatialSizes(x.shape));
  const mixed = g.add(conv(g, 'conv_f', squeezed, { filters, kernel: 1 }), seen);
  return g.mul(x, g.sigmoid(conv(g, 'conv4', mixed, { filters: x.shape.at(-1)!, kernel: 1 })));
}

/** Three convolutions with one residual, a 1x1 convolution, and the attention. */
function localFeatureBlock(
  g: Graph,
  x: Tensor,
  { filters, attention }: { filters: number; attention: number },
): Tensor {
  let y = x;
  for (const name of ['c1_r', 'c2_r', 'c3_r']) y = g.leakyRelu(conv(g, name, y, { filters, kernel: 3 }), SLOPE);
  const fused = conv(g, 'c5', g.add(y, x), { filters, kernel: 1 });
  return g.scope('esa', () => spatialAttention(g, fused, attention));
}

/**
 * RLFN (Kong et al. 2022, arXiv:2205.07514): residual local feature blocks, one long residual, one sub-pixel
 * convolution. Layers bear the names of the published weights, which take 0 to 255.
 */
export const rlfn = architecture({
  source: 'arXiv:2205.07514',
  options: z.strictObject({
    blocks: z.int().min(1).default(6).describe('residual local feature blocks'),
    filters: z.int().min(1).default(52).describe('features of every layer; 48 are RLFN-S'),
    attention: z.int().min(1).default(16).describe('features inside of the spatial attention'),
  }),
  grid: () => 'lr',
  multiple: () => 1,
  build(g, lr, { blocks, filters, attention }, { factor, channels }) {
    const head = conv(g, 'conv_1', lr, { filters, kernel: 3 });
    let x = head;
    for (let i = 1; i <= blocks; i++) x = g.scope(`block_${i}`, () => localFeatureBlock(g, x, { filters, attention }));
    const features = g.add(conv(g, 'conv_2', x, { filters, kernel: 3 }), head);
    const phases = conv(g, 'upsampler.0', features, { filters: channels * sizeOf(factor), kernel: 3 });
    return { sr: g.depthToSpace(phases, factor), features, featureFactor: factor };
  },
});

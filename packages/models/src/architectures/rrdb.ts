import { z } from 'zod';
import { channelsOf, conv, upsample, zeros, type Graph, type Initializer, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';
import { stages } from './upsample.js';

/** What each residual adds of its own: many of them stay stable so. */
const RESIDUAL = 0.2;

/** Dense blocks begin at a tenth of He's width, as the authors' do. */
const start: Initializer = { kind: 'he-normal', gain: 0.1 };
const early = { kernel: 3, initializer: start, biasInitializer: zeros };

/** Five convolutions, each of which reads the input and all before it. */
function denseBlock(g: Graph, name: string, x: Tensor, growth: number): Tensor {
  return g.scope(name, () => {
    const axis = x.shape.length - 1;
    let seen: readonly Tensor[] = [x];
    for (let i = 1; i <= 4; i++) {
      const read = g.concat(seen, axis);
      seen = [...seen, g.leakyRelu(conv(g, `conv${i}`, read, { ...early, filters: growth }))];
    }
    const y = conv(g, 'conv5', g.concat(seen, axis), { ...early, filters: channelsOf(x.shape) });
    return g.add(x, g.scale(y, RESIDUAL));
  });
}

/** Residual in residual: three dense blocks. */
function residualDense(g: Graph, name: string, x: Tensor, growth: number): Tensor {
  return g.scope(name, () => {
    let y = x;
    for (const block of ['rdb1', 'rdb2', 'rdb3']) y = denseBlock(g, block, y, growth);
    return g.add(x, g.scale(y, RESIDUAL));
  });
}

/**
 * The generator of ESRGAN (Wang et al. 2018, arXiv:1809.00219): residual in residual dense blocks without norm,
 * enlarged by nearest neighbours and a convolution for each stage. Layers bear the names of BasicSR's published
 * weights.
 */
export const rrdb = architecture({
  source: 'arXiv:1809.00219',
  options: z.strictObject({
    blocks: z.int().min(1).default(23).describe('residual in residual dense blocks'),
    filters: z.int().min(1).default(64).describe('features of the trunk'),
    growth: z.int().min(1).default(32).describe('features that each dense layer adds'),
  }),
  grid: () => 'lr',
  multiple: () => 1,
  build(g, lr, { blocks, filters, growth }, { factor, channels }) {
    const head = conv(g, 'conv_first', lr, { filters, kernel: 3 });
    let x = head;
    for (let i = 0; i < blocks; i++) x = residualDense(g, `body.${i}`, x, growth);
    x = g.add(head, conv(g, 'conv_body', x, { filters, kernel: 3 }));
    stages(factor).forEach((stage, i) => {
      const enlarged = upsample(g, x, stage, 'nearest');
      x = g.leakyRelu(conv(g, `conv_up${i + 1}`, enlarged, { filters, kernel: 3 }));
    });
    const features = g.leakyRelu(conv(g, 'conv_hr', x, { filters, kernel: 3 }));
    const sr = conv(g, 'conv_last', features, { filters: channels, kernel: 3 });
    return { sr, features, featureFactor: factor.map(() => 1) };
  },
});

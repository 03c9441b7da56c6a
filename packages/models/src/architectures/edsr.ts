import { z } from 'zod';
import { channelsOf, conv, type Graph, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';
import { addSkip, coreHasSkip, coreOptions, fitSkip, skipKind, skipMeaning } from './skip.js';
import { shuffleUp } from './upsample.js';

function residualBlock(g: Graph, name: string, x: Tensor, residualScale: number): Tensor {
  return g.scope(name, () => {
    const filters = channelsOf(x.shape);
    const y = conv(g, 'conv2', g.relu(conv(g, 'conv1', x, { filters, kernel: 3 })), { filters, kernel: 3 });
    return g.add(x, g.scale(y, residualScale));
  });
}

/** EDSR (Lim et al. 2017, arXiv:1707.02921). 16 blocks of 64 are EDSR-baseline. */
export const edsr = architecture({
  source: 'arXiv:1707.02921',
  options: z
    .strictObject({
      blocks: z.int().min(1).default(16).describe('residual blocks'),
      filters: z.int().min(1).default(64).describe('features of every layer'),
      residualScale: z.number().positive().default(1).describe('of what each block adds; .1 steadies wide models'),
      skip: skipKind.default('none').describe(skipMeaning),
      core: coreOptions,
    })
    .refine(...coreHasSkip),
  grid: () => 'lr',
  multiple: () => 1,
  closedForm: fitSkip,
  build(g, lr, { blocks, filters, residualScale, skip, core }, { factor, channels }) {
    const head = conv(g, 'head', lr, { filters, kernel: 3 });
    let x = head;
    for (let i = 0; i < blocks; i++) x = residualBlock(g, `body.${i}`, x, residualScale);
    x = g.add(head, conv(g, 'body.end', x, { filters, kernel: 3 }));
    const features = shuffleUp(g, 'up', x, factor);
    const y = conv(g, 'tail', features, { filters: channels, kernel: 3 });
    return {
      sr: addSkip(g, y, lr, { skip, core, factor }),
      features,
      featureFactor: factor.map(() => 1),
    };
  },
});

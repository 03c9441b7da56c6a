import { z } from 'zod';
import { channelsOf, spatialAxes, type Graph, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';
import { addSkip, coreHasSkip, coreOptions, fitSkip, skipKind, skipMeaning } from './skip.js';
import { isWhole, symmetricLayers, symmetryOption, type SymmetricLayers } from './symmetric-layers.js';
import { shuffleUp } from './upsample.js';

/** What blocks are made of. */
interface Attention {
  readonly reduction: number;
  readonly layers: SymmetricLayers;
}

/**
 * Channel attention: the image's mean of each channel, squeezed and expanded by 1x1 convolutions, scales the channel.
 */
function channelAttention(g: Graph, x: Tensor, { reduction, layers }: Attention): Tensor {
  const filters = channelsOf(x.shape);
  const mean = g.mean(x, { axes: spatialAxes(x.shape), keepDims: true });
  const squeezed = g.relu(layers.conv(g, 'squeeze', mean, { filters: filters / reduction, kernel: 1 }));
  return g.mul(x, g.sigmoid(layers.conv(g, 'expand', squeezed, { filters, kernel: 1 })));
}

function attentionBlock(g: Graph, name: string, x: Tensor, attention: Attention): Tensor {
  return g.scope(name, () => {
    const filters = channelsOf(x.shape);
    const y = attention.layers.conv(g, 'conv2', g.relu(attention.layers.conv(g, 'conv1', x, { filters, kernel: 3 })), {
      filters,
      kernel: 3,
    });
    return g.add(x, channelAttention(g, y, attention));
  });
}

/** RCAN (Zhang et al. 2018, arXiv:1807.02758): residual in residual, groups of blocks with channel attention. */
export const rcan = architecture({
  source: 'arXiv:1807.02758',
  options: z
    .strictObject({
      groups: z.int().min(1).default(10).describe('residual groups'),
      blocks: z.int().min(1).default(20).describe('blocks of a group'),
      filters: z.int().min(1).default(64).describe('features of every layer'),
      reduction: z.int().min(1).default(16).describe('of the features inside of channel attention'),
      skip: skipKind.optional().describe(`${skipMeaning}; none when left out`),
      core: coreOptions,
      symmetry: symmetryOption,
    })
    .refine(({ filters, reduction }) => filters % reduction === 0, {
      path: ['filters'],
      message: 'filters must be a multiple of reduction',
    })
    .refine(...coreHasSkip)
    .refine(({ symmetry, filters, reduction }) => isWhole(symmetry, [filters, filters / reduction]), {
      path: ['symmetry'],
      message:
        'filters, and filters / reduction, must be multiples of the number of its symmetries: square 8, prism 16, ' +
        'cube 48',
    }),
  grid: () => 'lr',
  multiple: () => 1,
  closedForm: fitSkip,
  build(g, lr, { groups, blocks, filters, reduction, skip, core, symmetry }, { factor, channels, middle }) {
    const layers = symmetricLayers(symmetry, factor.length);
    const head = layers.conv(g, 'head', lr, { filters, kernel: 3, reads: 'image' });
    let x = head;
    for (let i = 0; i < groups; i++) {
      const start = x;
      x = g.scope(`group.${i}`, () => {
        let y = start;
        for (let k = 0; k < blocks; k++) y = attentionBlock(g, `block.${k}`, y, { reduction, layers });
        return g.add(start, layers.conv(g, 'end', y, { filters, kernel: 3 }));
      });
    }
    x = g.add(head, layers.conv(g, 'body.end', x, { filters, kernel: 3 }));
    const features = shuffleUp(g, 'up', x, { factor, layers });
    const y = layers.conv(g, 'tail', features, { filters: channels, kernel: 3, makes: 'image' });
    return {
      sr: addSkip(g, y, middle, { skip, core, symmetry, factor }),
      features,
      featureFactor: factor.map(() => 1),
    };
  },
});

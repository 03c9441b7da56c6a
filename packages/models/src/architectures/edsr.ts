import { z } from 'zod';
import { channelsOf, type Graph, type Tensor } from '../graph/index.js';
import { architecture } from './architecture.js';
import { addSkip, coreHasSkip, coreOptions, fitSkip, skipKind, skipMeaning } from './skip.js';
import { isWhole, symmetricLayers, symmetryOption, type SymmetricLayers } from './symmetric-layers.js';
import { shuffleUp } from './upsample.js';

function residualBlock(
  g: Graph,
  name: string,
  x: Tensor,
  { residualScale, layers }: { readonly residualScale: number; readonly layers: SymmetricLayers },
): Tensor {
  return g.scope(name, () => {
    const filters = channelsOf(x.shape);
    const y = layers.conv(g, 'conv2', g.relu(layers.conv(g, 'conv1', x, { filters, kernel: 3 })), {
      filters,
      kernel: 3,
    });
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
      symmetry: symmetryOption,
    })
    .refine(...coreHasSkip)
    .refine(({ symmetry, filters }) => isWhole(symmetry, [filters]), {
      path: ['symmetry'],
      message: 'filters must be a multiple of the number of its symmetries: square 8, prism 16, cube 48',
    }),
  grid: () => 'lr',
  multiple: () => 1,
  closedForm: fitSkip,
  build(g, lr, { blocks, filters, residualScale, skip, core, symmetry }, { factor, channels, middle }) {
    const layers = symmetricLayers(symmetry, factor.length);
    const head = layers.conv(g, 'head', lr, { filters, kernel: 3, reads: 'image' });
    let x = head;
    for (let i = 0; i < blocks; i++) x = residualBlock(g, `body.${i}`, x, { residualScale, layers });
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

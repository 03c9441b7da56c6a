import type { OpName } from '../attributes.js';
import { convolutions } from './convolution.js';
import type { OpDefinitions } from './definition.js';
import { elementwise } from './elementwise.js';
import { layouts } from './layout.js';
import { leaves } from './leaves.js';
import { poolings } from './pooling.js';
import { products } from './product.js';
import { reductions } from './reduction.js';

/**
 * Every op that a graph may hold. Conventions are TensorFlow's: images [n, spatial axes, channels] with two or three
 * spatial axes, filters [spatial axes, in, out], padding SAME or VALID.
 */
export const ops: OpDefinitions<OpName> = {
  ...leaves,
  ...convolutions,
  ...elementwise,
  ...reductions,
  ...products,
  ...layouts,
  ...poolings,
};

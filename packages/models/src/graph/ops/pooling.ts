import type { PoolAttributes } from '../attributes.js';
import { channelsOf, requireImage, type Shape } from '../shape.js';
import { own, same, type OpDefinitions } from './definition.js';
import { windowSizes } from './windows.js';

function poolShape([x]: readonly Shape[], attributes: PoolAttributes): Shape {
  requireImage('pool', x);
  return [x[0], ...windowSizes('pool', x, attributes.window, attributes), channelsOf(x)];
}

/** Poolings of planes and volumes; an average counts the pixels of the window that lie inside the image. */
export const poolings: OpDefinitions<'maxPool' | 'maxPoolGradient' | 'avgPool' | 'avgPoolGradient'> = {
  maxPool: {
    shape: poolShape,
    gradient: (g, node, dy) => [g.node('maxPoolGradient', [node.inputs[0], node, dy], node.attributes)],
  },
  maxPoolGradient: { shape: same },
  avgPool: {
    shape: poolShape,
    gradient: (g, node, dy) => [g.node('avgPoolGradient', [dy], { ...node.attributes, shape: node.inputs[0].shape })],
  },
  avgPoolGradient: { shape: own },
};

import type { WindowAttributes } from '../attributes.js';
import { channelsOf, formatShape, requireEqual, requireImage, requireRank, spatialSizes } from '../shape.js';
import { own, type OpDefinitions } from './definition.js';
import { windowSizes } from './windows.js';

type Convolutions = 'conv' | 'convInputGradient' | 'convFilterGradient' | 'biasAdd' | 'biasAddGradient';

const windowOf = ({ stride, padding }: WindowAttributes): WindowAttributes => ({ stride, padding });

/** Convolutions of planes and volumes. Filters are [spatial axes, in, out] (HWIO, DHWIO). */
export const convolutions: OpDefinitions<Convolutions> = {
  conv: {
    shape: ([x, w], attributes) => {
      requireImage('conv', x);
      requireRank('conv', 'filter', w, x.length);
      requireEqual('conv', `image ${formatShape(x)} with filter ${formatShape(w)}: channels`, channelsOf(x), w.at(-2)!);
      return [x[0], ...windowSizes('conv', x, w.slice(0, -2), attributes), channelsOf(w)];
    },
    gradient: (g, { inputs: [x, w], attributes }, dy) => [
      g.node('convInputGradient', [dy, w], { ...attributes, shape: x.shape }),
      g.node('convFilterGradient', [x, dy], { ...attributes, shape: w.shape }),
    ],
  },
  // The adjoint of conv in its image; forward it is the transposed convolution (filter [.., out, in] as TensorFlow has
  // it).
  convInputGradient: {
    shape: ([dy, w], attributes) => {
      const { shape } = attributes;
      const who = 'convInputGradient';
      requireEqual(who, `filter ${formatShape(w)}: output channels`, channelsOf(dy), channelsOf(w));
      requireEqual(who, `filter ${formatShape(w)}: input channels`, channelsOf(shape), w.at(-2)!);
      const sizes = windowSizes(who, shape, w.slice(0, -2), attributes);
      spatialSizes(dy).forEach((length, axis) => requireEqual(who, `length of axis ${axis + 1}`, length, sizes[axis]));
      return shape;
    },
    gradient: (g, { inputs: [dy, w], attributes }, upstream) => [
      g.node('conv', [upstream, w], windowOf(attributes)),
      g.node('convFilterGradient', [upstream, dy], { ...windowOf(attributes), shape: w.shape }),
    ],
  },
  convFilterGradient: { shape: own },
  biasAdd: {
    shape: ([x, b]) => {
      requireEqual('biasAdd', `image ${formatShape(x)}: channels`, channelsOf(x), b[0]);
      return x;
    },
    gradient: (g, _, dy) => [dy, g.node('biasAddGradient', [dy], {})],
  },
  biasAddGradient: { shape: ([dy]) => [channelsOf(dy)] },
};

import { ShapeError } from '@lacuna/core';
import type { Sides } from '../attributes.js';
import { channelsOf, formatShape, perAxis, requireEqual, requireImage, sizeOf, spatialSizes } from '../shape.js';
import { own, type OpDefinitions } from './definition.js';

type Layouts =
  | 'reshape'
  | 'transpose'
  | 'concat'
  | 'slice'
  | 'take'
  | 'pad'
  | 'mirrorPad'
  | 'mirrorPadGradient'
  | 'depthToSpace'
  | 'spaceToDepth';

/** Ops that move numbers and change none. */
export const layouts: OpDefinitions<Layouts> = {
  reshape: {
    shape: ([x], { shape }) => {
      requireEqual('reshape', `${formatShape(x)} to ${formatShape(shape)}: values`, sizeOf(shape), sizeOf(x));
      return shape;
    },
    gradient: (g, { inputs: [x] }, dy) => [g.reshape(dy, x.shape)],
  },
  transpose: {
    shape: ([x], { order }) => order.map((axis) => x[axis]),
    gradient: (g, { attributes: { order } }, dy) => [
      g.transpose(
        dy,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ],
  },
  concat: {
    shape: (shapes, { axis }) => {
      const first = shapes[0];
      for (const other of shapes) {
        if (other.length !== first.length || other.some((length, i) => i !== axis && length !== first[i])) {
          throw new ShapeError({
            who: 'concat',
            got: shapes.map(formatShape).join(' and '),
            wanted: `equal sizes but for axis ${axis}`,
          });
        }
      }
      return first.map((length, i) => (i === axis ? shapes.reduce((sum, shape) => sum + shape[axis], 0) : length));
    },
    gradient: (g, node, dy) => {
      const { axis } = node.attributes;
      let start = 0;
      return node.inputs.map((input) => {
        const begin = dy.shape.map((_, i) => (i === axis ? start : 0));
        start += input.shape[axis];
        return g.slice(dy, begin, input.shape);
      });
    },
  },
  slice: {
    shape: ([x], { begin, size }) => {
      x.forEach((length, axis) => {
        if (begin[axis] < 0 || begin[axis] + size[axis] > length)
          throw new ShapeError({
            who: 'slice',
            got: `${begin[axis]}..${begin[axis] + size[axis]} of axis ${axis}`,
            wanted: `a part of ${formatShape(x)}`,
          });
      });
      return size;
    },
    gradient: (g, { inputs: [x], attributes: { begin } }, dy) => [
      g.pad(
        dy,
        x.shape.map((length, axis): Sides => [begin[axis], length - begin[axis] - dy.shape[axis]]),
      ),
    ],
  },
  take: {
    shape: ([x], { indices, shape }) => {
      requireEqual('take', `indices for ${formatShape(shape)}`, indices.length, sizeOf(shape));
      const beyond = indices.find((index) => index < 0 || index >= sizeOf(x));
      if (beyond !== undefined)
        throw new ShapeError({ who: 'take', got: `index ${beyond}`, wanted: `one below ${sizeOf(x)}` });
      return shape;
    },
    // The sum over the places that each value went to: taken side by side, a zero where one went to fewer than another.
    gradient: (g, { inputs: [x], attributes: { indices } }, dy) => {
      const places = Array.from({ length: sizeOf(x.shape) }, (): number[] => []);
      indices.forEach((index, place) => places[index].push(place));
      const most = places.reduce((longest, { length }) => Math.max(longest, length), 1);
      const nothing = indices.length;
      const table = places.flatMap((list) => Array.from({ length: most }, (_, i) => list[i] ?? nothing));
      const values = g.concat([g.reshape(dy, [indices.length]), g.fill(0, [1])], 0);
      return [g.reshape(g.sum(g.take(values, table, [places.length, most]), { axes: [1] }), x.shape)];
    },
  },
  pad: {
    shape: ([x], { paddings }) => x.map((length, axis) => length + paddings[axis][0] + paddings[axis][1]),
    gradient: (g, { inputs: [x], attributes: { paddings } }, dy) => [
      g.slice(
        dy,
        paddings.map(([before]) => before),
        x.shape,
      ),
    ],
  },
  // Mirrors without repeating the edge pixel: "reflect".
  mirrorPad: {
    shape: ([x], { paddings }) =>
      x.map((length, axis) => {
        const [before, after] = paddings[axis];
        if (Math.max(before, after) >= length)
          throw new ShapeError({
            who: 'mirrorPad',
            got: `padding ${before},${after} of axis ${axis} with length ${length}`,
            wanted: `less than the length`,
          });
        return length + before + after;
      }),
    gradient: (g, { inputs: [x], attributes }, dy) => [
      g.node('mirrorPadGradient', [dy], { ...attributes, shape: x.shape }),
    ],
  },
  mirrorPadGradient: { shape: own },
  depthToSpace: {
    shape: ([x], { block }) => {
      const blocks = perAxis('depthToSpace: block', block, requireImage('depthToSpace', x));
      const count = sizeOf(blocks);
      if (channelsOf(x) % count !== 0)
        throw new ShapeError({
          who: 'depthToSpace',
          got: `${channelsOf(x)} channels`,
          wanted: `a multiple of ${count}`,
        });
      return [x[0], ...spatialSizes(x).map((length, axis) => length * blocks[axis]), channelsOf(x) / count];
    },
    gradient: (g, { attributes: { block } }, dy) => [g.spaceToDepth(dy, block)],
  },
  spaceToDepth: {
    shape: ([x], { block }) => {
      const blocks = perAxis('spaceToDepth: block', block, requireImage('spaceToDepth', x));
      if (spatialSizes(x).some((length, axis) => length % blocks[axis] !== 0))
        throw new ShapeError({
          who: 'spaceToDepth',
          got: formatShape(x),
          wanted: `spatial sizes divisible by ${blocks.join(', ')}`,
        });
      return [x[0], ...spatialSizes(x).map((length, axis) => length / blocks[axis]), channelsOf(x) * sizeOf(blocks)];
    },
    gradient: (g, { attributes: { block } }, dy) => [g.depthToSpace(dy, block)],
  },
};

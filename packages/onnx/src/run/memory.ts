import { freeMemory } from '@lacuna/core';
import {
  Graph,
  buildGenerator,
  factorOf,
  sizeMultiples,
  sizeOf,
  topologicalOrder,
  type ModelSpec,
  type PerAxis,
  type Tensor,
} from '@lacuna/models';

/** Ops whose values a runtime keeps once, whatever the tile. */
const FIXED = new Set(['variable', 'constant', 'fill', 'take']);
/** Ops that a runtime joins to the one before, or that write over its values. */
const IN_PLACE = new Set(['reshape', 'stopGradient', 'biasAdd', 'relu', 'leakyRelu', 'prelu', 'tanh', 'sigmoid']);

/**
 * What volumes take beyond the values of their graph: interpolation and sub-voxel shuffles are several nodes in ONNX,
 * and the runtime keeps what they wrote. Measured with FSRCNN of three axes, x4 in the plane, on the CPU: 490 bytes a
 * voxel where the graph's values are 192.
 */
const VOLUME_RESERVE = 2.6;

/**
 * Bytes that a model works with for one LR pixel or voxel: values that are alive together while its graph
 * runs, at their most.
 * What a runtime keeps in reserve comes on top.
 */
export function workingBytesPerPixel(
  model: ModelSpec,
  context: { factor: PerAxis; channels: number; planes?: number; networkHead?: boolean },
): number {
  const factor = factorOf(context.factor);
  const longest = factor.length === 3 ? 16 : 32;
  const size = sizeMultiples(model, factor).map((multiple) => Math.ceil(longest / multiple) * multiple);
  const g = new Graph();
  const { sr, network } = buildGenerator(
    g,
    'generator',
    g.input('lr', [1, ...size, context.channels * (context.planes ?? 1)]),
    model,
    {
      ...context,
      training: false,
    },
  );
  const order = topologicalOrder(network === null ? [sr] : [sr, network.probability]);
  const owner = new Map<Tensor, Tensor>();
  const lastUse = new Map<Tensor, number>();
  order.forEach((node, i) => {
    owner.set(node, IN_PLACE.has(node.op) ? owner.get(node.inputs[0])! : node);
    for (const input of node.inputs) lastUse.set(owner.get(input)!, i);
  });
  let alive = 0;
  let most = 0;
  order.forEach((node, i) => {
    if (owner.get(node) === node && !FIXED.has(node.op)) alive += sizeOf(node.shape);
    most = Math.max(most, alive);
    for (const input of new Set(node.inputs.map((source) => owner.get(source)!)))
      if (lastUse.get(input) === i && !FIXED.has(input.op)) alive -= sizeOf(input.shape);
  });
  return (4 * most * (factor.length === 3 ? VOLUME_RESERVE : 1)) / sizeOf(size);
}

/** The memory that a job may take when nobody says: half of what is free. */
export function defaultMemory(): number {
  return Math.floor(freeMemory() / 2);
}

import { Graph, factorOf, perAxis, sizeOf, topologicalOrder, type PerAxis, type Tensor } from './graph/index.js';
import { buildGenerator, sizeMultiples, type GeneratorContext, type ModelSpec } from './architectures/index.js';
import { bandWidth, receptiveFields } from './reach.js';

/** What a generator costs, read off its graph. */
export interface ModelCost {
  /** Numbers that the model's file holds: trained ones, and those that were fitted in closed form and stay fixed. */
  readonly parameters: number;
  /** Multiply-accumulates for an HR image of 1280 x 720 pixels, or as many voxels: convolutions and matrix products. */
  readonly macs720p: number;
  /** The same for one HR pixel or voxel. */
  readonly macsPerPixel: number;
  /**
   * LR pixels along each spatial axis on which one SR pixel depends, z, y, x or y, x; null when a layer looks at the
   * whole image.
   */
  readonly receptiveFields: readonly number[] | null;
  /** The largest of {@link receptiveFields}. */
  readonly receptiveField: number | null;
  /** Bytes of all values between input and output for 1280 x 720, float32, none freed. */
  readonly activationBytes720p: number;
}

const AREA_720P = 1280 * 720;

/** Side of the image on which work is counted: large beside the borders, which are scaled with it. */
const SIDES = { 2: 64, 3: 24 } as const;

/**
 * Parameters, work and reach of a generator. The work per pixel is measured on an image that is large beside the
 * borders, and scaled: the interpolation of skips, a product with a banded matrix, counts its band alone.
 * @param context.factor one number is a plane's; a list says by its length whether planes or volumes are meant.
 */
export function modelCost(model: ModelSpec, context: Omit<GeneratorContext, 'training'>): ModelCost {
  const build = (g: Graph, lr: Tensor) => {
    const { sr, network } = buildGenerator(g, 'generator', lr, model, { ...context, training: false });
    return network === null ? [sr] : [sr, network.probability];
  };
  return graphCost(build, {
    factor: context.factor,
    channels: context.channels * (context.planes ?? 1),
    multiple: sizeMultiples(model, factorOf(context.factor)),
  });
}

/**
 * The same of any network that `build` adds to a graph: LR [1, spatial, c] to SR, or to several outputs, for sides that
 * are multiples of `multiple`. The reach is the largest of the outputs'.
 * @param context.channels of the LR image.
 */
export function graphCost(
  build: (g: Graph, lr: Tensor) => Tensor | readonly Tensor[],
  context: { factor: PerAxis; channels: number; multiple: PerAxis },
): ModelCost {
  const factor = factorOf(context.factor);
  const rank = factor.length as 2 | 3;
  const sizes = perAxis('cost', context.multiple, rank).map((each) => Math.ceil(SIDES[rank] / each) * each);
  const g = new Graph();
  const lr = g.input('lr', [1, ...sizes, context.channels]);
  const built = build(g, lr);
  const outputs = 'op' in built ? [built] : built;
  const order = topologicalOrder(outputs);
  const pixels = sizeOf(sizes) * sizeOf(factor);
  let macs = 0;
  let values = 0;
  for (const node of order) {
    macs += macsOf(node);
    if (!['variable', 'constant', 'take'].includes(node.op)) values += sizeOf(node.shape);
  }
  const parameters = [...g.variables.values()]
    .filter((variable) => variable.role === 'weight')
    .reduce((sum, variable) => sum + sizeOf(variable.shape), 0);
  const reaches = outputs.map((output) => receptiveFields(topologicalOrder([output]), lr, output));
  const known = reaches.filter((fields) => fields !== null);
  const fields =
    known.length < reaches.length ? null : sizes.map((_, axis) => Math.max(...known.map((each) => each[axis])));
  return {
    parameters,
    macsPerPixel: macs / pixels,
    macs720p: (macs / pixels) * AREA_720P,
    receptiveFields: fields,
    receptiveField: fields && Math.max(...fields),
    activationBytes720p: 4 * (values / pixels) * AREA_720P,
  };
}

/** Multiply-accumulates of one op. */
function macsOf(node: Tensor): number {
  const [a, b] = node.inputs;
  switch (node.op) {
    case 'conv':
      return sizeOf(node.shape) * sizeOf(b.shape.slice(0, -1));
    case 'convInputGradient':
      return sizeOf(a.shape) * sizeOf(b.shape.slice(0, -1));
    // Interpolation is a product with a banded matrix.
    case 'matmul':
      return sizeOf(node.shape) * (a.op === 'constant' ? bandWidth(a) : a.shape.at(-1)!);
    default:
      return 0;
  }
}

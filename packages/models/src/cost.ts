import { Graph, sizeOf, topologicalOrder, type Tensor } from './graph/index.js';
import { buildGenerator, sizeMultiple, type ModelSpec } from './architectures/index.js';

/** What a generator costs, read off its graph. */
export interface ModelCost {
  readonly parameters: number;
  /** Multiply-accumulates for one HR image of 1280 x 720, convolutions and matrix products. */
  readonly macs720p: number;
  readonly macsPerPixel: number;
  /** Side of the square of LR pixels on which one SR pixel depends; null when a layer looks at the whole image. */
  readonly receptiveField: number | null;
  /** Bytes of all values between input and output for 1280 x 720, float32, none freed. */
  readonly activationBytes720p: number;
}

const AREA_720P = 1280 * 720;

/**
 * Parameters, work and reach of a generator. The work per pixel is measured on a plane that is large beside the
 * borders, and scaled: the interpolation of skips, a product with a banded matrix, counts its band alone.
 */
export function modelCost(model: ModelSpec, context: { factor: number; channels: number }): ModelCost {
  return graphCost((g, lr) => buildGenerator(g, 'generator', lr, model, { ...context, training: false }).sr, {
    ...context,
    multiple: sizeMultiple(model, context.factor),
  });
}

/**
 * The same of any network that `build` adds to a graph: LR [1,h,w,c] to SR, for sides that are multiples of `multiple`.
 */
export function graphCost(
  build: (g: Graph, lr: Tensor) => Tensor,
  context: { factor: number; channels: number; multiple: number },
): ModelCost {
  const side = Math.ceil(64 / context.multiple) * context.multiple;
  const g = new Graph();
  const lr = g.input('lr', [1, side, side, context.channels]);
  const sr = build(g, lr);
  const order = topologicalOrder([sr]);
  const pixels = side * side * context.factor * context.factor;
  let macs = 0;
  let values = 0;
  for (const node of order) {
    macs += macsOf(node);
    if (node.op !== 'variable' && node.op !== 'constant') values += sizeOf(node.shape);
  }
  const parameters = [...g.variables.values()]
    .filter((variable) => variable.trainable)
    .reduce((sum, variable) => sum + sizeOf(variable.shape), 0);
  return {
    parameters,
    macsPerPixel: macs / pixels,
    macs720p: (macs / pixels) * AREA_720P,
    receptiveField: receptiveField(order, lr, sr),
    activationBytes720p: 4 * (values / pixels) * AREA_720P,
  };
}

function macsOf(node: Tensor): number {
  const [a, b] = node.inputs;
  if (node.op === 'conv2d') return sizeOf(node.shape) * b.shape[0] * b.shape[1] * b.shape[2];
  if (node.op === 'conv2dInputGradient') return sizeOf(a.shape) * b.shape[0] * b.shape[1] * b.shape[2];
  if (node.op === 'matmul')
    return a.op === 'constant' ? sizeOf(node.shape) * bandWidth(a) : sizeOf(node.shape) * a.shape.at(-1)!;
  return 0;
}

/** Largest number of values other than 0 in a row of a constant matrix. */
function bandWidth(matrix: Tensor): number {
  const values = matrix.attributes['values'] as Float32Array;
  const [rows, columns] = matrix.shape as [number, number];
  let widest = 0;
  for (let i = 0; i < rows; i++) {
    let count = 0;
    for (let j = 0; j < columns; j++) if (values[i * columns + j] !== 0) count++;
    widest = Math.max(widest, count);
  }
  return widest;
}

/** Reach of a value: how far it sees in LR pixels to either side, and how many LR pixels wide its own pixel is. */
interface Reach {
  readonly radius: number;
  readonly pitch: number;
}

/**
 * Side of the LR square behind one SR pixel, from the layers' windows; an upper bound of a pixel or two where windows
 * are uneven.
 */
function receptiveField(order: readonly Tensor[], input: Tensor, output: Tensor): number | null {
  const reach = new Map<number, Reach>([[input.id, { radius: 0, pitch: 1 }]]);
  for (const node of order) {
    const sources = node.inputs.map((source) => reach.get(source.id)).filter((known) => known !== undefined);
    if (sources.length === 0 || node === input) continue;
    const radius = Math.max(...sources.map((source) => source.radius));
    const pitch = sources[0].pitch;
    const next = stepReach(node, { radius, pitch });
    if (next === null) return null;
    reach.set(node.id, next);
  }
  return 2 * Math.ceil(reach.get(output.id)!.radius) + 1;
}

function stepReach(node: Tensor, { radius, pitch }: Reach): Reach | null {
  const at = node.attributes;
  switch (node.op) {
    case 'conv2d':
      return {
        radius: radius + ((Math.max(1, node.inputs[1].shape[0], node.inputs[1].shape[1]) - 1) / 2) * pitch,
        pitch: pitch * (at['stride'] as number),
      };
    case 'conv2dInputGradient': {
      const stride = at['stride'] as number;
      return {
        radius: radius + Math.ceil((node.inputs[1].shape[0] - stride) / 2 / stride) * pitch,
        pitch: pitch / stride,
      };
    }
    case 'maxPool':
    case 'avgPool':
      return { radius: radius + (((at['window'] as number) - 1) / 2) * pitch, pitch: pitch * (at['stride'] as number) };
    case 'depthToSpace':
      return { radius, pitch: pitch / (at['block'] as number) };
    case 'spaceToDepth':
      return { radius: radius + ((at['block'] as number) - 1) * pitch, pitch: pitch * (at['block'] as number) };
    case 'matmul': {
      const matrix = node.inputs[0];
      // Rows and columns come one after the other: the grid changes with the second of the pair.
      const rowsFirst =
        node.shape.length === 3 && node.inputs[1].op === 'reshape' && node.inputs[1].inputs[0].op !== 'matmul';
      const ratio = matrix.shape[1] / matrix.shape[0];
      return rowsFirst ? { radius: radius + (bandWidth(matrix) / 2) * pitch, pitch } : { radius, pitch: pitch * ratio };
    }
    case 'sum':
    case 'mean':
    case 'max':
      return (at['axes'] as number[]).some((axis) => axis === 1 || axis === 2) ? null : { radius, pitch };
    default:
      return { radius, pitch };
  }
}

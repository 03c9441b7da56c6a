import { matchAlongAxes, spatialRank, spatialSizes, type Node, type Tensor } from './graph/index.js';

/** Reach of a value along one axis: how far it sees in LR pixels to either side, and how many its own pixel is wide. */
interface AxisReach {
  readonly radius: number;
  readonly pitch: number;
}
/** The reach along each spatial axis of the image. */
type Reach = readonly AxisReach[];

/**
 * LR pixels along each spatial axis behind one SR pixel, from the layers' windows; an upper bound of a pixel or two
 * where windows are uneven. Null where a layer looks at the whole image.
 * @param order every op from `input` to `output`, inputs before users.
 */
export function receptiveFields(order: readonly Tensor[], input: Tensor, output: Tensor): number[] | null {
  const lengths = spatialSizes(input.shape);
  const start = lengths.map((): AxisReach => ({ radius: 0, pitch: 1 }));
  const reach = new Map<number, Reach>([[input.id, start]]);
  for (const node of order) {
    const sources = node.inputs.map((source) => reach.get(source.id)).filter((known) => known !== undefined);
    if (sources.length === 0 || node === input) continue;
    const widest = sources[0].map(({ pitch }, axis) => ({
      radius: Math.max(...sources.map((source) => source[axis].radius)),
      pitch,
    }));
    const next = stepReach(node, widest, lengths);
    if (next === null) return null;
    reach.set(node.id, next);
  }
  return reach.get(output.id)!.map(({ radius }) => 2 * Math.ceil(radius) + 1);
}

function stepReach(node: Tensor, reach: Reach, lengths: readonly number[]): Reach | null {
  switch (node.op) {
    case 'conv': {
      const { stride } = node.attributes;
      return throughWindows(reach, node.inputs[1].shape, stride);
    }
    case 'convInputGradient': {
      const { stride } = node.attributes;
      const kernel = node.inputs[1].shape;
      return reach.map(({ radius, pitch }, axis) => ({
        radius: radius + Math.ceil((kernel[axis] - stride[axis]) / 2 / stride[axis]) * pitch,
        pitch: pitch / stride[axis],
      }));
    }
    case 'maxPool':
    case 'avgPool':
      return throughWindows(reach, node.attributes.window, node.attributes.stride);
    case 'depthToSpace': {
      const { block } = node.attributes;
      return reach.map(({ radius, pitch }, axis) => ({ radius, pitch: pitch / block[axis] }));
    }
    case 'spaceToDepth': {
      const { block } = node.attributes;
      return reach.map(({ radius, pitch }, axis) => ({
        radius: radius + (block[axis] - 1) * pitch,
        pitch: pitch * block[axis],
      }));
    }
    case 'mean':
    case 'max': {
      const rank = spatialRank(node.inputs[0].shape);
      return node.attributes.axes.some((axis) => axis >= 1 && axis <= rank) ? null : reach;
    }
    case 'matmul':
      return alongMatrix(reach, node, lengths);
    default:
      return reach;
  }
}

function throughWindows(reach: Reach, window: readonly number[], stride: readonly number[]): Reach {
  return reach.map(({ radius, pitch }, axis) => ({
    radius: radius + ((window[axis] - 1) / 2) * pitch,
    pitch: pitch * stride[axis],
  }));
}

/**
 * One matrix along one axis, or a product at each pixel; in any other product every position may see every other. Null
 * too where what is stretched covers less than the image: where a pixel looks then depends on the image's size.
 */
function alongMatrix(reach: Reach, node: Node<'matmul'>, lengths: readonly number[]): Reach | null {
  // The image's number and all of its spatial axes are in the batch.
  const batch = node.shape.length - 2;
  if (batch > reach.length) return reach;
  const found = matchAlongAxes(node);
  if (!found) return null;
  const { matrices, lastAxis } = found;
  const matrix = matrices[lastAxis - 1]!;
  const ratio = matrix.shape[1] / matrix.shape[0];
  const { pitch } = reach[lastAxis - 1];
  if (lengths[lastAxis - 1] - matrix.shape[1] * pitch > pitch) return null;
  const half = bandWidth(matrix) / 2;
  return reach.map(({ radius, pitch }, axis) =>
    axis === lastAxis - 1 ? { radius: radius + half * pitch, pitch: pitch * ratio } : { radius, pitch },
  );
}

/** Largest number of values other than 0 in a row of a constant matrix. */
export function bandWidth({ shape: [rows, columns], attributes: { values } }: Node<'constant'>): number {
  let widest = 0;
  for (let i = 0; i < rows; i++) {
    let count = 0;
    for (let j = 0; j < columns; j++) if (values[i * columns + j] !== 0) count++;
    widest = Math.max(widest, count);
  }
  return widest;
}

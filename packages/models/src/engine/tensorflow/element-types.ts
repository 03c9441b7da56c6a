import { sizeOf, type OpName, type Precision, type Tensor } from '../../graph/index.js';
import type { SavedModelWriter } from './saved-model.js';

/** What the values of a tensor are written as. */
export type ElementType = 'float' | 'bfloat16';

/** Ops whose operands are rounded to bfloat16 on request; oneDNN sums their products in float32. */
type Convolution = Tensor<'conv' | 'convInputGradient' | 'convFilterGradient'>;
const isConvolution = (node: Tensor): node is Convolution =>
  node.op === 'conv' || node.op === 'convInputGradient' || node.op === 'convFilterGradient';

/**
 * Ops that add up nothing, and the inputs that decide their type: of rounded values they give rounded values, so that
 * their float32 would be rounded to the very same numbers before the next convolution. A bias is added by oneDNN within
 * the convolution, before that is rounded; the gradient of a rectifier goes to the convolution below it.
 */
const EXACT: Partial<Record<OpName, 'first' | 'second' | 'all'>> = {
  biasAdd: 'first',
  relu: 'first',
  reluGradient: 'second',
  slice: 'first',
  reshape: 'first',
  transpose: 'first',
  depthToSpace: 'first',
  spaceToDepth: 'first',
  stopGradient: 'first',
  concat: 'all',
};

/** What an op computes with: convolutions in bfloat16 where they gain, what only moves their values about as well. */
export function elementOf(node: Tensor, precision: Precision, written: WrittenTensors): ElementType {
  if (precision === 'float32') return 'float';
  if (isConvolution(node)) return gains(node, written) ? 'bfloat16' : 'float';
  const deciding = EXACT[node.op];
  if (deciding === undefined) return 'float';
  const { inputs } = node;
  const which = { first: inputs.slice(0, 1), second: inputs.slice(1, 2), all: inputs }[deciding];
  return which.every((input) => written.isRounded(input)) ? 'bfloat16' : 'float';
}

/**
 * Fewer channels than this, on either side, are not worth the conversions of the operands: measured from 0.4 to 2.5
 * times float32's time for 1 and 4 channels, from 0.4 to 0.8 for 8 and more.
 */
const FEW_CHANNELS = 8;

/**
 * Where a filter is used at fewer positions than this, converting it takes as long as its products: at 64 the inner
 * levels of Pix2Pix' U-Net, whose filters have millions of weights. At 225 the discriminators' largest filter gains.
 */
const FEW_POSITIONS = 128;

/**
 * Whether a convolution is worth its conversions. One from many channels to few is, where its image is rounded already;
 * and so is what comes back through it, which is rounded by the convolution below.
 */
function gains(node: Convolution, written: WrittenTensors): boolean {
  const filter = node.op === 'convFilterGradient' ? node.shape : node.inputs[1].shape;
  const [channels, filters] = filter.slice(-2);
  const { shape: out } = { conv: node, convInputGradient: node.inputs[0], convFilterGradient: node.inputs[1] }[node.op];
  if (channels < FEW_CHANNELS || sizeOf(out.slice(0, -1)) < FEW_POSITIONS) return false;
  return filters >= FEW_CHANNELS || node.op === 'convInputGradient' || written.isRounded(node.inputs[0]);
}

/** Nodes of tensors in every element type that they are asked for. */
export class WrittenTensors {
  private readonly nodes = new Map<number, Partial<Record<ElementType, string>>>();
  private readonly rounded = new Set<number>();

  constructor(
    private readonly writer: SavedModelWriter,
    private readonly name: (hint: string) => string,
  ) {}

  has(tensor: Tensor): boolean {
    return this.nodes.has(tensor.id);
  }

  add(tensor: Tensor, node: string, element: ElementType): void {
    this.nodes.set(tensor.id, { [element]: node });
    if (element === 'bfloat16') this.rounded.add(tensor.id);
  }

  /** Whether the tensor was made as bfloat16. */
  isRounded(tensor: Tensor): boolean {
    return this.rounded.has(tensor.id);
  }

  /** The node of a tensor, converted once where it was made as the other type. */
  as(tensor: Tensor, element: ElementType): string {
    const known = this.nodes.get(tensor.id)!;
    const made = element === 'float' ? 'bfloat16' : 'float';
    return (known[element] ??= this.writer.node(this.name('cast'), 'Cast', [known[made]!], {
      SrcT: { type: made },
      DstT: { type: element },
    }));
  }
}

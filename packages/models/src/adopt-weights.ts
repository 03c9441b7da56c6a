import { InputError } from '@lacuna/core';
import { Graph, sizeOf, topologicalOrder, type Tensor } from './graph/index.js';
import { buildGenerator, sizeMultiples, type GeneratorContext, type ModelSpec } from './architectures/index.js';
import { requireFit } from './training/initial-weights.js';
import { GENERATOR } from './regimes/index.js';
import type { TensorFile } from './training/safetensors.js';

type Tensors = TensorFile['tensors'];
type Weight = Tensors[string];

/** Weights of others, and the model of the catalogue that they are of. */
export interface ForeignWeights {
  /** Names the file in errors. */
  readonly who: string;
  /** By PyTorch's names, filters [out, in, spatial]. */
  readonly tensors: Tensors;
  readonly model: ModelSpec;
  /** Along each spatial axis. */
  readonly factor: readonly number[];
  /** Of the network's images. */
  readonly channels: number;
  /** The network's number for white; black is 0. */
  readonly white: number;
}

/** A convolution of the graph, by the names of its weights. */
interface Layer {
  readonly weight: string;
  readonly bias: string | null;
  readonly x: Tensor;
  readonly out: Tensor;
}

/** Longest side of the image that the graph is built for. */
const SIDE = 16;

/**
 * Weights of a published network as those of the same family here: filters turned to [spatial, in, out], channels of
 * sub-pixel convolutions brought into our order, and the range of its images, [0, white], made ours, [0, 1], in its
 * first and last layers, so that it computes the same.
 * @throws {InputError} naming the first tensor that is missing, too many or of another shape, and for a range other
 *   than [0, 1] of a family that does not begin and end with a convolution.
 */
export function adoptWeights(given: ForeignWeights): Tensors {
  const { who, model, white } = given;
  const { variables, layers, lr, sr } = builtFor(given, given.channels);
  const named = Object.fromEntries(
    Object.entries(given.tensors).map(([name, weight]) => [`${GENERATOR}.${name}`, turned(weight)]),
  );
  const wanted = Object.fromEntries([...variables.values()].map(({ name, shape }) => [name, shape]));
  requireFit(who, named, wanted);
  const out: Record<string, Weight> = { ...named };
  const change = (name: string | null, by: (weight: Weight) => Weight) => {
    if (name !== null) out[name] = by(out[name]);
  };
  for (const { weight, bias, block } of shuffled(layers, sr)) {
    change(weight, (each) => inOurOrder(each, block));
    change(bias, (each) => inOurOrder(each, block));
  }
  if (white === 1) return out;
  const { first, last } = endsOf(layers, lr, sr);
  if (first.length === 0 || last === null)
    throw new InputError({
      who,
      got: `a range of 0 to ${white} for ${model.name}`,
      wanted: '0 to 1, or a model that begins and ends with a convolution',
    });
  for (const { weight } of first) change(weight, (each) => scaled(each, white));
  change(last.weight, (each) => scaled(each, 1 / white));
  change(last.bias, (each) => scaled(each, 1 / white));
  return out;
}

/**
 * The same network for grey images: it computes what the one of several equal channels does, the mean of its channels.
 * @param tensors as {@link adoptWeights} gives them.
 * @throws {InputError} for a family that does not begin and end with a convolution.
 */
export function greyWeights(tensors: Tensors, given: Omit<ForeignWeights, 'tensors' | 'white'>): Tensors {
  const { who, model, channels } = given;
  const { layers, lr, sr } = builtFor(given, channels);
  const { first, last } = endsOf(layers, lr, sr);
  if (first.length === 0 || last === null)
    throw new InputError({ who, got: `${model.name}`, wanted: 'a model that begins and ends with a convolution' });
  const out: Record<string, Weight> = { ...tensors };
  for (const { weight } of first) out[weight] = overInputs(out[weight]);
  out[last.weight] = overOutputs(out[last.weight], channels);
  if (last.bias !== null) out[last.bias] = overOutputs(out[last.bias], channels);
  return out;
}

/** The generator's graph, its variables and convolutions. */
function builtFor({ model, factor }: Pick<ForeignWeights, 'model' | 'factor'>, channels: GeneratorContext['channels']) {
  const g = new Graph();
  const multiples = sizeMultiples(model, factor);
  const lr = g.input('lr', [1, ...multiples.map((each) => Math.ceil(SIDE / each) * each), channels]);
  const { sr } = buildGenerator(g, GENERATOR, lr, model, { factor, channels, training: false });
  const order = topologicalOrder([sr]);
  const biases = new Map(order.flatMap((node) => (node.op === 'biasAdd' ? [[node.inputs[0].id, node] as const] : [])));
  const layers = order.flatMap((node): Layer[] => {
    if (node.op !== 'conv') return [];
    const [x, filter] = node.inputs;
    if (filter.op !== 'variable') return [];
    const sum = biases.get(node.id);
    const bias = sum?.inputs[1].op === 'variable' ? sum.inputs[1].attributes.name : null;
    return [{ weight: filter.attributes.name, bias, x, out: sum ?? node }];
  });
  return { variables: g.variables, layers, lr, sr };
}

/** Convolutions whose channels become pixels. */
function shuffled(layers: readonly Layer[], sr: Tensor): (Layer & { readonly block: number })[] {
  const shuffles = topologicalOrder([sr]).flatMap((node) => (node.op === 'depthToSpace' ? [node] : []));
  return shuffles.flatMap((node) => {
    const layer = layers.find(({ out }) => out === node.inputs[0]);
    return layer === undefined ? [] : [{ ...layer, block: sizeOf(node.attributes.block) }];
  });
}

/** The convolutions that read the image, and the one that makes it; null where something comes after it. */
function endsOf(layers: readonly Layer[], lr: Tensor, sr: Tensor): { first: Layer[]; last: Layer | null } {
  const end = sr.op === 'depthToSpace' ? sr.inputs[0] : sr;
  return { first: layers.filter(({ x }) => x === lr), last: layers.find(({ out }) => out === end) ?? null };
}

/** [out, in, spatial] to [spatial, in, out]; vectors stay. */
function turned({ shape, values }: Weight): Weight {
  if (shape.length < 3) return { shape, values };
  const [outputs, inputs, ...spatial] = shape;
  const taps = sizeOf(spatial);
  const out = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let t = 0; t < taps; t++) out[(t * inputs + i) * outputs + o] = values[(o * inputs + i) * taps + t];
  return { shape: [...spatial, inputs, outputs], values: out };
}

/** Channel c·block + p of PyTorch's pixel shuffle, phase p of channel c, is our p·channels + c. */
function inOurOrder({ shape, values }: Weight, block: number): Weight {
  const outputs = shape.at(-1)!;
  const channels = outputs / block;
  const from = (o: number) => (o % channels) * block + Math.floor(o / channels);
  return { shape, values: values.map((_, i) => values[i - (i % outputs) + from(i % outputs)]) };
}

const scaled = ({ shape, values }: Weight, by: number): Weight => ({
  shape,
  values: values.map((value) => value * by),
});

/** A filter of one input that gets what all of them got. */
function overInputs({ shape, values }: Weight): Weight {
  const outputs = shape.at(-1)!;
  const inputs = shape.at(-2)!;
  const out = new Float32Array(values.length / inputs);
  values.forEach((value, i) => {
    out[Math.floor(i / (inputs * outputs)) * outputs + (i % outputs)] += value;
  });
  return { shape: [...shape.slice(0, -2), 1, outputs], values: out };
}

/** Means over the channels of each phase, our order. */
function overOutputs({ shape, values }: Weight, channels: number): Weight {
  const out = new Float32Array(values.length / channels);
  values.forEach((value, i) => {
    out[Math.floor(i / channels)] += value / channels;
  });
  return { shape: [...shape.slice(0, -1), shape.at(-1)! / channels], values: out };
}

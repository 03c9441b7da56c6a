import { InputError } from '@lacuna/core';
import { Graph, formatShape, sizeOf, upsample, zeros, type Tensor } from '@lacuna/models';
import type { ImportedModel } from './import.js';

/** A layer of a Keras model with what it reads. */
interface Layer {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly (readonly (readonly [string, ...unknown[]])[])[];
}

/** `model.json` of a TensorFlow.js layers model, as far as it is read. */
interface LayersFile {
  readonly format?: string;
  readonly modelTopology?: {
    readonly model_config?: {
      readonly config?: {
        readonly layers?: readonly Layer[];
        readonly output_layers?: readonly (readonly [string, ...unknown[]])[];
      };
    };
  };
  readonly weightsManifest?: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  }[];
}

type Weights = Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

/**
 * Reads a convolutional SR network that was saved as a TensorFlow.js layers model: Keras's Conv2D, Activation, Add,
 * Concatenate and UpSampling2D, and the `MultiplyBeta` and `PixelShuffle` layers of the ESRGANs that are published in
 * this form.
 * @param json text of model.json.
 * @param shard bytes of a file that it names.
 * @throws {InputError} for another format, a layer that our graph lacks, or weights that do not fit.
 */
export function importLayersModel(json: string, shard: (path: string) => Uint8Array): ImportedModel {
  const file = parse(json);
  const layers = file.modelTopology?.model_config?.config?.layers;
  const output = file.modelTopology?.model_config?.config?.output_layers?.[0]?.[0];
  if (file.format !== 'layers-model' || !layers || output === undefined)
    throw refuse(`format ${file.format ?? 'none'}`, 'a layers model with one output');
  const weights = readWeights(file, shard);
  const build = (g: Graph, lr: Tensor): Tensor => {
    const values = new Map<string, Tensor>();
    for (const layer of layers) {
      const inputs = (layer.inbound_nodes[0] ?? []).map(([name]) => valueOf(values, name, layer));
      values.set(layer.name, layer.class_name === 'InputLayer' ? lr : addLayer(g, layer, inputs, weights));
    }
    const sr = values.get(output);
    if (!sr) throw refuse(`an output ${output} that no layer makes`, 'a whole model');
    return sr;
  };
  const first = layers.find(({ class_name }) => class_name === 'InputLayer');
  const channels = (first?.config['batch_input_shape'] as number[] | undefined)?.[3];
  if (typeof channels !== 'number') throw refuse('an input without a number of channels', 'an image [n,h,w,c]');
  const g = new Graph();
  build(g, g.input('lr', [1, 16, 16, channels]));
  return { build, buildAll: (graph, lr) => [build(graph, lr)], weights, metadata: null };
}

const refuse = (got: string, wanted: string): InputError => new InputError({ who: 'layers model', got, wanted });

function parse(json: string): LayersFile {
  try {
    return JSON.parse(json) as LayersFile;
  } catch (error) {
    throw new InputError(
      { who: 'layers model', got: 'text that is not JSON', wanted: 'a model.json of TensorFlow.js' },
      { cause: error },
    );
  }
}

/** The files of a group lie one after the other, its weights in them in the order of the manifest. */
function readWeights({ weightsManifest = [] }: LayersFile, shard: (path: string) => Uint8Array): Weights {
  const out: Weights = {};
  for (const group of weightsManifest) {
    const bytes = Buffer.concat(group.paths.map(shard));
    let at = 0;
    for (const { name, shape, dtype } of group.weights) {
      if (dtype !== 'float32') throw refuse(`weights ${name} of type ${dtype}`, 'float32');
      const end = at + 4 * sizeOf(shape);
      if (end > bytes.length) throw refuse(`${bytes.length} bytes of weights`, `at least ${end}, for ${name}`);
      out[name] = {
        shape,
        values: new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + end)),
      };
      at = end;
    }
    if (at !== bytes.length) throw refuse(`${bytes.length} bytes of weights`, `${at}, as model.json says`);
  }
  return out;
}

function valueOf(values: ReadonlyMap<string, Tensor>, name: string, layer: Layer): Tensor {
  const value = values.get(name);
  if (!value)
    throw refuse(
      `layer ${layer.name} that reads ${name}, which comes later or not at all`,
      'layers in the order of their use',
    );
  return value;
}

function addLayer(g: Graph, layer: Layer, inputs: readonly Tensor[], weights: Weights): Tensor {
  const { class_name: kind, config, name } = layer;
  const [x] = inputs;
  const lacks = (what: string, wanted: string) => refuse(`layer ${name} (${kind}) with ${what}`, wanted);
  if (!x) throw lacks('no input', 'one at least');
  if (kind === 'Conv2D') return activate(g, convolution(g, x, layer, weights), config['activation'], lacks);
  if (kind === 'Activation') return activate(g, x, config['activation'], lacks);
  if (kind === 'Add') return inputs.slice(1).reduce((sum, input) => g.add(sum, input), x);
  if (kind === 'Concatenate') {
    if (config['axis'] !== 3 && config['axis'] !== -1)
      throw lacks(`axis ${String(config['axis'])}`, 'the axis of channels');
    return g.concat(inputs, 3);
  }
  if (kind === 'UpSampling2D') {
    const [rows, columns] = config['size'] as [number, number];
    const mode = config['interpolation'] ?? 'nearest';
    if (rows !== columns || (mode !== 'nearest' && mode !== 'bilinear'))
      throw lacks(`${String(mode)} by ${rows} x ${columns}`, 'nearest or bilinear by one whole factor');
    return upsample(g, x, rows, mode);
  }
  if (kind === 'MultiplyBeta') return g.scale(x, config['beta'] as number);
  if (/^PixelShuffle\d+x$/.test(kind)) return g.depthToSpace(x, config['scale'] as number);
  throw refuse(
    `layer ${name} of kind ${kind}`,
    'Conv2D, Activation, Add, Concatenate, UpSampling2D, MultiplyBeta or PixelShuffle',
  );
}

function convolution(g: Graph, x: Tensor, { name, config }: Layer, weights: Weights): Tensor {
  const {
    strides,
    dilation_rate: dilation,
    padding,
    groups = 1,
    data_format: order = 'channels_last',
    use_bias: biased,
  } = config as {
    strides: [number, number];
    dilation_rate?: number[];
    padding: string;
    groups?: number;
    data_format?: string;
    use_bias?: boolean;
  };
  if (
    strides[0] !== strides[1] ||
    dilation?.some((step) => step !== 1) ||
    groups !== 1 ||
    order !== 'channels_last' ||
    (padding !== 'same' && padding !== 'valid')
  ) {
    throw refuse(
      `layer ${name} with strides ${strides.join()}, dilation ${dilation?.join() ?? 1}, ${groups} groups, ` +
        `padding ${padding}, ${order}`,
      'one stride, no dilation, one group, same or valid, channels_last',
    );
  }
  const y = g.conv(x, weight(g, `${name}/kernel`, weights), { stride: strides[0], padding });
  return biased ? g.biasAdd(y, weight(g, `${name}/bias`, weights)) : y;
}

function weight(g: Graph, name: string, weights: Weights): Tensor {
  const known = weights[name];
  if (!known) throw refuse(`no weights ${name}`, `weights among ${Object.keys(weights).length} of the manifest`);
  if (known.shape.length !== (name.endsWith('/bias') ? 1 : 4))
    throw refuse(`weights ${name} of shape ${formatShape(known.shape)}`, 'a filter of four axes and a bias of one');
  return g.weight(name, known.shape, zeros);
}

function activate(g: Graph, x: Tensor, kind: unknown, lacks: (what: string, wanted: string) => InputError): Tensor {
  switch (kind) {
    case undefined:
    case 'linear':
      return x;
    case 'relu':
      return g.relu(x);
    case 'tanh':
      return g.tanh(x);
    case 'sigmoid':
      return g.sigmoid(x);
    default:
      throw lacks(`activation ${String(kind)}`, 'linear, relu, tanh or sigmoid');
  }
}

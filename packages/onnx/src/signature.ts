import { metadataOf, parseMetadata, type ImageLayout, type OnnxMetadata } from './metadata.js';
import { decodeModel } from './proto/codec.js';
import type { OnnxValue } from './proto/model.js';

/** A model's input or output: sizes as numbers where they are fixed, as names or null where they are free. */
export interface OnnxPort {
  readonly name: string;
  /** ONNX's number of the element type; 1 is float32. */
  readonly elementType: number | null;
  readonly dims: readonly (number | string | null)[];
}

/** What the outside of any ONNX file says. */
export interface OnnxSignature {
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** Of the first input, from which axis has 1, 3 or 4 channels; null where that cannot be told. */
  readonly layout: ImageLayout | null;
  readonly channels: number | null;
  /** From fixed sizes of input and output; null where they are free. */
  readonly factor: number | null;
  readonly opset: number | null;
  readonly producer: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Metadata of a file that Lacuna wrote; null for one of another maker.
 * @throws {InputError} if the file is no whole ONNX model.
 */
export function readOnnxMetadata(bytes: Uint8Array): OnnxMetadata | null {
  return parseMetadata(metadataOf(decodeModel(bytes)));
}

/**
 * Inputs, outputs and metadata of any ONNX file.
 * @throws {InputError} if the file is no whole ONNX model.
 */
export function readOnnxSignature(bytes: Uint8Array): OnnxSignature {
  const model = decodeModel(bytes);
  const { graph } = model;
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !stored.has(name)).map(portOf);
  const outputs = graph.output.map(portOf);
  const [input] = inputs;
  const [output] = outputs;
  const layout = input ? layoutOf(input) : null;
  const ours = parseMetadata(metadataOf(model));
  const channels = layout === null ? null : input.dims.at(layout === 'nhwc' ? -1 : 1);
  return {
    inputs,
    outputs,
    layout: ours?.layout ?? layout,
    channels: ours?.channels ?? (typeof channels === 'number' ? channels : null),
    factor: ours?.factor ?? (layout !== null && output ? factorOf(input, output, layout) : null),
    opset: model.opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? null,
    producer: model.producerName ?? null,
    metadata: metadataOf(model),
  };
}

export function portOf({ name, type }: OnnxValue): OnnxPort {
  const tensor = type?.tensorType;
  return {
    name: name ?? '',
    elementType: tensor?.elemType ?? null,
    dims: (tensor?.shape?.dim ?? []).map(({ dimValue, dimParam }) =>
      dimValue !== undefined && dimValue > 0 ? dimValue : dimParam || null,
    ),
  };
}

/** Of images and volumes. Channels are few: the axis after the batch, or the last one. */
export function layoutOf({ dims }: OnnxPort): ImageLayout | null {
  if (dims.length !== 4 && dims.length !== 5) return null;
  const few = (length: number | string | null | undefined) => typeof length === 'number' && length <= 4;
  if (few(dims[1]) && !few(dims.at(-1))) return 'nchw';
  return few(dims.at(-1)) && !few(dims[1]) ? 'nhwc' : null;
}

function factorOf(input: OnnxPort, output: OnnxPort, layout: ImageLayout): number | null {
  if (input.dims.length !== 4 || output.dims.length !== 4) return null;
  const axes = layout === 'nchw' ? [2, 3] : [1, 2];
  const ratios = axes.map((axis) => {
    const from = input.dims[axis];
    const to = output.dims[axis];
    return typeof from === 'number' && typeof to === 'number' ? to / from : null;
  });
  return ratios[0] !== null && ratios[0] === ratios[1] && Number.isInteger(ratios[0]) ? ratios[0] : null;
}

import { InputError, type PixelSize } from '@lacuna/core';
import {
  buildGenerator,
  factorOf,
  modelCost,
  parseModelMetadata,
  planesIn,
  sizeMultiples,
  type ModelSpec,
  type TensorFile,
} from '@lacuna/models';
import type { OnnxMetadata } from '../metadata.js';
import { exportOnnx } from './export.js';

/** Scope of the generator in the files that training writes. */
const GENERATOR = 'generator';

/** What {@link exportModel} may be told besides. */
export interface ExportModelOptions {
  readonly precision?: 'float32' | 'float16';
  readonly licence?: string;
  readonly commit?: string;
  readonly producerVersion?: string;
}

/**
 * A model file of training (`best.safetensors`, read by `readTensorFile`) as ONNX, with what the file says of
 * normalisation, range, pixel size and spec.
 * @throws {InputError} if the file is no model.
 */
export function exportModel(file: TensorFile, options: ExportModelOptions = {}): Uint8Array {
  const { model, metadata } = describeTrained(file, options);
  return exportOnnx({
    generator(g, lr) {
      const { sr, network } = buildGenerator(g, GENERATOR, lr, model, {
        factor: (metadata.volume ?? metadata.slices)?.factor ?? metadata.factor,
        channels: metadata.channels,
        planes: metadata.slices ? planesIn(metadata.slices.slicing) : 1,
        training: false,
        networkHead: metadata.networkHead === true,
      });
      return { sr, network: network && network.probability };
    },
    weights: file.tensors,
    metadata,
    ...(options.precision === undefined ? {} : { precision: options.precision }),
    ...(options.producerVersion === undefined ? {} : { producerVersion: options.producerVersion }),
  });
}

/** What a model file of training says of itself. */
export function describeTrained(
  { metadata: text }: TensorFile,
  options: Pick<ExportModelOptions, 'licence' | 'commit'> = {},
): { model: ModelSpec; metadata: OnnxMetadata } {
  const { model, factor, channels, slicing, networkHead = false } = parseModelMetadata('export', text);
  const planes = slicing === undefined ? 1 : planesIn(slicing);
  const json = (key: string): unknown => {
    const value = text[key];
    if (value === undefined) return null;
    try {
      return JSON.parse(value);
    } catch {
      throw new InputError({
        who: 'export',
        got: `metadata ${key} that is not JSON`,
        wanted: 'a model that Lacuna trained (best.safetensors)',
      });
    }
  };
  const { receptiveField, receptiveFields } = modelCost(model, { factor, channels, planes, networkHead });
  const factors = factorOf(factor);
  const multiple = sizeMultiples(model, factors);
  return {
    model,
    metadata: {
      name: text['name'] ?? model.name,
      factor: Math.max(...factors),
      channels,
      layout: 'nchw',
      multiple: Math.max(...multiple),
      receptiveField,
      range: [0, 1],
      normalisation: json('normalisation') as OnnxMetadata['normalisation'],
      dataRange: json('dataRange') as OnnxMetadata['dataRange'],
      level: json('level') as number | null,
      ...(text['ownLevel'] === undefined ? {} : { ownLevel: json('ownLevel') as number | null }),
      ...(networkHead ? { networkHead } : {}),
      ...(text['headLevel'] === undefined ? {} : { headLevel: json('headLevel') as number | null }),
      pixelSize: json('pixelSize') as PixelSize | null,
      licence: options.licence ?? null,
      commit: options.commit ?? null,
      spec: text['spec'] ?? null,
      model: text['model'],
      data: text['data'] ?? null,
      ...(factors.length === 3 ? { volume: { factor: factors, multiple, receptiveField: receptiveFields } } : {}),
      ...(slicing === undefined
        ? {}
        : { slices: { slicing, factor: factors, multiple, receptiveField: receptiveFields } }),
    },
  };
}

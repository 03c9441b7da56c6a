import { InputError } from '@lacuna/core';
import { Graph, createProgram } from './graph/index.js';
import { buildGenerator, modelSpec, sizeMultiple, type ModelSpec } from './architectures/index.js';
import { modelCost } from './cost.js';
import type { Engine, Executable } from './engine/index.js';
import { GENERATOR } from './regimes/index.js';
import { predictImage, predictSizeFor, type Plane } from './training/predict.js';
import { readTensorFile } from './training/safetensors.js';

/** A trained model ready to enlarge planes in [0, 1]. */
export interface LoadedModel {
  readonly model: ModelSpec;
  readonly factor: number;
  readonly channels: number;
  readonly metadata: Readonly<Record<string, string>>;
  predict(lr: Plane): Promise<Plane>;
  dispose(): void;
}

/** What a model file must say of itself. */
export interface ModelMetadata {
  readonly model: ModelSpec;
  readonly factor: number;
  readonly channels: number;
}

/** Text that goes into a model file, so that it can be loaded without its spec. */
export function describeModel({ model, factor, channels }: ModelMetadata): Record<string, string> {
  return { format: 'lacuna-model-1', model: JSON.stringify(model), factor: String(factor), channels: String(channels) };
}

/**
 * Loads a model file that training wrote. `tile` is the largest LR side that goes through whole; larger images are
 * tiled.
 * @throws {InputError} if the file is damaged or no model.
 */
export async function loadModel(path: string, options: { engine: Engine; tile?: number }): Promise<LoadedModel> {
  const { tensors, metadata } = readTensorFile(path);
  if (metadata['format'] !== 'lacuna-model-1')
    throw new InputError({
      who: path,
      got: `format ${metadata['format'] ?? 'none'}`,
      wanted: 'a model that Lacuna trained (best.safetensors)',
    });
  const model = modelSpec.parse(JSON.parse(metadata['model']));
  const factor = Number(metadata['factor']);
  const channels = Number(metadata['channels']);
  const { receptiveField } = modelCost(model, { factor, channels });
  const side = options.tile ?? 128;
  const compiled = new Map<string, Executable>();
  const prepare = async (height: number, width: number) => {
    const size = predictSizeFor(model, factor, Math.min(side, height), Math.min(side, width));
    const key = size.join('x');
    let executable = compiled.get(key);
    if (!executable) {
      const g = new Graph();
      const lr = g.input('lr', [1, ...size, channels]);
      const { sr } = buildGenerator(g, GENERATOR, lr, model, { factor, channels, training: false });
      executable = await options.engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
      await executable.write(
        Object.fromEntries(
          [...g.variables.keys()].map((name) => {
            const tensor = tensors[name];
            if (!tensor)
              throw new InputError({ who: path, got: `no weight ${name}`, wanted: `every weight of ${model.name}` });
            return [name, tensor.values];
          }),
        ),
      );
      compiled.set(key, executable);
    }
    return { executable, size };
  };
  return {
    model,
    factor,
    channels,
    metadata,
    async predict(lr) {
      const { executable, size } = await prepare(lr.height, lr.width);
      // A model that sees the whole image has no exact halo: a quarter of the tile keeps its seams faint.
      const halo = receptiveField === null ? Math.floor(side / 4) : Math.ceil(receptiveField / 2);
      return predictImage(executable, lr, { factor, size, halo, multiple: sizeMultiple(model, factor) });
    },
    dispose() {
      for (const executable of compiled.values()) executable.dispose();
      compiled.clear();
    },
  };
}

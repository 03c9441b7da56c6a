import { InputError } from '@lacuna/core';
import { Graph, createProgram, factorOf, type PerAxis } from './graph/index.js';
import { buildGenerator, registeredModelSpec, sizeMultiples, type ModelSpec } from './architectures/index.js';
import { modelCost } from './cost.js';
import type { Engine, Executable } from './engine/index.js';
import { GENERATOR } from './regimes/index.js';
import { predictImage, predictSizes, sizesOf } from './training/predict.js';
import type { Pixels } from './pixels.js';
import { parseSlicing, planesIn, type Slicing } from './slicing.js';
import { readTensorFile } from './training/safetensors.js';

/** A trained model ready to enlarge planes or volumes in [0, 1]. */
export interface LoadedModel {
  readonly model: ModelSpec;
  /** One number for a model of planes, one for each axis (z, y, x) for a model of volumes. */
  readonly factor: PerAxis;
  readonly channels: number;
  /** Planes of a volume that come in as channels and give one. */
  readonly planes: number;
  /** The model has a head for the network: what it predicts has a `network`. */
  readonly networkHead: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  predict(lr: Pixels): Promise<Pixels>;
  dispose(): void;
}

/** What a model file must say of itself. */
export interface ModelMetadata {
  readonly model: ModelSpec;
  /**
   * One number for a model of planes, or two for rows and columns where they differ; one for each axis (z, y, x) for a
   * model of volumes.
   */
  readonly factor: PerAxis;
  /** Of the SR image. */
  readonly channels: number;
  /** How volumes are cut for a model of planes; left out where each plane across z is enlarged by itself. */
  readonly slicing?: Slicing;
  /** The model has a head for the network, which is its second output. */
  readonly networkHead?: boolean;
}

const FORMAT = 'lacuna-model-1';

/** Text that goes into a model file, so that it can be loaded without its spec. */
export function describeModel({
  model,
  factor,
  channels,
  slicing,
  networkHead,
}: ModelMetadata): Record<string, string> {
  return {
    format: FORMAT,
    model: JSON.stringify(model),
    factor: JSON.stringify(factor),
    channels: String(channels),
    ...(slicing === undefined ? {} : { slicing: JSON.stringify(slicing) }),
    ...(networkHead ? { networkHead: 'true' } : {}),
  };
}

/**
 * Reads {@link describeModel}'s text.
 * @param who names the file in errors.
 * @throws {InputError} for text of another format.
 */
export function parseModelMetadata(who: string, text: Readonly<Record<string, string>>): ModelMetadata {
  if (text['format'] !== FORMAT)
    throw new InputError({
      who,
      got: `format ${text['format'] ?? 'none'}`,
      wanted: 'a model that Lacuna trained (best.safetensors)',
    });
  const json = (key: string): unknown => {
    try {
      return JSON.parse(text[key] ?? 'null');
    } catch {
      throw new InputError({
        who,
        got: `metadata ${key} that is not JSON`,
        wanted: 'a model that Lacuna trained (best.safetensors)',
      });
    }
  };
  const factor = json('factor');
  const isFactor = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;
  if (!(Array.isArray(factor) ? [2, 3].includes(factor.length) && factor.every(isFactor) : isFactor(factor)))
    throw new InputError({
      who,
      got: `factor ${text['factor']}`,
      wanted: 'a whole number, two for y, x, or three for z, y, x',
    });
  const slicing = text['slicing'] === undefined ? undefined : parseSlicing(text['slicing']);
  if (slicing === null)
    throw new InputError({ who, got: `slicing ${text['slicing']}`, wanted: 'an axis, neighbours and what is between' });
  const model = registeredModelSpec().safeParse(json('model'));
  if (!model.success)
    throw new InputError({
      who,
      got: `a model that is not known here, ${text['model']}`,
      wanted: 'a model of Lacuna, or of an extension that is loaded',
      remedy: 'name the model in the folder of its sweep, which knows its extensions, or its ONNX file',
    });
  return {
    model: model.data,
    factor: factor as PerAxis,
    channels: Number(text['channels']),
    ...(slicing === undefined ? {} : { slicing }),
    networkHead: text['networkHead'] === 'true',
  };
}

/** Longest LR side that goes through whole where nobody says: planes, volumes. */
const SIDES: Readonly<Record<number, number>> = { 2: 128, 3: 32 };

/**
 * Loads a model file that training wrote. `tile` is the largest LR side that goes through whole; larger images are
 * tiled.
 * @throws {InputError} if the file is damaged or no model.
 */
export async function loadModel(path: string, options: { engine: Engine; tile?: PerAxis }): Promise<LoadedModel> {
  const { tensors, metadata } = readTensorFile(path);
  const { model, factor, channels, slicing, networkHead = false } = parseModelMetadata(path, metadata);
  const planes = slicing === undefined ? 1 : planesIn(slicing);
  const factors = factorOf(factor);
  const rank = factors.length;
  const { receptiveFields } = modelCost(model, { factor, channels, planes, networkHead });
  const tile = options.tile ?? SIDES[rank];
  const longest = typeof tile === 'number' ? factors.map(() => tile) : tile;
  const compiled = new Map<string, Executable>();
  const prepare = async (sizes: readonly number[]) => {
    const size = predictSizes(
      model,
      factors,
      sizes.map((length, axis) => Math.min(longest[axis], length)),
    );
    const key = size.join('x');
    let executable = compiled.get(key);
    if (!executable) {
      const g = new Graph();
      const lr = g.input('lr', [1, ...size, channels * planes]);
      const { sr, network } = buildGenerator(g, GENERATOR, lr, model, {
        factor,
        channels,
        planes,
        training: false,
        networkHead,
      });
      const fetches = { sr, ...(network === null ? {} : { network: network.probability }) };
      executable = await options.engine.compile(createProgram(g, { predict: { fetches } }));
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
    planes,
    networkHead,
    metadata,
    async predict(lr) {
      const { executable, size } = await prepare(sizesOf(lr, rank));
      // A model that sees the whole image has no exact halo: a quarter of the tile keeps its seams faint.
      const halo = longest.map((side, axis) =>
        receptiveFields === null ? Math.floor(side / 4) : Math.ceil(receptiveFields[axis] / 2),
      );
      return predictImage(executable, lr, { factor, size, halo, multiple: sizeMultiples(model, factors), planes });
    },
    dispose() {
      for (const executable of compiled.values()) executable.dispose();
      compiled.clear();
    },
  };
}

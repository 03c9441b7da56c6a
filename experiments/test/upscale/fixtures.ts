import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage, createRng, type Image } from '@lacuna/core';
import {
  Graph,
  buildGenerator,
  describeModel,
  initialVariables,
  modelSpec,
  planesIn,
  writeTensorFile,
  type ModelSpec,
  type PerAxis,
  type Slicing,
} from '@lacuna/models';

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'lacuna-upscale-'));

/** A model file as training writes it, with weights near those of the first step. */
export function writeModel(
  path: string,
  {
    model = { name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bicubic' } as Partial<ModelSpec>,
    factor = 2 as PerAxis,
    channels = 1,
    seed = 0,
    normalisation = { low: 0, high: 255 },
    dataRange = [0, 255] as readonly number[],
    pixelSize = null as unknown,
    spec = undefined as unknown,
    more = {} as Record<string, string>,
    slicing = undefined as Slicing | undefined,
    networkHead = false,
  } = {},
): string {
  const parsed = modelSpec.parse(model);
  const planes = slicing === undefined ? 1 : planesIn(slicing);
  const rank = typeof factor === 'number' ? 2 : factor.length;
  const g = new Graph();
  buildGenerator(g, 'generator', g.input('lr', [1, ...(rank === 2 ? [] : [16]), 32, 32, channels * planes]), parsed, {
    factor,
    channels,
    planes,
    training: false,
    networkHead,
  });
  const rng = createRng(seed).fork('weights');
  const start = initialVariables(g, rng);
  const tensors = Object.fromEntries(
    [...g.variables.values()].map(({ name, shape }) => [
      name,
      { shape, values: Float32Array.from(start[name], (value) => value + 0.02 * rng.normal()) },
    ]),
  );
  writeTensorFile(path, {
    tensors,
    metadata: {
      ...describeModel({ model: parsed, factor, channels, networkHead, ...(slicing === undefined ? {} : { slicing }) }),
      name: 'tiny',
      normalisation: JSON.stringify(normalisation),
      dataRange: JSON.stringify(dataRange),
      pixelSize: JSON.stringify(pixelSize),
      ...(spec === undefined ? {} : { spec: JSON.stringify(spec) }),
      ...more,
    },
  });
  return path;
}

/** Waves between the ends of the data range. */
export function picture({
  width = 40,
  height = 30,
  depth = 1,
  channels = 1,
  dataRange = [0, 255] as readonly [number, number],
  pixelSize = null as Image['pixelSize'],
} = {}): Image {
  const [low, high] = dataRange;
  const data = new Float32Array(width * height * depth * channels);
  for (let i = 0; i < data.length; i++) {
    const c = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width) % height;
    const z = Math.floor(i / channels / width / height);
    data[i] = Math.round(low + (high - low) * (0.5 + 0.45 * Math.sin(x / 3 + c) * Math.cos(y / 4 + z)));
  }
  return createImage({ data, width, height, depth, channels, dataRange, pixelSize, name: 'picture' });
}

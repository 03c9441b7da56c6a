import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '@lacuna/core';
import {
  Graph,
  createProgram,
  openEngine,
  predictImage,
  predictSizeFor,
  type Engine,
  type Pixels,
} from '@lacuna/models';
import { exportOnnx, type ExportOptions } from '../src/index.js';
import { catalogue, prepare } from './catalogue.js';

const sizes = [
  [16, 16],
  [17, 13],
  [24, 31],
  [33, 20],
] as const;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});

function image(height: number, width: number, channels: number): Pixels {
  const rng = createRng(height * 100 + width);
  return {
    data: Float32Array.from({ length: height * width * channels }, () => rng.uniform()),
    height,
    width,
    channels,
  };
}

/** Training's own forward pass. */
async function forward(
  { generator, weights, metadata, model }: ReturnType<typeof prepare>,
  lr: Pixels,
): Promise<Float32Array> {
  const size = predictSizeFor(model, metadata.factor, lr.height, lr.width);
  const g = new Graph();
  const sr = generator(g, g.input('lr', [1, ...size, lr.channels]));
  const executable = await engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
  await executable.write(weights as Record<string, Float32Array>);
  const { data } = await predictImage(executable, lr, {
    factor: metadata.factor,
    size,
    halo: 0,
    multiple: metadata.multiple,
  });
  executable.dispose();
  return data;
}

/** onnxruntime's, mirrored up to the model's multiple and cropped as the engine's is. */
async function infer(
  session: InferenceSession,
  { model, metadata: { factor, multiple } }: ReturnType<typeof prepare>,
  lr: Pixels,
): Promise<Float32Array> {
  const size = predictSizeFor(model, factor, lr.height, lr.width);
  const executable = {
    async run(_: string, { lr: tile }: Readonly<Record<string, Float32Array>>) {
      const planes = toPlanes(tile, size[0] * size[1], lr.channels);
      const { sr } = await session.run({ lr: new Tensor('float32', planes, [1, lr.channels, ...size]) });
      return { sr: toPixels(sr.data as Float32Array, size[0] * size[1] * factor * factor, lr.channels) };
    },
    read: () => Promise.resolve({}),
    write: () => Promise.resolve(),
    liveTensors: () => 0,
    dispose: () => undefined,
  };
  return (await predictImage(executable, lr, { factor, size, halo: 0, multiple })).data;
}

const toPlanes = (pixels: Float32Array, count: number, channels: number) =>
  Float32Array.from(pixels, (_, i) => pixels[(i % count) * channels + Math.floor(i / count)]);
const toPixels = (planes: Float32Array, count: number, channels: number) =>
  Float32Array.from(planes, (_, i) => planes[(i % channels) * count + Math.floor(i / channels)]);

const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
const open = (options: ExportOptions) =>
  InferenceSession.create(exportOnnx(options), { intraOpNumThreads: 1, logSeverityLevel: 3 });

describe('an exported model computes what training computes, at sizes of every kind', () => {
  it.each(catalogue.map((entry) => [entry.title, entry] as const))('%s', async (_, entry) => {
    const prepared = prepare(entry);
    const session = await open(prepared);
    for (const [height, width] of sizes) {
      if (Math.min(height, width) < (entry.least ?? 1)) continue;
      const lr = image(height, width, entry.channels);
      const wanted = await forward(prepared, lr);
      const got = await infer(session, prepared, lr);
      expect(got.length).toBe(wanted.length);
      const range = Math.max(
        1,
        ...[
          wanted.reduce((most, value) => Math.max(most, value), -Infinity) -
            wanted.reduce((least, value) => Math.min(least, value), Infinity),
        ],
      );
      expect(largest(got, wanted) / range, `${height} x ${width}`).toBeLessThanOrEqual(1e-4);
      expect(range, 'the range of the output').toBeLessThan(1e3);
    }
    await session.release();
  });
});

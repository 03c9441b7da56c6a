import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '@lacuna/core';
import { Graph, createProgram, openEngine, sizeOf, type Engine } from '@lacuna/models';
import { exportOnnx } from '../src/index.js';
import { prepare, volumes } from './catalogue.js';

/** Sizes as z, y, x, before they are fitted to the model's multiples. */
const sizes = [
  [6, 9, 11],
  [8, 12, 7],
] as const;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});

/** Channels last to channels first, or back. */
function turned(values: Float32Array, channels: number, toFirst: boolean): Float32Array {
  const count = values.length / channels;
  const out = new Float32Array(values.length);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < channels; c++) {
      const [from, to] = toFirst ? [i * channels + c, c * count + i] : [c * count + i, i * channels + c];
      out[to] = values[from];
    }
  return out;
}

describe('an exported model of volumes computes what training computes', () => {
  it.each(volumes.map((entry) => [entry.title, entry] as const))('%s', async (_, entry) => {
    const prepared = prepare(entry);
    const { channels, volume } = prepared.metadata;
    const session = await InferenceSession.create(exportOnnx(prepared), { intraOpNumThreads: 1, logSeverityLevel: 3 });
    for (const wanted of sizes) {
      const least = wanted.map((length) => Math.max(length, entry.least ?? 1));
      const size = least.map((length, axis) => Math.ceil(length / volume!.multiple[axis]) * volume!.multiple[axis]);
      const rng = createRng(sizeOf(size));
      const lr = Float32Array.from({ length: sizeOf(size) * channels }, () => rng.uniform());
      const g = new Graph();
      const sr = prepared.generator(g, g.input('lr', [1, ...size, channels]));
      const executable = await engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
      await executable.write(prepared.weights as Record<string, Float32Array>);
      const { sr: ours } = await executable.run('predict', { lr });
      executable.dispose();
      const input = new Tensor('float32', turned(lr, channels, true), [1, channels, ...size]);
      const { sr: theirs } = await session.run({ lr: input });
      expect(theirs.dims).toEqual([1, channels, ...size.map((length, axis) => length * volume!.factor[axis])]);
      const got = turned(theirs.data as Float32Array, channels, false);
      const range = Math.max(
        1,
        ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      );
      const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);
      expect(worst / range, size.join(' x ')).toBeLessThanOrEqual(1e-4);
    }
    await session.release();
  });
});

import { createRng } from '@lacuna/core';
import {
  Graph,
  buildGenerator,
  createProgram,
  describeModel,
  initialVariables,
  modelSpec,
  openEngine,
  sizeOf,
  type TensorFile,
} from '@lacuna/models';
import { describe, expect, it } from 'vitest';
import {
  describeTrained,
  exportModel,
  exportOnnx,
  importOnnx,
  openSession,
  openVolumeSession,
  readOnnxMetadata,
  readOnnxSignature,
} from '../src/index.js';

const model = modelSpec.parse({ name: 'fsrcnn', d: 6, s: 3, m: 1, upsampler: 'shuffle', skip: 'bilinear' });

/** A model file with a head, of weights that are wide enough to tell errors. */
function trained(factor: number | readonly number[]): TensorFile {
  const g = new Graph();
  const sizes = typeof factor === 'number' ? [8, 8] : [8, 8, 8];
  const context = { factor, channels: 1, training: false, networkHead: true };
  buildGenerator(g, 'generator', g.input('lr', [1, ...sizes, 1]), model, context);
  const rng = createRng(3);
  const start = initialVariables(g, rng.fork('start'));
  const tensors = Object.fromEntries(
    [...g.variables.values()].map(({ name, shape }) => [
      name,
      { shape, values: start[name].map((value) => value + 0.2 * rng.normal()) },
    ]),
  );
  const metadata = describeModel({ model, factor, channels: 1, networkHead: true });
  return { tensors, metadata: { ...metadata, headLevel: '0.4' } };
}

/** Image and network as the training's engine has them. */
async function computed(
  file: TensorFile,
  factor: number | readonly number[],
  size: readonly number[],
  lr: Float32Array,
) {
  const engine = await openEngine();
  const g = new Graph();
  const context = { factor, channels: 1, training: false, networkHead: true };
  const { sr, network } = buildGenerator(g, 'generator', g.input('lr', [1, ...size, 1]), model, context);
  const executable = await engine.compile(
    createProgram(g, { predict: { fetches: { sr, network: network!.probability } } }),
  );
  await executable.write(Object.fromEntries(Object.entries(file.tensors).map(([name, { values }]) => [name, values])));
  const made = await executable.run('predict', { lr });
  executable.dispose();
  return made;
}

const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each([
  ['planes', 2, [9, 12]],
  ['volumes', [1, 2, 2], [6, 9, 12]],
] as const)('a model of %s with a head for the network', (_, factor, size) => {
  const file = trained(factor);
  const bytes = exportModel(file);
  const lr = Float32Array.from({ length: sizeOf(size) }, (_each, i) => 0.5 + 0.5 * Math.sin(0.7 * i));

  it('has a second output, and says so', () => {
    const { outputs } = readOnnxSignature(bytes);
    expect(outputs.map(({ name }) => name)).toEqual(['sr', 'network']);
    expect(outputs[1].dims[1]).toBe(1);
    expect(readOnnxMetadata(bytes)).toMatchObject({ networkHead: true, headLevel: 0.4 });
    expect(describeTrained(file).metadata).toEqual(readOnnxMetadata(bytes));
  });

  it('gives both as training computes them', async () => {
    const description = { name: 'm', channels: 1, layout: 'nchw', range: [0, 1], bytesPerPixel: 1000 } as const;
    const session =
      typeof factor === 'number'
        ? await openSession(
            bytes,
            { ...description, factor, multiple: 1, halo: 4, networkHead: true },
            { device: 'cpu', threads: 1 },
          )
        : await openVolumeSession(
            bytes,
            { ...description, factor, multiple: [1, 1, 1], halo: [4, 4, 4], networkHead: true },
            { device: 'cpu', threads: 1 },
          );
    expect(session.outputs).toBe(2);
    const made =
      'name' in session && typeof session.factor === 'number' ? await runPlane(session) : await runVolume(session);
    const ours = await computed(file, factor, size, lr);
    expect(furthest(made[0], ours['sr'])).toBeLessThan(1e-4);
    expect(made[1]).toHaveLength(ours['network'].length);
    expect(furthest(made[1], ours['network'])).toBeLessThan(1e-5);
    await session.dispose();
    async function runPlane(plane: unknown) {
      return (plane as Awaited<ReturnType<typeof openSession>>).run(lr, size[0], size[1]);
    }
    async function runVolume(volume: unknown) {
      return (volume as Awaited<ReturnType<typeof openVolumeSession>>).run(
        lr,
        size as readonly [number, number, number],
      );
    }
  });

  it('comes back from the file op for op', () => {
    const back = importOnnx(bytes);
    const again = exportOnnx({
      generator(g, image) {
        const [sr, network] = back.buildAll(g, image);
        return { sr, network };
      },
      weights: back.weights,
      metadata: back.metadata!,
    });
    expect(Buffer.compare(again, bytes)).toBe(0);
  });
});

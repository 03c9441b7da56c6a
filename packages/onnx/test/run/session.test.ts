import { createRng } from '@lacuna/core';
import {
  Graph,
  buildGenerator,
  initialVariables,
  modelCost,
  modelSpec,
  sizeMultiple,
  type ModelSpec,
} from '@lacuna/models';
import { describe, expect, it } from 'vitest';
import {
  exportOnnx,
  openSession,
  planPlane,
  probeSize,
  probeVolume,
  upscalePlane,
  workingBytesPerPixel,
  type PlaneSource,
  type SrSession,
} from '../../src/index.js';
import { catalogue, prepare, volumes } from '../catalogue.js';

/** A model of the catalogue as bytes, with weights near those of the first step, and a session on it. */
async function session(
  given: Partial<ModelSpec>,
  { factor = 2, channels = 1 } = {},
): Promise<SrSession & { bytes: Uint8Array }> {
  const model = modelSpec.parse(given);
  const g = new Graph();
  const multiple = sizeMultiple(model, factor);
  buildGenerator(g, 'generator', g.input('lr', [1, 64, 64, channels]), model, { factor, channels, training: false });
  const weights = initialVariables(g, createRng(3));
  const { receptiveField } = modelCost(model, { factor, channels });
  const bytes = exportOnnx({
    generator: (graph, lr) => buildGenerator(graph, 'generator', lr, model, { factor, channels, training: false }).sr,
    weights,
    metadata: {
      name: model.name,
      factor,
      channels,
      layout: 'nchw',
      multiple,
      receptiveField,
      range: [0, 1],
      normalisation: null,
      dataRange: null,
      level: null,
      pixelSize: null,
      licence: null,
      commit: null,
      spec: null,
      model: JSON.stringify(model),
      data: null,
    },
  });
  const opened = await openSession(
    bytes,
    {
      name: model.name,
      factor,
      channels,
      layout: 'nchw',
      range: [0, 1],
      multiple,
      halo: receptiveField === null ? null : Math.ceil(receptiveField / 2),
      bytesPerPixel: workingBytesPerPixel(model, { factor, channels }),
    },
    { device: 'cpu' },
  );
  return { ...opened, bytes };
}

function noise(width: number, height: number, channels: number): PlaneSource {
  const rng = createRng(5);
  const data = Float32Array.from({ length: width * height * channels }, () => rng.uniform());
  return {
    width,
    height,
    readRows: (y, rows) => Promise.resolve(data.slice(y * width * channels, (y + rows) * width * channels)),
  };
}

async function enlarge(model: SrSession, source: PlaneSource, side: number): Promise<Float32Array> {
  const row = source.width * model.factor * model.channels;
  const out = new Float32Array(row * source.height * model.factor);
  await upscalePlane(
    model,
    source,
    (y, _, [sr]) => out.set(sr, y * row),
    planPlane(source, model, { rows: side, columns: side }),
  );
  return out;
}

const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('tiles by onnxruntime', () => {
  const finite: [string, Partial<ModelSpec>, { factor?: number; channels?: number }][] = [
    ['fsrcnn, transposed, x3', { name: 'fsrcnn' }, { factor: 3 }],
    [
      'fsrcnn, shuffle with bicubic skip, x4',
      { name: 'fsrcnn', d: 32, upsampler: 'shuffle', skip: 'bicubic' },
      { factor: 4 },
    ],
    [
      'fsrcnn, bilinear skip, three channels',
      { name: 'fsrcnn', d: 16, upsampler: 'shuffle', skip: 'bilinear' },
      { channels: 3 },
    ],
    ['srcnn', { name: 'srcnn' }, {}],
    ['edsr, x4', { name: 'edsr', blocks: 3, filters: 16 }, { factor: 4 }],
    ['unet', { name: 'unet', depth: 2, filters: 8 }, {}],
  ];
  it.each(finite)('equal the whole to 1e-6: %s', async (_, model, options) => {
    const opened = await session(model, options);
    const source = noise(101, 83, opened.channels);
    const whole = await enlarge(opened, source, 1000);
    const range =
      whole.reduce((most, value) => Math.max(most, value), -Infinity) -
      whole.reduce((least, value) => Math.min(least, value), Infinity);
    expect(range).toBeGreaterThan(0.02);
    expect(furthest(await enlarge(opened, source, 2 * opened.halo! + 21), whole)).toBeLessThan(1e-6);
    await opened.dispose();
  });

  it('of a model that looks at the whole image are blended, near the whole but not equal to it', async () => {
    const opened = await session({ name: 'rcan', groups: 1, blocks: 1, filters: 16, reduction: 4 });
    const source = noise(96, 96, 1);
    expect(opened.halo).toBeNull();
    const difference = furthest(await enlarge(opened, source, 48), await enlarge(opened, source, 1000));
    expect(difference).toBeGreaterThan(1e-6);
    expect(difference).toBeLessThan(0.3);
    await opened.dispose();
  });
});

describe('a session', () => {
  it('says where it runs, and works again after a reset', async () => {
    const opened = await session({ name: 'fsrcnn', d: 8, s: 4, m: 1 });
    const source = noise(20, 20, 1);
    expect(opened.device).toMatch(/^device: CPU, \d+ threads?$/);
    const before = await enlarge(opened, source, 100);
    await opened.reset();
    expect(await enlarge(opened, source, 100)).toEqual(before);
    await opened.dispose();
  });

  it('scales for networks with numbers of their own', async () => {
    const { bytes, ...opened } = await session({
      name: 'fsrcnn',
      d: 8,
      s: 4,
      m: 1,
      upsampler: 'shuffle',
      skip: 'bilinear',
    });
    const source = noise(16, 16, 1);
    const own = await enlarge({ ...opened, bytes } as SrSession & { bytes: Uint8Array }, source, 100);
    // The same network told that black is -1 and white 1: it sees 2 v - 1, and what it gives is taken back.
    const signed = await openSession(
      bytes,
      {
        name: 'signed',
        factor: 2,
        channels: 1,
        layout: 'nchw',
        range: [-1, 1],
        multiple: 1,
        halo: 8,
        bytesPerPixel: 100,
      },
      { device: 'cpu' },
    );
    const shifted: PlaneSource = {
      ...source,
      readRows: async (y, rows) => (await source.readRows(y, rows)).map((value) => (value + 1) / 2),
    };
    expect(
      furthest(
        (await enlarge(signed, shifted, 100)).map((value) => 2 * value - 1),
        own,
      ),
    ).toBeLessThan(1e-5);
    await signed.dispose();
    await opened.dispose();
  });

  it('refuses what is no model', async () => {
    await expect(
      openSession(
        new Uint8Array(100),
        {
          name: 'nonsense',
          factor: 2,
          channels: 1,
          layout: 'nchw',
          range: [0, 1],
          multiple: 1,
          halo: 1,
          bytesPerPixel: 1,
        },
        { device: 'cpu' },
      ),
    ).rejects.toThrow(/nonsense: got what onnxruntime refuses .*, wanted a whole ONNX model/);
  });
});

describe('probeSize', () => {
  it('finds factor and multiple by running the network', async () => {
    for (const [model, factor, multiple] of [
      [{ name: 'fsrcnn', d: 8, s: 4, m: 1 }, 3, 1],
      [{ name: 'unet', depth: 3, filters: 4 }, 2, 4],
    ] as const) {
      const { bytes, dispose } = await session(model, { factor });
      expect(await probeSize(bytes, { name: model.name, layout: 'nchw', channels: 1 })).toEqual({ factor, multiple });
      await dispose();
    }
  });

  it('and both of a network of volumes, by axis', async () => {
    for (const [title, factor, multiple] of [
      ['fsrcnn x2 x6 x4, in stages', [2, 6, 4], 1],
      ['edsr x3 along z, bicubic skip', [3, 1, 1], 1],
    ] as const) {
      const bytes = exportOnnx(prepare(volumes.find((entry) => entry.title === title)!));
      expect(await probeVolume(bytes, { name: title, layout: 'nchw', channels: 1 })).toEqual({ factor, multiple });
    }
    const planes = exportOnnx(prepare(catalogue.find(({ title }) => title === 'srcnn x4')!));
    await expect(probeVolume(planes, { name: 'srcnn', layout: 'nchw', channels: 1 })).rejects.toThrow(
      'MODEL srcnn: got a network that is not SR of one volume',
    );
  });
});

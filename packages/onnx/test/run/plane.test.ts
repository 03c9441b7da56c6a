import { createRng } from '@lacuna/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ensemble,
  planAxis,
  planPlane,
  selfEnsemble,
  upscalePlane,
  type PlaneSource,
  type TileModel,
  type TileSize,
} from '../../src/index.js';
import { localModel } from './local-model.js';

function noise(width: number, height: number, channels = 1): PlaneSource & { data: Float32Array } {
  const rng = createRng(7);
  const data = Float32Array.from({ length: width * height * channels }, () => rng.uniform());
  return {
    width,
    height,
    data,
    readRows: (y, rows) => Promise.resolve(data.slice(y * width * channels, (y + rows) * width * channels)),
  };
}

/** All outputs of a plane; rows must come from the top, each once. */
async function enlarge(model: TileModel, source: PlaneSource, tile: TileSize): Promise<Float32Array[]> {
  const { factor, channels } = model;
  const row = source.width * factor * channels;
  const out = Array.from({ length: model.outputs }, () => new Float32Array(row * source.height * factor));
  let next = 0;
  await upscalePlane(
    model,
    source,
    (y, height, planes) => {
      expect(y).toBe(next);
      next += height;
      planes.forEach((plane, k) => out[k].set(plane, y * row));
    },
    planPlane(source, model, tile),
  );
  expect(next).toBe(source.height * factor);
  return out;
}

const whole = { rows: 1e6, columns: 1e6 };
const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe('tiles', () => {
  it('equal the whole for any sizes, halo, multiple and channels', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          width: fc.integer({ min: 1, max: 40 }),
          height: fc.integer({ min: 1, max: 40 }),
          radius: fc.integer({ min: 0, max: 3 }),
          factor: fc.integer({ min: 2, max: 3 }),
          channels: fc.integer({ min: 1, max: 3 }),
          multiple: fc.constantFrom(1, 2, 4),
          rows: fc.integer({ min: 1, max: 24 }),
          columns: fc.integer({ min: 1, max: 24 }),
        }),
        async ({ width, height, radius, factor, channels, multiple, rows, columns }) => {
          const model = localModel({ radius, factor, channels, multiple });
          const source = noise(width, height, channels);
          const [tiled] = await enlarge(model, source, { rows, columns });
          for (const size of model.sizes) for (const side of size.split('x')) expect(Number(side) % multiple).toBe(0);
          expect(
            furthest(tiled, (await enlarge(localModel({ radius, factor, channels, multiple }), source, whole))[0]),
          ).toBeLessThan(1e-6);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('differ from the whole where the halo is too small: the test above can fail', async () => {
    const source = noise(40, 40);
    const model = localModel({ radius: 3, factor: 2 });
    const [tiled] = await enlarge({ ...model, halo: 1 }, source, { rows: 16, columns: 16 });
    expect(furthest(tiled, (await enlarge(model, source, whole))[0])).toBeGreaterThan(0.01);
  });

  it('have one size, so that a runtime plans once', async () => {
    const model = localModel({ radius: 2, factor: 2 });
    await enlarge(model, noise(50, 37), { rows: 16, columns: 12 });
    expect(new Set(model.sizes)).toEqual(new Set(['15x12']));
  });
});

describe('blending', () => {
  it('gives every pixel shares that add up to 1, none at the seams of inner tiles', () => {
    for (const [length, tile, multiple] of [
      [100, 32, 1],
      [97, 32, 4],
      [33, 32, 1],
      [70, 24, 8],
    ] as const) {
      const { tiles } = planAxis(length, { tile, halo: null, multiple, factor: 2 });
      const sum = new Float64Array(length * 2);
      for (const { from, weights } of tiles)
        weights!.forEach((weight, k) => {
          sum[from * 2 + k] += weight;
        });
      for (const share of sum) expect(share).toBeCloseTo(1, 5);
      expect(tiles[1].weights![0]).toBeLessThan(0.2);
    }
  });

  it('hides the steps between tiles that see different images', async () => {
    const width = 96;
    const source: PlaneSource = {
      width,
      height: 32,
      readRows: (_, rows) =>
        Promise.resolve(Float32Array.from({ length: rows * width }, (_v, i) => (i % width) / width)),
    };
    const model = localModel({ radius: 0, factor: 2, global: true });
    const [sr] = await enlarge(model, source, { rows: 32, columns: 32 });
    const steps = Array.from({ length: width - 1 }, (_, x) => Math.abs(sr[2 * x + 2] - sr[2 * x]));
    // Tiles lie 24 px apart and their means differ by a quarter: without blending one step would be that high.
    expect(Math.max(...steps)).toBeLessThan(0.06);
  });

  it('is not needed where the image goes through whole', () => {
    expect(
      planPlane({ width: 64, height: 64 }, { halo: null, multiple: 1, factor: 2 }, { rows: 64, columns: 64 }).blended,
    ).toBe(false);
    expect(
      planPlane({ width: 65, height: 64 }, { halo: null, multiple: 1, factor: 2 }, { rows: 64, columns: 64 }).blended,
    ).toBe(true);
  });
});

describe('self-ensemble', () => {
  it('makes a model that favours a corner symmetric: turning the image turns the result', async () => {
    const model = selfEnsemble(localModel({ radius: 1, factor: 2 }));
    const source = noise(9, 6);
    const turned = {
      width: 6,
      height: 9,
      readRows: (y: number, rows: number) =>
        Promise.resolve(
          Float32Array.from({ length: rows * 6 }, (_, i) => source.data[(i % 6) * 9 + y + Math.floor(i / 6)]),
        ),
    };
    const [a] = await enlarge(model, source, whole);
    const [b] = await enlarge(model, turned, whole);
    for (let y = 0; y < 12; y++) for (let x = 0; x < 18; x++) expect(a[y * 18 + x]).toBeCloseTo(b[x * 12 + y], 5);
    // The mean of the offsets 0.01 v + 0.001 u over all orientations.
    const plain = await enlarge(localModel({ radius: 1, factor: 2 }), source, whole);
    expect(a[0] - (plain[0][0] - 0)).toBeCloseTo(0.0055, 5);
  });

  it('tiles equal the whole', async () => {
    const source = noise(40, 30, 2);
    const model = selfEnsemble(localModel({ radius: 2, factor: 2, channels: 2 }));
    expect(
      furthest((await enlarge(model, source, { rows: 12, columns: 20 }))[0], (await enlarge(model, source, whole))[0]),
    ).toBeLessThan(1e-6);
  });
});

describe('ensemble', () => {
  it('gives mean and sample deviation', async () => {
    const models = [0, 0.1, 0.5].map((shift) => localModel({ radius: 1, factor: 2, shift }));
    const source = noise(20, 20);
    const [mean, spread] = await enlarge(ensemble(models), source, { rows: 12, columns: 12 });
    const [single] = await enlarge(models[0], source, whole);
    expect(
      furthest(
        mean,
        single.map((value) => value + 0.2),
      ),
    ).toBeLessThan(1e-6);
    // 0, 0.1, 0.5 about 0.2: sqrt((0.04 + 0.01 + 0.09) / 2)
    expect(furthest(spread, new Float32Array(spread.length).fill(Math.sqrt(0.07)))).toBeLessThan(1e-6);
  });

  it('refuses one model, and models that do not belong together', () => {
    expect(() => ensemble([localModel({ radius: 1, factor: 2 })])).toThrow(
      'uncertainty: got 1 model, wanted at least two: the spread is between models; name models of other seeds',
    );
    expect(() => ensemble([localModel({ radius: 1, factor: 2 }), localModel({ radius: 1, factor: 3 })])).toThrow(
      /models of factor 2, 1 channels and factor 3, 1 channels/,
    );
  });

  it('needs the largest halo and a common multiple', () => {
    const model = ensemble([
      localModel({ radius: 1, factor: 2, multiple: 4 }),
      localModel({ radius: 3, factor: 2, multiple: 6 }),
    ]);
    expect(model).toMatchObject({ halo: 3, multiple: 12, outputs: 2 });
    expect(
      ensemble([localModel({ radius: 1, factor: 2 }), localModel({ radius: 1, factor: 2, global: true })]).halo,
    ).toBeNull();
  });
});

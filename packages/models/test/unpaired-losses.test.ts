import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  applyForwardModel,
  buildRegime,
  createProgram,
  gradients,
  initialVariables,
  modelSpec,
  openEngine,
  patchNce,
  regimeSpec,
  withNoise,
  type RegimeContext,
  type Tensor,
  type TrainedRegimeSpec,
} from '../src/index.js';
import { buildGenerator } from '../src/architectures/catalogue.js';
import { conv, upsample } from '../src/graph/index.js';
import { scanFit } from '../src/regimes/known-physics.js';

const rng = createRng(2);
const random = (count: number) => Float32Array.from({ length: count }, () => rng.uniform());
const normals = (count: number) => Float32Array.from({ length: count }, () => rng.normal());
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A scalar of a graph, and its variables' first values. */
async function evaluate(build: (g: Graph) => Tensor, feeds: Readonly<Record<string, Float32Array>>) {
  const engine = await openEngine({ prefer: 'cpu' });
  const g = new Graph();
  const out = build(g);
  const executable = await engine.compile(createProgram(g, { run: { fetches: { out } } }));
  const variables = initialVariables(g, createRng(4));
  await executable.write(variables);
  const { out: found } = await executable.run('run', feeds);
  executable.dispose();
  return { value: found[0], found, variables };
}

const noise = { photons: 50, readNoise: 0.1 };
const variance = (y: number) => Math.max(0, y) / 50 + 0.01;

describe('losses of training without pairs', () => {
  it('Stein: the residual, and what of it is noise that was fitted', async () => {
    // A G is c y: the divergence is c, whatever the direction's length.
    const c = 0.7;
    const [y, b] = [random(12), normals(12)];
    const { value } = await evaluate(
      (g) => {
        const lr = g.input('lr', [1, 3, 4, 1]);
        const half = (scan: Tensor) => g.scale(scan, c);
        return scanFit(g, lr, { measured: half(lr), again: half, noise });
      },
      { lr: y, 'noise/direction': b },
    );
    const residual = mean([...y].map((each) => ((c - 1) * each) ** 2));
    const divergence = mean([...y].map((each, i) => variance(each) * c * b[i] ** 2));
    expect(value).toBeCloseTo(residual + 2 * divergence, 4);
  });

  it('Stein in volumes: the formula, and the gradient that small changes of the weights tell', async () => {
    // G: a filter of 3 x 3 x 3 and a rectifier, enlarged twice in the plane. A: means of two along x and y.
    const [shape, factor] = [
      [2, 3, 4, 4, 1],
      [1, 2, 2],
    ];
    const box = { kernel: [0.5, 0.5], offset: 0 };
    const engine = await openEngine({ prefer: 'cpu' });
    const g = new Graph();
    const lr = g.input('lr', shape);
    const measure = (scan: Tensor) => {
      const made = upsample(g, g.relu(conv(g, 'filter', scan, { filters: 1, kernel: 3 })), factor, 'nearest');
      return applyForwardModel(g, made, { x: box, y: box, z: null }, factor);
    };
    const measured = measure(lr);
    const fit = scanFit(g, lr, { measured, again: measure, noise });
    const name = 'filter.weight';
    const [slope] = gradients(g, fit, [g.read(name)]);
    const again = measure(g.input('moved', shape));
    const executable = await engine.compile(createProgram(g, { run: { fetches: { fit, slope, measured, again } } }));

    const [y, b] = [random(96), normals(96)];
    const moved = y.map((each, i) => each + 0.01 * b[i]);
    const variables = initialVariables(g, createRng(4));
    const at = async (weights: Float32Array) => {
      await executable.write({ ...variables, [name]: weights });
      return executable.run('run', { lr: y, moved, 'noise/direction': b });
    };
    const weights = Float32Array.from(random(27), (value) => 0.2 * value);
    const found = await at(weights);
    const terms = [...y].map((each, i) => {
      const derivative = (found['again'][i] - found['measured'][i]) / 0.01;
      return (found['measured'][i] - each) ** 2 + 2 * variance(each) * b[i] * derivative;
    });
    expect(found['fit'][0]).toBeCloseTo(mean(terms), 4);
    for (const tap of [0, 9, 13, 26]) {
      const shifted = async (by: number) =>
        (await at(weights.map((value, i) => value + (i === tap ? by : 0))))['fit'][0];
      const numeric = ((await shifted(0.01)) - (await shifted(-0.01))) / 0.02;
      expect(found['slope'][tap], `tap ${tap}`).toBeCloseTo(numeric, 2);
    }
    executable.dispose();
  });

  it('noise has the variance of photons and reading', async () => {
    const [y, n] = [random(6), normals(6)];
    const { found } = await evaluate((g) => withNoise(g, g.input('y', [6]), g.input('n', [6]), noise), { y, n });
    found.forEach((value, i) => expect(value).toBeCloseTo(y[i] + n[i] * Math.sqrt(variance(y[i])), 5));
  });

  it('PatchNCE: cross entropy of the place among all places, on vectors of length 1', async () => {
    const [a, b] = [random(4 * 4 * 2), random(4 * 4 * 2)];
    const { value, variables } = await evaluate(
      (g) => {
        const at = (name: string) => g.input(name, [1, 4, 4, 2]);
        return patchNce(g, [at('a')], [at('b')], { temperature: 0.5, places: 4 });
      },
      { a, b },
    );
    // Four places: the lattice of every second pixel, from the second on.
    const places = [5, 7, 13, 15];
    const layer = (x: readonly number[], name: string) =>
      Array.from({ length: 256 }, (_, j) =>
        x.reduce((sum, each, i) => sum + each * variables[`layer.0.${name}.weight`][i * 256 + j], 0),
      );
    const vector = (values: Float32Array, place: number) => {
      const hidden = layer([...values.subarray(2 * place, 2 * place + 2)], 'first').map((each) => Math.max(0, each));
      const out = layer(hidden, 'second');
      const length = Math.sqrt(out.reduce((sum, each) => sum + each ** 2, 1e-7));
      return out.map((each) => each / length);
    };
    const dot = (p: readonly number[], q: readonly number[]) => p.reduce((sum, each, i) => sum + each * q[i], 0);
    const keys = places.map((place) => vector(b, place));
    const losses = places.map((place, i) => {
      const products = keys.map((key) => dot(vector(a, place), key) / 0.5);
      return Math.log(products.reduce((sum, each) => sum + Math.exp(each), 0)) - products[i];
    });
    expect(value).toBeCloseTo(mean(losses), 4);
  });
});

/** What a regime is built for: planes x2, means of two pixels as the known degradation. */
const context = (model: object): RegimeContext => ({
  model: modelSpec.parse(model),
  factor: 2,
  channels: 1,
  batch: 1,
  patch: 8,
  predictSize: [8, 8],
  optimizer: { beta1: 0.5, beta2: 0.9, epsilon: 1e-8, weightDecay: 0, clipNorm: null },
  ema: null,
  threshold: null,
  forward: { kernel: [0.5, 0.5], offset: 0 },
});

describe('light', () => {
  it.each([
    [undefined, (difference: number) => Math.abs(difference)],
    ['mse', (difference: number) => difference ** 2],
  ])('holds what it makes of coarse HR patches to them by loss %s', async (loss, distance) => {
    const { program } = buildRegime(
      regimeSpec.parse({ kind: 'light', loss, discriminator: { layers: 1, filters: 2 } }) as TrainedRegimeSpec,
      {
        ...context({ name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle' }),
        // Every second pixel: what A makes of an HR patch can be said here.
        forward: { kernel: [1], offset: 0 },
      },
    );
    const engine = await openEngine({ prefer: 'cpu' });
    const executable = await engine.compile(program);
    await executable.write(initialVariables(program.graph, createRng(4)));
    const hr = random(256);
    const coarse = Float32Array.from({ length: 64 }, (_, i) => hr[2 * Math.floor(i / 8) * 16 + 2 * (i % 8)]);
    const { sr } = await executable.run('predict', { lr: coarse });
    const once = Float32Array.of(1e-3);
    const fed = { learningRate: once, beta1Power: Float32Array.of(0.5), beta2Power: Float32Array.of(0.9) };
    const values = await executable.run('generators', { lr: random(64), hrUnpaired: hr, ...fed });
    executable.dispose();
    expect(values['loss/cycle'][0]).toBeCloseTo(mean([...sr].map((each, i) => distance(each - hr[i]))), 5);
  });
});

it('CUT reads convolutions on the way down, which no norm has centred and no ReLU has cut', async () => {
  const model = modelSpec.parse({ name: 'resnet-generator', blocks: 1, filters: 2 });
  for (const layer of [1, 2]) {
    const { found } = await evaluate(
      (g) => {
        const image = g.input('image', [1, 16, 16, 1]);
        const { encoder } = buildGenerator(g, 'g', image, model, { factor: [1, 1], channels: 1, training: false });
        return encoder![layer];
      },
      { image: random(256) },
    );
    expect(Math.min(...found)).toBeLessThan(0);
    expect(Math.abs(mean([...found]))).toBeGreaterThan(1e-4);
  }
});

describe('regimes without pairs refuse what they cannot do, by one message', () => {
  const build = (regime: object, model: object, more: Partial<RegimeContext> = {}) =>
    buildRegime(regimeSpec.parse(regime) as TrainedRegimeSpec, { ...context(model), ...more });
  const light = { name: 'fsrcnn', d: 4, s: 2, m: 1 };
  const discriminator = { layers: 1, filters: 2, norm: 'instance' };

  it('a degradation that is not known', () => {
    for (const kind of ['light', 'equivariant'])
      expect(() => build({ kind }, light, { forward: null })).toThrow(
        `regime ${kind}: got a degradation that has no linear model, wanted a confocal, ct or bicubic degradation`,
      );
  });

  it('a generator whose encoder nobody sees, or on the LR grid', () => {
    expect(() => build({ kind: 'cut', discriminator }, light)).toThrow(/^regime cut: got model fsrcnn on the LR grid/);
    expect(() => build({ kind: 'cut', discriminator }, { name: 'srcnn' })).toThrow(
      /^regime cut: got model srcnn, which shows no features on its way in, wanted a generator/,
    );
  });

  it('a patch that has no half, and planes with their neighbours', () => {
    expect(() => build({ kind: 'equivariant' }, light, { patch: 9 })).toThrow(
      'regime equivariant: got a patch of 9 x 9 LR pixels, wanted even lengths, as patches are seen at half their ' +
        'size too; set training.patch to 10',
    );
    expect(() => build({ kind: 'light', discriminator }, light, { planes: 3 })).toThrow(
      /3 neighbouring planes for one/,
    );
  });

  it('and judge no scans that a known degradation made: nobody would learn from it, and it would win at once', () => {
    const resnet = { name: 'resnet-generator', blocks: 1, filters: 2, grid: 'lr' };
    const judged = (backward: object) => {
      const { program, pools, discriminatorLosses } = build({ kind: 'unpaired', discriminator, backward }, resnet);
      const isJudge = (name: string) => name.startsWith('discriminator-lr.');
      return [pools.map(({ from }) => from), discriminatorLosses, [...program.graph.variables.keys()].some(isJudge)];
    };
    expect(judged({ kind: 'known' })).toEqual([['fakeHr'], ['loss/discriminator_hr'], false]);
    const both = ['loss/discriminator_hr', 'loss/discriminator_lr'];
    expect(judged({ kind: 'learned', blocks: 1, filters: 2 })).toEqual([['fakeHr', 'fakeLr'], both, true]);
  });

  it('and keep no discriminator that light training does not listen to', () => {
    const kept = (adversarialWeight: number) => {
      const { program, pools, discriminatorLosses } = build({ kind: 'light', discriminator, adversarialWeight }, light);
      const weights = [...program.graph.variables.keys()].filter((name) => name.startsWith('discriminator.'));
      return [Object.keys(program.actions), pools.length, discriminatorLosses, weights.length > 0];
    };
    expect(kept(0)).toEqual([['generators', 'predict'], 0, [], false]);
    expect(kept(0.1)).toEqual([['generators', 'discriminators', 'predict'], 1, ['loss/discriminator'], true]);
  });

  it('and leave PatchNCE out of a step that gives it no weight', () => {
    const resnet = { name: 'resnet-generator', blocks: 1, filters: 2 };
    const built = (weights: object) => {
      const { program } = build({ kind: 'cut', discriminator, ...weights }, resnet);
      const isProjection = (name: string) => name.startsWith('projection.');
      return [
        Object.keys(program.actions['generators'].fetches).filter((name) => name.startsWith('loss/')),
        [...program.graph.variables.keys()].some(isProjection),
      ];
    };
    expect(built({})).toEqual([['loss/adversarial', 'loss/nce', 'loss/identity'], true]);
    expect(built({ identity: false })).toEqual([['loss/adversarial', 'loss/nce'], true]);
    expect(built({ nceWeight: 0 })).toEqual([['loss/adversarial'], false]);
    const none = { adversarialWeight: 0 };
    const message =
      'regime: got no term whose weight is above 0, wanted one at least, as nothing would be trained; leave a weight ' +
      'of regime out, which sets it to its default';
    expect(() => built({ ...none, nceWeight: 0 })).toThrow(message);
    expect(() => build({ kind: 'light', ...none, consistencyWeight: 0, cycleWeight: 0 }, light)).toThrow(message);
  });

  it('and build for volumes, with the patches that each reads', () => {
    const volume = { factor: [1, 2, 2], patch: [8, 8, 8], predictSize: [8, 8, 8] };
    const box = { kernel: [0.5, 0.5], offset: 0 };
    const forward = { x: box, y: box, z: null };
    const small = { ...discriminator, layers: 1 };
    expect(build({ kind: 'light', discriminator: small }, light, { ...volume, forward }).patches).toEqual({
      lr: [1, 8, 8, 8, 1],
      hrUnpaired: [1, 8, 16, 16, 1],
    });
    expect(build({ kind: 'equivariant' }, light, { ...volume, forward }).patches).toEqual({ lr: [1, 8, 8, 8, 1] });
    const resnet = { name: 'resnet-generator', blocks: 1, filters: 2 };
    expect(build({ kind: 'cut', discriminator: small }, resnet, { ...volume, forward }).noise).toEqual({});
  });
});

import { createRng } from '@lacuna/core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Graph,
  buildGenerator,
  closedFormFit,
  createProgram,
  factorOf,
  initialVariables,
  meanByTie,
  modelCost,
  modelSpec,
  openEngine,
  orbits,
  requireSymmetry,
  sizeOf,
  type Engine,
  type Shape,
} from '../src/index.js';

/** A symmetry as the test writes it down: axes in another order, and which of them are mirrored. */
interface Turn {
  readonly order: readonly number[];
  readonly mirrored: readonly boolean[];
}

const flips = (rank: number, axes: readonly number[]): boolean[][] =>
  Array.from({ length: 2 ** axes.length }, (_, bits) =>
    Array.from({ length: rank }, (__, axis) => axes.includes(axis) && ((bits >> axes.indexOf(axis)) & 1) === 1),
  );

const turns: Readonly<Record<string, readonly Turn[]>> = {
  plane: [
    [0, 1],
    [1, 0],
  ].flatMap((order) => flips(2, [0, 1]).map((mirrored) => ({ order, mirrored }))),
  square: [
    [0, 1, 2],
    [0, 2, 1],
  ].flatMap((order) => flips(3, [1, 2]).map((mirrored) => ({ order, mirrored }))),
  prism: [
    [0, 1, 2],
    [0, 2, 1],
  ].flatMap((order) => flips(3, [0, 1, 2]).map((mirrored) => ({ order, mirrored }))),
  cube: [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ].flatMap((order) => flips(3, [0, 1, 2]).map((mirrored) => ({ order, mirrored }))),
};

/**
 * An image turned: pixel p of the new one is the old one's at the place that p comes from. Axes that are turned into
 * each other are as long.
 */
function turn(values: Float32Array, sizes: readonly number[], { order, mirrored }: Turn): Float32Array {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const at = new Array<number>(sizes.length);
    let rest = i;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const place = rest % sizes[axis];
      rest = Math.floor(rest / sizes[axis]);
      at[order[axis]] = mirrored[axis] ? sizes[axis] - 1 - place : place;
    }
    out[i] = values[at.reduce((index, place, axis) => index * sizes[axis] + place, 0)];
  }
  return out;
}

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});

/** Every weight drawn anew: none is 0, no two alike. */
function drawn(g: Graph): Record<string, Float32Array> {
  const rng = createRng(5);
  return Object.fromEntries(
    [...g.variables.values()].map(({ name, shape }) => {
      const draw = rng.fork(name);
      return [name, Float32Array.from({ length: sizeOf(shape) }, () => 0.3 * draw.normal())];
    }),
  );
}

/** SR images of LR images of one size, in one run. */
async function enlarge(model: object, factor: readonly number[], sizes: Shape, images: readonly Float32Array[]) {
  const g = new Graph();
  const lr = g.input('lr', [images.length, ...sizes, 1]);
  const { sr } = buildGenerator(g, 'generator', lr, modelSpec.parse(model), { factor, channels: 1, training: false });
  const executable = await engine.compile(createProgram(g, { predict: { fetches: { sr } } }));
  await executable.write(drawn(g));
  const feed = new Float32Array(sizeOf(lr.shape));
  images.forEach((image, i) => feed.set(image, i * image.length));
  const values = (await executable.run('predict', { lr: feed }))['sr'];
  executable.dispose();
  const length = values.length / images.length;
  return { images: images.map((_, i) => values.subarray(i * length, (i + 1) * length)), sizes: sr.shape.slice(1, -1) };
}

const core = { skip: 'ridge', core: { kernel: 3 } };
const fsrcnn = { name: 'fsrcnn', m: 1, upsampler: 'shuffle' };
const cases: readonly [
  turns: keyof typeof turns,
  model: object,
  factor: readonly number[],
  sizes: readonly number[],
][] = [
  ['plane', { ...fsrcnn, d: 16, s: 8, skip: 'bicubic' }, [4, 4], [6, 6]],
  ['plane', { ...fsrcnn, d: 8, s: 8, ...core }, [3, 3], [5, 5]],
  ['plane', { name: 'edsr', blocks: 1, filters: 16, ...core }, [4, 4], [5, 5]],
  ['plane', { name: 'rcan', groups: 1, blocks: 1, filters: 16, reduction: 2 }, [2, 2], [6, 6]],
  ['square', { ...fsrcnn, d: 16, s: 8, skip: 'bilinear' }, [1, 2, 2], [3, 5, 5]],
  ['prism', { name: 'edsr', blocks: 1, filters: 16, ...core }, [1, 2, 2], [3, 5, 5]],
  ['cube', { ...fsrcnn, d: 48, s: 48, ...core }, [2, 2, 2], [4, 4, 4]],
];

describe.each(cases.map(([name, model, factor, sizes]) => ({ name, model, factor, sizes })))(
  'held to $name: $model, x$factor',
  ({ name, model, factor, sizes }) => {
    it('what is turned comes out turned; without the symmetry it does not', async () => {
      const rng = createRng(9);
      const lr = Float32Array.from({ length: sizeOf(sizes) }, () => rng.uniform());
      // Of the cube every fifth element: among them are all that generate it.
      const some = turns[name].filter((_, i) => name !== 'cube' || i % 5 === 1);
      const turned = some.map((of) => turn(lr, sizes, of));
      /** The largest difference between what becomes of turned images and the turned SR image. */
      const differences = async (spec: object) => {
        const { images, sizes: large } = await enlarge(spec, factor, sizes, [lr, ...turned]);
        const [sr, ...after] = images;
        const scale = Math.max(...sr.map(Math.abs));
        return after.map((image, k) => {
          const wanted = turn(sr, large, some[k]);
          return Math.max(...image.map((value, i) => Math.abs(value - wanted[i]))) / scale;
        });
      };
      const tied = await differences({ ...model, symmetry: name === 'plane' ? 'square' : name });
      expect(Math.max(...tied)).toBeLessThan(1e-5);
      expect(Math.max(...(await differences(model)))).toBeGreaterThan(1e-2);
    });
  },
);

it('an eighth of the weights at the same work', () => {
  const cost = (symmetry: object) =>
    modelCost(modelSpec.parse({ name: 'edsr', blocks: 5, filters: 24, ...symmetry }), { factor: 4, channels: 1 });
  const plain = cost({});
  const tied = cost({ symmetry: 'square' });
  expect(tied.macsPerPixel).toBe(plain.macsPerPixel);
  expect(tied.receptiveField).toBe(plain.receptiveField);
  // Every layer reads or makes features, which no symmetry leaves in place.
  expect(tied.parameters).toBe((plain.parameters - 1) / 8 + 1);
});

it('a fitted core is held to the symmetry: the mean over each orbit', async () => {
  const model = modelSpec.parse({ ...fsrcnn, d: 8, s: 8, ...core, symmetry: 'square' });
  const rng = createRng(3);
  const image = (side: number) => ({
    data: Float32Array.from({ length: side * side }, () => rng.uniform()),
    width: side,
    height: side,
    channels: 1,
  });
  const turns = { mirrors: true, exchange: 'xy' } as const;
  const source = { pairs: [{ lr: image(9), hr: image(18) }], forward: null, noiseVariance: () => 0, turns, engine };
  const fit = await closedFormFit(model)!.weights(source, { factor: 2, channels: 1 });
  // Nine taps and four phases: a corner of the coarse pixel sees itself, and the other eight taps, from four sides.
  expect(fit['core.weight'].shape).toEqual([6]);
  expect(fit['core.bias'].shape).toEqual([1]);
  const g = new Graph();
  const options = { factor: factorOf(2), channels: 1, training: false };
  buildGenerator(g, 'generator', g.input('lr', [1, 8, 8, 1]), model, options);
  const given = Object.fromEntries(Object.entries(fit).map(([name, { values }]) => [`generator.${name}`, values]));
  expect(initialVariables(g, createRng(1), given)['generator.core.weight']).toEqual(fit['core.weight'].values);
  const tie = orbits([
    [
      [0, 1, 2],
      [2, 1, 0],
    ],
  ]);
  expect(tie).toEqual({ count: 2, indices: [0, 1, 0] });
  expect(meanByTie(tie, Float32Array.of(1, 5, 3))).toEqual(Float32Array.of(2, 5));
});

describe('refused', () => {
  const issues = (spec: object) => modelSpec.safeParse(spec).error?.issues.map(({ message }) => message);
  it('widths that hold no whole orbit, and a transposed convolution', () => {
    expect(issues({ name: 'edsr', filters: 20, symmetry: 'square' })).toEqual([
      'filters must be a multiple of the number of its symmetries: square 8, prism 16, cube 48',
    ]);
    expect(issues({ ...fsrcnn, d: 16, s: 12, symmetry: 'square' })).toHaveLength(1);
    expect(issues({ name: 'rcan', filters: 64, reduction: 16, symmetry: 'square' })).toHaveLength(1);
    expect(issues({ name: 'fsrcnn', d: 16, s: 8, symmetry: 'square' })).toEqual([
      'a transposed convolution cuts its edges unevenly at even factors; set upsampler to shuffle',
    ]);
  });

  it('symmetries that the images do not have', () => {
    const prism = modelSpec.parse({ name: 'edsr', filters: 48, symmetry: 'prism' });
    const cube = modelSpec.parse({ name: 'edsr', filters: 48, symmetry: 'cube' });
    expect(() => requireSymmetry(prism, [2, 2])).toThrow('model.symmetry prism: got planes, wanted square, or volumes');
    expect(() => requireSymmetry(cube, [1, 4, 4])).toThrow(
      'model.symmetry cube: got factors 1 x 4 x 4 (z, y, x), wanted equal ones along axes that it turns into',
    );
    expect(() => requireSymmetry(prism, [1, 4, 4])).not.toThrow();
  });
});

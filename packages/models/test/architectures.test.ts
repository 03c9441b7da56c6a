import { describe, expect, it } from 'vitest';
import {
  Graph,
  architectures,
  buildGenerator,
  discriminatorOptions,
  gridOf,
  modelCost,
  modelSpec,
  patchDiscriminator,
  sizeMultiple,
  sizeMultiples,
  sizeOf,
  spatialSizes,
} from '../src/index.js';

const parameters = (g: Graph) =>
  [...g.variables.values()]
    .filter((variable) => variable.trainable)
    .reduce((sum, variable) => sum + sizeOf(variable.shape), 0);

describe('parameters', () => {
  // Counts follow from the layers that the papers list, and agree with the published millions. RCAN's authors count 24
  // more: their fixed mean shifts.
  it.each([
    ['SRCNN 9-5-5', { name: 'srcnn' }, 2, 1, 57281],
    ['FSRCNN (56,12,4)', { name: 'fsrcnn' }, 4, 1, 12809],
    ['EDSR-baseline x2', { name: 'edsr' }, 2, 3, 1369859],
    ['EDSR-baseline x4', { name: 'edsr' }, 4, 3, 1517571],
    ['EDSR-baseline x8', { name: 'edsr' }, 8, 3, 1665283],
    ['RCAN x2', { name: 'rcan' }, 2, 3, 15444643],
    ['RCAN x4', { name: 'rcan' }, 4, 3, 15592355],
    ['RCAN x8', { name: 'rcan' }, 8, 3, 15740067],
    ['RRDB x4', { name: 'rrdb' }, 4, 3, 16697987],
    ['RLFN x2', { name: 'rlfn' }, 2, 3, 526856],
    ['RLFN x4', { name: 'rlfn' }, 4, 3, 543740],
    ['RLFN-S x4', { name: 'rlfn', filters: 48 }, 4, 3, 470208],
    ['SPAN x4', { name: 'span' }, 4, 3, 426288],
    ['DFCAN x2', { name: 'dfcan' }, 2, 1, 1930753],
    ['CARE U-Net', { name: 'unet' }, 2, 1, 922977],
    ['Pix2Pix U-Net 256', { name: 'pix2pix-unet', upsampler: 'transposed' }, 4, 3, 54413955],
    ['Pix2Pix U-Net 128', { name: 'pix2pix-unet', levels: 7, upsampler: 'transposed' }, 4, 3, 41828995],
    ['CycleGAN, 9 blocks', { name: 'resnet-generator', upsampler: 'transposed' }, 4, 3, 11378179],
    ['CycleGAN, 6 blocks', { name: 'resnet-generator', blocks: 6 }, 4, 3, 7837699],
  ])('%s', (_, spec, factor, channels, expected) => {
    expect(modelCost(modelSpec.parse(spec), { factor, channels }).parameters).toBe(expected);
  });

  it('an EDSR of at most 100 thousand', () => {
    expect(
      modelCost(modelSpec.parse({ name: 'edsr', blocks: 5, filters: 24 }), { factor: 4, channels: 1 }).parameters,
    ).toBeLessThanOrEqual(100_000);
  });

  it.each([
    ['conditional, batch norm', 6, 'batch', 2768705],
    ['CycleGAN, instance norm', 3, 'instance', 2764737],
  ] as const)('PatchGAN 70x70, %s', (_, channels, norm, expected) => {
    const g = new Graph();
    const logits = patchDiscriminator(
      g,
      g.input('image', [1, 256, 256, channels]),
      discriminatorOptions.parse({ norm }),
    );
    expect(parameters(g)).toBe(expected);
    expect(logits.shape).toEqual([1, 30, 30, 1]);
  });
});

describe('modelSpec', () => {
  const issues = (spec: unknown) =>
    modelSpec.safeParse(spec).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('holds options to what their family asks of them among each other, with the place', () => {
    expect(issues({ name: 'rcan', filters: 60 })).toEqual(['filters: filters must be a multiple of reduction']);
    expect(issues({ name: 'rcan', filters: 60, reduction: 6 })).toBeUndefined();
  });

  it('knows every family of the catalogue, fills in its defaults, and refuses what it lacks', () => {
    for (const name of Object.keys(architectures)) expect(modelSpec.parse({ name })).toMatchObject({ name });
    expect(modelSpec.parse({ name: 'unet', depth: 3 })).toEqual({ name: 'unet', depth: 3, filters: 32, kernel: 5 });
    expect(issues({ name: 'unet', blocks: 2 })).toEqual([': Unrecognized key: "blocks"']);
    expect(issues({ name: 'edrs' })).toHaveLength(1);
  });

  it('says on which grid a model works', () => {
    expect(gridOf(modelSpec.parse({ name: 'resnet-generator' }))).toBe('hr');
    expect(gridOf(modelSpec.parse({ name: 'resnet-generator', grid: 'lr' }))).toBe('lr');
    expect(gridOf(modelSpec.parse({ name: 'unet' }))).toBe('hr');
    expect(gridOf(modelSpec.parse({ name: 'fsrcnn' }))).toBe('lr');
  });
});

describe('cost', () => {
  it('counts the work of FSRCNN as its paper does', () => {
    // Per LR pixel: 25·56 + 56·12 + 4·9·12·12 + 12·56 + 81·56 = 12,464; a sixteenth per HR pixel at x4.
    expect(modelCost(modelSpec.parse({ name: 'fsrcnn' }), { factor: 4, channels: 1 }).macsPerPixel).toBeCloseTo(
      12464 / 16,
      6,
    );
  });

  it('reads the receptive field off the layers', () => {
    // 5x5, four 3x3 and, of the 9x9 at stride 4, one LR pixel to either side.
    expect(modelCost(modelSpec.parse({ name: 'fsrcnn' }), { factor: 4, channels: 1 }).receptiveField).toBe(
      2 * (2 + 4 + 1) + 1,
    );
    expect(
      modelCost(modelSpec.parse({ name: 'rcan', groups: 1, blocks: 1 }), { factor: 4, channels: 1 }).receptiveField,
    ).toBeNull();
    // Where its attention looks depends on how the poolings fit into the image, by whole factors too.
    for (const factor of [4, [1, 2, 2]])
      expect(
        modelCost(modelSpec.parse({ name: 'rlfn', blocks: 1 }), { factor, channels: 1 }).receptiveField,
      ).toBeNull();
    expect(
      modelCost(modelSpec.parse({ name: 'resnet-generator', blocks: 1, filters: 4 }), { factor: 4, channels: 1 })
        .receptiveField,
    ).toBeNull();
  });
});

describe('volumes', () => {
  const cost = (spec: object, factor: readonly number[]) => modelCost(modelSpec.parse(spec), { factor, channels: 1 });

  // Sums over the layers, 27 taps in place of 9.
  it('count the parameters of every layer', () => {
    const edsr = 27 * 24 + 24 + 25 * (27 * 24 * 24 + 24) + (27 * 24 * 648 + 648) + (27 * 24 + 1);
    expect(cost({ name: 'edsr', blocks: 12, filters: 24 }, [3, 3, 3]).parameters).toBe(edsr);
    const fsrcnn = 125 * 56 + 57 * 12 + 4 * 27 * 144 + 13 * 56 + 729 * 56 + 1 + 56 + 12 + 4 * 12 + 56 + 4 * 12 + 56;
    expect(cost({ name: 'fsrcnn' }, [2, 2, 2]).parameters).toBe(fsrcnn);
  });

  it('count work for one voxel', () => {
    // Per LR voxel: 125·56 + 56·12 + 4·27·144 + 12·56 + 729·56, an eighth of it per HR voxel.
    const work = 125 * 56 + 56 * 12 + 4 * 27 * 144 + 12 * 56 + 729 * 56;
    expect(cost({ name: 'fsrcnn' }, [2, 2, 2]).macsPerPixel).toBeCloseTo(work / 8, 6);
  });

  it('say the reach along each axis', () => {
    // 5x5x5, one 3x3x3, and of the last layer a voxel to either side, however the axis grows.
    expect(cost({ name: 'fsrcnn', m: 1 }, [1, 4, 4]).receptiveFields).toEqual([9, 9, 9]);
    // A kernel of 3 on the HR grid reaches further in coarse voxels along an axis that does not grow.
    const { receptiveFields, receptiveField } = cost({ name: 'srcnn' }, [1, 4, 4]);
    expect(receptiveFields![0]).toBeGreaterThan(receptiveFields![1]);
    expect(receptiveField).toBe(receptiveFields![0]);
    expect(cost({ name: 'rcan', groups: 1, blocks: 1, filters: 16 }, [2, 2, 2]).receptiveFields).toBeNull();
  });

  it.each([
    ['conditional, batch norm', 2, 'batch'],
    ['instance norm', 1, 'instance'],
  ] as const)('PatchGAN, %s', (_, channels, norm) => {
    const g = new Graph();
    const image = g.input('image', [1, 16, 24, 32, channels]);
    const logits = patchDiscriminator(g, image, discriminatorOptions.parse({ norm, layers: 1, filters: 4 }));
    expect(logits.shape).toEqual([1, 6, 10, 14, 1]);
  });
});

describe('every generator', () => {
  const light = [
    { name: 'fsrcnn', skip: 'bicubic', upsampler: 'shuffle' },
    { name: 'fsrcnn', d: 4, s: 2, m: 1, skip: 'lmmse' },
    { name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'staged' },
    { name: 'srcnn' },
    { name: 'edsr', blocks: 1, filters: 4 },
    { name: 'rcan', groups: 1, blocks: 1, filters: 16 },
    { name: 'rrdb', blocks: 1, filters: 4, growth: 2 },
    { name: 'rlfn', blocks: 1, filters: 4, attention: 2 },
    { name: 'span', blocks: 2, filters: 4 },
    { name: 'dfcan', groups: 1, blocks: 1, filters: 4, reduction: 2 },
    { name: 'unrolled', steps: 2, filters: 4, layers: 1 },
    { name: 'unet', filters: 4 },
    { name: 'resnet-generator', blocks: 1, filters: 4 },
    { name: 'resnet-generator', blocks: 1, filters: 4, grid: 'lr' },
    { name: 'pix2pix-unet', levels: 4, filters: 4 },
  ];
  const volumes = [
    [2, 2, 2],
    [1, 4, 4],
    [2, 4, 4],
    [4, 1, 1],
    [3, 3, 3],
  ];
  it.each(light.flatMap((spec) => volumes.map((factor) => [spec.name, factor.join(' x '), factor, spec] as const)))(
    '%s enlarges volumes by %s',
    (_, __, factor, spec) => {
      const model = modelSpec.parse(spec);
      const sizes = sizeMultiples(model, factor).map((multiple) => Math.ceil(8 / multiple) * multiple);
      const g = new Graph();
      const lr = g.input('lr', [2, ...sizes, 1]);
      const { sr, features, featureFactor } = buildGenerator(g, 'generator', lr, model, {
        factor,
        channels: 1,
        training: true,
      });
      const enlarged = sizes.map((length, axis) => length * factor[axis]);
      expect(sr.shape).toEqual([2, ...enlarged, 1]);
      expect(spatialSizes(features.shape).map((length, axis) => length * featureFactor[axis])).toEqual(enlarged);
    },
  );

  it.each(light.flatMap((spec) => [2, 4, 8].map((factor) => [spec.name, factor, spec] as const)))(
    '%s enlarges by %d',
    (_, factor, spec) => {
      const model = modelSpec.parse(spec);
      const multiple = sizeMultiple(model, factor);
      const side = Math.ceil(12 / multiple) * multiple;
      const g = new Graph();
      const { sr, features, featureFactor } = buildGenerator(g, 'generator', g.input('lr', [2, side, side, 1]), model, {
        factor,
        channels: 1,
        training: true,
      });
      expect(sr.shape).toEqual([2, side * factor, side * factor, 1]);
      expect(features.shape[1] * featureFactor[0]).toBe(side * factor);
    },
  );
});

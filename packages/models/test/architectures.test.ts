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
  sizeOf,
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
    expect(
      modelCost(modelSpec.parse({ name: 'resnet-generator', blocks: 1, filters: 4 }), { factor: 4, channels: 1 })
        .receptiveField,
    ).toBeNull();
  });
});

describe('every generator', () => {
  const light = [
    { name: 'fsrcnn', skip: 'bicubic', upsampler: 'shuffle' },
    { name: 'srcnn' },
    { name: 'edsr', blocks: 1, filters: 4 },
    { name: 'rcan', groups: 1, blocks: 1, filters: 16 },
    { name: 'unet', filters: 4 },
    { name: 'resnet-generator', blocks: 1, filters: 4 },
    { name: 'resnet-generator', blocks: 1, filters: 4, grid: 'lr' },
    { name: 'pix2pix-unet', levels: 4, filters: 4 },
  ];
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

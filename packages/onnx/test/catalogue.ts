import { createRng } from '@lacuna/core';
import {
  Graph,
  buildGenerator,
  factorOf,
  initialVariables,
  modelCost,
  modelSpec,
  sizeMultiples,
  sizeOf,
  type ModelSpec,
  type Tensor,
} from '@lacuna/models';
import type { ExportOptions, OnnxMetadata } from '../src/index.js';

/** A model to export. */
export interface Entry {
  readonly title: string;
  readonly spec: object;
  /** One number for planes; z, y, x for volumes. */
  readonly factor: number | readonly number[];
  readonly channels: number;
  /** Shortest side that onnxruntime takes. */
  readonly least?: number;
}

/** Every family of the catalogue, thin, with each option that changes the ops. */
export const catalogue: readonly Entry[] = [
  { title: 'fsrcnn x2', spec: { name: 'fsrcnn' }, factor: 2, channels: 1 },
  {
    title: 'fsrcnn x3, shuffled, bilinear skip, colour',
    spec: { name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    factor: 3,
    channels: 3,
  },
  {
    title: 'fsrcnn x12: a stride wider than the kernel',
    spec: { name: 'fsrcnn', d: 4, s: 4, m: 1 },
    factor: 12,
    channels: 1,
  },
  { title: 'srcnn x4', spec: { name: 'srcnn' }, factor: 4, channels: 1 },
  { title: 'linear x4', spec: { name: 'linear', kernel: 5 }, factor: 4, channels: 1 },
  {
    title: 'oriented x3, colour',
    spec: { name: 'oriented', kernel: 3, orientations: 4, coherences: 2, strengths: 3, sharpness: 3 },
    factor: 3,
    channels: 3,
  },
  {
    title: 'oriented x2, one filter',
    spec: { name: 'oriented', kernel: 3, orientations: 1, coherences: 1, strengths: 1 },
    factor: 2,
    channels: 1,
  },
  { title: 'edsr x4', spec: { name: 'edsr', blocks: 2, filters: 8 }, factor: 4, channels: 1 },
  {
    title: 'edsr x3, scaled residuals, bicubic skip',
    spec: { name: 'edsr', blocks: 1, filters: 8, residualScale: 0.1, skip: 'bicubic' },
    factor: 3,
    channels: 1,
  },
  {
    title: 'edsr x4, fitted skip',
    spec: { name: 'edsr', blocks: 1, filters: 8, skip: 'ridge', core: { kernel: 5 } },
    factor: 4,
    channels: 1,
  },
  {
    title: 'fsrcnn x3, tied to the square',
    spec: { name: 'fsrcnn', d: 8, s: 8, m: 1, upsampler: 'shuffle', skip: 'ridge', symmetry: 'square' },
    factor: 3,
    channels: 1,
  },
  { title: 'rrdb x4', spec: { name: 'rrdb', blocks: 1, filters: 8, growth: 4 }, factor: 4, channels: 1 },
  { title: 'rlfn x3', spec: { name: 'rlfn', blocks: 1, filters: 8, attention: 4 }, factor: 3, channels: 1, least: 15 },
  { title: 'span x2', spec: { name: 'span', blocks: 2, filters: 8 }, factor: 2, channels: 1 },
  {
    title: 'dfcan x2',
    spec: { name: 'dfcan', groups: 1, blocks: 1, filters: 8, reduction: 4 },
    factor: 2,
    channels: 1,
  },
  { title: 'rcan x2', spec: { name: 'rcan', groups: 2, blocks: 1, filters: 16 }, factor: 2, channels: 1 },
  {
    title: 'unrolled x4, two steps',
    spec: { name: 'unrolled', steps: 2, filters: 4, layers: 1, kernel: 5 },
    factor: 4,
    channels: 1,
  },
  { title: 'unet x2', spec: { name: 'unet', filters: 8 }, factor: 2, channels: 1 },
  {
    title: 'resnet-generator x4, HR grid',
    spec: { name: 'resnet-generator', blocks: 1, filters: 8 },
    factor: 4,
    channels: 1,
  },
  {
    title: 'resnet-generator x2, transposed',
    spec: { name: 'resnet-generator', blocks: 1, filters: 8, upsampler: 'transposed' },
    factor: 2,
    channels: 1,
  },
  {
    title: 'resnet-generator x4, LR grid, skip',
    spec: { name: 'resnet-generator', blocks: 1, filters: 8, grid: 'lr', skip: true },
    factor: 4,
    channels: 1,
  },
  {
    title: 'pix2pix-unet x2',
    spec: { name: 'pix2pix-unet', levels: 3, filters: 8, skip: true },
    factor: 2,
    channels: 1,
  },
  {
    title: 'pix2pix-unet x4, transposed',
    spec: { name: 'pix2pix-unet', levels: 3, filters: 8, upsampler: 'transposed' },
    factor: 4,
    channels: 1,
  },
];

/** Families on volumes, with every op that ONNX or onnxruntime has for planes alone. */
export const volumes: readonly Entry[] = [
  { title: 'fsrcnn x2', spec: { name: 'fsrcnn', d: 4, s: 3, m: 1 }, factor: [2, 2, 2], channels: 1 },
  {
    title: 'fsrcnn x2 x6 x4, in stages',
    spec: { name: 'fsrcnn', d: 4, s: 3, m: 1, upsampler: 'staged' },
    factor: [2, 6, 4],
    channels: 1,
  },
  {
    title: 'fsrcnn x4 in the plane, shuffled, bilinear skip, two channels',
    spec: { name: 'fsrcnn', d: 6, s: 3, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
    factor: [1, 4, 4],
    channels: 2,
  },
  {
    title: 'edsr x2 x4 x4, bicubic skip',
    spec: { name: 'edsr', blocks: 1, filters: 4, skip: 'bicubic' },
    factor: [2, 4, 4],
    channels: 1,
  },
  {
    title: 'edsr x3 along z, bicubic skip',
    spec: { name: 'edsr', blocks: 1, filters: 4, skip: 'bicubic' },
    factor: [3, 1, 1],
    channels: 1,
  },
  {
    title: 'fsrcnn x4 in the plane, fitted skip',
    spec: { name: 'fsrcnn', d: 4, s: 3, m: 1, upsampler: 'shuffle', skip: 'lmmse', core: { kernel: 3, trained: true } },
    factor: [1, 4, 4],
    channels: 1,
  },
  {
    title: 'edsr x2 in the plane, tied to the prism',
    spec: { name: 'edsr', blocks: 1, filters: 16, symmetry: 'prism' },
    factor: [1, 2, 2],
    channels: 1,
  },
  {
    title: 'oriented x2 in the plane',
    spec: { name: 'oriented', kernel: 3, orientations: 7, coherences: 2, strengths: 2 },
    factor: [1, 2, 2],
    channels: 1,
  },
  {
    title: 'rcan x2 in the plane',
    spec: { name: 'rcan', groups: 1, blocks: 1, filters: 16 },
    factor: [1, 2, 2],
    channels: 1,
  },
  {
    title: 'unrolled x2 in the plane, one step',
    spec: { name: 'unrolled', steps: 1, filters: 4, layers: 0, kernel: 3 },
    factor: [1, 2, 2],
    channels: 1,
  },
  {
    title: 'rlfn x2 in the plane',
    spec: { name: 'rlfn', blocks: 1, filters: 4, attention: 2 },
    factor: [1, 2, 2],
    channels: 1,
    least: 15,
  },
  {
    title: 'dfcan x2 in the plane',
    spec: { name: 'dfcan', groups: 1, blocks: 1, filters: 4, reduction: 2 },
    factor: [1, 2, 2],
    channels: 1,
  },
  { title: 'unet x2', spec: { name: 'unet', depth: 1, filters: 4, kernel: 3 }, factor: [2, 2, 2], channels: 1 },
  {
    title: 'resnet-generator x2 in the plane, LR grid, transposed',
    spec: { name: 'resnet-generator', blocks: 1, filters: 4, grid: 'lr', upsampler: 'transposed', skip: true },
    factor: [1, 2, 2],
    channels: 1,
  },
];

/** What an export is told, and the model that it is of. */
interface Prepared extends ExportOptions {
  readonly generator: (g: Graph, lr: Tensor) => Tensor;
  readonly model: ModelSpec;
}

/** A model with seeded weights, and what its export is told. */
export function prepare({ title, spec, factor, channels }: Entry): Prepared {
  const model = modelSpec.parse(spec);
  const factors = factorOf(factor);
  const multiples = sizeMultiples(model, factors);
  const generator = (g: Graph, lr: Tensor) =>
    buildGenerator(g, 'generator', lr, model, { factor, channels, training: false }).sr;
  const g = new Graph();
  generator(g, g.input('lr', [1, ...multiples.map((multiple) => Math.ceil(8 / multiple) * multiple), channels]));
  const rng = createRng(7);
  const fits = [...g.variables.values()].filter(({ initializer }) => initializer.kind === 'fitted');
  const noFits = Object.fromEntries(fits.map(({ name, shape }) => [name, new Float32Array(sizeOf(shape))]));
  const weights = Object.fromEntries(
    Object.entries(initialVariables(g, rng, noFits)).map(([name, values]) => {
      // Layers that papers start near zero, and what a trial fits, would hide what is before them: their weights are
      // drawn wider.
      const wide = Math.sqrt(2 / Math.max(1, sizeOf(g.variables.get(name)!.shape.slice(0, -1))));
      const draw = rng.fork(`wide ${name}`);
      return [name, values.map((value) => value + 0.5 * wide * draw.normal())];
    }),
  );
  const { receptiveField, receptiveFields } = modelCost(model, { factor, channels });
  const volume = { factor: factors, multiple: multiples, receptiveField: receptiveFields };
  const metadata: OnnxMetadata = {
    name: title,
    factor: Math.max(...factors),
    channels,
    layout: 'nchw',
    multiple: Math.max(...multiples),
    receptiveField,
    range: [0, 1],
    normalisation: { low: 100, high: 4000 },
    dataRange: [0, 65535],
    level: 0.4,
    pixelSize: { x: 0.1, y: 0.1, unit: 'um' },
    licence: 'Apache-2.0',
    commit: '0123abc',
    spec: '{"seed":1}',
    model: JSON.stringify(model),
    data: 'synthetic',
    ...(factors.length === 3 ? { volume } : {}),
  };
  return { generator, weights, metadata, model };
}

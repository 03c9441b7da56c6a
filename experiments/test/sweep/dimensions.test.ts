import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage, createRng } from '@lacuna/core';
import { dataSpec, writeTiff } from '@lacuna/datasets';
import { checkHeaders, volumeNotes, withDimensions } from '../../src/sweep/checks/check-headers.js';
import { checkShapes } from '../../src/sweep/checks/check-shapes.js';
import { checkData } from '../../src/sweep/checks/checks.js';
import { planSweep } from '../../src/sweep/plan/plan.js';
import { sourceDimensions } from '../../src/trial/data/dimensions.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-dimensions-'));
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
  mkdirSync(join(folder, 'stacks'));
});

function writeStacks(depth: number): void {
  for (const seed of [0, 1, 2]) {
    const rng = createRng(seed);
    const data = Float32Array.from({ length: 48 * 48 * depth }, () => Math.floor(255 * rng.uniform()));
    const stack = createImage({ data, width: 48, height: 48, depth, dataRange: [0, 255] });
    writeTiff(join(folder, 'stacks', `s${seed}.tif`), stack, { type: 'uint8' });
  }
}

function plan(methods: string, sets: readonly string[] = []) {
  const spec = join(folder, 'spec.yaml');
  writeFileSync(
    spec,
    `name: tiny
data: { source: folder, path: ${join(folder, 'stacks')} }
degradation: { kind: confocal, factor: 2, photons: 100 }
split: { kind: specimen }
training: { patch: 8 }
model: { name: fsrcnn, d: 8, s: 4, m: 1 }
regime: { kind: paired }
methods: ${methods}
`,
  );
  return planSweep(spec, { sets, baseDir: folder });
}
const known = async (...plans: Parameters<typeof plan>) =>
  (await withDimensions(plan(...plans), { baseDir: folder })).trials.map(({ config }) => config.dimensions);

describe('what a trial is of', () => {
  it.each([
    ['retina', 2],
    ['fibres', 3],
    ['rock-pair', 3],
  ] as const)('is what public data are: %s', (source, dimensions) => {
    expect(sourceDimensions(dataSpec.parse({ source }))).toBe(dimensions);
  });

  it('is told by the headers of files where the spec says nothing, for each method by itself', async () => {
    writeStacks(10);
    expect(await known('{ planes: { dimensions: 2 }, volumes: {} }')).toEqual([2, 3]);
    expect(await known('{ volumes: {}, planes: { dimensions: 2 } }')).toEqual([3, 2]);
  });

  it('is planes where files have one plane', async () => {
    writeStacks(1);
    expect(await known('{ paired: {} }')).toEqual([2]);
  });

  it('is checked for each method by itself: a patch of planes fits where a cube does not', async () => {
    writeStacks(6);
    const { trials } = plan('{ planes: { dimensions: 2 }, volumes: {} }');
    await expect(checkData(trials)).rejects.toThrow(
      'volumes: s2.tif: got a training region of 24 x 24 x 6 LR px, wanted at least training.patch 8 x 8 x 8',
    );
    await checkData(plan('{ planes: { dimensions: 2 }, slices: { slicewise: true } }').trials);
  });
});

describe('patches of volumes', () => {
  it('that are too deep are refused with one by axis that can be typed, and with planes as the way out', async () => {
    writeStacks(10);
    const { trials } = await withDimensions(plan('{ paired: {} }', ['training.patch=12']), { baseDir: folder });
    await expect(checkHeaders(trials, { baseDir: folder })).rejects.toThrow(
      'set training.patch smaller, by axis ({x: 12, y: 12, z: 6}), or dimensions: 2 for planes, or leave the image ' +
        'out; lacuna init FOLDER chooses what fits',
    );
  });

  it('that a network cannot halve are refused with one that it can, axis by axis', async () => {
    writeStacks(20);
    const methods = '{ unet: { model: { name: pix2pix-unet, levels: 3, filters: 4 } } }';
    const sweep = plan(methods, ['training.patch={x: 8, y: 8, z: 12}']);
    const { trials } = await withDimensions(sweep, { baseDir: folder });
    expect(() => checkShapes(trials)).toThrow('set training.patch to {x: 8, y: 8, z: 16}, or change training.patch');
  });

  it('are of stacks, which is said where nobody asked for volumes', async () => {
    writeStacks(10);
    const note = 'the files are stacks: models see volumes; dimensions: 2 takes them plane by plane';
    const notesOf = async (methods: string) => {
      const sweep = plan(methods);
      return volumeNotes(sweep, await withDimensions(sweep, { baseDir: folder }));
    };
    expect(await notesOf('{ paired: {} }')).toEqual([note]);
    expect(await notesOf('{ paired: { dimensions: 3 } }')).toEqual([]);
  });
});

describe('slicewise', () => {
  it('takes no offence at a patch of volumes where nothing is trained', async () => {
    writeStacks(10);
    const methods = '{ ridge: { slicewise: true, regime: { kind: linear, fit: ridge } }, volumes: {} }';
    const sweep = plan(methods, ['training.patch={x: 8, y: 8, z: 4}']);
    const { trials } = await withDimensions(sweep, { baseDir: folder });
    checkShapes(trials);
    await checkData(sweep.trials);
    const trained = plan('{ planes: { slicewise: true } }', ['training.patch={x: 8, y: 8, z: 4}']);
    const known = await withDimensions(trained, { baseDir: folder });
    expect(() => checkShapes(known.trials)).toThrow(
      'planes: training.patch: got x 8, y 8, z 4 for planes, wanted the side of a square; ' +
        'leave slicewise out, or training.patch: 8',
    );
  });

  it('names the method of which the factor does not fit, trained or not', async () => {
    writeStacks(10);
    const sets = ['degradation.factor={x: 2, y: 2, z: 2}'];
    const sweep = plan('{ bicubic: { slicewise: true, regime: { kind: interpolation } } }', sets);
    const { trials } = await withDimensions(sweep, { baseDir: folder });
    expect(() => checkShapes(trials)).toThrow('bicubic: degradation.factor: got x 2, y 2, z 2 for planes');
  });

  it.each([
    ['{ axis: y }', '2', 'got x 2, y 2, z 1 for planes that are cut across y, wanted 1 along y'],
    ['true', '{x: 2, y: 2, z: 2}', 'or slicewise: {between: cubic}, which interpolates the planes between'],
    ['{ between: cubic }', '2', 'slicewise.between: got cubic, with a factor of 1 along z'],
    [
      '{ axis: y }',
      '{x: 1, y: 1, z: 2}, training.patch={x: 8, y: 8, z: 4}',
      'wanted 1 along y; training.patch: {x: 8, y: 1, z: 4}',
    ],
  ])('%s at factor %s is refused with what can be typed', async (slicewise, factor, message) => {
    writeStacks(10);
    const sets = `degradation.factor=${factor}`.split(/, (?=training)/);
    const sweep = plan(`{ planes: { slicewise: ${slicewise} } }`, sets);
    const { trials } = await withDimensions(sweep, { baseDir: folder });
    expect(() => checkShapes(trials)).toThrow(message);
  });

  it('takes what it can be trained on: planes of z and x with a factor along z alone', async () => {
    writeStacks(16);
    const sets = ['degradation.factor={x: 1, y: 1, z: 2}', 'training.patch={x: 16, y: 1, z: 8}'];
    const sweep = plan('{ planes: { slicewise: { axis: y, neighbours: 1 } } }', sets);
    const { trials } = await withDimensions(sweep, { baseDir: folder });
    checkShapes(trials);
    await checkHeaders(trials, { baseDir: folder });
    await checkData(sweep.trials);
  });

  it('is refused where volumes have no more planes than neighbours, by their headers', async () => {
    writeStacks(3);
    const sweep = plan('{ planes: { slicewise: { neighbours: 3 } } }');
    const { trials } = await withDimensions(sweep, { baseDir: folder });
    const refusal = 'got 3 LR planes across z, wanted more than slicewise.neighbours 3';
    await expect(checkHeaders(trials, { baseDir: folder })).rejects.toThrow(refusal);
    await expect(checkData(sweep.trials)).rejects.toThrow(refusal);
  });

  it('with neighbours is refused for filters and regimes that cannot read them', async () => {
    writeStacks(10);
    const refused = async (method: string) => {
      const sweep = plan(`{ planes: { slicewise: { neighbours: 1 }, ${method} } }`);
      const { trials } = await withDimensions(sweep, { baseDir: folder });
      checkShapes(trials);
    };
    await expect(refused('regime: { kind: linear, fit: smoothed-bicubic }')).rejects.toThrow(
      'planes: regime linear, fit smoothed-bicubic: got neighbouring planes, wanted a filter that reads them',
    );
    await expect(refused('regime: { kind: unpaired }, training: { patch: 16 }')).rejects.toThrow(
      'leave slicewise.neighbours out',
    );
  });

  it('is refused for planes, where it changes nothing', async () => {
    writeStacks(1);
    const { trials } = await withDimensions(plan('{ paired: { slicewise: true } }'), { baseDir: folder });
    expect(() => checkShapes(trials)).toThrow(
      'paired: slicewise: got true for planes, where it changes nothing, wanted volumes; ' +
        'leave slicewise out, or set dimensions: 3',
    );
    const cut = await withDimensions(plan('{ paired: { slicewise: { neighbours: 2 } } }'), { baseDir: folder });
    expect(() => checkShapes(cut.trials)).toThrow('slicewise: got {neighbours: 2} for planes');
  });
});

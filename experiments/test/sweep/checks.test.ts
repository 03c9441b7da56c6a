import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage, createRng } from '@lacuna/core';
import { writeTiff } from '@lacuna/datasets';
import { checkHeaders } from '../../src/sweep/checks/check-headers.js';
import { checkShapes } from '../../src/sweep/checks/check-shapes.js';
import { checkData } from '../../src/sweep/checks/checks.js';
import { planSweep } from '../../src/sweep/plan/plan.js';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-checks-'));
  process.env['XDG_CACHE_HOME'] = at('cache');
  mkdirSync(at('scans'));
});

function writeScan(name: string, options: { seed?: number; side?: number; type?: 'uint8' | 'uint16' } = {}): void {
  const { seed = 0, side = 64, type = 'uint8' } = options;
  const rng = createRng(seed);
  const data = Float32Array.from({ length: side * side }, () => Math.floor(255 * rng.uniform()));
  writeTiff(at('scans', name), createImage({ data, width: side, height: side, dataRange: [0, 255] }), { type });
}

function trials(methods: string, more: readonly string[] = []) {
  const spec = at('spec.yaml');
  writeFileSync(
    spec,
    `name: tiny
data: { source: folder, path: ${at('scans')} }
degradation: { kind: confocal, factor: 2, photons: 100 }
split: { kind: specimen }
training: { patch: 16 }
model: { name: fsrcnn, d: 8, s: 4, m: 1 }
regime: { kind: paired }
methods: ${methods}
`,
  );
  return planSweep(spec, { sets: more, baseDir: folder }).trials;
}
const paired = '{ bicubic: { regime: { kind: interpolation } }, paired: {} }';
const headers = (methods = paired, sets: readonly string[] = []) =>
  checkHeaders(trials(methods, sets), { baseDir: folder });

describe('what a spec alone tells', () => {
  beforeEach(() => ['a.tif', 'b.tif', 'c.tif'].forEach((name, seed) => writeScan(name, { seed })));

  it('a patch that the U-Net or the discriminator leaves nothing of is refused, with one that fits', () => {
    const unet = '{ pix: { model: { name: pix2pix-unet, levels: 5, filters: 4 }, regime: { kind: adversarial } } }';
    const refused = () => checkShapes(trials(unet, ['training.patch=12']));
    expect(refused).toThrow(
      /^pix: got training\.patch 12 \(LR px\), of which nothing is left inside the network \(conv: got length 3/,
    );
    expect(refused).toThrow(
      /set training\.patch to 16, or change training\.patch, model\.levels, regime\.discriminator$/,
    );
    const deep = '{ gan: { regime: { kind: adversarial, discriminator: { layers: 4, filters: 4 } } } }';
    expect(() => checkShapes(trials(deep, ['training.patch=5']))).toThrow(
      /^gan: got training\.patch 5 .*set training\.patch to \d+, or change training\.patch, regime\.discriminator$/,
    );
    expect(() => checkShapes(trials(unet))).not.toThrow();
  });
});

describe('what the headers tell', () => {
  it('a training image that is smaller than a patch is named', async () => {
    ['a.tif', 'b.tif', 'c.tif'].forEach((name, seed) => writeScan(name, { seed }));
    writeScan('d.tif', { seed: 3, side: 48 });
    const blocks = ['split={kind: blocks, guard: 2}'];
    await expect(headers(paired, blocks)).rejects.toThrow(
      /scans\/d\.tif: got a training region of 26 x 48 px, wanted at least 32 px a side: training\.patch 16/,
    );
    // Nothing is trained, no patch is cut.
    await expect(headers('{ bicubic: { regime: { kind: interpolation } } }', blocks)).resolves.toEqual([]);
  });

  it('copies of a file on both sides of the split are refused, for every regime', async () => {
    writeScan('a.tif');
    for (const name of ['b.tif', 'c.tif', 'd.tif']) copyFileSync(at('scans/a.tif'), at('scans', name));
    await expect(headers('{ bicubic: { regime: { kind: interpolation } } }')).rejects.toThrow(
      /^split of \w\.tif and \w\.tif: got one image under two names, for \w+ and for \w+, wanted images that/,
    );
  });

  it.runIf(process.platform !== 'win32').each<[string, (path: string) => void, string]>([
    ['a pipe', (path) => execFileSync('mkfifo', [path]), 'got a pipe, wanted a file'],
    ['a folder', (path) => mkdirSync(path), 'got a folder that is no OME-Zarr, wanted an image'],
    ['a link into the folder', (path) => symlinkSync(at('scans'), path), 'got a folder that is no OME-Zarr'],
    ['a link to itself', (path) => symlinkSync(path, path), 'got ELOOP, wanted an image file that can be read'],
    ['a dead link', (path) => symlinkSync(at('nowhere'), path), 'got no such file, wanted an image file'],
  ])('%s named as an image is told, and neither read nor waited for', async (_, make, message) => {
    writeScan('a.tif');
    make(at('scans/x.tif'));
    await expect(headers()).rejects.toThrow(`scans/x.tif: ${message}`);
  });

  it('8 and 16 bits in one folder are said', async () => {
    writeScan('a.tif', { seed: 0 });
    writeScan('b.tif', { seed: 1, type: 'uint16' });
    writeScan('c.tif', { seed: 2 });
    await expect(headers()).resolves.toEqual([
      'a.tif has uint8, b.tif has uint16: one normalisation covers both; ' +
        'convert them to one type if their numbers differ',
    ]);
  });

  it('an image that is too small for its split is said before pixels are read', async () => {
    writeScan('a.tif', { side: 12 });
    await expect(headers(paired, ['split={kind: blocks, guard: 2}'])).rejects.toThrow(
      /^split of a\.tif: got a \w+ part/,
    );
  });
});

describe('what the pixels tell', () => {
  it('equal pixels in files that differ are refused, for every regime', async () => {
    writeScan('a.tif');
    writeScan('b.tif', { type: 'uint16' });
    writeScan('c.tif', { seed: 1 });
    await expect(headers()).resolves.toHaveLength(1);
    const found = checkData(trials('{ bicubic: { regime: { kind: interpolation } } }'));
    await expect(found).rejects.toThrow(
      /^split of [ab]\S* and [ab]\S*: got the same pixels for \w+ and for \w+, wanted/,
    );
  });

  it('a synthetic specimen, and half of a training set, that hold no patch are named', async () => {
    const data = ['data={ source: dentin, width: 96, height: 64 }', 'split={ kind: blocks, guard: 4 }'];
    await expect(checkData(trials(paired, [...data, 'training.patch=40']))).rejects.toThrow(
      /^paired: dentin\S*: got a training region of 26 x 32 LR px, wanted at least training\.patch 40 a side/,
    );
    const gan = '{ gan: { regime: { kind: unpaired, backward: { kind: known } } } }';
    await expect(checkData(trials(gan, [...data, 'training.patch=16']))).rejects.toThrow(
      /^gan: a half of the training set: got a training region of /,
    );
    // Halves lie the guard of the split apart, whichever kind of split has one.
    const folds = (guard: number) => [`split={ kind: folds, across: x, of: 3, guard: ${guard} }`, 'training.patch=8'];
    const small = 'data={ source: dentin, width: 168, height: 40 }';
    await expect(checkData(trials(gan, [small, ...folds(2)]))).resolves.toBeUndefined();
    await expect(checkData(trials(gan, [small, ...folds(24)]))).rejects.toThrow(
      /a half of the training set: got a training region of |unpaired split: got a training region of /,
    );
  });

  it('a true network to learn from is asked of synthetic images alone', async () => {
    const geometry = '{ known: { regime: { kind: geometry, targets: truth } } }';
    writeScan('a.tif');
    writeScan('b.tif', { seed: 1 });
    writeScan('c.tif', { seed: 2 });
    await expect(checkData(trials(geometry))).rejects.toThrow(
      /^regime\.targets: got truth for [abc]\S*, whose network is not known, wanted .* set regime\.targets: image$/,
    );
    const drawn = ['data={ source: dentin, width: 96, height: 64 }', 'split={ kind: blocks, guard: 4 }'];
    await expect(checkData(trials(geometry, drawn))).resolves.toBeUndefined();
  });

  it('what a regime cannot do with a model or a degradation is no matter of the patch', () => {
    writeScan('a.tif');
    const cut = '{ cut: { model: { name: fsrcnn }, regime: { kind: cut, discriminator: { layers: 1 } } } }';
    expect(() => checkShapes(trials(cut))).toThrow(
      /cut: regime cut: got model fsrcnn on the LR grid, wanted a generator/,
    );
  });

  it('a fit in closed form needs pairs, or a known degradation', () => {
    writeScan('a.tif');
    const gan = '{ gan: { model: { name: edsr, skip: ridge }, regime: { kind: unpaired } } }';
    expect(() => trials(gan)).toThrow(
      'model.skip ridge: got regime unpaired, which has no pairs to fit it to, wanted pairs; ' +
        'set model.skip to bicubic, or regime.kind to paired or geometry',
    );
    const bank = '{ gan: { model: { name: oriented }, regime: { kind: unpaired } } }';
    expect(() => trials(bank)).toThrow('model oriented: got regime unpaired, which has no pairs to fit it to');
    const blind = ['degradation={ kind: blind, factor: 2 }'];
    expect(() => trials('{ core: { model: { name: edsr, skip: lmmse } } }', blind)).toThrow(
      'model.skip lmmse: got degradation.kind blind, which draws another blur for each region',
    );
    expect(trials('{ core: { model: { name: edsr, skip: ridge } } }', blind)).toHaveLength(1);
  });

  it('symmetries of a measured pair that lies apart are refused, and allowed once it is registered', async () => {
    const light = (x: number, y: number, z: number) =>
      3 + Math.sin(0.31 * x + 0.13 * y) + Math.sin(0.37 * y - 0.11 * z + 1) + Math.sin(0.41 * z + 0.17 * x + 2);
    const volume = (width: number, height: number, depth: number, at: (i: number) => number) => {
      const data = new Float32Array(width * height * depth);
      for (let i = 0; i < data.length; i++)
        data[i] = light(at(i % width), at(Math.floor(i / width) % height), at(Math.floor(i / (width * height))));
      return createImage({ data, width, height, depth, dataRange: [0, 6] });
    };
    writeTiff(
      at('fine', 'a.tif'),
      volume(96, 48, 40, (i) => i),
      { type: 'float32' },
    );
    // Where an LR voxel of 2 lies, and half an HR voxel on along each axis.
    writeTiff(
      at('coarse', 'a.tif'),
      volume(48, 24, 20, (i) => 2 * i + 1),
      { type: 'float32' },
    );
    const sets = (align: boolean, augment: string) => [
      `data={ source: pairs, hr: ${at('fine')}, lr: ${at('coarse')}, align: ${align} }`,
      'degradation={ kind: confocal, factor: { x: 2, y: 2, z: 2 } }',
      'split={ kind: blocks, axis: x, guard: 2 }',
      `training={ patch: 8, augment: ${augment} }`,
    ];
    await expect(checkData(trials(paired, sets(false, 'flips')))).rejects.toThrow(
      new RegExp(
        String.raw`^paired: training\.augment: got flips of measured pairs that lie 0\.8\d HR px apart, ` +
          String.raw`.*wanted none above 0\.25 HR px; set data\.align: true, or training\.augment: none`,
      ),
    );
    await expect(checkData(trials(paired, sets(false, 'none')))).resolves.toBeUndefined();
    await expect(checkData(trials(paired, sets(true, 'flips')))).resolves.toBeUndefined();
  });
});

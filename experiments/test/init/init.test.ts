import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createImage, cropImage } from '@lacuna/core';
import { writePng, writeTiff } from '@lacuna/datasets';
import { initialise, type InitOptions } from '../../src/init/init.js';
import { asIntegers, drawNetwork, halved, type Drawing } from './specimens.js';

const bin = fileURLToPath(new URL('../../bin/lacuna.mjs', import.meta.url));
let folder: string;
let said: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-init-'));
  said = '';
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A plane of 16 bits with a pixel size, unless told otherwise. */
async function plane(name: string, drawing: Partial<Drawing> & { readonly seed: number }): Promise<void> {
  mkdirSync(dirname(at(name)), { recursive: true });
  const pixelSize = { x: 0.1, y: 0.1, unit: 'um' } as const;
  const image = drawNetwork({ width: 160, height: 128, pixelSize, ...drawing });
  await writeTiff(at(name), asIntegers(image, 500, 3000, 65535), { type: 'uint16' });
}

async function init(names: readonly string[], options: InitOptions = {}) {
  const done = await initialise(
    names.map((name) => at(name)),
    { out: at('my.yaml'), ...options },
    (text) => (said += `${text}\n`),
  );
  return { ...done, spec: parse(readFileSync(done.spec, 'utf8')) as Record<string, never> };
}

const lacuna = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: 'utf8' });
  return { status, out: `${stdout}${stderr}` };
};

describe('lacuna init', () => {
  it('writes a spec for dark planes of 8 bits that trains', async () => {
    mkdirSync(at('tiffs'));
    for (const seed of [1, 2, 3]) {
      const image = asIntegers(drawNetwork({ width: 128, height: 128, seed }), 200, 40, 255);
      await writePng(at(`tiffs/${seed}.png`), image, { bits: 8 });
    }
    const { spec, picture } = await init(['tiffs']);
    expect(spec).toMatchObject({
      data: { source: 'folder', path: 'tiffs', invert: true },
      degradation: { kind: 'confocal', factor: 4 },
      split: { kind: 'folds', of: 3 },
      seeds: [0, 1, 2],
    });
    expect(said).toContain('darker than its surroundings (sure)');
    expect(said).toMatch(/warning {4}8 bits: 1\.png, 2\.png, 3\.png/);
    expect(said).toContain('no file says its pixel size');
    const { width } = await sharp(picture).metadata();
    expect(width).toBe(2126);
    const small = ['training.steps=10', 'seeds=[0]', 'figures.formats=[]'].flatMap((set) => ['--set', set]);
    const { status, out } = lacuna('sweep', 'my.yaml', '--no-tracking', '--only', 'geometry', ...small);
    expect(out).toContain('geometry');
    expect(status).toBe(0);
  });

  it('takes stacks as volumes, with their voxels', async () => {
    const pixelSize = { x: 0.2, y: 0.2, z: 0.5, unit: 'um' } as const;
    for (const seed of [1, 2])
      await plane(`stacks/${seed}.tif`, { seed, width: 192, height: 96, depth: 10, pixelSize, sigma: 2 });
    const { spec } = await init(['stacks']);
    expect(spec).toMatchObject({
      dimensions: 3,
      degradation: { factor: 4 },
      split: { kind: 'blocks', axis: 'x' },
      training: { patch: { z: 10 } },
    });
    expect(said).toContain('2 images as volumes, uint16, pixel 0.2 µm, planes 0.5 µm apart');
    expect(said).toContain('two images');
    // Planes at the quarters of the depth.
    for (const name of ['1.tif, z 2', '1.tif, z 5', '1.tif, z 7', '2.tif, z 7'])
      expect(said).toMatch(new RegExp(`^${name} +192 x 96 x 10`, 'm'));
  });

  it('finds what only the lower planes of a volume have, and names the volume once', async () => {
    const volume = drawNetwork({ width: 192, height: 96, depth: 16, seed: 4, sigma: 2 });
    const pixels = 192 * 96;
    for (let z = 10; z < 16; z++)
      for (let i = 0; i < pixels; i++) volume.data[z * pixels + i] = 4 * volume.data[z * pixels + i];
    mkdirSync(at('deep'));
    for (const name of ['a.tif', 'b.tif'])
      await writeTiff(at(`deep/${name}`), asIntegers({ ...volume, name }, 500, 2500, 4095), { type: 'uint16' });
    const { warnings } = await init(['deep']);
    expect(warnings.find(({ what }) => what.startsWith('saturated'))?.what).toMatch(/\(a\.tif\)|\(a\.tif, b\.tif\)/);
  });

  it('finds pairs in two folders and by names in one, and registers them', async () => {
    mkdirSync(at('field/coarse'), { recursive: true });
    mkdirSync(at('one'));
    for (const seed of [1, 2]) {
      await plane(`field/fine/${seed}.tif`, { seed });
      const fine = asIntegers(drawNetwork({ width: 160, height: 128, seed }), 500, 3000, 65535);
      await writeTiff(at(`field/coarse/${seed}.tif`), halved(fine), { type: 'uint16' });
      copyFileSync(at(`field/fine/${seed}.tif`), at(`one/cell${seed}_hr.tif`));
      copyFileSync(at(`field/coarse/${seed}.tif`), at(`one/cell${seed}_lr.tif`));
    }
    const { spec } = await init(['field']);
    expect(spec).toMatchObject({
      data: { source: 'pairs', hr: 'field/fine', lr: 'field/coarse' },
      degradation: { factor: 2 },
    });
    expect(Object.keys(spec['methods'])).not.toContain('lmmse');
    expect(said).toMatch(/2 measured pairs of fine and coarse scans, x2; shifts up to 0\.0\d coarse px/);
    for (const seed of [1, 2]) renameSync(at(`field/coarse/${seed}.tif`), at(`field/coarse/scan ${3 - seed}.tif`));
    const placed = await init(['field'], { out: at('placed.yaml') });
    expect(readFileSync(placed.manifest!, 'utf8').split('\n')[1]).toBe('field/fine/1.tif,field/coarse/scan 2.tif');
    const named = await init(['one'], { out: at('one.yaml') });
    expect(named.spec).toMatchObject({ data: { source: 'manifest', path: 'one.csv' }, degradation: { factor: 2 } });
    expect(readFileSync(named.manifest!, 'utf8').split('\n')[1]).toBe('one/cell1_hr.tif,one/cell1_lr.tif');
    await expect(init(['field'], { force: true, factor: 4 })).rejects.toThrow(/--factor: got 4 for pairs/);
  });

  it('leaves out the pair that registration refuses, and the spec runs', async () => {
    mkdirSync(at('field/fine'), { recursive: true });
    mkdirSync(at('field/coarse'));
    const drawn = (seed: number, x: number) => {
      const whole = asIntegers(drawNetwork({ width: 168, height: 128, seed }), 500, 3000, 65535);
      return cropImage(whole, { x, y: 0, width: 160, height: 128 });
    };
    for (const seed of [1, 2, 3, 4]) {
      await writeTiff(at(`field/fine/${seed}.tif`), drawn(seed, 0), { type: 'uint16' });
      // Two fine pixels apart; of the fourth the coarse scan shows another field.
      const scan = halved(drawn(seed === 4 ? 9 : seed, 2));
      await writeTiff(at(`field/coarse/${seed}.tif`), scan, { type: 'uint16' });
    }
    const { spec, warnings } = await init(['field']);
    expect(spec).toMatchObject({
      data: { source: 'pairs', exclude: ['4.tif'], align: true },
      split: { kind: 'folds', of: 3 },
    });
    expect(said).toContain('4 of 4 pairs registered whole, as a sweep would: 1 refused');
    const refused = warnings.filter(({ what }) => what.includes('registered'));
    expect(refused).toHaveLength(1);
    expect(refused[0].what).toMatch(/^1 of 4 pairs cannot be registered: fine\/4\.tif \(.+, wanted at most .+\)$/);
    const sweep = ['sweep', 'my.yaml', '--no-tracking', '--only', 'bicubic', '--set', 'figures.formats=[]'];
    const { status, out } = lacuna(...sweep, '--set', 'seeds=[0]');
    expect(out).toContain('bicubic');
    expect(status).toBe(0);
  });

  it('takes pairs as they lie where none can be registered, and says so', async () => {
    mkdirSync(at('field/coarse'), { recursive: true });
    for (const seed of [1, 2, 3]) {
      await plane(`field/fine/${seed}.tif`, { seed });
      const other = asIntegers(drawNetwork({ width: 160, height: 128, seed: seed + 10 }), 500, 3000, 65535);
      await writeTiff(at(`field/coarse/${seed}.tif`), halved(other), { type: 'uint16' });
    }
    const { spec, warnings } = await init(['field']);
    expect(spec['data']).toMatchObject({ align: false });
    expect(spec['data']).not.toHaveProperty('exclude');
    expect(warnings.map(({ what }) => what).join('\n')).toContain('none of 3 pairs can be registered');
  });

  it('cuts the one image that there is', async () => {
    await plane('one/a.tif', { seed: 1, width: 200, height: 96 });
    const { spec, warnings } = await init(['one']);
    expect(spec).toMatchObject({ split: { kind: 'blocks', axis: 'x' }, seeds: [0, 1] });
    expect(warnings.map(({ what }) => what).join('\n')).toContain('scores speak of these specimens alone');
  });

  it('takes numbered planes that look alike for slices of one volume', async () => {
    const volume = drawNetwork({ width: 192, height: 96, depth: 10, seed: 1, sigma: 2 });
    const plane = { width: 192, height: 96, pixelSize: null };
    mkdirSync(at('slices'));
    for (let z = 0; z < 10; z++) {
      const data = volume.data.subarray(z * 192 * 96, (z + 1) * 192 * 96);
      const slice = asIntegers(createImage({ ...plane, data, dataRange: [0, 1] }), 500, 3000, 65535);
      await writeTiff(at(`slices/z${z}.tif`), slice, { type: 'uint16' });
    }
    const { spec } = await init(['slices']);
    expect(spec).toMatchObject({ dimensions: 3, data: { stack: true }, split: { kind: 'blocks' } });
    expect(said).toContain('10 slices of one volume');
  });

  it('leaves copies and damaged files out, by a list', async () => {
    for (const seed of [1, 2, 3]) await plane(`set/${seed}.tif`, { seed });
    copyFileSync(at('set/1.tif'), at('set/copy of 1.tif'));
    copyFileSync(bin, at('set/broken.tif'));
    const { spec, manifest } = await init(['set']);
    expect(spec).toMatchObject({ data: { source: 'manifest', path: 'my.csv' }, split: { kind: 'folds', of: 3 } });
    expect(readFileSync(manifest!, 'utf8')).toBe('path\nset/1.tif\nset/2.tif\nset/3.tif\n');
    expect(said).toContain('copy of 1.tif is the same as 1.tif');
    expect(said).toContain('broken.tif cannot be read');
  });

  it('warns of JPEG, of saturated pixels, of thin branches and of uneven light', async () => {
    mkdirSync(at('poor'));
    for (const seed of [1, 2, 3]) {
      const image = drawNetwork({ width: 160, height: 160, seed, sigma: 0.8 });
      const lit = { ...image, data: image.data.map((value, i) => value + 0.6 * ((i % 160) / 160)) };
      const grey = asIntegers(lit, 30, 220, 255);
      await sharp(Uint8Array.from(grey.data), { raw: { width: 160, height: 160, channels: 1 } })
        .toColourspace('b-w')
        .jpeg({ quality: 90 })
        .toFile(at(`poor/${seed}.jpg`));
      await writeTiff(at(`poor/saturated ${seed}.tif`), asIntegers(image, 100, 6000, 4095), { type: 'uint16' });
    }
    const { warnings } = await init(['poor']);
    const all = warnings.map(({ what }) => what).join('\n');
    for (const expected of [/^JPEG: 1\.jpg/m, /^saturated: /m, /^thin: /m, /^uneven light: /m, /^several types: /m])
      expect(all).toMatch(expected);
  });

  it('warns of a folder that mixes planes with stacks, and grey images with colours', async () => {
    await plane('mixed/a.tif', { seed: 1, width: 160, height: 160 });
    await plane('mixed/b.tif', { seed: 2, width: 160, height: 160 });
    const { data } = asIntegers(drawNetwork({ width: 160, height: 160, seed: 3 }), 100, 3000, 4095);
    const three = Float32Array.from({ length: 3 * data.length }, (_, i) => data[i % data.length]);
    const size = { width: 160, height: 160, dataRange: [0, 4095] as const };
    await writeTiff(at('mixed/stack.tif'), createImage({ ...size, data: three, depth: 3 }), { type: 'uint16' });
    const colours = Float32Array.from(three, (_, i) => data[Math.floor(i / 3)]);
    await writeTiff(at('mixed/colour.tif'), createImage({ ...size, data: colours, channels: 3 }), { type: 'uint16' });
    const { warnings } = await init(['mixed']);
    const all = warnings.map(({ what }) => what);
    expect(all).toContain('planes beside stacks: stack.tif of 4 images');
    expect(all.find((what) => what.startsWith('several numbers of channels'))).toMatch(/: (1, 3|3, 1)$/);
    // The spec runs all the same: by a channel that grey images have, too.
    expect(readFileSync(at('my.yaml'), 'utf8')).toMatch(/^ {2}channel: 0 +# one that all of them have$/m);
  });

  it('writes over nothing, and leaves nothing behind where nothing fits', async () => {
    await plane('small/a.tif', { seed: 1, width: 40, height: 40 });
    await expect(init(['small'])).rejects.toThrow(/a\.tif: got 40 x 40 px, too small for patches/);
    expect(existsSync(at('my.yaml'))).toBe(false);
    await plane('fine/a.tif', { seed: 1 });
    await init(['fine']);
    await expect(init(['fine'])).rejects.toThrow(/got a file that is there already.*--force/);
    await init(['fine'], { force: true });
  });
});

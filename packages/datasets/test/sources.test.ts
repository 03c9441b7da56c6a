import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage } from '@lacuna/core';
import {
  dataSpec,
  fetchEntry,
  listRegistry,
  loadSource,
  registryEntry,
  splitImages,
  verifyEntry,
  writeTiff,
} from '../src/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-sources-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plane = (width: number, height: number, value = 0) =>
  createImage({
    data: Float32Array.from({ length: width * height }, (_, i) => (i + value) % 251),
    width,
    height,
    dataRange: [0, 255],
  });
const load = (spec: object, baseDir = folder) =>
  loadSource(dataSpec.parse(spec), { baseDir, mirror: '', cache: join(folder, 'cache') });

/** A folder of images under the test's own. */
function folderOf(name: string, images: Record<string, ReturnType<typeof plane>>): string {
  mkdirSync(join(folder, name), { recursive: true });
  for (const [file, image] of Object.entries(images)) writeTiff(join(folder, name, file), image, { type: 'uint8' });
  return name;
}

describe('registry', () => {
  it('pins every file and says whose it is', () => {
    for (const entry of listRegistry()) {
      if (entry.terms === 'open')
        expect(entry.licence).toMatch(/^(BSD-2-Clause|Apache-2\.0|MIT|CC0-1\.0|CC-BY-4\.0|CSIRO-OSS-1\.0)$/);
      expect(entry.citation.length).toBeGreaterThan(20);
      expect(Object.keys(entry.files).length > 0, entry.id).toBe(entry.id !== 'sr-caco-2');
      if (entry.origin.kind === 'addresses') expect(Object.keys(entry.origin.urls)).toEqual(Object.keys(entry.files));
      expect(entry.attribution.length).toBeGreaterThan(3);
      if (entry.origin.kind === 'repository') expect(entry.origin.commit).toMatch(/^[0-9a-f]{40}$/);
      for (const [hash, bytes] of Object.values(entry.files)) {
        expect(hash).toMatch(entry.origin.kind === 'addresses' ? /^[0-9a-f]{32}$/ : /^[0-9a-f]{64}$/);
        expect(bytes).toBeGreaterThan(1000);
      }
    }
  });

  it('has the nearest id for a wrong one', () => {
    expect(() => registryEntry('sandstones')).toThrow(
      'data.source: got sandstones, wanted fibres, bone-pores, bone-ct, sandstone, trabecular, retina, ' +
        'set5, set14, bsd100, urban100, drive, rock-pair, biosr, sr-caco-2; did you mean sandstone?',
    );
  });
});

describe('loadSource', () => {
  it('reads a folder in the order of names, or those that a pattern and slices pick', async () => {
    folderOf('scans', { 'b.tif': plane(20, 16, 1), 'a.tif': plane(20, 16), 'c2.tif': plane(24, 16, 2) });
    const all = await load({ source: 'folder', path: 'scans' });
    expect(all.images.map(({ name }) => name)).toEqual(['a.tif', 'b.tif', 'c2.tif']);
    expect(
      (await load({ source: 'folder', path: 'scans', pattern: '?.tif', slices: { from: 1 } })).images.map(
        ({ name }) => name,
      ),
    ).toEqual(['b.tif']);
    expect((await load({ source: 'folder', path: 'scans', pattern: '?.tif', stack: true })).images[0]).toMatchObject({
      width: 20,
      height: 16,
      depth: 2,
      name: 'scans',
    });
    expect((await load({ source: 'folder', path: 'scans' })).digest).toBe(all.digest);
    expect((await load({ source: 'folder', path: 'scans', invert: true })).digest).not.toBe(all.digest);
  });

  it('says what is wrong with a folder', async () => {
    mkdirSync(join(folder, 'void'), { recursive: true });
    await expect(load({ source: 'folder', path: 'void' })).rejects.toThrow(
      /void: got an empty folder, wanted at least one TIFF, OME-Zarr, PNG or JPEG/,
    );
    await expect(load({ source: 'folder', path: 'scanz' })).rejects.toThrow(
      /scanz: got no such folder, wanted a folder of TIFF, OME-Zarr, PNG or JPEG images; did you mean scans\?/,
    );
    await expect(load({ source: 'folder', path: 'scans', pattern: '*.png' })).rejects.toThrow(
      'got no image named like *.png among 3, wanted at least one; the first is a.tif',
    );
    await expect(load({ source: 'folder', path: 'scans', stack: true })).rejects.toThrow(
      'stack scans: got c2.tif of 24 x 16 after 20 x 16, wanted slices of one size',
    );
    await expect(load({ source: 'folder', path: 'scans', slices: { from: 9 } })).rejects.toThrow(
      'got slices from 9, wanted 0 to 2',
    );
  });

  it('matches pairs by name and checks their sizes', async () => {
    folderOf('hr', { 'one.tif': plane(40, 32), 'two.tif': plane(40, 32) });
    folderOf('lr', { 'one.tif': plane(10, 8), 'two.ome.tif': plane(10, 8) });
    const { images, lr } = await load({ source: 'pairs', hr: 'hr', lr: 'lr' });
    expect([images.map(({ name }) => name), lr!.map(({ name }) => name)]).toEqual([
      ['one.tif', 'two.tif'],
      ['one.tif', 'two.ome.tif'],
    ]);
    folderOf('lr2', { 'one.tif': plane(10, 8) });
    await expect(load({ source: 'pairs', hr: 'hr', lr: 'lr2' })).rejects.toThrow(
      /two\.tif: got no two\.tif in .*lr2, wanted a coarse scan of the same name; name both files alike/,
    );
    await expect(load({ source: 'pairs', hr: 'lr2', lr: 'hr' })).rejects.toThrow(
      'pair one.tif: got HR of 10 x 8 and LR of 40 x 32, wanted HR sizes that are one whole multiple (2 or ' +
        'more) of the LR sizes',
    );
    folderOf('lr3', { 'one.tif': plane(10, 8), 'two.tif': plane(10, 8), 'three.tif': plane(10, 8) });
    await expect(load({ source: 'pairs', hr: 'hr', lr: 'lr3' })).rejects.toThrow(
      /three\.tif: got no HR image of that name in/,
    );
    folderOf('lr4', { 'one.tif': plane(10, 7), 'two.tif': plane(10, 8) });
    await expect(load({ source: 'pairs', hr: 'hr', lr: 'lr4' })).rejects.toThrow('got HR of 40 x 32 and LR of 10 x 7');
  });

  it('leaves out pairs by the names of their fine images', async () => {
    folderOf('hr', { 'one.tif': plane(40, 32), 'two.tif': plane(40, 32) });
    folderOf('lr', { 'one.tif': plane(10, 8), 'two.ome.tif': plane(9, 8) });
    const { images } = await load({ source: 'pairs', hr: 'hr', lr: 'lr', exclude: ['two.tif'] });
    expect(images.map(({ name }) => name)).toEqual(['one.tif']);
    await expect(load({ source: 'pairs', hr: 'hr', lr: 'lr', exclude: ['twa.tif'] })).rejects.toThrow(
      /data\.exclude: got twa\.tif, wanted the name of an image in .*hr; did you mean two\.tif\?/,
    );
    await expect(load({ source: 'pairs', hr: 'hr', lr: 'lr', exclude: ['one.tif', 'two.tif'] })).rejects.toThrow(
      /data\.exclude: got all images of .*hr, wanted at least one pair that is left/,
    );
  });

  it('finds files by a pattern through folders, named by where they lie', async () => {
    folderOf('deep/a', { 'fine.tif': plane(20, 16), 'coarse.tif': plane(20, 16, 9) });
    folderOf('deep/b/c', { 'fine.tif': plane(20, 16, 1) });
    expect((await load({ source: 'folder', path: 'deep/**/fine.*' })).images.map(({ name }) => name)).toEqual([
      'a/fine.tif',
      'b/c/fine.tif',
    ]);
    expect((await load({ source: 'folder', path: 'deep/?/*.tif' })).images.map(({ name }) => name)).toEqual([
      'a/coarse.tif',
      'a/fine.tif',
    ]);
    await expect(load({ source: 'folder', path: 'deep/*.png' })).rejects.toThrow(
      new RegExp(
        String.raw`got no image below .*deep that fits, wanted at least one TIFF, OME-Zarr, PNG or JPEG; \* and \? ` +
          String.raw`stay within a folder, \*\* goes through folders`,
      ),
    );
  });

  it('reads a manifest with specimens, roles and coarse scans', async () => {
    folderOf(
      'm',
      Object.fromEntries(
        ['1', '2', '3', '4'].flatMap((name) => [
          [`${name}.tif`, plane(64, 64, Number(name))],
          [`${name}-lr.tif`, plane(32, 32, Number(name))],
        ]),
      ),
    );
    const manifest = (text: string) => {
      writeFileSync(join(folder, 'm', 'list.csv'), text);
      return load({ source: 'manifest', path: 'm/list.csv' });
    };
    const { images, lr, roles, description } = await manifest(
      '\uFEFFpath,specimen,role,lr\r\n1.tif,"tooth, left",training,1-lr.tif\n# a remark\n2.tif,"tooth, ' +
        'left",training,2-lr.tif\n\n3.tif,b,validation,3-lr.tif\n4.tif,c,test,4-lr.tif\n',
    );
    expect(images.map(({ name }) => name)).toEqual(['tooth, left[0]', 'tooth, left[1]', 'b[0]', 'c[0]']);
    expect([lr!.length, description]).toEqual([4, '4 images of 3 specimens, list.csv']);
    const split = splitImages(
      images,
      { kind: 'blocks', axis: 'x', fractions: [1, 1, 1], guard: 0 },
      { multiple: 2, roles },
    );
    expect(
      [split.training, split.validation, split.test].map((regions) => regions.map(({ box }) => box.image)),
    ).toEqual([['tooth, left[0]', 'tooth, left[1]'], ['b[0]'], ['c[0]']]);
    // Without roles the split is by specimen: two images of one tooth stay together.
    const free = await manifest('path,specimen\n1.tif,a\n2.tif,a\n3.tif,b\n4.tif,c\n');
    const parts = splitImages(free.images, { kind: 'specimen', fractions: [1, 1, 1], seed: 0 }, { multiple: 2 });
    expect(
      Object.values(parts).map(
        (regions: readonly { box: { image: string } }[]) => new Set(regions.map(({ box }) => box.image[0])).size,
      ),
    ).toEqual([1, 1, 1]);
    for (const [text, message] of [
      [
        'path,specimen,role\n1.tif,a,training\n2.tif,a,test\n',
        'list.csv:3: got specimen a for test, wanted training, as in line 2; a specimen has one role',
      ],
      ['path,role\n1.tif,training\n2.tif,\n', 'list.csv:3: got no role, wanted a role in every line or in none'],
      ['path,role\n1.tif,training\n2.tif,test\n', 'got no image for validation'],
      ['path,role\n1.tif,train\n', 'list.csv:2: got role train, wanted training, validation, test'],
      [
        'path,specimens\n1.tif,a\n',
        'list.csv:1: got column "specimens", wanted path, specimen, role, lr; did you mean specimen?',
      ],
      ['path,lr\n1.tif\n', 'list.csv:2: got 1 cells, wanted 2, as in the header'],
      ['path\n"1.tif\n', 'got a quote that does not end'],
      ['path\n', 'got no images'],
      ['specimen\na\n', 'wanted a column path'],
      ['path\n1.tif\n2.tif\n./1.tif\n', 'list.csv:4: got '],
      ['path\n1.tif\n2.tif\n./1.tif\n', '1.tif, as in line 2, wanted each image once'],
      ['path\nnone.tif\n', 'none.tif: got no such file'],
    ] as const)
      await expect(manifest(text), text).rejects.toThrow(message);
  });

  it('refuses what is not pinned and says where to get it', async () => {
    await expect(fetchEntry('sr-caco-2')).rejects.toThrow(
      new RegExp(
        String.raw`data sr-caco-2: got an entry that is not pinned: .*, wanted verified files; sr-caco-2 may not be ` +
          String.raw`used commercially \(CC-BY-NC-SA-4\.0\); get it from https:`,
      ),
    );
    // DRIVE is pinned, but only its authors give it out.
    await expect(fetchEntry('drive', { mirror: '', cache: join(folder, 'nothing') })).rejects.toThrow(
      new RegExp(
        String.raw`data drive: got no training/images/21_training\.tif in LACUNA_DATA or the cache, .*; drive asks ` +
          String.raw`for a registration .*https://drive\.grand-challenge\.org and lay them out as ` +
          String.raw`DIR/drive/training/images/21_training\.tif, with LACUNA_DATA=DIR`,
      ),
    );
    mkdirSync(join(folder, 'wrong', 'drive', 'training', 'images'), { recursive: true });
    writeFileSync(join(folder, 'wrong', 'drive', 'training', 'images', '21_training.tif'), 'no photograph');
    await expect(
      fetchEntry('drive', { mirror: join(folder, 'wrong'), cache: join(folder, 'nothing') }),
    ).rejects.toThrow('21_training.tif, which is not the pinned file');
    expect(() => dataSpec.parse({ source: 'biosr' })).toThrow();
    const states = await verifyEntry('set5', { mirror: '', cache: join(folder, 'nothing') });
    expect(states.map(({ state }) => state)).toEqual(['missing', 'missing', 'missing', 'missing', 'missing']);
    mkdirSync(join(folder, 'somewhere', 'set5'), { recursive: true });
    writeFileSync(join(folder, 'somewhere', 'set5', states[0].name), 'other');
    expect(
      (await verifyEntry('set5', { mirror: join(folder, 'somewhere'), cache: join(folder, 'nothing') }))[0].state,
    ).toBe('different');
  });

  it('makes synthetic specimens with their truth and says that they are synthetic', async () => {
    const { images, truth, description } = await load({ source: 'dentin', width: 64, height: 48, images: 2, seed: 3 });
    expect(images.map(({ width, height }) => [width, height])).toEqual([
      [64, 48],
      [64, 48],
    ]);
    expect(truth).toHaveLength(2);
    expect(description).toBe(
      'synthetic dentin, 2 specimens from seed 3; network metrics compare with the true network',
    );
    expect((await load({ source: 'dentin', width: 64, height: 48, seed: 4 })).images[0].data).toEqual(images[1].data);
  });
});

const mirror = process.env['LACUNA_DATA'];
describe.skipIf(!mirror)(`registry files${mirror ? '' : ' (skipped: LACUNA_DATA names no folder)'}`, () => {
  it.each([
    ['fibres', { slices: { from: 158 } }, { width: 512, height: 512, depth: 2, dataRange: [-32768, 32767] }],
    ['bone-ct', {}, { width: 602, height: 556, depth: 1, dataRange: [0, 255] }],
    ['sandstone', { slices: { count: 1 } }, { width: 996, height: 1024, depth: 1, dataRange: [0, 255] }],
    ['trabecular', { slices: { count: 4 } }, { width: 200, height: 200, depth: 4, dataRange: [0, 255] }],
    ['bone-pores', { slices: { count: 1 } }, { width: 350, height: 250, depth: 600, dataRange: [0, 255] }],
  ] as const)('%s opens', async (source, rest, expected) => {
    const { images } = await loadSource(dataSpec.parse({ source, ...rest }), {
      baseDir: '.',
      mirror: mirror!,
      cache: join(folder, 'cache'),
    });
    expect(images[0]).toMatchObject({ ...expected, channels: 1 });
  });
});

describe('dataSpec', () => {
  const issues = (spec: unknown) =>
    dataSpec.safeParse(spec).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];
  it('takes the documented forms', () => {
    for (const spec of [
      { source: 'retina' },
      { source: 'folder', path: 'x', channel: 1, pixelSize: '0.1um' },
      { source: 'pairs', hr: 'a', lr: 'b' },
      { source: 'dentin', structure: { tubulesPerMm2: 30_000 } },
    ])
      expect(issues(spec)).toEqual([]);
  });
  it('refuses unknown sources and keys', () => {
    expect(issues({ source: 'moon' })[0]).toContain('source:');
    expect(issues({ source: 'retina', path: 'x' })[0]).toContain('path');
    expect(issues({ source: 'dentin', structure: { tubules: 3 } })[0]).toContain('tubules');
  });
});

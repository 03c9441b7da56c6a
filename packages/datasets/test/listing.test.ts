import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listImages } from '../src/formats/list-images.js';
import { globImages } from '../src/sources/glob.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-listing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, '.thumbnails'));
mkdirSync(join(folder, 'below'));
for (const name of [
  'a.tif',
  '._a.tif',
  '.DS_Store',
  '.hidden.png',
  '.thumbnails/a.tif',
  'below/b.tif',
  'below/._b.tif',
])
  writeFileSync(join(folder, name), '');

describe('files of a folder', () => {
  it('that systems leave behind are no images', () => {
    expect(listImages(folder).map((path) => basename(path))).toEqual(['a.tif']);
    expect(globImages(`${folder}/**/*.tif`).paths).toEqual([join(folder, 'a.tif'), join(folder, 'below/b.tif')]);
  });

  it('are in the order in which people count', () => {
    const numbered = mkdtempSync(join(tmpdir(), 'lacuna-numbered-'));
    const ordered = ['a.tif', 'a1.tif', 'b.tif', 's1 z2.tif', 's1 z10.tif', 's1 z010.tif', 's2 z1.tif', 's10 z1.tif'];
    // As code units have it: s10 before s2, z10 before z2.
    for (const name of [...ordered].sort()) writeFileSync(join(numbered, name), '');
    const wanted = ['a.tif', 'a1.tif', 'b.tif', 's1 z2.tif', 's1 z010.tif', 's1 z10.tif', 's2 z1.tif', 's10 z1.tif'];
    expect(listImages(numbered).map((path) => basename(path))).toEqual(wanted);
    expect(globImages(`${numbered}/*.tif`).paths.map((path) => basename(path))).toEqual(wanted);
  });

  it('a folder that is missing is told from one that may not be read', () => {
    expect(() => listImages(join(folder, 'belwo'))).toThrow(/got no such folder, .*; did you mean below\?$/);
    expect(() => listImages(join(folder, 'a.tif/x'))).toThrow(/got a folder that may not be read \(ENOTDIR\), wanted/);
  });
});

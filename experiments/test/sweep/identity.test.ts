import { cpSync, mkdirSync, mkdtempSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage, createRng } from '@lacuna/core';
import { writeTiff, writeZarr } from '@lacuna/datasets';
import { planSweep } from '../../src/sweep/plan/plan.js';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

function image(seed: number) {
  const rng = createRng(seed);
  const data = Float32Array.from({ length: 48 * 48 }, () => Math.floor(255 * rng.uniform()));
  return createImage({ data, width: 48, height: 48, dataRange: [0, 255] });
}
const writeImage = (path: string, seed: number) => writeTiff(path, image(seed), { type: 'uint8' });

/** The ids of a spec's trials by method; `data` is YAML. */
function ids(data: string, sets: readonly string[] = []): Record<string, string> {
  const spec = at('spec.yaml');
  writeFileSync(
    spec,
    `name: tiny
data: ${data}
degradation: { kind: confocal, factor: 2, photons: 100 }
split: { kind: specimen }
model: { name: fsrcnn, d: 8, s: 4, m: 1 }
regime: { kind: paired }
methods: { bicubic: { regime: { kind: interpolation } }, paired: {} }
`,
  );
  return Object.fromEntries(
    planSweep(spec, { sets, baseDir: process.cwd() }).trials.map(({ method, id }) => [method, id]),
  );
}
const folderIds = (path = 'scans', more = '') => ids(`{ source: folder, path: ${path}${more} }`);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-identity-'));
  process.env['XDG_CACHE_HOME'] = at('cache');
  mkdirSync(at('scans'));
  for (const seed of [0, 1, 2, 3]) writeImage(at('scans', `f${seed}.tif`), seed);
});

describe('trials keep their ids', () => {
  it('where images may be turned otherwise, but for filters that share what turned images show', () => {
    const source = '{ source: dentin, width: 96, height: 96 }';
    const oriented = '{ regime: { kind: linear, fit: oriented-ridge } }';
    const methods = `methods={ ridge: { regime: { kind: linear } }, oriented: ${oriented} }`;
    const before = ids(source, [methods]);
    const after = ids(source, [methods, 'training.augment=none']);
    expect(after['ridge']).toBe(before['ridge']);
    expect(after['oriented']).not.toBe(before['oriented']);
  });

  it.each<[string, () => string]>([
    ['after touch', () => (utimesSync(at('scans/f0.tif'), 1, 1), 'scans')],
    ['in a copy of the folder', () => (cpSync(at('scans'), at('copy'), { recursive: true }), 'copy')],
    ['beside .DS_Store', () => (writeFileSync(at('scans/.DS_Store'), 'x'), 'scans')],
    ['beside notes.txt', () => (writeFileSync(at('scans/notes.txt'), 'x'), 'scans')],
    ['by a path that ends in /', () => 'scans/'],
    ['by an absolute path', () => at('scans')],
    ['by a pattern of the same files', () => "'scans/*.tif'"],
    ['with a pattern that takes them all', () => "scans, pattern: 'f*'"],
  ])('%s', (_, change) => {
    const before = folderIds();
    expect(folderIds(change())).toEqual(before);
  });

  it('where a file system spells their names otherwise, also in the order of the files', () => {
    const spelled = (folder: string, form: 'NFC' | 'NFD'): string => {
      cpSync(at('scans'), at(folder), { recursive: true });
      renameSync(at(folder, 'f1.tif'), at(folder, 'f\u00e9.tif'.normalize(form)));
      renameSync(at(folder, 'f2.tif'), at(folder, 'fg.tif'));
      return folder;
    };
    const composed = folderIds(spelled('composed', 'NFC'));
    expect(folderIds(spelled('decomposed', 'NFD'))).toEqual(composed);
    expect(folderIds("'decomposed/*.tif'")).toEqual(composed);
  });

  it('of a manifest without specimens, however it writes the paths', () => {
    const withPaths = (...paths: string[]) => {
      writeFileSync(at('list.csv'), `path\n${paths.join('\n')}\n`);
      return ids('{ source: manifest, path: list.csv }');
    };
    const files = [0, 1, 2, 3].map((seed) => `f${seed}.tif`);
    const before = withPaths(...files.map((name) => `scans/${name}`));
    expect(withPaths(...files.map((name) => `./scans/../scans/${name}`))).toEqual(before);
    expect(withPaths(...files.map((name) => at('scans', name)))).toEqual(before);
  });

  it('of public data, beside a folder of the same name', () => {
    const before = ids('{ source: retina }', ['split={kind: blocks}']);
    mkdirSync(at('retina'));
    writeImage(at('retina/f.tif'), 1);
    expect(ids('{ source: retina }', ['split={kind: blocks}'])).toEqual(before);
  });

  it('of interpolation, when model or steps change', () => {
    const data = '{ source: folder, path: scans }';
    const before = ids(data);
    const after = ids(data, ['model.d=16', 'training.steps=7', 'training.threads=2']);
    expect(after.bicubic).toBe(before.bicubic);
    expect(after.paired).not.toBe(before.paired);
  });

  it('when only the diary is written more often', () => {
    const data = '{ source: folder, path: scans }';
    expect(ids(data, ['training.logEvery=3', 'training.checkpointEvery=7'])).toEqual(ids(data));
  });
});

describe('trials get new ids', () => {
  it('for other pixels of the same size and time', () => {
    const path = at('scans/f0.tif');
    utimesSync(path, 1, 1);
    const before = folderIds();
    const { size } = statSync(path);
    writeImage(path, 9);
    utimesSync(path, 1, 1);
    expect(statSync(path)).toMatchObject({ size, mtimeMs: 1000 });
    const after = folderIds();
    expect(after.bicubic).not.toBe(before.bicubic);
    expect(after.paired).not.toBe(before.paired);
  });

  it('for another chunk in a Zarr store', async () => {
    mkdirSync(at('stores'));
    for (const seed of [0, 1, 2]) await writeZarr(at(`stores/s${seed}.ome.zarr`), image(seed), { type: 'uint8' });
    const before = folderIds('stores');
    await writeZarr(at('other.ome.zarr'), image(7), { type: 'uint8' });
    cpSync(at('other.ome.zarr/0/c'), at('stores/s1.ome.zarr/0/c'), { recursive: true });
    expect(folderIds('stores')).not.toEqual(before);
  });

  it('for another file behind a pattern', () => {
    const before = folderIds("'scans/*.tif'");
    writeImage(at('scans/f3.tif'), 9);
    expect(folderIds("'scans/*.tif'")).not.toEqual(before);
  });

  it('for another file, specimen or role behind a manifest, and for no change of its text alone', () => {
    const manifest = (lines: readonly string[]) => writeFileSync(at('list.csv'), `${lines.join('\n')}\n`);
    const rows = [0, 1, 2, 3].map((seed) => `scans/f${seed}.tif,s${seed}`);
    const data = '{ source: manifest, path: list.csv }';
    manifest(['path,specimen', ...rows]);
    const before = ids(data);
    manifest(['path,specimen', '# a remark', ...rows]);
    expect(ids(data)).toEqual(before);
    manifest(['path,specimen', ...rows.slice(0, 3), 'scans/f3.tif,s0']);
    expect(ids(data)).not.toEqual(before);
    manifest(['path,specimen', ...rows]);
    writeImage(at('scans/f3.tif'), 9);
    expect(ids(data)).not.toEqual(before);
  });

  it('for another name, which the split and the noise know an image by', () => {
    const before = folderIds();
    renameSync(at('scans/f0.tif'), at('scans/g0.tif'));
    expect(folderIds()).not.toEqual(before);
  });

  it('for another number of threads, where something is trained', () => {
    const data = '{ source: folder, path: scans }';
    expect(ids(data, ['training.threads=2']).paired).not.toBe(ids(data).paired);
  });
});

describe('planes and volumes', () => {
  it('of files that may be either have other ids where a spec says which', () => {
    const data = '{ source: folder, path: scans }';
    const all = [ids(data), ids(data, ['dimensions=2']), ids(data, ['dimensions=3'])].map(({ paired }) => paired);
    expect(new Set(all).size).toBe(3);
  });

  it('know which choice of kernels trains them: planes and bfloat16, while volumes in float32 keep their ids', () => {
    const volumes = '{ source: dentin, depth: 8, width: 64, height: 64, images: 3 }';
    const planes = '{ source: dentin, width: 64, height: 64, images: 3 }';
    // Those of before the choice was numbered.
    expect(ids(volumes)).toEqual({ bicubic: '1a899b96430e', paired: '4ae5e9780826' });
    expect(ids(planes).bicubic).toBe('0622f4af8c2a');
    expect(ids(planes).paired).not.toBe('3e09d8289587');
    expect(ids(volumes, ['slicewise=true']).paired).not.toBe('2fc04a54089c');
    expect(ids(volumes, ['training.precision=bf16']).paired).not.toBe('ccbe751791bb');
  });

  it('of a source that is one of them have the ids of what it is, said or not', () => {
    const volumes = '{ source: dentin, depth: 8, width: 64, height: 64, images: 3 }';
    expect(ids(volumes, ['dimensions=3'])).toEqual(ids(volumes));
    expect(ids(volumes, ['dimensions=2'])).not.toEqual(ids(volumes));
    expect(ids(volumes, ['slicewise=true'])).not.toEqual(ids(volumes));
    // As they were before planes had neighbours.
    expect(ids(volumes, ['slicewise=true']).bicubic).toBe('5266301385c1');
    expect(ids(volumes, ['slicewise={axis: z, neighbours: 0}'])).toEqual(ids(volumes, ['slicewise=true']));
    const cuts = ['true', '{neighbours: 1}', '{neighbours: 2}', '{axis: y}', '{between: linear}'];
    expect(new Set(cuts.map((cut) => ids(volumes, [`slicewise=${cut}`]).paired)).size).toBe(cuts.length);
    const planes = '{ source: dentin, width: 64, height: 64, images: 3 }';
    expect(ids(planes, ['dimensions=2'])).toEqual(ids(planes));
  });
});

it('a folder that is not there is refused while planning', () => {
  expect(() => folderIds('nowhere')).toThrow(/nowhere: got no such folder/);
});

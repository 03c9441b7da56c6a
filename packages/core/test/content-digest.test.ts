import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { contentDigest } from '../src/index.js';

let folder: string;
let reads: string[];
const digest = (name: string) =>
  contentDigest(join(folder, name), { cache: join(folder, '.cache'), onRead: (path) => reads.push(path) });
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-digest-'));
  reads = [];
});

describe('the digest of a file', () => {
  it('is SHA-256 of its bytes, whatever its name and times', () => {
    write('a', 'abc');
    write('b', 'abc');
    utimesSync(join(folder, 'b'), 1, 1);
    // printf abc | sha256sum
    expect(digest('a')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(digest('b')).toBe(digest('a'));
  });

  it('is cached once the file has settled; edits show, also where size and time of modification stay', async () => {
    write('a', 'abc');
    const before = digest('a');
    digest('a');
    expect(reads).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    digest('a');
    digest('a');
    expect(reads).toHaveLength(3);
    utimesSync(join(folder, 'a'), 1, 1);
    expect(digest('a')).toBe(before);
    expect(reads).toHaveLength(4);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    digest('a');
    expect(digest('a')).toBe(before);
    expect(reads).toHaveLength(5);
    write('a', 'abd');
    utimesSync(join(folder, 'a'), 1, 1);
    expect(statSync(join(folder, 'a'))).toMatchObject({ size: 3, mtimeMs: 1000 });
    expect(digest('a')).not.toBe(before);
  });

  it('is made anew where the cache is damaged, and needs none that can be written', () => {
    write('a', 'abc');
    write('.cache', 'a file in the place of the folder');
    expect(digest('a')).toMatch(/^ba7816bf/);
  });
});

describe('the digest of a folder', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'store.zarr/0'), { recursive: true });
    for (const [name, text] of [
      ['.zgroup', '{}'],
      ['0/.zarray', '{}'],
      ['0/0.0', 'chunk'],
    ])
      write(join('store.zarr', name), text);
  });

  it('is that of its copy, and dotfiles that belong to no store do not count', () => {
    const before = digest('store.zarr');
    cpSync(join(folder, 'store.zarr'), join(folder, 'copy.zarr'), { recursive: true });
    write('copy.zarr/.DS_Store', 'Finder was here');
    expect(digest('copy.zarr')).toBe(before);
  });

  it.each(['0/0.0', '0/.zarray'])('changes with %s', (name) => {
    const before = digest('store.zarr');
    write(join('store.zarr', name), 'other');
    expect(digest('store.zarr')).not.toBe(before);
  });

  it('changes with a chunk that is added', () => {
    const before = digest('store.zarr');
    write('store.zarr/0/0.1', 'chunk');
    expect(digest('store.zarr')).not.toBe(before);
  });
});

describe.runIf(process.platform !== 'win32')('what has no end', () => {
  it('a pipe or a device is refused, and left out of a folder', () => {
    mkdirSync(join(folder, 'with'));
    write('with/a', 'abc');
    const before = digest('with');
    expect(spawnSync('mkfifo', [join(folder, 'with/pipe')]).status).toBe(0);
    expect(digest('with')).toBe(before);
    expect(() => digest('with/pipe')).toThrow('pipe: got a pipe, a device or a socket, wanted a file or a folder');
    symlinkSync('/dev/zero', join(folder, 'device'));
    expect(() => digest('device')).toThrow('device: got a pipe, a device or a socket');
  });

  it('a folder that a link leads back into is refused', () => {
    mkdirSync(join(folder, 'round/inner'), { recursive: true });
    symlinkSync(join(folder, 'round'), join(folder, 'round/inner/again'));
    expect(() => digest('round')).toThrow(/round\/inner\/again: got a link back to .*round, wanted folders that end/);
  });
});

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalArtifacts } from '../src/index.js';

let dir: string;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-local-'));
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const everything = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .flatMap((entry) => (entry.isFile() ? [entry.name] : []));

it('never shows part of a file among the artifacts, neither here nor to whoever lists the folder', async () => {
  const root = path.join(dir, 'run', 'artifacts');
  const store = new LocalArtifacts(root);
  const seen: string[][] = [];
  await store.upload('test/sr.tif', {
    size: 3,
    open: async function* () {
      yield Buffer.from('ab');
      seen.push(
        everything(root),
        (await store.list('test')).items.map((item) => item.path),
      );
      yield Buffer.from('c');
    },
  });
  expect(seen).toEqual([[], []]);
  expect(fs.readFileSync(path.join(root, 'test/sr.tif'), 'utf8')).toBe('abc');
  expect(everything(path.join(dir, 'run'))).toEqual(['sr.tif']);
});

it('leaves nothing where an upload fails', async () => {
  const root = path.join(dir, 'failing', 'artifacts');
  const store = new LocalArtifacts(root);
  const upload = store.upload('a.bin', {
    size: 3,
    // eslint-disable-next-line require-yield
    open: async function* () {
      throw new Error('the disk went away');
    },
  });
  await expect(upload).rejects.toThrow('the disk went away');
  expect(everything(path.join(dir, 'failing'))).toEqual([]);
});

it('does not list what a killed process of an earlier version left half written', async () => {
  const root = path.join(dir, 'left', 'artifacts');
  fs.mkdirSync(root, { recursive: true });
  for (const name of ['sr.tif', 'sr.tif.4711.part']) fs.writeFileSync(path.join(root, name), 'x');
  expect((await new LocalArtifacts(root).list()).items.map((item) => item.path)).toEqual(['sr.tif']);
});

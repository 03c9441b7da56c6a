import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRegularFile } from '../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'lacuna-regular-'));
const at = (name: string): string => join(folder, name);

it('a file is read, also through a link', () => {
  writeFileSync(at('a'), 'abc');
  symlinkSync(at('a'), at('link'));
  expect(readRegularFile(at('link'), 'a list').toString()).toBe('abc');
});

it.runIf(process.platform !== 'win32').each<[string, (path: string) => void, string]>([
  ['a pipe', (path) => execFileSync('mkfifo', [path]), 'a pipe, a device or a socket'],
  ['a device', (path) => symlinkSync('/dev/zero', path), 'a pipe, a device or a socket'],
  ['a folder', (path) => mkdirSync(path), 'a folder'],
  ['a circle of links', (path) => symlinkSync(path, path), 'links that lead in a circle'],
  ['nothing', () => undefined, 'no such file'],
])('%s is refused at once', (name, make, got) => {
  make(at(name));
  expect(() => readRegularFile(at(name), 'a list')).toThrow(`${at(name)}: got ${got}, wanted a list`);
});

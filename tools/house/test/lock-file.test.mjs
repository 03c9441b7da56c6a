import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
const { packages } = read('package-lock.json');
const entries = Object.entries(packages);
const isOurs = ([path, { link }]) => link || !path.includes('node_modules/');

test('every package of others has a hash in the lock file, and no address', () => {
  const others = entries.filter((entry) => !isOurs(entry));
  assert.ok(others.length > 300);
  assert.deepEqual(
    others.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([path]) => path),
    [],
  );
  assert.deepEqual(
    others.filter(([, entry]) => 'resolved' in entry).map(([path]) => path),
    [],
  );
});

test('tar is a version without known holes', () => {
  const versions = entries.filter(([path]) => path.endsWith('node_modules/tar')).map(([, { version }]) => version);
  assert.ok(versions.length > 0);
  for (const version of versions) assert.ok(Number(version.split('.')[0]) >= 7, version);
});

test('all packages of ours have one version, and name each other by it', () => {
  const { version } = read('package.json');
  const ours = entries.filter(([path, { link }]) => !link && !path.includes('node_modules/'));
  const names = new Set(ours.map(([, { name }]) => name));
  for (const [path] of ours) {
    const manifest = read(path === '' ? 'package.json' : `${path}/package.json`);
    assert.equal(manifest.version, version, path);
    for (const [name, wanted] of Object.entries(manifest.dependencies ?? {}))
      if (names.has(name)) assert.equal(wanted, version, `${path}: ${name}`);
  }
  assert.match(
    readFileSync(new URL('../../../CITATION.cff', import.meta.url), 'utf8'),
    new RegExp(`^version: ${version}$`, 'm'),
  );
  assert.match(
    readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8'),
    new RegExp(`^## ${version} `, 'm'),
  );
});

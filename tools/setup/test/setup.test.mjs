import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cacheRoot, makeFolder, withLock } from '../files.mjs';
import { installCommand, systemFamily } from '../install-commands.mjs';
import { downloadedBytes } from '../pip.mjs';
import { Report } from '../report.mjs';
import { which } from '../shell.mjs';
import { installed } from '../steps/node-modules.mjs';
import { prepareBinding } from '../steps/binding.mjs';
import { prepareVenv } from '../steps/python.mjs';
import { unsupported, wantedMember } from '../steps/tensorflow.mjs';
import { countTests } from '../then/count-tests.mjs';
import { packagesSideBySide } from '../then/tests.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'setup-test-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const silent = { write() {} };

async function withPath(path, work) {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return await work();
  } finally {
    process.env.PATH = before;
  }
}

test('closing lines of vitest and node --test are summed, colours or not', () => {
  const output = [
    ' Test Files  1 failed | 2 passed (3)',
    '\u001b[2m      Tests \u001b[22m \u001b[1m\u001b[31m2 failed\u001b[39m | 12 passed | 1 skipped (15)',
    '      Tests  3 passed (3)',
    '# pass 4',
    '# fail 1',
    '# cancelled 0',
    '# skipped 2',
  ].join('\n');
  assert.deepEqual(countTests(output), { passed: 19, failed: 3, skipped: 3 });
});

test("sizes in pip's lines", () => {
  assert.equal(downloadedBytes('  Downloading mlflow-3.17.2-py3-none-any.whl (10.5 MB)'), 10_500_000);
  assert.equal(downloadedBytes('Downloading six.whl (11 kB)'), 11_000);
  assert.equal(downloadedBytes('Using cached six.whl (11 kB)'), 0);
});

test('the cache follows XDG_CACHE_HOME', () => {
  assert.equal(cacheRoot({ XDG_CACHE_HOME: '/x' }), '/x/lacuna');
});

test('a failing fill leaves nothing under the final name', async () => {
  const folder = join(scratch, 'failing');
  await assert.rejects(
    makeFolder(folder, (part) => {
      writeFileSync(join(part, 'half'), '');
      throw new Error('disk full');
    }),
    /disk full/,
  );
  assert.equal(existsSync(folder), false);
});

test('two holders of a lock take turns', async () => {
  const log = [];
  const path = join(scratch, 'turns');
  const hold = (name) =>
    withLock(path, async () => {
      log.push(`${name} in`);
      await new Promise((done) => setTimeout(done, 20));
      log.push(`${name} out`);
    });
  await Promise.all([hold('a'), hold('b')]);
  assert.deepEqual(
    log.map((line) => line.split(' ')[1]),
    ['in', 'out', 'in', 'out'],
  );
});

test('the lock of a dead process is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((done) => child.on('close', done));
  writeFileSync(join(scratch, 'dead.lock'), String(child.pid));
  assert.equal(await withLock(join(scratch, 'dead'), async () => 'mine'), 'mine');
});

test('only the library and its headers are taken from the wheels', () => {
  assert.ok(wantedMember('tensorflow/libtensorflow_cc.so.2'));
  assert.ok(wantedMember('tensorflow/include/tensorflow/c/c_api.h'));
  assert.ok(wantedMember('nvidia/cublas/lib/libcublas.so.12'));
  assert.equal(wantedMember('tensorflow/python/ops/nn.py'), false);
  assert.equal(wantedMember('nvidia/cublas/include/cublas.h'), false);
});

test('machines that cannot load the library are told what they lack', () => {
  assert.equal(unsupported({ platform: 'linux', arch: 'x64', glibc: '2.36' }), null);
  assert.equal(unsupported({ platform: 'linux', arch: 'x64', glibc: '2.9' }), 'glibc 2.27 (this is 2.9)');
  assert.match(unsupported({ platform: 'darwin', arch: 'arm64', glibc: '' }), /darwin/);
});

test('install commands by system', () => {
  assert.equal(systemFamily('linux', 'ID=ubuntu\nID_LIKE=debian\n'), 'debian');
  assert.equal(systemFamily('linux', 'ID="rhel"\nID_LIKE="fedora"\n'), 'fedora');
  assert.match(installCommand('venv', 'debian'), /python3-venv/);
});

test('npm packages count as installed only when every pinned version is there', () => {
  const folder = join(scratch, 'npm');
  mkdirSync(join(folder, 'node_modules/a'), { recursive: true });
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } }),
  );
  assert.equal(installed(folder), false);
  writeFileSync(
    join(folder, 'node_modules/.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/a': { version: '0.9.0' } } }),
  );
  assert.equal(installed(folder), false);
  writeFileSync(
    join(folder, 'node_modules/.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }),
  );
  assert.equal(installed(folder), true);
});

test('without Python the report names it and the command that installs it', async () => {
  const report = new Report(silent);
  assert.equal(await withPath(scratch, () => prepareVenv(root, join(scratch, 'cache'), report)), null);
  assert.match(report.missing[0].piece, /^Python 3\.10 to 3\.13$/);
  assert.equal(report.missing[0].remedy, installCommand('python'));
});

test('with a Python without ensurepip and pip the report names both and the command that installs them', async () => {
  const bin = join(scratch, 'bare-python');
  const cache = join(scratch, 'bare-cache');
  mkdirSync(bin);
  // Debian's python3 without python3-venv: tells its version, makes no environment, knows no pip.
  writeFileSync(
    join(bin, 'python3'),
    '#!/bin/sh\ncase "$*" in *version_info*) echo 3.12 ;; *) echo "ensurepip is not available"; exit 1 ;; esac\n',
    { mode: 0o755 },
  );
  const report = new Report(silent);
  const before = process.env.LACUNA_SETUP_PYTHON;
  delete process.env.LACUNA_SETUP_PYTHON;
  try {
    assert.equal(await withPath(`${bin}:/usr/bin:/bin`, () => prepareVenv(root, cache, report)), null);
  } finally {
    if (before !== undefined) process.env.LACUNA_SETUP_PYTHON = before;
  }
  assert.equal(report.missing[0].piece, 'the Python modules venv and ensurepip');
  assert.match(
    report.missing[0].consequence,
    /WASM engine trains, tracking stays in the journal \(ensurepip is not available\)/,
  );
  assert.equal(report.missing[0].remedy, installCommand('venv'));
  assert.deepEqual(
    readdirSync(cache).filter((name) => name.startsWith('venv-') && !name.endsWith('.lock')),
    [],
  );
});

test('without a compiler the report names it and the WASM engine remains', async () => {
  const home = join(scratch, 'clone/node_modules/@tensorflow/tfjs-node-gpu');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"version":"4.22.0"}');
  const report = new Report(silent);
  const binding = await withPath(scratch, () =>
    prepareBinding(
      join(scratch, 'clone'),
      join(scratch, 'cache'),
      { folder: join(scratch, 'tf'), kind: 'cpu' },
      report,
    ),
  );
  assert.equal(binding, null);
  assert.equal(report.missing[0].piece, 'a C++ compiler');
  assert.match(report.missing[0].consequence, /WASM/);
});

test('an unknown command ends with status 2 and the usage', async () => {
  const child = spawn(process.execPath, [join(root, 'tools/setup/main.mjs'), '--then', 'dance']);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const status = await new Promise((done) => child.on('close', done));
  assert.equal(status, 2);
  assert.match(said, /got --then dance, wanted --then sweep or --then test/);
});

test('which finds executables only', () => {
  writeFileSync(join(scratch, 'plain'), '');
  assert.equal(which('plain', scratch), null);
  assert.equal(which('node', dirname(process.execPath)), join(dirname(process.execPath), 'node'));
});

test('four packages are looked at side by side, fewer where cores or memory lack', () => {
  assert.deepEqual(
    [
      [1, 16e9],
      [2, 16e9],
      [2, 4e9],
      [8, 32e9],
      [32, 64e9],
    ].map(([cores, memory]) => packagesSideBySide(cores, memory)),
    [1, 4, 1, 4, 8],
  );
});

test('every pinned requirement carries a hash', () => {
  for (const [file, least] of [
    ['requirements.txt', 80],
    ['requirements-test.txt', 30],
  ]) {
    const text = readFileSync(join(root, 'tools/setup', file), 'utf8');
    const pins = text.split(/\n(?=[A-Za-z])/).filter((pin) => /^[A-Za-z]/.test(pin));
    assert.ok(pins.length > least);
    for (const pin of pins) assert.match(pin, /^[\w.-]+(\[\w+\])?==[\s\S]+--hash=sha256:[0-9a-f]{64}/);
  }
});

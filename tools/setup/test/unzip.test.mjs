import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { which } from '../shell.mjs';
import { listZip, unzip } from '../unzip.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'unzip-test-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const python = process.env.LACUNA_PYTHON ?? which('python3');
const skip = python ? false : 'no Python: set-up takes nothing out of wheels either';

/** Makes an archive of {name: [content, mode]}. */
function makeZip(name, entries) {
  const path = join(scratch, name);
  const code = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as file:
    for name, (content, mode) in json.load(sys.stdin).items():
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (0o100000 | mode) << 16
        file.writestr(entry, content, zipfile.ZIP_DEFLATED)`;
  execFileSync(python, ['-c', code, path], { input: JSON.stringify(entries) });
  return path;
}

test('the files that are wanted come out, what may be run stays so', { skip }, async () => {
  const path = makeZip('wheel.whl', {
    'lib/a.so': ['library', 0o644],
    'bin/tool': ['#!/bin/sh', 0o755],
    'lib/no.py': ['', 0o644],
  });
  const out = join(scratch, 'out');
  assert.deepEqual(await listZip(python, path), ['lib/a.so', 'bin/tool', 'lib/no.py']);
  await unzip(python, path, out, (name) => !name.endsWith('.py'));
  assert.equal(readFileSync(join(out, 'lib/a.so'), 'utf8'), 'library');
  assert.equal(statSync(join(out, 'lib/a.so')).mode & 0o777, 0o644);
  assert.equal(statSync(join(out, 'bin/tool')).mode & 0o777, 0o755);
  assert.equal(existsSync(join(out, 'lib/no.py')), false);
});

test('a list of any length is read whole', { skip }, async () => {
  const names = Array.from({ length: 3000 }, (_, i) => `folder/of/a/long/name/${'x'.repeat(40)}-${i}`);
  const path = makeZip('many.whl', Object.fromEntries(names.map((name) => [name, ['', 0o644]])));
  assert.deepEqual(await listZip(python, path), names);
});

test('a damaged file, a cut archive and an entry outside of the folder are refused', { skip }, async () => {
  const sound = makeZip('sound.whl', { a: ['content that is packed and packed and packed', 0o644] });
  const bytes = readFileSync(sound);
  const damaged = join(scratch, 'damaged.whl');
  const cut = join(scratch, 'cut.whl');
  writeFileSync(
    damaged,
    bytes.map((byte, i) => (i === 34 ? byte ^ 0x55 : byte)),
  );
  writeFileSync(cut, bytes.subarray(0, bytes.length - 30));
  const climbing = makeZip('climbing.whl', { '../outside': ['x', 0o644] });
  const all = () => true;
  await assert.rejects(unzip(python, damaged, join(scratch, 'b'), all), /damaged\.whl: /);
  await assert.rejects(unzip(python, cut, join(scratch, 'c'), all), /cut\.whl: File is not a zip file/);
  await assert.rejects(
    unzip(python, climbing, join(scratch, 'd'), all),
    /an entry outside of its folder, \.\.\/outside/,
  );
  assert.equal(existsSync(join(scratch, 'outside')), false);
});

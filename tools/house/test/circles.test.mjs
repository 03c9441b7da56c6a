import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findCircles, importGraph, sourceFiles } from '../circles.mjs';

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), 'circles-test-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Circles among files that are given by name and text. */
function circlesOf(name, texts) {
  const folder = join(scratch, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, file), text);
  const circles = findCircles(importGraph(sourceFiles(folder)));
  return circles.map((files) => files.map((file) => relative(folder, file)).sort());
}

test('a circle by values, types, re-exports or import() is found', () => {
  const back = ["import { a } from './a.js';", "import type { A } from './a.js';", "export * from './a.js';"];
  const lazy = ["export const a = () => import('./a.js');", "type A = import('./a.js').A;"];
  for (const [i, text] of [...back, ...lazy].entries())
    assert.deepEqual(
      circlesOf(`two-${i}`, { 'a.ts': "import { b } from './b.js';", 'b.ts': "export * from './c.js';", 'c.ts': text }),
      [['a.ts', 'b.ts', 'c.ts']],
      text,
    );
  assert.deepEqual(circlesOf('own', { 'a.ts': "export * from './a.js';" }), [['a.ts']]);
});

test('a diamond is no circle, and a name in a comment or text is no import', () => {
  const texts = {
    'a.ts': "import './b.js'; import './c.js';",
    'b.ts': "import './d.js';",
    'c.ts': "import './d.js';",
    'd.ts': "// import './a.js'\nexport const text = \"import './a.js'\";",
  };
  assert.deepEqual(circlesOf('diamond', texts), []);
});

const folders = [...readdirSync(join(root, 'packages')).map((name) => join('packages', name)), 'experiments'];
for (const folder of folders)
  test(`no files of ${folder} import one another in a circle`, () => {
    const circles = findCircles(importGraph(sourceFiles(join(root, folder, 'src'))));
    const named = circles.map((files) =>
      files
        .map((file) => relative(root, file))
        .sort()
        .join(' '),
    );
    assert.deepEqual(named, []);
  });

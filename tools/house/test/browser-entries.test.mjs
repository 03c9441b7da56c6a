import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)));
/** Packages that run in Node alone. */
const native = ['sharp', 'onnxruntime-node', '@tensorflow/tfjs-node-gpu'];

/** What a file imports by value: types are gone when it runs. */
function importsOf(file) {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023);
  return statements
    .filter(
      ({ moduleSpecifier, importClause, isTypeOnly }) => moduleSpecifier && !isTypeOnly && !importClause?.isTypeOnly,
    )
    .map(({ moduleSpecifier }) => moduleSpecifier.text);
}

/** Everything that an entry leads to within its package, and what of it needs Node: `file: import`. */
function needsNode(folder, entry) {
  const { browser = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const twins = Object.fromEntries(
    Object.entries(browser).map((pair) =>
      pair.map((path) => join(folder, path.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))),
    ),
  );
  const found = [];
  const seen = new Set();
  const visit = (file) => {
    const path = twins[file] ?? file;
    if (seen.has(path)) return;
    seen.add(path);
    for (const name of importsOf(path)) {
      if (name.startsWith('.')) visit(join(dirname(path), name.replace(/\.js$/, '.ts')));
      else if (isBuiltin(name) || native.includes(name)) found.push(`${relative(root, path)}: ${name}`);
    }
  };
  visit(entry);
  return found;
}

test('what packages offer to browsers leads to nothing of Node', () => {
  const entries = readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'src/browser.ts')));
  assert.ok(entries.length >= 6, 'core, datasets, iqa, mlflow-ts-client, models, onnx');
  for (const folder of entries) assert.deepEqual(needsNode(folder, join(folder, 'src/browser.ts')), []);
});

test('the entry for Node does lead to Node, so that the check sees it', () => {
  const folder = join(root, 'packages/core');
  assert.ok(needsNode(folder, join(folder, 'src/index.ts')).some((line) => line.endsWith(': node:fs')));
});

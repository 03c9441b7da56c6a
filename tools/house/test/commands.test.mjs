import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { commandsOf, faultOf, scriptsAndTargets, wrongCommands } from '../commands.mjs';
import { pagesBelow, parsePage } from '../pages.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cli = new URL('../../../experiments/dist/cli.js', import.meta.url);
assert.ok(existsSync(fileURLToPath(cli)), 'build first: npm run compile');
const { createProgram } = await import(cli.href);
const programs = { ...scriptsAndTargets(root), lacuna: await createProgram() };

/** Decisions and the CHANGELOG tell what was true on their day. */
const isToday = (path) => !path.startsWith('docs/decisions/') && path !== 'CHANGELOG.md';
const paths = pagesBelow(root).filter(isToday);

test('every command of the pages exists, with its options and their values', () => {
  assert.deepEqual(wrongCommands(root, paths, programs), []);
});

const faultsOf = (text) => commandsOf({ tokens: parsePage(text) }).map((command) => faultOf(command, programs));

test('a command that there is not is told apart', () => {
  const cases = [
    ['`npx lacuna swep my.yaml`', 'lacuna has no command swep'],
    ['    npx lacuna sweep my.yaml --dry', 'sweep has no option --dry'],
    ['```sh\nnpx lacuna sweep my.yaml \\\n  --only=a --sat b=1\n```', 'sweep has no option --sat'],
    ['`lacuna data shew FILE`', 'data has no command shew'],
    ['`npx lacuna export m --format tiff`', '--format is no tiff, but onnx, bioimageio'],
    ['`npm run swep`', 'there is no script swep'],
    ['`npm run fuzz -w packages/iqa`', 'there is no script fuzz in packages/iqa'],
    ['`npm run sweep -- --sat a=1`', 'sweep has no option --sat'],
    ['`npx nx run experiments:report`', 'there is no target experiments:report'],
  ];
  for (const [text, fault] of cases) assert.deepEqual(faultsOf(text), [fault], text);
});

test('what explains a command is no part of it', () => {
  const text = [
    '    npx lacuna sweep my.yaml --only a      one method, --like this',
    '    npx lacuna mlflow status | start | stop',
    '    npx lacuna schema --markdown > docs/spec.md',
    '    npm run sweep -- --set "data={source: folder, path: my/tiffs}"   # --more',
  ].join('\n');
  assert.deepEqual(faultsOf(text), [null, null, null, null]);
});

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsc } from './compiler.mjs';
import { run } from './process.mjs';

const require = createRequire(import.meta.url);
const NAME = 'mlflow-ts-client';
const refuseBuiltIns = fileURLToPath(new URL('./refuse-built-ins.mjs', import.meta.url));

/** All that a tarball may hold. */
const WANTED = /^(LICENSE|README\.md|package\.json|dist\/cjs\/package\.json|dist\/([\w-]+\/)*[\w-]+(\.d\.ts|\.js))$/;

/** A run that goes nowhere but into its journal: enough to load and use most of the package. */
const USE = `async ({ startRun, MlflowClient, where }, spoolDir) => {
  const run = await startRun({ spoolDir, env: {} });
  run.logMetric('m', 1);
  const { pendingBytes } = await run.end();
  if (!(pendingBytes > 0)) throw new Error('nothing was journalled');
  new MlflowClient({ trackingUri: 'http://127.0.0.1:1' }).trackingUri;
  where.metric('m', '>', 1).toString();
}`;

const TYPES = {
  'esm.mts': `import { startRun, type Run } from '${NAME}';
export const run: Promise<Run> = startRun({ trialKey: 'a' });
// @ts-expect-error a number is wanted
void run.then((open) => open.logMetric('a', 'b'));
`,
  'cjs.cts': `import client = require('${NAME}');
export const filter: string = client.where.tag('a', '=', 'b').toString();
export const run: Promise<client.Run> = client.startRun();
`,
  'browser.mts': `import { MlflowClient } from '${NAME}/browser';
export const uri: string = new MlflowClient({ trackingUri: 'http://h' }).trackingUri;
`,
};

/**
 * Tries an installed package in all the ways that it promises: its files, an ES module, CommonJS, a browser, types.
 * @param {string} dir a project that has it installed.
 * @returns {Promise<string[]>} what is wrong; empty for a whole package.
 */
export async function problemsOf(dir) {
  const missing = missingTargets(dir);
  // What is not there need not be tried.
  if (missing.length > 0) return missing;
  const problems = strayFiles(dir);
  const names = {};
  const attempts = {
    'as an ES module': async () => {
      names.esm = await exportsOf(dir, 'esm.mjs', `import * as client from '${NAME}';`);
    },
    'as CommonJS': async () => {
      names.cjs = await exportsOf(dir, 'cjs.cjs', `const client = require('${NAME}');`);
    },
    'in a browser': async () => {
      names.browser = await browserExports(dir);
    },
    'its types': () => checkTypes(dir),
  };
  for (const [what, attempt] of Object.entries(attempts))
    await attempt().catch((error) => problems.push(`${what}: ${error.message}`));
  if (names.esm && names.cjs && names.esm !== names.cjs)
    problems.push(`CommonJS: got ${names.cjs}; wanted what the ES module exports, ${names.esm}`);
  if (names.browser?.split(' ').includes('startRun'))
    problems.push('in a browser: got startRun, which needs a file system; wanted the entry for browsers');
  return problems;
}

/** Files that the manifest promises and the package does not have. */
function missingTargets(dir) {
  const root = join(dir, 'node_modules', NAME);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const targets = [manifest.main, manifest.types, ...leaves(manifest.exports), './LICENSE', './README.md'];
  // Node reads the second build as ES modules without this sheet.
  targets.push('./dist/cjs/package.json');
  return [...new Set(targets)]
    .filter((target) => !existsSync(join(root, target)))
    .map((target) => `files: got no ${target}; wanted every file that package.json names`);
}

function leaves(entry) {
  return typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(leaves);
}

function strayFiles(dir) {
  const root = join(dir, 'node_modules', NAME);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !WANTED.test(file))
    .map((file) => `files: got ${file}; wanted JavaScript and types alone`);
}

/** What one of the two builds exports, after it was used once. */
async function exportsOf(dir, file, loading) {
  const spool = join(dir, `spool-${file}`);
  const program = `${loading}
    (${USE})(client, ${JSON.stringify(spool)}).then(() => console.log(Object.keys(client).sort().join(' ')));`;
  writeFileSync(join(dir, file), program);
  return (await run(process.execPath, [file], { cwd: dir })).trim();
}

/** What a bundler for browsers finds: the `browser` condition, and nothing of Node behind it. */
async function browserExports(dir) {
  const program = `import * as client from '${NAME}';
    new client.MlflowClient({ trackingUri: 'http://127.0.0.1:1' });
    console.log(Object.keys(client).sort().join(' '));`;
  writeFileSync(join(dir, 'browser.mjs'), program);
  const flags = ['--conditions=browser', `--import=${refuseBuiltIns}`];
  return (await run(process.execPath, [...flags, 'browser.mjs'], { cwd: dir })).trim();
}

async function checkTypes(dir) {
  const folder = join(dir, 'types');
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of Object.entries(TYPES)) writeFileSync(join(folder, file), text);
  const options = {
    noEmit: true,
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable', 'dom'],
    types: ['node'],
    typeRoots: [join(require.resolve('@types/node/package.json'), '../..')],
    // The package's own declarations are what is checked.
    skipLibCheck: false,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['.'] }));
  await run(process.execPath, [tsc, '-p', folder]);
  rmSync(folder, { recursive: true });
}

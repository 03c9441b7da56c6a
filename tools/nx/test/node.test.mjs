import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const executor = resolve(here, '../node.cjs');

/** Runs the executor as nx does, on a program that writes down its arguments and ends with `status`. */
function execute(typed, status = 0) {
  const folder = mkdtempSync(join(tmpdir(), 'executor-'));
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(join(folder, 'args'))}, ` +
      `JSON.stringify(process.argv.slice(2))); process.exit(${status});`,
  );
  const options = { program: relative('/', program), args: ['sweep'], __unparsed__: typed };
  const script =
    `require(${JSON.stringify(executor)})(${JSON.stringify(options)}, { root: '/' }).then((result) => ` +
    'console.log(JSON.stringify(result)))';
  const statusFile = join(folder, 'status');
  const { stdout } = spawnSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, LACUNA_STATUS_FILE: statusFile },
  });
  const result = {
    ...JSON.parse(stdout),
    args: JSON.parse(readFileSync(join(folder, 'args'), 'utf8')),
    status: Number(readFileSync(statusFile, 'utf8')),
  };
  rmSync(folder, { recursive: true });
  return result;
}

test('options arrive as they were typed: JSON, dollar signs, spaces, quotes', () => {
  const typed = [
    '--spec=a b.yaml',
    '--set',
    '{"a": [1, "b c"]}',
    '--set',
    'x=$HOME `id` *',
    '--name=it\'s "so"',
    '--no-colour',
    '',
  ];
  assert.deepEqual(execute(typed).args, ['sweep', ...typed]);
});

test('a failing program fails the target, and its exit status is written down', () => {
  const { success, status } = execute([], 2);
  assert.equal(success, false);
  assert.equal(status, 2);
});

test('the program runs where npm was called, and in the workspace where nobody says', () => {
  const folder = mkdtempSync(join(tmpdir(), 'called-from-'));
  const program = join(folder, 'where.mjs');
  writeFileSync(program, 'console.log(process.cwd());');
  const options = { program: relative('/', program), args: [] };
  const script = `require(${JSON.stringify(executor)})(${JSON.stringify(options)}, { root: '/' })`;
  const where = (INIT_CWD) =>
    spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...process.env, INIT_CWD } }).stdout.trim();
  assert.equal(where(folder), realpathSync(folder));
  assert.equal(where(''), '/');
  assert.equal(where(join(folder, 'gone')), '/');
  rmSync(folder, { recursive: true });
});

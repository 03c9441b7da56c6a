// Lint, format, dead code, types and every test of every package, and one closing line with the sum of the tests.
import { spawn } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { countTests } from './count-tests.mjs';

/** Memory of a package's tests with the servers and trials that they start. */
const BYTES_PER_PACKAGE = 3e9;

/**
 * Packages that are looked at side by side. On two cores vitest gives a package one process, and some of these wait
 * for a server much of the time: three left the cores idle for a sixth of it, four fill them; with more cores vitest
 * takes them for one package itself. Servers of tests choose free ports.
 */
export function packagesSideBySide(cores, memory) {
  const fill = cores === 1 ? 1 : Math.max(4, Math.floor(cores / 4));
  return Math.max(1, Math.min(fill, Math.floor(memory / BYTES_PER_PACKAGE)));
}

export async function runTests(root, state, args) {
  const env = { NX_DAEMON: 'false', NX_TUI: 'false', ...process.env };
  if (state.python) {
    env.LACUNA_PYTHON ??= state.python;
    // Many tests call it: that it keeps what it compiled halves the time in which it loads MLflow.
    env.PYTHONDONTWRITEBYTECODE = '';
  }
  // One run of nx for all: checks of one package fill the time in which another's tests wait. nx.json lets no test's
  // result be cached.
  const { status, output } = await runNx(root, env, [
    'run-many',
    '-t',
    'test',
    'test-mlflow',
    'test-cluster',
    'lint',
    'format-check',
    'dead-code',
    'typecheck',
    // Runs nothing: nx begins with what others depend on, and the longest tests would else run last and alone.
    'long-first',
    `--parallel=${packagesSideBySide(cpus().length, totalmem())}`,
    '--output-style=static',
    ...(process.env.CI ? ['--skip-nx-cache'] : []),
    ...args,
  ]);
  const { passed, failed, skipped } = countTests(output);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return status || (failed > 0 ? 1 : 0);
}

function runNx(root, env, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', (error) => resolve({ status: 1, output: error.message }));
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

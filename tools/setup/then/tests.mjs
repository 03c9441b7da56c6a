// Every test of every package, and one closing line with their sum.
import { spawn } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { countTests } from './count-tests.mjs';

/** Memory of a package's tests with the servers and trials that they start. */
const BYTES_PER_PACKAGE = 3e9;

/**
 * Packages whose tests run at once. On two cores vitest gives a package one process, so two packages fill them; with more cores it takes them for one package
 * itself. Servers of tests choose free ports.
 */
export function packagesSideBySide(cores, memory) {
  return Math.max(1, Math.min(cores, Math.max(2, Math.floor(cores / 4)), Math.floor(memory / BYTES_PER_PACKAGE)));
}

export async function runTests(root, state, args) {
  const cores = cpus().length;
  const env = { NX_DAEMON: 'false', NX_TUI: 'false', ...process.env };
  if (state.python) env.LACUNA_PYTHON ??= state.python;
  const nx = (targets, parallel, extra) => runNx(root, env, ['run-many', '-t', ...targets, `--parallel=${parallel}`, '--output-style=static', ...extra]);

  const checks = await nx(['lint', 'typecheck'], Math.max(1, Math.min(cores, 4)), process.env.CI ? ['--skip-nx-cache', ...args] : args);
  // A cached result says nothing about this machine: tests always run.
  const tests = await nx(['test'], packagesSideBySide(cores, totalmem()), ['--skip-nx-cache', ...args]);

  const { passed, failed, skipped } = countTests(tests.output);
  if (checks.status !== 0) console.log('lint or typecheck failed, see above');
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return checks.status || tests.status || (failed > 0 ? 1 : 0);
}

function runNx(root, env, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', (error) => resolve({ status: 1, output: error.message }));
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './process.mjs';

/**
 * Installs a tarball with npm into a new, empty project. Its one dependency lies there as a link to this repository's,
 * so that nothing is downloaded: npm ends with an error where its version is none that the tarball's manifest takes.
 * @param {string} tarball
 * @returns {Promise<string>} the project's folder; the caller removes it.
 */
export async function installTarball(tarball) {
  const dir = mkdtempSync(join(tmpdir(), 'mlflow-consumer-'));
  try {
    const zod = dirname(fileURLToPath(import.meta.resolve('zod/package.json')));
    mkdirSync(join(dir, 'node_modules'));
    symlinkSync(zod, join(dir, 'node_modules/zod'), 'junction');
    writeFileSync(join(dir, 'package.json'), '{ "name": "consumer", "private": true }\n');
    const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...quiet, resolve(tarball)], { cwd: dir });
    return dir;
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

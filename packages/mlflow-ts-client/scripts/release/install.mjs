import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packFolder } from './pack.mjs';
import { run } from './process.mjs';

/**
 * Installs a tarball with npm into a new, empty project. Its one dependency comes packed from this repository, so that
 * nothing is downloaded.
 * @param {string} tarball
 * @returns {Promise<string>} the project's folder; the caller removes it.
 */
export async function installTarball(tarball) {
  const dir = mkdtempSync(join(tmpdir(), 'mlflow-consumer-'));
  try {
    const zod = await packFolder(dirname(fileURLToPath(import.meta.resolve('zod/package.json'))), dir);
    writeFileSync(join(dir, 'package.json'), '{ "name": "consumer", "private": true }\n');
    const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...quiet, zod, resolve(tarball)], { cwd: dir });
    return dir;
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

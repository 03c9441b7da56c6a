import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tsc } from './compiler.mjs';
import { run } from './process.mjs';

const packageDir = fileURLToPath(new URL('../../', import.meta.url));

/** What serves the repository alone, and has no meaning in a published manifest. */
const OWN_FIELDS = ['nx', 'scripts'];
const OWN_CONDITION = 'lacuna-source';

/**
 * Compiles both builds from the sources into a clean folder and packs them. `npm pack` in the package's own folder
 * would pack what happens to lie in `dist`: npm runs no `prepack` where `ignore-scripts` is set, as in this repository.
 * @param {string} outDir where the tarball goes.
 * @returns {Promise<string>} the tarball's path.
 */
export async function packRelease(outDir) {
  const stage = mkdtempSync(join(tmpdir(), 'mlflow-release-'));
  try {
    for (const file of ['README.md', 'LICENSE']) cpSync(join(packageDir, file), join(stage, file));
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
    await compile('tsconfig.json', join(stage, 'dist'), ['--tsBuildInfoFile', join(stage, '.tsbuildinfo')]);
    // The same sources: their types were checked above.
    await compile('tsconfig.cjs.json', join(stage, 'dist/cjs'), ['--noCheck']);
    // The package is ESM; this sheet tells Node that the second build is CommonJS.
    writeFileSync(join(stage, 'dist/cjs/package.json'), '{ "type": "commonjs" }\n');
    return await packFolder(stage, outDir);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * Packs a folder as it is.
 * @returns {Promise<string>} the tarball's path.
 */
export async function packFolder(folder, outDir) {
  mkdirSync(outDir, { recursive: true });
  const said = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', outDir], { cwd: folder });
  const [{ filename }] = JSON.parse(said.slice(said.indexOf('[\n')));
  return join(outDir, filename);
}

function publishedManifest() {
  const manifest = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  for (const field of OWN_FIELDS) delete manifest[field];
  for (const entry of Object.values(manifest.exports)) if (typeof entry === 'object') delete entry[OWN_CONDITION];
  return manifest;
}

async function compile(project, outDir, more = []) {
  const maps = ['--sourceMap', 'false', '--declarationMap', 'false'];
  await run(process.execPath, [tsc, '-p', join(packageDir, project), '--outDir', outDir, ...maps, ...more]);
}

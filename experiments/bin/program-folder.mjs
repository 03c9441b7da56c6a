// Where the bundled command line lies: a folder of its own for each state of the build.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** The folders of all bundles, also of earlier builds. */
export const programFolders = new URL('.lacuna/program/', root);

/** Paths of everything that is compiled, from the root. */
export const compiledFolders = [
  ...readdirSync(new URL('packages/', root)).map((name) => `packages/${name}`),
  'experiments',
];

/**
 * The folder of the bundle of what is compiled now: named by the compiler's own notes of every package, so that a
 * bundle of another state is never run. Null where a package is not compiled.
 */
export function programFolder() {
  const hash = createHash('sha256');
  for (const folder of [...compiledFolders].sort()) {
    const notes = new URL(`${folder}/dist/.tsbuildinfo`, root);
    if (!existsSync(notes)) return null;
    hash.update(readFileSync(notes));
  }
  return new URL(`${hash.digest('hex').slice(0, 16)}/`, programFolders);
}

/** The path of a bundled entry; null where there is none of what is compiled now. */
export function bundledEntry(name) {
  const folder = programFolder();
  if (folder === null) return null;
  const path = fileURLToPath(new URL(`${name}.js`, folder));
  return existsSync(path) ? path : null;
}

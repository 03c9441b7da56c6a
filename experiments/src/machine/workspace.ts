import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: this file lies in `experiments/src/machine` or `experiments/dist/machine`. */
export const workspaceRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Version of the code that decides results; part of a trial's id. Raise it when the same spec would give other numbers.
 */
export const RESULTS_VERSION = 3;

/** Lacuna's version. */
export const version = (JSON.parse(readFileSync(join(workspaceRoot, 'package.json'), 'utf8')) as { version: string })
  .version;

/** Local state that is never committed: the MLflow server's store, what set-up found. */
export const stateFolder = join(workspaceRoot, '.lacuna');

/** A path of the user's: as it is, or relative to where the command was called. */
export function existingPath(path: string): string {
  const fromRoot = join(workspaceRoot, path);
  return !existsSync(path) && existsSync(fromRoot) ? fromRoot : path;
}

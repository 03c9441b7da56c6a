import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FailureError } from '@lacuna/core';

/** The folder of a sweep's results: `out`, or `runs/<the sweep's name>`. */
export const sweepFolder = (name: string, out?: string): string => resolve(out ?? join('runs', name));

/**
 * The sweep that lies in a folder, for commands that only read it.
 * @throws {FailureError} where there is none.
 */
export function requireSweepFolder(name: string, out?: string): string {
  const folder = sweepFolder(name, out);
  if (!existsSync(join(folder, 'spec.json'))) {
    throw new FailureError({
      who: folder,
      got: 'no sweep',
      wanted: 'the results of lacuna sweep',
      remedy: 'run the sweep first, or name its folder with --out',
    });
  }
  return folder;
}

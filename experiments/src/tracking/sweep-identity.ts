import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@lacuna/core';

/** The tag that ties the runs of a sweep together: charts over nested runs would open empty. */
export const SWEEP_TAG = 'lacuna.sweep';

/** The tag of runs that the sweep still plans: `yes` or `no`. The prepared comparison shows those that it plans. */
export const PLANNED_TAG = 'lacuna.planned';

/** The tag that names a run's trial. */
export const TRIAL_TAG = 'lacuna.trial';

/** Of a sweep's name, how much its identity shows. */
const SHOWN = 60;

/**
 * What a sweep is called in MLflow, for good: a part of its name and four random bytes, kept in its folder. Two sweeps
 * of one spec are two, also when they run at once; one whose list of trials grows, or shrinks, stays the one it is.
 */
export function sweepIdentity(folder: string, name: string): string {
  const file = join(folder, 'tracking.json');
  makeFolder(folder);
  const fresh = `${name.slice(0, SHOWN)}-${randomBytes(4).toString('hex')}`;
  try {
    // Whole in one write, and by the first who comes: `lacuna sync` may run beside the sweep.
    writeFileSync(file, `${JSON.stringify({ sweep: fresh })}\n`, { flag: 'wx' });
    return fresh;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const known = readIdentity(file);
  if (known !== null) return known;
  // Cut short by a full disk.
  writeFileSync(file, `${JSON.stringify({ sweep: fresh })}\n`);
  return fresh;
}

/** A run belongs to a sweep and a trial: this is its key at the server and in its journal. */
export const runKey = (sweep: string, trial: string): string => `${sweep}/${trial}`;

function readIdentity(file: string): string | null {
  try {
    const { sweep } = JSON.parse(readFileSync(file, 'utf8')) as { sweep?: unknown };
    return typeof sweep === 'string' && sweep !== '' ? sweep : null;
  } catch {
    return null;
  }
}

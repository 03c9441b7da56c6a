import { existsSync } from 'node:fs';
import { FailureError } from '@lacuna/core';
import type { LacunaSweep, LacunaTrial } from './plan.js';
import { layout, readResult } from '../results/results.js';

/** Trials of a spec without a result in a sweep's folder. */
function missingTrials(sweep: LacunaSweep, folder: string): LacunaTrial[] {
  return sweep.trials.filter(({ id }) => readResult(layout.trial(folder, id)) === null);
}

/** One line on the trials that have no result; null where all have one. */
export function describeMissing(sweep: LacunaSweep, folder: string, command: string): string | null {
  const missing = missingTrials(sweep, folder);
  if (missing.length === 0) return null;
  const names = missing.slice(0, 5).map(({ name }) => name);
  const more = missing.length > names.length ? ` and ${missing.length - names.length} more` : '';
  const others = `${missing.length} of ${sweep.trials.length} trials of this spec have no result in ${folder}`;
  return `missing    ${others}: ${names.join('; ')}${more}; to run them: ${command}`;
}

/**
 * For commands that read a sweep's folder.
 * @throws {FailureError} where it holds no trial of the spec: the spec was changed, or another one made it.
 */
export function requireTrials(sweep: LacunaSweep, folder: string, command: string): void {
  if (sweep.trials.some(({ id }) => existsSync(layout.trial(folder, id)))) return;
  throw new FailureError({
    who: folder,
    got: `none of the ${sweep.trials.length} trials of this spec`,
    wanted: `results of ${sweep.name} as the spec now is`,
    remedy:
      'the spec or its images may have changed since; name it and its --set options as they were, or run it: ' +
      command,
  });
}

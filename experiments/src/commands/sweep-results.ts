import { describeMissing, requireTrials } from '../sweep/missing-trials.js';
import type { LacunaSweep } from '../sweep/plan.js';
import { commandFor, type SweepSelection } from '../sweep/selection.js';
import { requireSweepFolder, sweepFolder } from '../sweep/sweep-folder.js';

/** @throws {FailureError} where a sweep's folder holds no result of the spec. */
export function requireResults(selection: SweepSelection, sweep: LacunaSweep): string {
  const folder = requireSweepFolder(sweep.name, selection.out);
  requireTrials(sweep, folder, commandFor('sweep', selection));
  return folder;
}

/** Trials without a result are said, and the exit status tells a script. */
export function sayMissing(selection: SweepSelection, sweep: LacunaSweep): void {
  const missing = describeMissing(sweep, sweepFolder(sweep.name, selection.out), commandFor('sweep', selection));
  if (missing === null) return;
  console.error(missing);
  process.exitCode = 1;
}

import { describeMissing, requireTrials } from '../sweep/plan/missing-trials.js';
import { planKept } from '../sweep/plan/kept-plan.js';
import type { LacunaSweep } from '../sweep/plan/plan.js';
import { commandFor, type SweepSelection } from '../sweep/plan/selection.js';
import { requireSweepFolder, sweepFolder } from '../sweep/plan/sweep-folder.js';

/** Plans a sweep whose results are read; says it where its images are gone and results are told otherwise. */
export function planResults(selection: SweepSelection): LacunaSweep {
  const { sweep, note } = planKept(selection);
  if (note !== null) console.error(note);
  return sweep;
}

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

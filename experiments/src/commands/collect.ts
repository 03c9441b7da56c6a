import type { Command } from 'commander';
import { lockSweep } from '@lacuna/sweep';
import type { SweepSelection } from '../sweep/plan/selection.js';
import { layout, readResult } from '../sweep/results/results.js';
import { summarizeSweep } from '../sweep/summary/summary.js';
import { dropKeptSources } from '../trial/data/kept-sources.js';
import { openSweepTracking } from '../tracking/sweep-tracking.js';
import { onSweep, type SelectionOptions } from './options.js';
import { planResults, requireResults, sayMissing } from './sweep-results.js';

interface CollectOptions extends SelectionOptions {
  readonly trackingUri?: string;
  readonly tracking: boolean;
}

/** `lacuna collect`: leaderboard, figures and report from what is there; the journals go to MLflow. */
export function register(program: Command): void {
  const command = program
    .command('collect')
    .description('make leaderboard, figures and report of what a cluster has finished, and deliver to MLflow')
    .option('--tracking-uri <uri>', 'an MLflow server in place of the local one')
    .option('--no-tracking', 'deliver nothing; lacuna sync does it later');
  onSweep<CollectOptions>(command, collectCommand);
}

async function collectCommand(
  selection: SweepSelection,
  { trackingUri, tracking: enabled }: CollectOptions,
): Promise<void> {
  const sweep = planResults(selection);
  const folder = requireResults(selection, sweep);
  const unlock = lockSweep(folder);
  try {
    const tracking = openSweepTracking(sweep, folder, { trackingUri, enabled });
    await summarizeSweep(sweep, folder, tracking, { selection, quiet: false, signal: new AbortController().signal });
  } finally {
    unlock();
  }
  // What trials to come would read: there are none.
  if (sweep.trials.every(({ id }) => readResult(layout.trial(folder, id)) !== null))
    dropKeptSources(layout.shared(folder));
  sayMissing(selection, sweep);
}

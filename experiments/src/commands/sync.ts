import type { Command } from 'commander';
import { requireSweepFolder } from '../sweep/plan/sweep-folder.js';
import { commandFor, type SweepSelection } from '../sweep/plan/selection.js';
import { requireTrials } from '../sweep/plan/missing-trials.js';
import { openSweepTracking } from '../tracking/sweep-tracking.js';
import { onSweep, type SelectionOptions } from './options.js';
import { planResults } from './sweep-results.js';

interface SyncOptions extends SelectionOptions {
  readonly trackingUri?: string;
}

/** `lacuna sync`: delivers tracking journals that stayed behind while the server was away. */
export function register(program: Command): void {
  const command = program
    .command('sync')
    .description('deliver what MLflow has not got yet; nothing is sent twice')
    .option('--tracking-uri <uri>', 'an MLflow server in place of the local one');
  onSweep<SyncOptions>(command, syncCommand);
}

async function syncCommand(selection: SweepSelection, { trackingUri }: SyncOptions): Promise<void> {
  const sweep = planResults(selection);
  const folder = requireSweepFolder(sweep.name, selection.out);
  requireTrials(sweep, folder, commandFor('sweep', selection));
  const tracking = openSweepTracking(sweep, folder, { trackingUri, enabled: true });
  const address = await tracking.finish({ signal: new AbortController().signal });
  console.log(address ?? `not delivered: ${tracking.unavailable() ?? 'the server has no such experiment'}`);
  const behind = tracking.behind();
  if (address && behind !== null) console.log(`not all delivered: ${behind}; the journals are kept, run this again`);
  if (!address || behind !== null) process.exitCode = 1;
}

import type { Command } from 'commander';
import { planSweep } from '../sweep/plan.js';
import { requireSweepFolder } from '../sweep/sweep-folder.js';
import { openSweepTracking } from '../tracking/sweep-tracking.js';
import { existingPath } from '../machine/workspace.js';
import { withSweepSelection, type SweepSelection } from './options.js';

/** `lacuna sync`: delivers tracking journals that stayed behind while the server was away. */
export function register(program: Command): void {
  withSweepSelection(program.command('sync').description('deliver what MLflow has not got yet; nothing is sent twice'))
    .option('--tracking-uri <uri>', 'an MLflow server in place of the local one')
    .action(async (options: SweepSelection & { trackingUri?: string }) => {
      const sweep = planSweep(existingPath(options.spec), { sets: options.set, baseDir: process.cwd() });
      const tracking = openSweepTracking(sweep, requireSweepFolder(sweep.name, options.out), {
        trackingUri: options.trackingUri,
        enabled: true,
      });
      const address = await tracking.finish();
      console.log(address ?? `not delivered: ${tracking.unavailable() ?? 'the server has no such experiment'}`);
      const behind = tracking.behind();
      if (address && behind !== null)
        console.log(`not all delivered: ${behind}; the journals are kept, run this again`);
      if (!address || behind !== null) process.exitCode = 1;
    });
}

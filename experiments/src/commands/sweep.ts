import type { Command } from 'commander';
import { planSweep, describePlan } from '../sweep/plan.js';
import { runSweep } from '../sweep/run-sweep.js';
import { existingPath } from '../machine/workspace.js';
import { chooseWorkers } from '../machine/workers.js';
import { positiveInteger, withSweepSelection, type SweepSelection } from './options.js';

interface SweepOptions extends SweepSelection {
  readonly dryRun?: boolean;
  readonly workers?: number;
  readonly trackingUri?: string;
  readonly tracking: boolean;
  readonly retry?: 'failed' | 'diverged' | 'all';
}

/** `lacuna sweep`: trains every trial of a spec that has no result yet, then leaderboard, figures and report. */
export function register(program: Command): void {
  withSweepSelection(
    program.command('sweep').description('train and compare every trial of a spec; what is finished is not done again'),
  )
    .option('--dry-run', 'list the trials with parameters, work and estimated time')
    .option(
      '--workers <n>',
      'trials side by side (default: one a GPU; on a CPU one a core)',
      positiveInteger('--workers'),
    )
    .option('--tracking-uri <uri>', 'an MLflow server in place of the local one')
    .option('--no-tracking', 'keep the tracking journal on disk only; lacuna sync delivers it later')
    .option('--retry <which>', 'also run again trials that ended as: failed (default), diverged, all')
    .action(async (options: SweepOptions) => {
      const path = existingPath(options.spec);
      const sweep = planSweep(path, { sets: options.set, baseDir: process.cwd() });
      const workers = options.workers ?? chooseWorkers(sweep.trials.length);
      if (options.dryRun) {
        console.log(describePlan(sweep, workers));
        return;
      }
      const summary = await runSweep(sweep, {
        specPath: path,
        sets: options.set,
        workers,
        retry: options.retry ?? 'failed',
        tracking: options.tracking,
        ...(options.out === undefined ? {} : { out: options.out }),
        ...(options.trackingUri === undefined ? {} : { trackingUri: options.trackingUri }),
      });
      if (summary.interrupted) process.exitCode = 130;
      else if (summary.failed > 0) process.exitCode = summary.mistakes === summary.failed ? 2 : 1;
    });
}

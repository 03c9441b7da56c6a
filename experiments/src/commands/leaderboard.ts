import type { Command } from 'commander';
import { existingPath } from '../machine/workspace.js';
import { comparisonsOf } from '../sweep/comparisons.js';
import { leaderboardText } from '../sweep/leaderboard.js';
import { planSweep } from '../sweep/plan.js';
import { requireSweepFolder } from '../sweep/sweep-folder.js';
import { withSweepSelection, type SweepSelection } from './options.js';

/** `lacuna leaderboard`: the table of what a sweep left on disk. */
export function register(program: Command): void {
  withSweepSelection(program.command('leaderboard').description('print the leaderboard of a sweep')).action(
    (options: SweepSelection) => {
      const sweep = planSweep(existingPath(options.spec), { sets: options.set, baseDir: process.cwd() });
      console.log(leaderboardText(comparisonsOf(sweep, requireSweepFolder(sweep.name, options.out))));
    },
  );
}

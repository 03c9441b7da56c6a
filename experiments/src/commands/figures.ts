import { join } from 'node:path';
import type { Command } from 'commander';
import { comparisonsOf, drawSweepFigures } from '../outputs.js';
import { leaderboardText } from '../finish.js';
import { planSweep } from '../plan.js';
import { layout } from '../results.js';
import { requireSweepFolder } from '../run-sweep.js';
import { existingPath } from '../workspace.js';
import { withSweepSelection, type SweepSelection } from './options.js';

/** `lacuna figures` and `lacuna leaderboard`: from what a sweep left on disk. */
export function register(program: Command): void {
  const open = (options: SweepSelection) => {
    const sweep = planSweep(existingPath(options.spec), { sets: options.set, baseDir: process.cwd() });
    return { sweep, folder: requireSweepFolder(sweep.name, options.out) };
  };
  withSweepSelection(program.command('figures').description('draw the figures of a sweep again (SVG, PDF, PNG)')).action(async (options: SweepSelection) => {
    const { sweep, folder } = open(options);
    for (const { name } of await drawSweepFigures(sweep, folder)) console.log(join(layout.figures(folder), `${name}.svg`));
  });
  withSweepSelection(program.command('leaderboard').description('print the leaderboard of a sweep')).action((options: SweepSelection) => {
    const { sweep, folder } = open(options);
    console.log(leaderboardText(comparisonsOf(sweep, folder)));
  });
}

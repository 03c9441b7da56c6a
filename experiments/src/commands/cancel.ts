import type { Command } from 'commander';
import { cancelSweep } from '../queue/cancel-sweep.js';
import { commandFor, type SweepSelection } from '../sweep/plan/selection.js';
import { requireSweepFolder } from '../sweep/plan/sweep-folder.js';
import { onSweep } from './options.js';
import { planResults } from './sweep-results.js';

/** `lacuna cancel`: ends what a cluster still has of a sweep; checkpoints and results stay. */
export function register(program: Command): void {
  onSweep(
    program.command('cancel').description('end the jobs of a sweep on a cluster; checkpoints and results stay'),
    cancelCommand,
  );
}

function cancelCommand(selection: SweepSelection): void {
  const sweep = planResults(selection);
  const folder = requireSweepFolder(sweep.name, selection.out);
  const cancelled = cancelSweep(
    folder,
    sweep.trials.map(({ id }) => id),
  );
  if (cancelled === 0) console.log('nothing of this sweep is queued or running');
  else console.log(`${cancelled} cancelled; to go on from the checkpoints: ${commandFor('sweep', selection)}`);
}

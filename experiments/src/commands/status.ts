import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { FailureError } from '@lacuna/core';
import { standingsOf, type TrialStanding } from '../queue/standings.js';
import { statusText } from '../queue/status-text.js';
import { commandFor, type SweepSelection } from '../sweep/plan/selection.js';
import { requireSweepFolder } from '../sweep/plan/sweep-folder.js';
import { onSweep, positiveInteger, type SelectionOptions } from './options.js';
import { planResults } from './sweep-results.js';

interface StatusOptions extends SelectionOptions {
  readonly watch?: boolean;
  readonly every: number;
}

/** `lacuna status`: where the trials of a sweep stand, by their folders and by the scheduler's own answer. */
export function register(program: Command): void {
  const command = program
    .command('status')
    .description('what is queued, running, finished or failed of a sweep that a cluster runs, and why')
    .option('--watch', 'again and again, until nothing is queued or running')
    .option('--every <seconds>', 'how often --watch asks', positiveInteger('--every'), 30);
  onSweep<StatusOptions>(command, statusCommand);
}

async function statusCommand(selection: SweepSelection, { watch, every }: StatusOptions): Promise<void> {
  const sweep = planResults(selection);
  const folder = requireSweepFolder(sweep.name, selection.out);
  const ids = sweep.trials.map(({ id }) => id);
  for (;;) {
    const standings = ask(folder, ids, watch === true);
    if (standings) {
      if (watch && process.stdout.isTTY) process.stdout.write('\x1b[H\x1b[J');
      console.log(statusText(sweep, standings));
    }
    const isLive = standings?.some(({ kind }) => kind === 'queued' || kind === 'running') ?? true;
    if (!watch || !isLive) return sayNext(selection, standings ?? []);
    await sleep(every * 1000);
  }
}

/** Who watches does not give up where a scheduler is away for a while. */
function ask(folder: string, ids: readonly string[], patient: boolean): TrialStanding[] | null {
  try {
    return standingsOf(folder, ids);
  } catch (error) {
    if (!patient || !(error instanceof FailureError)) throw error;
    console.error(`lacuna: ${error.message}`);
    return null;
  }
}

function sayNext(selection: SweepSelection, standings: readonly TrialStanding[]): void {
  const isLive = standings.some(({ kind }) => kind === 'queued' || kind === 'running');
  const lacking = standings.filter(({ result }) => !result).length;
  if (isLive) return;
  console.log('');
  if (lacking > 0) console.log(`${lacking} without a result; to go on: ${commandFor('sweep', selection)}`);
  console.log(`leaderboard, figures and report: ${commandFor('collect', selection)}`);
}

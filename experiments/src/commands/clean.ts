import { InvalidArgumentError, type Command } from 'commander';
import { FailureError, formatBytes } from '@lacuna/core';
import { cleanSweep, sweepsToClean } from '../clean/clean.js';
import { bytesOfAll, describeLeavings } from '../clean/describe.js';
import { CLEANED, leavingsOf, type Cleaned, type SweepLeavings } from '../clean/removable.js';

const kinds = Object.keys(CLEANED) as Cleaned[];

interface CleanOptions {
  readonly what: readonly Cleaned[];
  readonly yes?: boolean;
}

/** `lacuna clean`: what finished sweeps no longer need, and how much room it takes. */
export function register(program: Command): void {
  program
    .command('clean')
    .description('show what finished sweeps no longer need and how large it is; --yes removes it')
    .argument('[sweeps...]', 'folders of sweeps (default: all below runs/)')
    .option('--what <kinds>', `of ${kinds.join(', ')}: these, separated by commas`, readKinds, kinds)
    .option('--yes', 'remove it')
    .action(cleanCommand);
}

function readKinds(text: string): Cleaned[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(CLEANED, name));
  if (unknown !== undefined) throw new InvalidArgumentError(`Got ${unknown}, wanted ${kinds.join(', ')}.`);
  return names as Cleaned[];
}

function cleanCommand(named: readonly string[], { what, yes = false }: CleanOptions): void {
  const sweeps = sweepsToClean(named);
  const found = yes ? sweeps.flatMap((sweep) => cleanOrSay(sweep, what)) : sweeps.map((s) => leavingsOf(s, what));
  const text = describeLeavings(found);
  if (text !== '') console.log(text);
  const total = bytesOfAll(found);
  if (total === 0) console.log(`nothing to remove in ${sweeps.length} sweeps`);
  else if (yes) console.log(`removed ${formatBytes(total)}`);
  else console.log(`${formatBytes(total)} in all; the same command with --yes removes it`);
}

/** A sweep that is running, or a folder that may not be written, keeps no other sweep from being cleaned. */
function cleanOrSay(sweep: string, what: readonly Cleaned[]): SweepLeavings[] {
  try {
    return [cleanSweep(sweep, what)];
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    console.error(`not cleaned: ${error.message}`);
    process.exitCode = 1;
    return [];
  }
}

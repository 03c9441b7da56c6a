import { Option, type Command } from 'commander';
import { InputError, printable } from '@lacuna/core';
import { executorKinds, type ExecutorKind, type QueueSpec } from '@lacuna/sweep';
import { chooseWorkers, expectedBackend } from '../machine/workers.js';
import { submitSweep } from '../queue/submit-sweep.js';
import { checkHeaders, volumeNotes, withDimensions } from '../sweep/checks/check-headers.js';
import {
  describeMemory,
  requireMemory,
  sweepMemory,
  trialsOnGpu,
  workersThatFit,
} from '../sweep/checks/check-memory.js';
import { requirePrecision } from '../sweep/checks/check-precision.js';
import { checkShapes } from '../sweep/checks/check-shapes.js';
import {
  describePlan,
  mostThreads,
  plannedTrials,
  trialCount,
  type LacunaSweep,
  type LacunaTrial,
} from '../sweep/plan/plan.js';
import { RETRIES, type Retry } from '../sweep/run/pending.js';
import { layout, readResult } from '../sweep/results/results.js';
import { runSweep, type SweepEnd } from '../sweep/run/run-sweep.js';
import { planSelection, type SweepSelection } from '../sweep/plan/selection.js';
import { sweepFolder } from '../sweep/plan/sweep-folder.js';
import { onSweep, positiveInteger, type SelectionOptions } from './options.js';

interface SweepOptions extends SelectionOptions {
  readonly dryRun?: boolean;
  readonly workers?: number;
  readonly executor?: ExecutorKind;
  readonly trackingUri?: string;
  readonly tracking: boolean;
  readonly retry: Retry;
}

/** `lacuna sweep`: trains every trial of a spec that has no result yet, then leaderboard, figures and report. */
export function register(program: Command): void {
  const command = program
    .command('sweep')
    .description('train and compare every trial of a spec; what is finished is not done again')
    .option('--dry-run', 'list the trials with parameters, work and estimated time')
    .option(
      '--workers <n>',
      'trials side by side (default: one a GPU; on a CPU one a core; points of a search on a cluster: 10)',
      positiveInteger('--workers'),
    )
    .addOption(
      new Option(
        '--executor <kind>',
        'where trials run, whatever the spec says; --set executor.time=... changes its settings',
      ).choices(executorKinds),
    )
    .option('--tracking-uri <uri>', 'an MLflow server in place of the local one')
    .option('--no-tracking', 'keep the tracking journal on disk only; lacuna sync delivers it later')
    .addOption(
      new Option(
        '--retry <which>',
        'what is run again besides trials without a result: failed (nothing else), diverged, all (finished ones too)',
      )
        .choices(RETRIES)
        .default('failed'),
    );
  onSweep<SweepOptions>(command, sweepCommand);
}

async function sweepCommand(given: SweepSelection, options: SweepOptions): Promise<void> {
  const selection = withExecutor(given, options.executor);
  const baseDir = process.cwd();
  const sweep = planSelection(selection);
  // Of a search the corners of its space stand for what it will choose.
  const planned = { ...sweep, trials: plannedTrials(sweep) };
  const known = await withDimensions(planned, { baseDir });
  checkShapes(known.trials);
  const notes = [...volumeNotes(planned, known), ...(await checkHeaders(known.trials, { baseDir }))];
  for (const note of notes) console.log(`note       ${note}`);
  const backend = expectedBackend();
  const folder = sweepFolder(sweep.name, selection.out);
  const hasResult = ({ id }: LacunaTrial) => readResult(layout.trial(folder, id)) !== null;
  const lacking = options.dryRun ? known.trials : known.trials.filter((trial) => !hasResult(trial));
  const memory = sweepMemory(lacking, backend, undefined, known.trials);
  const { executor = { kind: 'local', perGpu: 1 } } = sweep.common;
  const perGpu = executor.kind === 'local' ? trialsOnGpu(memory, executor.perGpu) : 1;
  const chosen = chooseWorkers(trialCount(sweep), mostThreads(sweep), perGpu);
  const workers = options.workers ?? workersThatFit(memory, chosen);
  if (options.dryRun) {
    console.log(describePlan(known, workers));
    const here = { workers, backend, resolved: sweep.resolved };
    const text = describeMemory(memory, workers);
    if (text !== '') console.log(`\n${text}`);
    noteRefusal(() => requireMemory(memory, here));
    noteRefusal(() => requirePrecision(known.trials, backend));
    return;
  }
  const { retry, tracking, trackingUri } = options;
  const queue = executor.kind === 'local' ? null : executor;
  if (queue) requireNoBudget(sweep, queue.kind);
  // A list is handed over at once; a search has to know how its trials end.
  if (queue && !sweep.search) return submitSweep(sweep, { selection, executor: queue, retry });
  // A cluster's machines have memory and processors of their own.
  if (!queue) requirePrecision(lacking, backend);
  if (!queue) requireMemory(memory, { workers, backend, resolved: sweep.resolved });
  const end = await runSweep(sweep, {
    selection,
    workers: queue ? pointsAtOnce(queue, options.workers) : workers,
    retry,
    queue,
    tracking,
    ...(trackingUri === undefined ? {} : { trackingUri }),
  });
  process.exitCode = exitCodeOf(end);
}

/** Jobs that wait in a queue take no time of anybody's. @throws {InputError} for a budget on a cluster. */
function requireNoBudget({ budget }: LacunaSweep, kind: string): void {
  if (!budget) return;
  throw new InputError({
    who: 'budget',
    got: `executor ${kind}, whose jobs wait before they run`,
    wanted: 'trials of this machine',
    remedy: '--executor local, or executor.parallel and time',
  });
}

/** Points that a search keeps with a scheduler where nobody says how many. */
const POINTS_AT_ONCE = 10;

function pointsAtOnce(executor: QueueSpec, workers: number | undefined): number {
  return workers ?? ('parallel' in executor ? executor.parallel : undefined) ?? POINTS_AT_ONCE;
}

/** `--executor` is short for one field of the spec, before what else is said of it. */
function withExecutor(selection: SweepSelection, kind: ExecutorKind | undefined): SweepSelection {
  return kind === undefined ? selection : { ...selection, set: [`executor.kind=${kind}`, ...selection.set] };
}

/** What this machine cannot do is no error of a plan, which may be for another one. */
function noteRefusal(require: () => void): void {
  try {
    require();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.log(printable(`note       ${error.message}`));
  }
}

/** 130 after Ctrl-C, 2 where all that failed was the user's mistake, 1 for failures and where everything diverged. */
export function exitCodeOf({ interrupted, failed, mistakes, finished }: SweepEnd): number {
  if (interrupted) return 130;
  if (failed > 0) return mistakes === failed ? 2 : 1;
  return finished > 0 ? 0 : 1;
}

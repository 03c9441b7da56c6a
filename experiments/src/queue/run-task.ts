import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Journal,
  RULES,
  isQueuedAgain,
  listedJobs,
  localExecutor,
  runJobs,
  secondsOf,
  writeTaskRecord,
  type Executor,
  type JobEnd,
  type QueueSpec,
  type TaskProgress,
  type TaskRecord,
  type TrialEnding,
  type TrialMessage,
} from '@lacuna/sweep';
import { bundledEntry } from '../../bin/program-folder.mjs';
import { isLibraryNotice } from '../machine/library-notices.js';
import { compiledModules } from '../machine/workers.js';
import { layout } from '../sweep/results/results.js';
import { oomKills } from './oom-kills.js';
import { jobEnvironment } from './own-job.js';
import { judgedInFolder } from './verdict-files.js';

/** How often a running trial writes how it goes: shared file systems are slow. */
const RECORD_MS = 15_000;

/** The longest that a timer of Node waits. */
const MOST_MS = 2 ** 31 - 1;

/** One trial as a job of a cluster runs it. */
export interface Task {
  readonly id: string;
  /** The trial's folder. */
  readonly trial: string;
  readonly job: string;
  readonly token: string;
  readonly executor: QueueSpec;
  /** What the job before it wrote. */
  readonly earlier: TaskRecord | null;
  /** Whether the trial still is this job's: on a node that was given up it may be another's. */
  readonly isOurs: () => boolean;
  /** Queues the job again; null where that cannot be done, else the exit status that it has to end with. */
  readonly requeue: () => number | null;
}

/** What a trial's process told of its end, and how it ended. */
interface Heard {
  end: JobEnd | null;
  error: Extract<TrialMessage, { kind: 'error' }> | null;
  state: string;
  reason: string | undefined;
}

/**
 * Runs a trial's process until it ends, or until the scheduler wants the job to end: SIGUSR1 comes before the time
 * limit, SIGTERM with a preemption and a cancellation.
 * @returns the exit status of the job.
 */
export async function runTask(task: Task): Promise<number> {
  const { id, trial, job, executor } = task;
  const teller = new Teller(task);
  const stop = new AbortController();
  const kill = new AbortController();
  let asked: 'time-limit' | 'asked' | null = null;
  const onSignal = (ending: 'time-limit' | 'asked') => () => {
    asked ??= ending;
    stop.abort();
  };
  process.on('SIGUSR1', onSignal('time-limit'));
  process.on('SIGUSR2', onSignal('time-limit'));
  process.on('SIGTERM', onSignal('asked'));
  // Not every scheduler says beforehand that the limit comes.
  const room = (secondsOf(executor.time) - executor.notice) * 1000;
  const limit = setTimeout(onSignal('time-limit'), Math.min(room, MOST_MS));
  limit.unref();
  teller.onTakenOver = () => kill.abort();
  const heard: Heard = { end: null, error: null, state: '', reason: undefined };
  const killedBefore = oomKills();
  await runJobs({
    jobs: judgedInFolder(
      listedJobs([{ id, arguments: [layout.trialFile(trial)], log: join(trial, 'log.txt') }]),
      trial,
    ),
    workers: 1,
    executor: listened(trialExecutor(job, executor), heard),
    journal: new Journal(trial),
    signal: stop.signal,
    killSignal: kill.signal,
    onMessage(_, message) {
      if (message.kind === 'progress') teller.tell(message);
      if (message.kind === 'error') heard.error = message;
    },
    onState(_, state, reason) {
      heard.state = state;
      heard.reason = reason;
    },
  });
  if (!task.isOurs()) return 0;
  if (ENDED.has(heard.state)) {
    teller.write({ state: 'ended' });
    return 0;
  }
  const ending = endingOf(heard, asked, killedBefore);
  const counts = teller.counts();
  const state = ending === 'time-limit' || ending === 'asked' ? 'stopped' : 'failed';
  if (isQueuedAgain(ending, counts)) {
    const times = (counts.again[ending] ?? 0) + 1;
    const reason = `${describeEnding(ending, heard)}; queued again (${times})`;
    // Before it is: a scheduler ends a job that is queued again at once.
    teller.write({ state: 'stopped', reason, counts: { ...counts, again: { ...counts.again, [ending]: times } } });
    const status = task.requeue();
    if (status !== null) return status;
    teller.write({ state, reason: describeEnding(ending, heard), counts });
    return 0;
  }
  teller.write({ state, reason: `${describeEnding(ending, heard)}${REMEDIES[ending] ?? ''}`, counts });
  return 0;
}

/** States of a trial that has a result. */
const ENDED: ReadonlySet<string> = new Set(['finished', 'diverged', 'pruned']);

/** What is said of an ending after which a trial is not queued again. */
const REMEDIES: Readonly<Partial<Record<TrialEnding, string>>> = {
  'time-limit': ' without a new step, several times; raise executor.time or lower executor.notice',
  'out-of-memory': '; raise executor.memory',
};

function describeEnding(ending: TrialEnding, { reason }: Heard): string {
  const { words } = RULES[ending];
  return reason === undefined || ending === 'time-limit' ? words : `${words}: ${reason}`;
}

function trialExecutor(job: string, executor: QueueSpec): Executor {
  return localExecutor({
    // A shared file system is slow with the hundreds of files of the modules.
    script: bundledEntry('trial-process') ?? fileURLToPath(new URL('../trial/trial-process.js', import.meta.url)),
    isNoise: isLibraryNotice,
    environment: () => ({
      ...compiledModules(),
      ...jobEnvironment(job, executor),
      // On a node with GPUs a job that asked for none must not take one.
      ...(executor.gpus === 0 ? { CUDA_VISIBLE_DEVICES: '' } : {}),
    }),
  });
}

/** An executor whose job's end is noted. */
function listened(executor: Executor, heard: Heard): Executor {
  return {
    start(job) {
      const running = executor.start(job);
      void running.ended.then((end) => {
        heard.end = end;
      });
      return running;
    },
  };
}

function endingOf(
  { end, error, state }: Heard,
  asked: 'time-limit' | 'asked' | null,
  killedBefore: number | null,
): TrialEnding {
  if (error) {
    if (error.disk) return 'disk-full';
    return error.exitCode === 2 ? 'mistake' : 'error';
  }
  // It ended as it was asked to: that a neighbour was killed for memory meanwhile is none of its.
  if (asked !== null && state === 'interrupted' && end?.kind !== 'killed') return asked;
  const killed = oomKills();
  if (killed !== null && killedBefore !== null && killed > killedBefore) return 'out-of-memory';
  if (asked !== null && state === 'interrupted') return asked;
  return end?.kind === 'killed' ? 'killed' : 'error';
}

/** Writes how a trial goes, as seldom as a shared file system wants it. */
class Teller {
  onTakenOver: () => void = () => undefined;
  private progress: TaskProgress | null;
  private written = -Infinity;
  private hasToldSteps = false;
  private readonly before: number;
  private readonly task: Task;

  constructor(task: Task) {
    this.task = task;
    this.progress = task.earlier?.progress ?? null;
    this.before = this.progress?.step ?? 0;
    this.write({ state: 'running' });
  }

  tell({ step, steps, loss, score, stepMs, note }: Extract<TrialMessage, { kind: 'progress' }>): void {
    // While a trial that goes on reads its data it tells step 0.
    const reached = Math.max(step, note === undefined ? 0 : this.before);
    this.progress = { step: reached, steps, loss, score, stepMs, ...(note === undefined ? {} : { note }) };
    // The first steps at once: whoever looks after a trial that has begun wants to see that it runs.
    const isFirst = note === undefined && !this.hasToldSteps;
    if (!isFirst && performance.now() - this.written < RECORD_MS) return;
    this.hasToldSteps ||= isFirst;
    this.written = performance.now();
    try {
      if (this.task.isOurs()) this.write({ state: 'running' });
      else this.onTakenOver();
    } catch {
      // A shared file system that does not answer now must not end the trial: the next record, in 15 s, tells it.
    }
  }

  /** The counts of the earlier jobs, and whether this one made a step. */
  counts(): TaskRecord['counts'] {
    const { again, idle } = this.task.earlier?.counts ?? { again: {}, idle: 0 };
    const isIdle = (this.progress?.step ?? 0) <= this.before;
    return { again, idle: isIdle ? idle + 1 : 0 };
  }

  write(told: Pick<TaskRecord, 'state'> & Partial<TaskRecord>): void {
    const { trial, token, job, earlier } = this.task;
    this.written = performance.now();
    writeTaskRecord(layout.record(trial), {
      token,
      job,
      host: hostname(),
      time: Date.now(),
      starts: (earlier?.starts ?? 0) + 1,
      counts: earlier?.counts ?? { again: {}, idle: 0 },
      progress: this.progress,
      ...told,
    });
  }
}

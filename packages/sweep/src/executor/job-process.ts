import { fork, type ChildProcess } from 'node:child_process';
import { PassThrough } from 'node:stream';
import {
  END_OF_OUTPUT,
  type Job,
  type JobEnd,
  type JobMessage,
  type RunningJob,
  type TrialMessage,
} from './executor.js';
import type { JobLog } from './job-log.js';
import { LineFilter } from './line-filter.js';

/** How a {@link JobProcess} is started. */
export interface JobProcessOptions {
  /**
   * The compiled script that trials run in: it gets the first job's arguments, and then messages: `{ kind: 'stop' }`,
   * verdicts, and further jobs where it says that it stays.
   */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Lines of a trial's output that tell nobody anything: they reach neither its log nor the reason that is given for
   * its death.
   */
  readonly isNoise?: (line: string) => boolean;
}

/** How long what a dead process left behind (a helper that holds its output open) may linger before it is killed. */
const LINGER_MS = 2000;

/** The job that a process runs now. */
interface Current {
  readonly log: JobLog;
  readonly messages: PassThrough;
  /** Outputs whose end ({@link END_OF_OUTPUT}) has not come. */
  readonly open: Set<'stdout' | 'stderr'>;
  stays: boolean;
  readonly end: (end: JobEnd) => void;
}

/** A process for jobs that follow one another. */
export class JobProcess {
  private readonly child: ChildProcess;
  private readonly sameProcess: string | undefined;
  private current: Current | null = null;
  private hasBegun = false;
  private hasEnded = false;

  /** @param first the job that the process begins with: {@link run} it next. */
  constructor(first: Job, { script, environment, isNoise = () => false }: JobProcessOptions) {
    this.sameProcess = first.sameProcess;
    // A group of its own: Ctrl-C in the terminal reaches the sweep alone, which asks its trials to stop.
    this.child = fork(script, [...first.arguments], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      serialization: 'json',
    });
    this.child.on('message', (message: TrialMessage) => this.hear(message));
    for (const name of ['stdout', 'stderr'] as const) {
      const lines = new LineFilter(isNoise, (line) => this.write(name, line));
      this.child[name]!.on('data', (chunk: Buffer) => lines.add(chunk)).on('end', () => lines.end());
    }
    this.followEnd();
  }

  /** Whether the process is there for another job. */
  get waits(): boolean {
    return this.hasBegun && this.current === null && !this.hasEnded && this.child.connected;
  }

  /** Whether the process waits, for jobs like this one. */
  suits(job: Job): boolean {
    return this.waits && job.sameProcess !== undefined && job.sameProcess === this.sameProcess;
  }

  /** Runs a job: the first, or, while the process {@link waits}, a further one. */
  run(job: Job, log: JobLog): RunningJob {
    if (this.hasBegun) this.send({ kind: 'job', arguments: job.arguments });
    this.hasBegun = true;
    const messages = new PassThrough({ objectMode: true });
    const ended = new Promise<JobEnd>((resolve) => {
      this.current = { log, messages, open: new Set(['stdout', 'stderr']), stays: false, end: resolve };
    });
    const own = this.current;
    const whileItRuns = (act: () => void): void => {
      if (this.current === own) act();
    };
    return {
      handle: this.child.pid === undefined ? {} : { pid: this.child.pid },
      messages,
      stop: () => whileItRuns(() => this.send({ kind: 'stop' })),
      answer: (verdict) => whileItRuns(() => this.send({ kind: 'verdict', ...verdict })),
      kill: () => whileItRuns(() => killGroup(this.child)),
      ended: ended.then((end) => log.close().then(() => end)).finally(() => messages.end()),
    };
  }

  /** Lets a process that waits end. */
  dismiss(): void {
    // Node never tells of a child's end (`close`) once its parent has closed the channel.
    this.send({ kind: 'end' });
  }

  private send(message: JobMessage): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private hear(message: TrialMessage): void {
    const { current } = this;
    if (!current) return;
    current.messages.write(message);
    if (message.kind !== 'done' || !message.stays) return;
    current.stays = true;
    if (this.sameProcess === undefined) this.dismiss();
    else this.endIfComplete();
  }

  private write(output: 'stdout' | 'stderr', line: Buffer): void {
    const { current } = this;
    if (!current) return;
    const isLast = line.toString('utf8').trimEnd().endsWith(END_OF_OUTPUT);
    if (!isLast) {
      current.log.add(line);
      return;
    }
    const before = line.subarray(0, line.lastIndexOf(END_OF_OUTPUT));
    if (before.length > 0) current.log.add(Buffer.concat([before, Buffer.from('\n')]));
    current.open.delete(output);
    this.endIfComplete();
  }

  /** Ends the job of a process that stays, once all that it wrote and told has come. */
  private endIfComplete(): void {
    const { current } = this;
    if (!current || !current.stays || current.open.size > 0 || this.sameProcess === undefined) return;
    this.current = null;
    current.end({ kind: 'exited', code: 0, output: null });
  }

  /** Waits for the process and the end of its output, and ends what it left behind. */
  private followEnd(): void {
    const { child } = this;
    let linger: NodeJS.Timeout | undefined;
    const end = (how: JobEnd): void => {
      clearTimeout(linger);
      this.hasEnded = true;
      killGroup(child);
      this.current?.end(how);
      this.current = null;
    };
    child.on('exit', () => {
      linger = setTimeout(() => killGroup(child), LINGER_MS);
    });
    child.on('error', ({ message }) => {
      if (child.pid === undefined) end({ kind: 'not-started', reason: message });
    });
    child.on('close', (code, killedBy) => {
      const output = this.current?.log.reason.text() ?? null;
      if (killedBy) end({ kind: 'killed', by: killedBy, output });
      else end({ kind: 'exited', code: code ?? 1, output });
    });
  }
}

/** Kills a process and whatever it started. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nobody is left, or (macOS) only what has ended already.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

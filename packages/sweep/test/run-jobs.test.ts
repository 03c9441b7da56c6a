import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { FailureError } from '@lacuna/core';
import {
  Journal,
  listedJobs,
  localExecutor,
  readJournal,
  runJobs,
  type Executor,
  type JobEnd,
  type TrialMessage,
} from '../src/index.js';

const script = fileURLToPath(new URL('./fixtures/child.mjs', import.meta.url));

/** Runs one process for each argument list. */
async function run(
  jobs: Readonly<Record<string, readonly string[]>>,
  options: {
    workers?: number;
    stop?: AbortController;
    kill?: AbortController;
    journal?: Journal;
    /** What each job goes on from. */
    after?: Readonly<Record<string, string>>;
    onMessage?: (id: string, message: TrialMessage) => void;
    onState?: (id: string, state: string) => void;
    isNoise?: (line: string) => boolean;
  } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-executor-'));
  const ended: Record<string, string> = {};
  const log = (id: string) => join(folder, 'logs', `${id}.txt`);
  const summary = await runJobs({
    jobs: listedJobs(
      Object.entries(jobs).map(([id, list]) => {
        const before = options.after?.[id];
        const after = before === undefined ? {} : { after: { id: before, name: `trial ${before}` } };
        return { id, arguments: list, log: log(id), ...after };
      }),
    ),
    workers: options.workers ?? 2,
    executor: localExecutor({
      script,
      environment: (slot) => ({ SLOT: String(slot) }),
      ...(options.isNoise ? { isNoise: options.isNoise } : {}),
    }),
    journal: options.journal ?? new Journal(folder),
    signal: (options.stop ?? new AbortController()).signal,
    killSignal: (options.kill ?? new AbortController()).signal,
    onState: (id, state, reason) => {
      ended[id] = reason === undefined ? state : `${state}: ${reason}`;
      options.onState?.(id, state);
    },
    ...(options.onMessage ? { onMessage: options.onMessage } : {}),
  });
  return { summary, ended, folder, logOf: (id: string) => readFileSync(log(id), 'utf8') };
}

describe('runJobs', () => {
  it('runs each job, keeps its output and passes its messages on', async () => {
    const heard: string[] = [];
    const { summary, ended, folder, logOf } = await run(
      { a: ['finish'], b: ['finish'], c: ['finish'] },
      { onMessage: (id, { kind }) => heard.push(`${id} ${kind}`) },
    );
    expect(summary).toMatchObject({ finished: 3, failed: 0, diverged: 0, interrupted: 0 });
    expect(ended).toEqual({ a: 'finished', b: 'finished', c: 'finished' });
    expect(heard.sort()).toEqual(['a done', 'a progress', 'b done', 'b progress', 'c done', 'c progress']);
    expect(logOf('a')).toBe('slot 0\n');
    expect(
      readJournal(folder)
        .filter(({ trial }) => trial === 'a')
        .map(({ state, pid }) => [state, pid !== undefined]),
    ).toEqual([
      ['running', true],
      ['finished', false],
    ]);
  });

  it('a crash, a signal and an error fail their own trial alone, each with its reason', async () => {
    const { summary, ended } = await run({
      crash: ['crash'],
      kill: ['kill'],
      refuse: ['refuse'],
      diverge: ['diverge'],
      good: ['finish'],
    });
    expect(summary).toMatchObject({ finished: 1, failed: 3, diverged: 1, mistakes: 1 });
    expect(ended).toEqual({
      crash: 'failed: exit status 7; last words',
      kill: 'failed: killed by SIGKILL (out of memory?); no output',
      refuse: 'failed: folder: got no images',
      diverge: 'diverged: loss is NaN',
      good: 'finished',
    });
  });

  it('lines that are noise reach neither log nor reason', async () => {
    const { ended, logOf } = await run({ noise: ['noise'] }, { isNoise: (line) => line.startsWith('NOISE') });
    expect(ended).toEqual({ noise: 'failed: exit status 3; the reason' });
    expect(logOf('noise')).toBe('the reason\n');
  });

  it('a journal that cannot be written ends the sweep, after the trials beside it have stopped', async () => {
    const ended: string[] = [];
    const full = new FailureError({ who: 'journal', got: 'disk full', wanted: 'lines written whole' });
    class FullDisk extends Journal {
      override append(entry: Parameters<Journal['append']>[0]): void {
        if (entry.state === 'finished') throw full;
        super.append(entry);
      }
    }
    await expect(
      run(
        { a: ['stoppable'], b: ['finish'], c: ['finish'] },
        {
          workers: 2,
          journal: new FullDisk(mkdtempSync(join(tmpdir(), 'lacuna-executor-'))),
          onState: (id, state) => {
            ended.push(`${id} ${state}`);
          },
        },
      ),
    ).rejects.toBe(full);
    expect(ended.filter((line) => !line.endsWith('running'))).toEqual(['a interrupted']);
  });

  it('the first abort asks running trials to stop and starts no others', async () => {
    const stop = new AbortController();
    const { summary, ended } = await run(
      { a: ['stoppable'], b: ['finish'] },
      {
        workers: 1,
        stop,
        onMessage: (id) => {
          if (id === 'a') stop.abort();
        },
      },
    );
    expect(summary).toMatchObject({ finished: 0, failed: 0, interrupted: 1 });
    expect(ended).toEqual({ a: 'interrupted' });
  });

  it('a job waits for the one that it goes on from, while others run', async () => {
    const states: string[] = [];
    const { summary } = await run(
      { c: ['finish'], b: ['finish'], a: ['finish'], d: ['finish'] },
      { workers: 3, after: { c: 'b', b: 'a', d: 'long ago' }, onState: (id, state) => states.push(`${id} ${state}`) },
    );
    expect(summary).toMatchObject({ finished: 4, failed: 0 });
    expect(states.indexOf('b running')).toBeGreaterThan(states.indexOf('a finished'));
    expect(states.indexOf('c running')).toBeGreaterThan(states.indexOf('b finished'));
    expect(states.indexOf('d running')).toBeLessThan(states.indexOf('a finished'));
  });

  it('a job does not begin where the one before it failed or diverged, which it says', async () => {
    const { summary, ended } = await run(
      { a: ['crash'], b: ['finish'], c: ['finish'], d: ['diverge'], e: ['finish'] },
      { after: { b: 'a', c: 'b', e: 'd' } },
    );
    expect(summary).toMatchObject({ finished: 0, failed: 4, diverged: 1, mistakes: 0 });
    expect(ended).toMatchObject({
      b: 'failed: it goes on from trial a, which failed',
      c: 'failed: it goes on from trial b, which failed',
      e: 'failed: it goes on from trial d, which diverged',
    });
  });

  it('a job whose predecessor is stopped is left for the next time', async () => {
    const stop = new AbortController();
    const { summary, ended } = await run(
      { a: ['stoppable'], b: ['finish'] },
      { workers: 2, after: { b: 'a' }, stop, onMessage: () => stop.abort() },
    );
    expect(summary).toMatchObject({ finished: 0, failed: 0, interrupted: 1 });
    expect(ended).toEqual({ a: 'interrupted' });
  });

  it('the second abort kills what does not listen', async () => {
    const stop = new AbortController();
    const kill = new AbortController();
    const { ended } = await run(
      { a: ['deaf'] },
      {
        stop,
        kill,
        onMessage: () => {
          stop.abort();
          kill.abort();
        },
      },
    );
    expect(ended).toEqual({ a: 'interrupted: killed' });
  });

  it('an abort that came before starts nothing', async () => {
    const stop = new AbortController();
    stop.abort();
    expect((await run({ a: ['finish'] }, { stop })).ended).toEqual({});
  });

  it('a trial learns that its sweep is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-executor-'));
    const mark = join(folder, 'mark');
    const parent = join(folder, 'parent.mjs');
    writeFileSync(
      parent,
      `import { fork } from 'node:child_process';
const stdio = ['ignore', 'ignore', 'ignore', 'ipc'];
const child = fork(process.argv[2], ['orphan', process.argv[3]], { detached: true, stdio });
child.on('message', () => process.kill(process.pid, 'SIGKILL'));`,
    );
    const child = fork(parent, [script, mark], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await once(child, 'exit');
    await vi.waitUntil(() => existsSync(mark) && readFileSync(mark, 'utf8') === 'disconnected', { timeout: 20_000 });
  });
});

/** Runs nothing: each job tells and ends as its first argument has it. */
function scriptedExecutor(acts: Readonly<Record<string, { tells: readonly TrialMessage[]; end: JobEnd }>>) {
  const asked: string[] = [];
  const executor: Executor = {
    start({ id, arguments: [act] }) {
      const { tells, end } = acts[act];
      let stopped = false;
      let resolve: (end: JobEnd) => void = () => undefined;
      const ended = new Promise<JobEnd>((settle) => {
        resolve = settle;
      });
      return {
        handle: { job: `queue-${id}` },
        messages: (async function* () {
          yield* tells;
          while (act === 'long' && !stopped) await new Promise((turn) => setImmediate(turn));
          resolve(end);
        })(),
        // A method that needs its object, as those of classes do.
        stop() {
          stopped = true;
          asked.push(`stop ${this.handle.job}`);
        },
        answer: ({ step, prune }) => asked.push(`answer ${id} ${step}: ${prune ?? 'go on'}`),
        kill: () => {
          asked.push(`kill ${id}`);
          resolve({ kind: 'killed', by: 'the queue', output: null });
        },
        ended,
      };
    },
  };
  return { executor, asked };
}

describe('another executor', () => {
  const progress: TrialMessage = { kind: 'progress', step: 1, steps: 2, loss: 1, score: null, stepMs: 1 };
  const exited = (code: number): JobEnd => ({ kind: 'exited', code, output: null });
  const acts = {
    finish: { tells: [progress, { kind: 'done', status: 'finished' }], end: exited(0) },
    silent: { tells: [], end: exited(0) },
    limit: { tells: [progress], end: { kind: 'killed', by: 'TIMEOUT', output: 'step 7' } },
    refused: { tells: [], end: { kind: 'not-started', reason: 'no such partition' } },
    long: { tells: [progress], end: { kind: 'killed', by: 'CANCELLED', output: null } },
  } as const;
  const runActs = async (
    names: readonly (keyof typeof acts)[],
    onMessage: (stop: AbortController) => void = () => {},
  ) => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-executor-'));
    const { executor, asked } = scriptedExecutor(acts);
    const stop = new AbortController();
    const ended: string[] = [];
    await runJobs({
      jobs: listedJobs(names.map((name) => ({ id: name, arguments: [name], log: join(folder, name) }))),
      workers: 2,
      executor,
      journal: new Journal(folder),
      signal: stop.signal,
      killSignal: new AbortController().signal,
      onMessage: () => onMessage(stop),
      onState: (id, state, reason) => {
        if (state !== 'running') ended.push([id, state, reason ?? ''].join(' | '));
      },
    });
    return { asked, ended: ended.sort(), journal: readJournal(folder) };
  };

  it('needs to start, stop, kill, tell and end, and nothing else', async () => {
    const { ended, journal } = await runActs(['finish', 'silent', 'limit', 'refused']);
    expect(ended).toEqual([
      'finish | finished | ',
      'limit | failed | killed by TIMEOUT; step 7',
      'refused | failed | no such partition',
      'silent | failed | exit status 0; no output',
    ]);
    expect(journal.find(({ state }) => state === 'running')).toMatchObject({ trial: 'finish', job: 'queue-finish' });
  });

  it('is asked to stop what runs', async () => {
    const { ended, asked } = await runActs(['long'], (stop) => stop.abort());
    expect(ended).toEqual(['long | interrupted | killed by CANCELLED']);
    expect(asked).toEqual(['stop queue-long']);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Journal, listedJobs, localExecutor, readJournal, runJobs, type RunJobsOptions } from '../src/index.js';

const script = fileURLToPath(new URL('fixtures/trial.mjs', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'executor-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function sweep(acts: readonly string[], changes: Partial<RunJobsOptions> = {}) {
  const stop = new AbortController();
  const kill = new AbortController();
  const states: string[] = [];
  // Begun only when the caller holds the controls.
  const run = Promise.resolve().then(() =>
    runJobs({
      jobs: listedJobs(
        acts.map((act, i) => ({
          id: `${act}-${i}`,
          arguments: [act, join(folder, `${act}.out`)],
          log: join(folder, 'logs', `${act}-${i}.txt`),
        })),
      ),
      workers: 2,
      executor: localExecutor({ script, environment: (slot) => ({ SLOT: String(slot) }) }),
      journal: new Journal(folder),
      signal: stop.signal,
      killSignal: kill.signal,
      onState: (id, state, reason) => states.push([id, state, ...(reason === undefined ? [] : [reason])].join(' | ')),
      ...changes,
    }),
  );
  return { run, stop, kill, states };
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A dead process whose parent has not looked yet is no longer running.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('localExecutor', () => {
  it('one process a trial: whatever one of them does, the others go on', async () => {
    const { run, states } = sweep(['finish', 'throw', 'diverge', 'tell', 'die', 'leave', 'finish'], { workers: 3 });
    expect(await run).toEqual({ finished: 2, failed: 4, diverged: 1, pruned: 0, interrupted: 0, mistakes: 1 });
    expect(states.filter((state) => !state.endsWith('running')).sort()).toEqual([
      'die-4 | failed | killed by SIGKILL (out of memory?); no output',
      'diverge-2 | diverged | loss is NaN',
      'finish-0 | finished',
      'finish-6 | finished',
      'leave-5 | failed | exit status 0; no output',
      'tell-3 | failed | wrong file',
      'throw-1 | failed | exit status 1; RangeError: the roof fell in',
    ]);
    const entries = readJournal(folder);
    for (const id of ['finish-0', 'die-4'])
      expect(entries.filter(({ trial }) => trial === id).map(({ state }) => state)).toEqual([
        'running',
        id.startsWith('die') ? 'failed' : 'finished',
      ]);
    expect(readFileSync(join(folder, 'logs', 'throw-1.txt'), 'utf8')).toContain('the roof fell in');
  });

  it('passes progress on and gives each slot its environment', async () => {
    const messages: string[] = [];
    await sweep(['finish'], { onMessage: (id, message) => messages.push(`${id} ${message.kind}`) }).run;
    expect(messages).toEqual(['finish-0 progress', 'finish-0 done']);
    expect(readFileSync(join(folder, 'logs', 'finish-0.txt'), 'utf8')).toBe('slot 0\n');
  });

  /** Jobs by what they do and what they share a process by, and what each wrote. */
  async function oneAfterTheOther(acts: readonly (readonly [string, string | undefined])[], workers = 1) {
    const jobs = acts.map(([act, sameProcess], i) => ({
      id: `${act}-${i}`,
      arguments: [act],
      log: join(folder, 'logs', `${i}.txt`),
      sameProcess,
    }));
    const summary = await sweep([], { jobs: listedJobs(jobs), workers }).run;
    const logs = acts.map((_, i) => readFileSync(join(folder, 'logs', `${i}.txt`), 'utf8'));
    const pids = logs.map((log) => Number(log.split(' ')[0]));
    return { summary, logs, pids };
  }

  it('jobs that may share a process do, one after the other, each with its own log', async () => {
    const { summary, logs, pids } = await oneAfterTheOther([
      ['stay', 'a'],
      ['stay', 'a'],
      ['stay', 'a'],
    ]);
    expect(summary).toMatchObject({ finished: 3, failed: 0 });
    expect(new Set(pids).size).toBe(1);
    expect(readJournal(folder).filter(({ state }) => state === 'finished')).toHaveLength(3);
    logs.forEach((log, i) =>
      expect(log.split('\n').sort()).toEqual(
        ['', `${pids[0]} ${i}`, 'a line without its end', 'stay on stderr'].sort(),
      ),
    );
    await vi.waitFor(() => expect(isAlive(pids[0])).toBe(false), { timeout: 20_000 });
  });

  it('other jobs, and those after one that was killed, have a process of their own', async () => {
    const { summary, logs, pids } = await oneAfterTheOther([
      ['stay', 'a'],
      ['stay', 'b'],
      ['stay', undefined],
      ['stay', undefined],
      ['stay', 'b'],
      ['die', 'b'],
      ['stay', 'b'],
    ]);
    expect(summary).toMatchObject({ finished: 6, failed: 1 });
    const before = logs.map((log) => log.split(/\s/)[1]);
    expect(before).toEqual(['0', '0', '0', '0', '0', undefined, '0']);
    const whole = pids.filter((_, i) => i !== 5);
    expect(new Set(whole).size).toBe(6);
    for (const pid of whole) await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000 });
  });

  it('runs no more than `workers` at a time', async () => {
    let running = 0;
    let most = 0;
    await sweep(['finish', 'finish', 'finish', 'finish', 'finish'], {
      onState: (_, state) => {
        running += state === 'running' ? 1 : -1;
        most = Math.max(most, running);
      },
    }).run;
    expect(most).toBe(2);
  });

  it('a trial that cannot be prepared fails alone', async () => {
    const jobs = ['a', 'b'].map((id) => ({
      id,
      arguments: ['finish'],
      log: join(folder, `${id}.txt`),
      ...(id === 'a'
        ? {
            prepare: () => {
              throw new Error('disk full');
            },
          }
        : {}),
    }));
    const { run, states } = sweep([], { jobs: listedJobs(jobs) });
    expect(await run).toMatchObject({ finished: 1, failed: 1 });
    expect(states).toContain('a | failed | disk full');
  });

  it('first abort: trials stop by themselves, even when asked before they listen; the rest is not begun', async () => {
    const { run, stop, states } = sweep(['polite', 'polite', 'finish'], {
      onState: (id, state) => {
        states.push(`${id} ${state}`);
        if (id === 'polite-1') stop.abort();
      },
    });
    expect(await run).toEqual({ finished: 0, failed: 0, diverged: 0, pruned: 0, interrupted: 2, mistakes: 0 });
    expect(states.filter((state) => state.startsWith('finish'))).toEqual([]);
  });

  it('a trial that crashes while it stops has failed', async () => {
    const { run, stop, states } = sweep(['crash-on-stop'], {
      onState: (id, state, reason) => {
        states.push(`${id} ${state} ${reason}`);
        stop.abort();
      },
    });
    expect(await run).toMatchObject({ failed: 1, interrupted: 0 });
    expect(states.at(-1)).toBe('crash-on-stop-0 failed exit status 1; TypeError: no room for the checkpoint');
  });

  it('second abort: what does not listen is killed', async () => {
    const { run, stop, kill, states } = sweep(['deaf'], {
      onMessage: () => {
        stop.abort();
        kill.abort();
      },
    });
    expect(await run).toMatchObject({ interrupted: 1 });
    expect(states.at(-1)).toBe('deaf-0 | interrupted | killed');
  });

  it('does not wait for helpers that a trial leaves behind, and ends them', async () => {
    const { run } = sweep(['helper']);
    expect(await run).toMatchObject({ finished: 1 });
    const pid = Number(readFileSync(join(folder, 'helper.out'), 'utf8'));
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 20_000 });
  });

  it('a sweep that is killed leaves no orphan: its trials end after a checkpoint', async () => {
    const dist = fileURLToPath(new URL('../dist/index.js', import.meta.url));
    const parent = spawn(
      process.execPath,
      [fileURLToPath(new URL('fixtures/parent.mjs', import.meta.url)), dist, script, folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    parent.kill('SIGKILL');
    await vi.waitFor(
      () => {
        expect(existsSync(join(folder, 'checkpoint'))).toBe(true);
        expect(isAlive(Number(chunk.toString()))).toBe(false);
      },
      { timeout: 20_000 },
    );
    expect(readJournal(folder).map(({ state }) => state)).toEqual(['running']);
  });
});

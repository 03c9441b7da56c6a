// Kills of slurmd, of jobs and of the submitter, at random. LACUNA_KILLS=50 is the whole round; `npm test` makes a few.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRng } from '@lacuna/core';
import { expect, it } from 'vitest';
import { journalOf, pointsOf, start, succeeds, tinySpec, trialIds } from '../end-to-end/lacuna.js';
import { describeOnSlurm } from './on-slurm.js';

const KILLS = Number(process.env['LACUNA_KILLS'] ?? 4);
/** Long enough to be hit, short enough to end between kills. */
const STEPS = KILLS > 10 ? 600 : 300;
const SEEDS = KILLS > 10 ? [0, 1, 2] : [0, 1];

describeOnSlurm('kills at random on Slurm', null, (at) => {
  /** Processes of a sweep's jobs on this machine: of tasks and of their trials. */
  const processesOf = (sweep: string): number[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
          return command.includes(sweep) && /task-process|trial-process/.test(command);
        } catch {
          return false;
        }
      })
      .map(Number);

  const kill = (pid: number): boolean => {
    try {
      process.kill(pid, 'SIGKILL');
      return true;
    } catch {
      return false;
    }
  };

  it(`${KILLS} of them lose no trial and run none twice`, async () => {
    const rng = createRng(20261129);
    const pick = (count: number) => Math.min(count - 1, Math.floor(rng.uniform() * count));
    const spec = tinySpec(at.folder, {
      name: 'faults',
      steps: STEPS,
      methods: '{ paired: {} }',
      seeds: JSON.stringify(SEEDS),
    });
    const sets = ['--executor', 'slurm', '--set', 'executor.time=0:09:00', '--set', 'executor.notice=30'];
    await succeeds(at.folder, ['sweep', spec, '--out', 'whole', '--no-tracking']);
    const counts = { submitter: 0, slurmd: 0, job: 0 };
    const total = () => counts.submitter + counts.slurmd + counts.job;
    for (let round = 0; total() < KILLS; round++) {
      const out = `round-${round}`;
      const sweep = join(at.folder, out);
      const submit = ['sweep', spec, '--out', out, ...sets];
      const isDone = () =>
        trialIds(sweep).length === SEEDS.length &&
        trialIds(sweep).every((id) => existsSync(join(sweep, 'trials', id, 'result.json')));
      const before = total();
      while (!isDone()) {
        const submitter = start(at.folder, submit, at.slurm.env);
        if (total() < KILLS && pick(3) === 0) {
          await Promise.race([sleep(300 + 2500 * rng.uniform()), submitter.ended]);
          if (submitter.child.kill('SIGKILL')) counts.submitter += 1;
        }
        await submitter.ended;
        if (total() < KILLS && pick(3) === 0) {
          at.slurm.killSlurmd();
          counts.slurmd += 1;
          await sleep(500 * rng.uniform());
          await at.slurm.startSlurmd();
        }
        // Until nothing of it is queued or runs any more, with kills in between.
        while (at.slurm.call('squeue', '-h', '-r').trim() !== '') {
          at.slurm.hasten();
          await sleep(200 + 1500 * rng.uniform());
          const running = processesOf(sweep);
          if (total() < KILLS && running.length > 0 && kill(running[pick(running.length)])) counts.job += 1;
        }
      }
      expect(total(), 'a round without a kill shows nothing').toBeGreaterThan(before);
      expectSame(sweep, join(at.folder, 'whole'));
    }
    if (process.env['LACUNA_KILLS'] !== undefined) console.log(counts);
  }, 3_600_000);

  /** The weights and curves of sweeps without kills, each point once, and never two jobs of a trial at once. */
  function expectSame(sweep: string, whole: string): void {
    expect(trialIds(sweep)).toEqual(trialIds(whole));
    for (const id of trialIds(whole)) {
      const weights = (of: string) => readFileSync(join(of, 'trials', id, 'checkpoints', 'last.safetensors'));
      expect(weights(sweep).equals(weights(whole)), id).toBe(true);
      const curve = (of: string) => pointsOf(of, id).map(({ name, step, value }) => `${name} ${step} ${value}`);
      expect(curve(sweep), id).toEqual(curve(whole));
      const states = journalOf(join(sweep, 'trials', id)).map(({ state }) => state);
      expect(
        states.filter((state) => state === 'finished'),
        id,
      ).toHaveLength(1);
      expect(states.at(-1), id).toBe('finished');
    }
  }
});

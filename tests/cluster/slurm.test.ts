// Sweeps on a real Slurm of one node: submitted and left, stopped at limits, killed, queued again.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { journalOf, lacuna, pointsOf, succeeds, tinySpec, trialIds, until } from '../end-to-end/lacuna.js';
import { describeOnSlurm } from './on-slurm.js';

describeOnSlurm('on Slurm', null, (at) => {
  const run = (args: readonly string[]) => lacuna(at.folder, args, at.slurm.env);
  const record = (sweep: string, id: string) =>
    JSON.parse(readFileSync(join(sweep, 'trials', id, 'record.json'), 'utf8')) as {
      state: string;
      starts: number;
      job: string;
      progress: { step: number } | null;
    };
  /** Ends all processes of a trial's job. */
  const killAll = (sweep: string, id: string) => {
    const trial = join(sweep, 'trials', id);
    const { pid } = JSON.parse(readFileSync(join(trial, 'claim'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    process.kill(journalOf(trial).at(-1)!.pid!, 'SIGKILL');
  };
  const methodOf = (sweep: string, id: string) =>
    (JSON.parse(readFileSync(join(sweep, 'trials', id, 'trial.json'), 'utf8')) as { trial: { method: string } }).trial
      .method;
  const started = (sweep: string, id: string) => {
    const path = join(sweep, 'trials', id, 'record.json');
    return existsSync(path) ? record(sweep, id).starts : 0;
  };
  const hasResult = (sweep: string, id: string) => existsSync(join(sweep, 'trials', id, 'result.json'));
  /** Waits until every trial has its result; what was queued again begins at once. */
  const finish = async (sweep: string) => {
    while (!trialIds(sweep).every((id) => hasResult(sweep, id))) {
      at.slurm.hasten();
      await sleep(300);
    }
  };

  /** Waits for something that Slurm's own commands show: each look is a process. */
  const untilSlurm = (what: () => boolean) => until(what, 200);
  const untilNothingRuns = () =>
    untilSlurm(() => !/RUNNING|COMPLETING/.test(at.slurm.call('squeue', '-h', '-o', '%T')));
  const untilNothingIsQueued = () => untilSlurm(() => at.slurm.call('squeue', '-h').trim() === '');

  /** What Slurm says of the jobs in its queue, and why: by job. */
  const reasonsOfSlurm = () =>
    at.slurm
      .call('squeue', '-h', '-r', '-o', '%i|%r')
      .trim()
      .split('\n')
      .map((line) => line.split('|') as [job: string, reason: string]);

  /** The text of `lacuna status`, and what Slurm said before and after it: it changes its reasons as it looks again. */
  const steadyStatus = async (spec: string) => {
    for (;;) {
      const reasons = reasonsOfSlurm();
      const text = (await run(['status', spec])).out;
      if (JSON.stringify(reasonsOfSlurm()) === JSON.stringify(reasons)) return { text, reasons };
    }
  };

  it('the quick start ends with the weights of this machine after a notice of the limit and a kill', async () => {
    const cut = ['--only', 'paired', '--set', 'training.steps=300', '--set', 'training.validateEvery=150'];
    const small = ['training.logEvery=3', 'training.batch=2', 'seeds=[0]', 'figures.formats=[]'];
    const common = ['experiments/specs/quickstart.yaml', ...cut, ...small.flatMap((set) => ['--set', set])];
    const local = await run(['sweep', ...common, '--out', 'local', '--no-tracking']);
    expect(local.out + local.err).toContain('finished');
    const queued = [...common, '--out', 'queued', '--executor', 'slurm', '--set', 'executor.time=0:10:00'];
    const submitted = await run(['sweep', ...queued]);
    expect(submitted.err).toBe('');
    expect(submitted.out).toContain('1 to submit to slurm');
    const sweep = join(at.folder, 'queued');
    const id = trialIds(sweep).find((trial) => methodOf(sweep, trial) === 'paired')!;

    // What Slurm does before the time limit.
    await until(() => pointsOf(sweep, id).some(({ step }) => step >= 12));
    at.slurm.call('scancel', '--batch', '--signal=USR1', record(sweep, id).job);
    await until(() => record(sweep, id).state === 'stopped');
    expect((await run(['status', ...common, '--out', 'queued'])).out).toMatch(
      /paired.*queued +stopped at the time limit; queued again \(1\); BeginTime/,
    );
    await untilSlurm(() => at.slurm.call('squeue', '-h', '-r', '-o', '%r').includes('BeginTime'));
    at.slurm.hasten();

    // All of the job at once, as a node that goes down would: nobody is left to say a word.
    await until(() => pointsOf(sweep, id).some(({ step }) => step >= 120));
    expect(record(sweep, id).starts).toBe(2);
    killAll(sweep, id);
    await untilNothingRuns();
    const failed = await run(['status', ...common, '--out', 'queued']);
    expect(failed.out).toMatch(/paired.*failed +its job was killed/);
    expect(failed.out).toMatch(/: 1 failed/);

    const again = await run(['sweep', ...queued]);
    expect(again.out).toContain('1 trials, 0 finished before, 0 queued or running, 1 to submit to slurm');
    await finish(sweep);
    for (const name of ['best', 'last']) {
      const weights = (out: string) =>
        readFileSync(join(at.folder, out, 'trials', id, 'checkpoints', `${name}.safetensors`));
      expect(weights('queued').equals(weights('local'))).toBe(true);
    }
    const curve = (out: string) =>
      pointsOf(join(at.folder, out), id).map(({ name, step, value }) => `${name} ${step} ${value}`);
    expect(curve('queued')).toEqual(curve('local'));

    const collected = await run(['collect', ...common, '--out', 'queued', '--no-tracking']);
    expect(collected.err).toBe('');
    expect(readFileSync(join(sweep, 'leaderboard.csv'), 'utf8').split('\n')).toHaveLength(
      readFileSync(join(at.folder, 'local', 'leaderboard.csv'), 'utf8').split('\n').length,
    );
    expect(existsSync(join(sweep, 'report.html'))).toBe(true);
  });

  it('bad settings are one message, before anything is submitted or written', async () => {
    const spec = tinySpec(at.folder, { name: 'bad' });
    for (const [sets, message] of [
      [
        ['executor.partition=lnog'],
        'got lnog, which Slurm does not know, wanted one of short, long; --set executor.partition=long',
      ],
      [
        ['executor.time=0:20:00'],
        'executor.time: got 0:20:00, wanted at most 10 min 0 s, the limit of the partition short',
      ],
      [
        ['executor.time=0:02:00'],
        'executor.time: got 0:02:00, of which 120 s (executor.notice) are kept for the last checkpoint',
      ],
    ] as const) {
      const ended = await run(['sweep', spec, '--executor', 'slurm', ...sets.flatMap((set) => ['--set', set])]);
      expect(ended.status).toBe(2);
      expect(ended.err.trim().split('\n')).toHaveLength(1);
      expect(ended.err).toContain(message);
    }
    expect(existsSync(join(at.folder, 'runs/bad'))).toBe(false);
  });

  it('what is cancelled before it began is cancelled, though Slurm keeps no word of it', async () => {
    const held = "executor: { kind: slurm, time: '0:09:00', options: [--hold] }";
    const spec = tinySpec(at.folder, { name: 'held', methods: '{ paired: {} }', seeds: '[0, 1, 2]', more: held });
    await succeeds(at.folder, ['sweep', spec], at.slurm.env);
    expect((await run(['cancel', spec])).out).toContain('3 cancelled');
    await untilNothingIsQueued();
    const { out } = await run(['status', spec]);
    expect(out).toContain('held: 3 cancelled');
    expect(out).not.toContain('forgotten');
    expect((await run(['sweep', spec])).out).toContain('3 to submit to slurm');
  });

  it('what is queued is not submitted twice, not run beside, and can be cancelled', async () => {
    const spec = tinySpec(at.folder, { name: 'many', steps: 100_000, methods: '{ paired: {} }', seeds: '[0, 1, 2]' });
    const options = [spec, '--executor', 'slurm', '--set', 'executor.time=0:09:00'];
    await succeeds(at.folder, ['sweep', ...options], at.slurm.env);
    const sweep = join(at.folder, 'runs/many');
    await until(() => trialIds(sweep).some((id) => pointsOf(sweep, id).length > 3));
    // A trial tells its first steps at once, and then how it goes every 15 s.
    const began = trialIds(sweep).find((id) => pointsOf(sweep, id).length > 3)!;
    await until(() => record(sweep, began).progress !== null);
    expect(record(sweep, began).progress!.step).toBeLessThan(100);
    expect((await run(['sweep', ...options])).out).toContain('3 queued or running, 0 to submit');
    expect((await run(['sweep', spec, '--no-tracking'])).err).toContain(
      'got 3 trials that are queued or running on a cluster',
    );
    expect((await run(['status', spec])).out).toMatch(/step \d+\/100000 .* left/);

    // A node that fails: Slurm queues its jobs again by itself, and they go on from their checkpoints.
    const node = hostname();
    // A node that answers may come back by itself: nothing begins while it is looked at.
    at.slurm.call('scontrol', 'update', 'partitionname=short', 'state=down');
    at.slurm.call('scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test');
    await untilNothingRuns();
    const { text: down, reasons } = await steadyStatus(spec);
    expect(reasons).toHaveLength(3);
    for (const [job, reason] of reasons) expect(down).toMatch(new RegExp(`${job} +queued +.*${reason}$`, 'm'));
    expect(down).toMatch(/queued +asked to end by the scheduler; /);
    expect(down).not.toMatch(/failed|stopped/);
    const reached = Math.max(...trialIds(sweep).flatMap((id) => pointsOf(sweep, id).map(({ step }) => step)));
    at.slurm.call('scontrol', 'update', 'partitionname=short', 'state=up');
    if (/down/.test(at.slurm.call('sinfo', '-h', '-o', '%T')))
      at.slurm.call('scontrol', 'update', `nodename=${node}`, 'state=resume');
    await untilSlurm(() => {
      at.slurm.hasten();
      return trialIds(sweep).some((id) => pointsOf(sweep, id).some(({ step }) => step > reached));
    });
    expect(trialIds(sweep).map((id) => started(sweep, id))).toContain(2);

    expect((await run(['cancel', spec])).out).toContain('3 cancelled');
    await untilNothingIsQueued();
    expect((await run(['status', spec])).out).toContain('3 cancelled');
    expect(readdirSync(join(sweep, 'queue')).filter((name) => name.endsWith('.json'))).toHaveLength(1);
  });

  it('templates of commands do as well: submitted, asked, stopped at the limit, cancelled', async () => {
    const executor = [
      'kind: command',
      "submit: 'sbatch --parsable --job-name={name} --output={output} --cpus-per-task={cpus} {script}'",
      'jobVariable: SLURM_JOB_ID',
      "status: 'squeue --noheader --states=all --format=%T --jobs={job}'",
      'queued: PENDING',
      'running: RUNNING|COMPLETING',
      "cancel: 'scancel {job}'",
      'notice: 5',
      "time: '0:10:00'",
    ];
    const more = `executor: { ${executor.join(', ')} }`;
    const spec = tinySpec(at.folder, { name: 'templates', steps: 100_000, more });
    await succeeds(at.folder, ['sweep', spec], at.slurm.env);
    const sweep = join(at.folder, 'runs/templates');
    const id = trialIds(sweep).find((trial) => methodOf(sweep, trial) === 'paired')!;
    await until(() => pointsOf(sweep, id).length > 3);
    expect((await run(['status', spec])).out).toMatch(/paired +\d+ +running/);
    at.slurm.call('scancel', '--batch', '--signal=USR1', record(sweep, id).job);
    await untilNothingIsQueued();
    // Nothing queues it again by itself: the next lacuna sweep does.
    expect((await run(['status', spec])).out).toMatch(/paired +\d+ +stopped +stopped at the time limit\n/);
    const before = Math.max(...pointsOf(sweep, id).map(({ step }) => step));
    expect((await succeeds(at.folder, ['sweep', spec], at.slurm.env)).out).toContain('1 to submit to command');
    await until(() => pointsOf(sweep, id).some(({ step }) => step > before));
    expect((await run(['cancel', spec])).out).toContain('1 cancelled');
    await untilNothingIsQueued();
  });
});

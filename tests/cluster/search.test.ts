// Searches on a real Slurm of one node: points are submitted as others end, through a stop of the process that asks.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lacuna, pointsOf, start, tinySpec, trialIds, until } from '../end-to-end/lacuna.js';
import { describeOnSlurm } from './on-slurm.js';

const lacking = process.env['LACUNA_PYTHON'] ? null : 'no LACUNA_PYTHON';

describeOnSlurm('a search on Slurm', lacking, (at) => {
  const resultOf = (sweep: string, id: string) =>
    JSON.parse(readFileSync(join(sweep, 'trials', id, 'result.json'), 'utf8')) as { status: string; reason?: string };
  /** Ids of all trials that were handed over, as often as they were. */
  const submitted = (sweep: string) =>
    readdirSync(join(sweep, 'queue'))
      .filter((file) => file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(sweep, 'queue', file), 'utf8')) as { trials: string[] })
      .flatMap(({ trials }) => trials);

  it('goes on with its jobs after a stop, submits none twice, and prunes by what the jobs tell', async () => {
    const search = [
      'kind: random',
      'trials: 2',
      'space: { training.optimizer.learningRate: { float: [0.0001, 0.002], log: true } }',
      'maximise: [validation/psnr]',
      'prune: { kind: patience, patience: 1 }',
    ];
    const spec = tinySpec(at.folder, {
      methods: '{ paired: { model: { upsampler: shuffle, skip: bilinear } } }',
      steps: 20_000,
      more: `search: { ${search.join(', ')} }\nexecutor: { kind: slurm, time: '0:05:00', parallel: 2 }\n`,
    });
    const sweep = join(at.folder, 'runs/tiny');
    const sets = ['--set', 'training.validateEvery=10', '--set', 'training.checkpointEvery=1000'];
    const args = ['sweep', spec, '--no-tracking', ...sets];

    const first = start(at.folder, args, at.slurm.env);
    await until(() => trialIds(sweep).some((id) => pointsOf(sweep, id).length > 0));
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect({ status: stopped.status, err: stopped.err }).toEqual({ status: 130, err: '' });
    expect(stopped.out).toContain('2 to run with slurm, 2 at a time; this process stays');
    expect(stopped.out).toContain('stays with the scheduler');

    const second = await lacuna(at.folder, args, at.slurm.env);
    // No point is left to make a model of.
    expect({ status: second.status, err: second.err }).toEqual({ status: 1, err: '' });
    const ids = trialIds(sweep);
    expect(ids).toHaveLength(2);
    expect(submitted(sweep).sort()).toEqual(ids);
    for (const id of ids) {
      const { status, reason } = resultOf(sweep, id);
      expect(status).toBe('pruned');
      const step = Number(/^patience at step (\d+), psnr [\d.]+$/.exec(reason ?? '')?.[1]);
      const reached = Math.max(...pointsOf(sweep, id).map((point) => point.step));
      expect(step).toBeLessThan(reached);
      expect(reached).toBeLessThan(20_000);
    }
    expect(readFileSync(join(sweep, 'search/points.csv'), 'utf8').match(/,PRUNED,/g)).toHaveLength(2);
  });
});

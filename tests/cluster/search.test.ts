// Searches on a real Slurm of one node: points are submitted as others end, through a stop of the process that asks.
import { readFileSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lacuna, newFolder, pointsOf, start, tinySpec, trialIds, until } from '../end-to-end/lacuna.js';
import { startSlurm, whyNoSlurm, type Slurm } from './slurm.js';

const python = process.env['LACUNA_PYTHON'];
const absent = whyNoSlurm() ?? (python ? null : 'no LACUNA_PYTHON');
if (absent !== null) console.log(`skipped: ${absent}`);

describe.skipIf(absent !== null)('a search on Slurm', () => {
  let slurm: Slurm;
  let folder: string;
  beforeAll(async () => {
    slurm = await startSlurm();
    folder = newFolder();
  });
  afterAll(() => slurm?.stop());
  // A test that fails leaves no job in the way of the next.
  afterEach(() => void slurm.call('scancel', `--user=${userInfo().username}`));

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
    const spec = tinySpec(folder, {
      methods: '{ paired: { model: { upsampler: shuffle, skip: bilinear } } }',
      steps: 20_000,
      more: `search: { ${search.join(', ')} }\nexecutor: { kind: slurm, time: '0:05:00', parallel: 2 }\n`,
    });
    const sweep = join(folder, 'runs/tiny');
    const sets = ['--set', 'training.validateEvery=10', '--set', 'training.checkpointEvery=1000'];
    const args = ['sweep', spec, '--no-tracking', ...sets];

    const first = start(folder, args, slurm.env);
    await until(() => trialIds(sweep).some((id) => pointsOf(sweep, id).length > 0));
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect({ status: stopped.status, err: stopped.err }).toEqual({ status: 130, err: '' });
    expect(stopped.out).toContain('2 to run with slurm, 2 at a time; this process stays');
    expect(stopped.out).toContain('stays with the scheduler');

    const second = await lacuna(folder, args, slurm.env);
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

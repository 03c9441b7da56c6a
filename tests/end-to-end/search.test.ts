import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { journalOf, lacuna, newFolder, tinySpec, trialIds } from './lacuna.js';

const python = process.env['LACUNA_PYTHON'];

it.skipIf(!python)(
  `a search trains the points that Optuna chooses, prunes, and goes on${python ? '' : ' (skipped: no LACUNA_PYTHON)'}`,
  async () => {
    const folder = newFolder();
    const out = join(folder, 'results');
    // Of a rate far below the spec's own nothing is learned in twenty steps.
    const spec = tinySpec(folder, {
      methods: '{ paired: { model: { upsampler: shuffle, skip: bilinear } } }',
      steps: 20,
      more: `search:
  kind: random
  trials: 2
  start: spec
  space: { training.optimizer.learningRate: { float: [0.0000001, 0.001], log: true } }
  maximise: [validation/psnr]
  prune: { kind: median, startup: 1 }
`,
    });
    const args = ['sweep', '--spec', spec, '--out', out, '--no-tracking', '--workers', '1'];
    const { status, out: said, err } = await lacuna(folder, args);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(said).toContain('search by random, 2 trials, 0 finished before, 2 to run on 1 worker');
    const ended = journalOf(out).filter(({ state }) => state !== 'running');
    expect(ended.map(({ state }) => state)).toEqual(['finished', 'pruned']);
    const { reason } = ended[1];
    expect(reason).toMatch(/^median at step 5, psnr [\d.]+$/);
    const result = JSON.parse(readFileSync(join(out, 'trials', ended[1].trial, 'result.json'), 'utf8')) as unknown;
    expect(result).toMatchObject({ status: 'pruned', steps: 5, reason });
    expect(readFileSync(join(out, 'leaderboard.txt'), 'utf8')).toMatch(/^PRUNED {2}paired #1 after 5 steps: median/m);
    const again = await lacuna(folder, args);
    expect(again.out).toContain('2 trials, 2 finished before, 0 to run');
    expect(trialIds(out)).toHaveLength(2);
  },
);

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTensorFile } from '@lacuna/models';
import { describe, expect, it } from 'vitest';
import { inOneProcess, lacuna, newFolder, succeeds, tinySpec, trialIds } from './lacuna.js';

interface Result {
  readonly id: string;
  readonly method: string;
  readonly engine: string;
  readonly test: { readonly values: Readonly<Record<string, number>> };
  readonly cost: { readonly parameters: number; readonly trainSeconds: number | null };
}

const methods = `
  bicubic: { regime: { kind: interpolation } }
  smoothed: { regime: { kind: linear, fit: smoothed-bicubic, sigmas: [0.2, 0.4] } }
  lmmse: { regime: { kind: linear, fit: lmmse, kernel: 5 } }
  ridge: { regime: { kind: linear, fit: ridge, kernel: 5 } }
  oriented:
    regime: { kind: linear, fit: oriented-ridge, kernel: 5, bank: { orientations: 4, coherences: 1, strengths: 2 } }
  tuned:
    model: { name: oriented, kernel: 5, orientations: 4, coherences: 1, strengths: 2 }
    training: { steps: 2, validateEvery: 2, optimizer: { learningRate: 1.0e-9 } }
  core: { model: { skip: ridge, core: { kernel: 5 } }, training: { steps: 4, validateEvery: 4 } }
  richardson-lucy: { regime: { kind: deconvolution, iterations: [1, 4] } }`;

function resultsOf(out: string): Map<string, Result> {
  const results = trialIds(out).map(
    (id) => JSON.parse(readFileSync(join(out, 'trials', id, 'result.json'), 'utf8')) as Result,
  );
  return new Map(results.map((result) => [result.method, result]));
}

describe('linear baselines and deconvolution in a sweep', () => {
  it('are fitted on the training split, scored as the others, and leave a model that enlarges files', async () => {
    const folder = newFolder();
    const out = join(folder, 'out');
    const spec = tinySpec(folder, { methods });
    const noisy = ['--set', 'degradation.photons=8'];
    await succeeds(folder, ['sweep', '--spec', spec, '--out', out, ...inOneProcess, ...noisy]);
    const results = resultsOf(out);
    const psnr = (method: string) => results.get(method)!.test.values['psnr'];
    // On noisy scans the filters that know the noise beat interpolation, and the one that saw pairs beats a Gaussian.
    for (const method of ['smoothed', 'lmmse', 'ridge', 'oriented'])
      expect(psnr(method)).toBeGreaterThan(psnr('bicubic'));
    expect(psnr('ridge')).toBeGreaterThan(psnr('smoothed'));
    expect(Number.isFinite(psnr('richardson-lucy'))).toBe(true);
    expect(results.get('richardson-lucy')!.engine).toMatch(/^none; [14] iterations$/);
    expect(results.get('ridge')!.cost.parameters).toBe(5 * 5 * 4 + 4);
    expect(results.get('ridge')!.cost.trainSeconds).toBeGreaterThan(0);

    // A linear core is the same filter, and stays it through training.
    const weights = (method: string, name: string) =>
      readTensorFile(join(out, 'trials', results.get(method)!.id, 'checkpoints/best.safetensors')).tensors[name];
    expect(weights('core', 'generator.core.weight')).toEqual(weights('ridge', 'generator.filter.weight'));

    // Training of a bank begins from its fit, and does not move the edges of its bins.
    expect(results.get('oriented')!.cost.parameters).toBe(8 * (5 * 5 + 1) * 4 + 1);
    expect(psnr('tuned')).toBeCloseTo(psnr('oriented'), 3);
    const edges = 'generator.strength.edges';
    expect(weights('tuned', edges)).toEqual(weights('oriented', edges));

    for (const method of ['ridge', 'oriented']) {
      const trial = join(out, 'trials', results.get(method)!.id);
      const enlarged = join(folder, `${method}.tif`);
      const model = join(trial, 'checkpoints/best.safetensors');
      await succeeds(folder, ['upscale', model, join(trial, 'images/lr.tif'), enlarged, '--levels', 'percentile']);
      expect(existsSync(enlarged)).toBe(true);
    }
  }, 120_000);

  it('refuse a degradation that nobody knows, and name what would do', async () => {
    const folder = newFolder();
    const spec = tinySpec(folder, { methods: '{ lmmse: { regime: { kind: linear, fit: lmmse } } }' });
    const blind = ['--set', 'degradation={kind: blind, factor: 2}'];
    const ended = await lacuna(folder, [
      'sweep',
      '--spec',
      spec,
      '--out',
      join(folder, 'out'),
      '--no-tracking',
      ...blind,
    ]);
    expect(ended.status).not.toBe(0);
    expect(ended.out + ended.err).toContain(
      'regime linear, fit lmmse: got degradation.kind blind, which draws another blur for each region, ' +
        'wanted a known one',
    );
  }, 60_000);
});

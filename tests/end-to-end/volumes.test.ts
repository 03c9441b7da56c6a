import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inOneProcess, lacuna, newFolder, succeeds, trialIds } from './lacuna.js';

interface Result {
  readonly method: string;
  readonly factor: unknown;
  readonly test: { readonly values: Readonly<Record<string, number | null>> };
  readonly cost: { readonly parameters: number };
}

const spec = `
name: volumes
data: { source: dentin, width: 64, height: 64, depth: 12, pixelSize: "0.2um,0.2um,0.4um", images: 3, seed: 0 }
degradation: { kind: confocal, factor: { x: 2, y: 2, z: 2 }, psfSigmaPx: { x: 1, y: 1, z: 0.5 } }
split: { kind: specimen }
training: { steps: 6, batch: 2, patch: { x: 8, y: 8, z: 4 }, validateEvery: 6, checkpointEvery: 3, logEvery: 3 }
evaluation: { threshold: 0.2, metrics: [psnr, cldice, betti2_error, invented_length] }
model: { name: fsrcnn, d: 6, s: 4, m: 1, upsampler: shuffle, skip: bilinear }
methods:
  bicubic: { regime: { kind: interpolation } }
  ridge: { regime: { kind: linear, fit: ridge, kernel: 3 } }
  geometry: { regime: { kind: geometry } }
seeds: [0]
figures: { formats: [] }
`;

const resultsOf = (out: string): Map<string, Result> =>
  new Map(
    trialIds(out)
      .map((id) => JSON.parse(readFileSync(join(out, 'trials', id, 'result.json'), 'utf8')) as Result)
      .map((result) => [result.method, result]),
  );

describe('a sweep of volumes', () => {
  it('trains, scores and draws in three dimensions, with a factor along every axis', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'volumes.yaml'), spec);
    const out = join(folder, 'out');
    await succeeds(folder, ['sweep', 'volumes.yaml', '--out', out, ...inOneProcess]);
    const results = resultsOf(out);
    expect([...results.keys()].sort()).toEqual(['bicubic', 'geometry', 'ridge']);
    for (const { factor, test } of results.values()) {
      expect(factor).toEqual({ x: 2, y: 2, z: 2 });
      for (const value of Object.values(test.values)) expect(value).not.toBeNull();
    }
    // 27 taps for each of the eight voxels of a coarse one, and their biases.
    expect(results.get('ridge')!.cost.parameters).toBe(27 * 8 + 8);
    expect(results.get('ridge')!.test.values['psnr']).toBeGreaterThan(results.get('bicubic')!.test.values['psnr']!);
    expect(existsSync(join(out, 'figures', 'panel.svg'))).toBe(true);
  }, 120_000);

  it('lets models of planes work slice by slice, where the factor leaves z, alone or with those beside', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'volumes.yaml'), spec);
    const out = join(folder, 'out');
    const plane = ['--set', 'slicewise=true', '--set', 'degradation.factor={x: 2, y: 2, z: 1}'];
    const beside = ['--set', 'methods.geometry.slicewise={neighbours: 1}', '--set', 'methods.bicubic=null'];
    const sets = [...plane, '--set', 'training.patch=8', ...beside];
    await succeeds(folder, ['sweep', 'volumes.yaml', '--out', out, ...inOneProcess, ...sets]);
    const results = resultsOf(out);
    expect(results.get('ridge')!.cost.parameters).toBe(9 * 4 + 4);
    // Three planes come in: the first kernels are of 5 x 5 x 3.
    const layers = [25 * 3 * 6 + 6, 6, 6 * 4 + 4, 4, 9 * 4 * 4 + 4, 4, 4 * 6 + 6, 6, 9 * 6 * 4 + 4];
    expect(results.get('geometry')!.cost.parameters).toBe(layers.reduce((sum, count) => sum + count));
    for (const { test } of results.values())
      for (const value of Object.values(test.values)) expect(value).not.toBeNull();

    const refused = await lacuna(folder, ['sweep', 'volumes.yaml', '--dry-run', '--set', 'slicewise=true']);
    expect(refused.status).toBe(2);
    expect(refused.err).toContain(
      'geometry: degradation.factor: got x 2, y 2, z 2 for planes, wanted one factor for x and y; ' +
        'leave slicewise out, or degradation.factor: 2',
    );
  }, 120_000);

  it('says before it starts where a patch is deeper than what the split leaves', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'volumes.yaml'), spec);
    const thick = ['--set', 'training.patch={x: 8, y: 8, z: 9}'];
    const refused = await lacuna(folder, ['sweep', 'volumes.yaml', '--no-tracking', '--out', 'out', ...thick]);
    expect(refused.status).toBe(2);
    expect(refused.err).toContain('a training region of 32 x 32 x 6 LR px, wanted at least training.patch 8 x 8 x 9');
    expect(existsSync(join(folder, 'out', 'trials'))).toBe(false);
  }, 60_000);
});

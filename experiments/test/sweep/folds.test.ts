import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differencesOf } from '../../src/sweep/leaderboard/differences.js';
import { planSweep } from '../../src/sweep/plan/plan.js';
import { comparisonOf, resultOf } from './fixtures.js';

function plan(split: string) {
  const folder = mkdtempSync(join(tmpdir(), 'lacuna-folds-'));
  const spec = join(folder, 'spec.yaml');
  writeFileSync(
    spec,
    `name: tiny
data: { source: dentin, width: 64, height: 64, images: 5 }
degradation: { kind: bicubic, factor: 4 }
split: ${split}
model: { name: fsrcnn }
regime: { kind: paired }
seeds: [0, 1, 7]
`,
  );
  return planSweep(spec, { sets: [], baseDir: folder }).trials;
}

describe('cross-validation', () => {
  it('seeds go through the folds, unless the spec names one', () => {
    const foldsOf = (split: string) =>
      plan(split).map(({ config }) => config.split.kind === 'folds' && config.split.fold);
    expect(foldsOf('{ kind: folds, of: 5 }')).toEqual([0, 1, 2]);
    expect(foldsOf('{ kind: folds, of: 5, fold: 3 }')).toEqual([3, 3, 3]);
  });

  it('regions of several folds are different ones: each is a unit of the test', () => {
    const results = [0, 1, 2].flatMap((seed) => [
      resultOf('paired', seed, { common: [0.5, 0.6], validation: 0.9 }),
      resultOf('geometry', seed, { common: [0.6, 0.7] }),
    ]);
    const comparison = comparisonOf(results);
    expect(differencesOf(comparison)).toMatchObject({ unit: 'region', units: 2 });
    const split = { kind: 'folds', across: 'specimens', of: 3, guard: 32, seed: 0 } as const;
    const trials = comparison.trials.map((trial) => ({
      ...trial,
      config: { ...trial.config, split: { ...split, fold: trial.seed } },
    }));
    expect(differencesOf({ ...comparison, trials })).toMatchObject({ unit: 'each', units: 6 });
  });
});

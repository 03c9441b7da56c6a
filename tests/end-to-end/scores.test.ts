import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '@lacuna/datasets';
import { readTensorFile } from '@lacuna/models';
import { inOneProcess, lacuna, newFolder, succeeds, tinySpec, trialIds } from './lacuna.js';

/** What is asked of a trial's result here. */
interface Result {
  readonly method: string;
  readonly seed: number;
  readonly test: { readonly values: Readonly<Record<string, number>>; readonly protocol: string };
  readonly ceiling: unknown;
  readonly cost: unknown;
  readonly bestStep: number | null;
  readonly ownLevel: { readonly level: number; readonly clDice: number };
  readonly validation: { readonly values: Readonly<Record<string, number>> };
}

const resultsOf = (sweep: string): Result[] =>
  trialIds(sweep).map((id) => JSON.parse(readFileSync(join(sweep, 'trials', id, 'result.json'), 'utf8')) as Result);

it('models and filters may be chosen by clDice at the level that suits them best', async () => {
  const folder = newFolder();
  const methods = '{ paired: {}, smoothed: { regime: { kind: linear, fit: smoothed-bicubic } } }';
  const spec = tinySpec(folder, { methods, steps: 8 });
  const sweep = join(folder, 'results');
  const by = 'training.select.metric=cldice_own_level';
  await succeeds(folder, ['sweep', spec, '--set', by, '--out', sweep, ...inOneProcess]);
  const results = resultsOf(sweep);
  expect(results).toHaveLength(2);
  for (const { validation, ownLevel } of results) expect(validation.values['cldice_own_level']).toBe(ownLevel.clDice);
  // Files of models, trained or fitted, say their level, for whoever reads networks with them.
  const files = trialIds(sweep).map((id) => join(sweep, 'trials', id, 'checkpoints', 'best.safetensors'));
  const told = files.filter(existsSync).map((path) => Number(readTensorFile(path).metadata['ownLevel']));
  expect(told.sort()).toEqual(results.map(({ ownLevel }) => ownLevel.level).sort());
  const wrong = await lacuna(folder, ['sweep', spec, '--set', 'training.select.metric=cldise', '--dry-run']);
  expect(wrong.status).toBe(2);
  expect(wrong.err).toMatch(/training.select.metric: got "cldise".*did you mean cldice\?/);
});

describe('a finished sweep', () => {
  const folder = newFolder();
  const sweep = join(folder, 'results');
  const oneTrial = ['--set', 'seeds=[0]', '--only', 'bicubic'];
  let spec: string;
  beforeAll(async () => {
    spec = tinySpec(folder, { steps: 8, seeds: '[0, 1]' });
    await succeeds(folder, ['sweep', spec, '--out', sweep, ...inOneProcess]);
  });
  const resultsIn = (where: string) =>
    Object.fromEntries(resultsOf(where).map((result) => [`${result.method} ${result.seed}`, result]));

  it('keeps the images of every region, and the pairs once', () => {
    for (const id of trialIds(sweep))
      expect(readdirSync(join(sweep, 'trials', id, 'kept')).sort()).toEqual([
        'kept.json',
        'test-000.tif',
        'validation-000.tif',
      ]);
    const [pairs, ...others] = readdirSync(join(sweep, 'shared')).filter((name) => name.startsWith('pairs-'));
    expect(others).toEqual([]);
    for (const part of ['lr', 'hr', 'mask', 'skeleton'])
      expect(readdirSync(join(sweep, 'shared', pairs, 'test', part))).toEqual(['000.tif']);
  });

  it('has the pairs that are prepared without it: files with a pixel size and a manifest', async () => {
    const { out } = await succeeds(folder, ['pairs', spec, '--out', 'pairs']);
    expect(out).toBe(`${join(folder, 'pairs')}: 1 pairs for training, 1 for validation, 1 for test\n`);
    const manifest = JSON.parse(readFileSync(join(folder, 'pairs', 'pairs.json'), 'utf8')) as {
      factor: number;
      pairs: { role: string; lr: string; hr: string; mask: string; skeleton: string }[];
    };
    expect(manifest).toMatchObject({ version: 1, factor: 2, leftOut: 0, degradation: { kind: 'confocal' } });
    expect(manifest.pairs.map(({ role }) => role)).toEqual(['training', 'validation', 'test']);
    for (const pair of manifest.pairs) {
      const [lr, hr, mask, skeleton] = await Promise.all(
        [pair.lr, pair.hr, pair.mask, pair.skeleton].map((path) => readImage(join(folder, 'pairs', path))),
      );
      expect([lr.width * 2, lr.height * 2]).toEqual([hr.width, hr.height]);
      expect(lr.pixelSize!.x).toBeCloseTo(2 * hr.pixelSize!.x, 9);
      expect([mask.width, skeleton.width]).toEqual([hr.width, hr.width]);
      expect(new Set(mask.data)).toEqual(new Set([0, 1]));
      expect(hr.data.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
    const shared = readdirSync(join(sweep, 'shared')).find((name) => name.startsWith('pairs-'))!;
    for (const file of ['test/lr/000.tif', 'test/hr/000.tif', 'validation/mask/000.tif'])
      expect(readFileSync(join(sweep, 'shared', shared, file))).toEqual(readFileSync(join(folder, 'pairs', file)));
  });

  it('scored again by its own protocol has the scores that it had, but for 16 bits', async () => {
    const before = readFileSync(join(sweep, 'leaderboard.txt'), 'utf8');
    const out = join(folder, 'same');
    const { out: said } = await succeeds(folder, ['rescore', sweep, '--out', out]);
    expect(said).toContain('HR image (ceiling)');
    const [then, now] = [sweep, out].map(resultsIn);
    expect(Object.keys(now)).toEqual(Object.keys(then));
    for (const [name, { test, ceiling, cost }] of Object.entries(now)) {
      expect(test.values['psnr']).toBeCloseTo(then[name].test.values['psnr'], 2);
      expect(test.values['cldice']).toBeCloseTo(then[name].test.values['cldice'], 1);
      expect(ceiling).toEqual(then[name].ceiling);
      expect(cost).toEqual(then[name].cost);
    }
    expect(readFileSync(join(sweep, 'leaderboard.txt'), 'utf8')).toBe(before);
  });

  it('scored by another protocol lies beside, and is never written over', async () => {
    const sets = ['--set', 'evaluation.metrics=[cldice, recall_at_invention_10]', '--set', 'evaluation.threshold=0.2'];
    await succeeds(folder, ['rescore', sweep, ...sets]);
    const [id] = readdirSync(join(sweep, 'rescored'));
    const [then, now] = [sweep, join(sweep, 'rescored', id)].map(resultsIn);
    for (const [name, { test }] of Object.entries(now)) {
      expect(Object.keys(test.values)).toEqual(['cldice', 'recall_at_invention_10']);
      expect(test.protocol).not.toBe(then[name].test.protocol);
    }
    const again = await lacuna(folder, ['rescore', sweep, ...sets]);
    expect(again).toMatchObject({ status: 2, out: '' });
    expect(again.err).toContain(
      'a folder that holds something, wanted a new or an empty folder; name another with --out',
    );
  });

  it.each<[string, string[], RegExp]>([
    ['no sweep', ['rescore', 'nowhere'], /nowhere: got no such folder, wanted the folder of a sweep/],
    ['a field of training', ['rescore', 'results', '--set', 'training.steps=2'], /no part of the evaluation/],
    ['a metric with a typo', ['rescore', 'results', '--set', 'evaluation.metrics=[cldise]'], /did you mean cldice/],
    ['pairs into a folder in use', ['pairs', 'tiny.yaml', '--out', '.'], /got a folder that holds something/],
    ['pairs without a folder', ['pairs', 'tiny.yaml'], /required option '--out <folder>' not specified/],
  ])('refuses %s in one message', async (_, args, message) => {
    const { status, out, err } = await lacuna(folder, args);
    expect(status).toBeGreaterThan(0);
    expect(out).toBe('');
    expect(err).toMatch(message);
    expect(err).not.toContain('did not foresee');
  });

  it('that kept nothing, or not all, cannot be scored again, and says how it could', async () => {
    for (const [set, message] of [
      ['keep.images=first', /got no kept images .*keep.images: all/],
      ['keep.limit=0.001 MB', /left out for want of room, .*larger keep.limit/],
    ] as const) {
      const out = join(folder, set);
      const ran = await succeeds(folder, ['sweep', spec, '--set', set, ...oneTrial, '--out', out, '--no-tracking']);
      expect(/not kept: no room/.test(ran.out)).toBe(set.startsWith('keep.limit'));
      // What is kept is no part of a trial's identity.
      expect(trialIds(out)).toHaveLength(1);
      expect(trialIds(sweep)).toEqual(expect.arrayContaining(trialIds(out)));
      const again = await lacuna(folder, ['rescore', out]);
      expect(again.status).toBe(1);
      expect(again.err).toMatch(message);
    }
  });

  it('without any images has its leaderboard and report all the same', async () => {
    const out = join(folder, 'none');
    await succeeds(folder, ['sweep', spec, '--set', 'keep.images=none', ...oneTrial, '--out', out, '--no-tracking']);
    expect(trialIds(out)).toHaveLength(1);
    for (const id of trialIds(out)) expect(readdirSync(join(out, 'trials', id, 'images'))).toEqual(['scale.json']);
    expect(existsSync(join(out, 'report.html'))).toBe(true);
    expect(existsSync(join(out, 'figures', 'panel.svg'))).toBe(false);
  });
});

it('pairs of several factors go into a folder each', async () => {
  const folder = newFolder();
  const spec = tinySpec(folder, { more: 'axes: { cross: { degradation.factor: [2, 4] } }\n' });
  await succeeds(folder, ['pairs', spec, '--out', 'pairs']);
  expect(readdirSync(join(folder, 'pairs')).sort()).toEqual(['dentin-x2', 'dentin-x4']);
});

it('methods are compared over the data sets of several sweeps, the scored-again ones too', async () => {
  const folder = newFolder();
  const regimes = ['bicubic', 'nearest', 'bilinear'].map(
    (method) => `${method}: { regime: { kind: interpolation, method: ${method} } }`,
  );
  const spec = tinySpec(folder, { methods: `{ ${regimes.join(', ')} }` });
  for (const seed of [1, 2])
    await succeeds(folder, ['sweep', spec, '--set', `data.seed=${seed}`, '--out', `run${seed}`, ...inOneProcess]);
  const { out } = await succeeds(folder, ['compare', 'run1', 'run2', '--out', 'ranks']);
  expect(out).toMatch(/clDice: 2 data sets \(few.*\n\nmethod +mean rank +run1: dentin, x2 +run2: dentin, x2/);
  expect(out).toContain('clDice, own level: 2 data sets');
  for (const name of ['ranks.csv', 'critical-difference.svg', 'critical-difference.pdf'])
    expect(existsSync(join(folder, 'ranks', name))).toBe(true);
  for (const run of ['run1', 'run2'])
    await succeeds(folder, ['rescore', run, '--set', 'evaluation.metrics=[dice]', '--out', `${run}-dice`]);
  const dice = await succeeds(folder, ['compare', 'run1-dice', 'run2-dice', '--metric', 'dice', '--json']);
  expect(JSON.parse(dice.out)).toMatchObject([{ score: { metric: 'dice' } }, { score: { level: 'own' } }]);
  const twice = await lacuna(folder, ['compare', 'run1', './run1']);
  expect(twice).toMatchObject({ status: 2, out: '' });
  expect(twice.err).toMatch(/run1 twice, wanted each folder once/);
});

it('volumes are scored as volumes at both levels, kept, scored again, and written as pairs', async () => {
  const folder = newFolder();
  const spec = join(folder, 'volumes.yaml');
  writeFileSync(
    spec,
    `name: volumes
dimensions: 3
data: { source: dentin, width: 64, height: 64, depth: 12, images: 3 }
degradation: { kind: confocal, factor: 2, photons: 100 }
split: { kind: specimen, fractions: [0.34, 0.33, 0.33] }
evaluation: { metrics: [psnr, cldice, branch_length_distance, recall_area] }
model: { name: fsrcnn, d: 8, s: 4, m: 1 }
methods:
  bicubic: { regime: { kind: interpolation } }
  ridge: { regime: { kind: linear, fit: ridge, kernel: 3 } }
figures: { formats: [] }
`,
  );
  const sweep = join(folder, 'results');
  const { out } = await succeeds(folder, ['sweep', spec, '--out', sweep, ...inOneProcess]);
  expect(out).toContain('HR image (ceiling)');
  expect(readFileSync(join(sweep, 'report.html'), 'utf8')).toMatch(/Branch-length distance.*<small>um<\/small>/);
  const again = join(folder, 'again');
  await succeeds(folder, ['rescore', sweep, '--out', again]);
  const [then, now] = [sweep, again].map((where) => resultsOf(where).map(({ test }) => test.values['psnr']));
  expect(now).toHaveLength(2);
  now.forEach((psnr, i) => expect(psnr).toBeCloseTo(then[i], 2));
  await succeeds(folder, ['pairs', spec, '--out', 'pairs']);
  const [lr, hr, mask] = await Promise.all(
    ['lr', 'hr', 'mask'].map((part) => readImage(join(folder, 'pairs', 'test', part, '000.tif'))),
  );
  expect([lr.width, lr.height, lr.depth]).toEqual([32, 32, 12]);
  expect([hr.width, hr.height, hr.depth]).toEqual([64, 64, 12]);
  expect(mask.depth).toBe(12);
  expect(hr.pixelSize!.z).toBeGreaterThan(0);
});

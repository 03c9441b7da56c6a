import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { journalOf, lacuna, newFolder, tinySpec, trialIds, type Ended } from './lacuna.js';

describe('a sweep from its spec to its report', () => {
  const folder = newFolder();
  const sweep = join(folder, 'results');
  let spec: string;
  let first: Ended;
  beforeAll(async () => {
    spec = tinySpec(folder, {
      seeds: '[0, 1]',
      formats: '[pdf, png]',
      methods: '{ bicubic: { regime: { kind: interpolation } }, paired: {} }',
    });
    first = await lacuna(folder, ['sweep', '--spec', spec, '--out', sweep, '--no-tracking']);
  });

  it('ends with a leaderboard of every method', () => {
    expect(first).toMatchObject({ status: 0, err: '' });
    for (const part of [
      'PSNR',
      'clDice',
      'own level',
      'HR image (ceiling)',
      'differences to bicubic',
      'report     ',
      'figures    ',
    ])
      expect(first.out).toContain(part);
    const text = readFileSync(join(sweep, 'leaderboard.txt'), 'utf8');
    expect(text).toMatch(/paired .*\d \[[\d.]+, [\d.]+\]/);
    expect(readFileSync(join(sweep, 'leaderboard.csv'), 'utf8').split('\n')[0]).toBe(
      'comparison,method,seeds,regions,diverged,metric,level,mean,low_95,high_95,standard_deviation',
    );
  });

  it('leaves figures, a report and results', () => {
    for (const name of ['panel', 'scores-vs-cost', 'training-curves', 'disagreement']) {
      for (const [ending, begin] of [
        ['svg', '<svg'],
        ['pdf', '%PDF'],
        ['png', '\x89PNG'],
      ] as const) {
        expect(readFileSync(join(sweep, 'figures', `${name}.${ending}`), 'latin1').slice(0, 8)).toContain(begin);
      }
    }
    expect(readFileSync(join(sweep, 'report.html'), 'utf8')).toContain('<svg');
    expect(trialIds(sweep)).toHaveLength(4);
    for (const id of trialIds(sweep))
      expect(JSON.parse(readFileSync(join(sweep, 'trials', id, 'result.json'), 'utf8'))).toMatchObject({
        id,
        status: 'finished',
      });
  });

  it('holds methods and the HR image to the known network at both levels, the latter measured once', () => {
    const shared = readdirSync(join(sweep, 'shared')).filter((name) => name.startsWith('ceiling'));
    expect(shared).toEqual([expect.stringMatching(/^ceiling-[0-9a-f]{12}\.json$/)]);
    const ceiling = JSON.parse(readFileSync(join(sweep, 'shared', shared[0]), 'utf8')) as unknown;
    for (const id of trialIds(sweep)) {
      const result = JSON.parse(readFileSync(join(sweep, 'trials', id, 'result.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      expect(result).toMatchObject({
        ceiling,
        ownLevel: { level: expect.any(Number) as number, clDice: expect.any(Number) as number },
        testOwnLevel: { values: { cldice: expect.any(Number) as number } },
      });
    }
    expect(ceiling).toMatchObject({ test: { values: { cldice: expect.any(Number) as number } } });
    expect(ceiling).not.toMatchObject({ test: { values: { psnr: expect.anything() as unknown } } });
  });

  it('does nothing twice', async () => {
    const ids = trialIds(sweep);
    const before = journalOf(sweep).length;
    const times = ids.map((id) => statSync(join(sweep, 'trials', id, 'result.json')).mtimeMs);
    const again = await lacuna(folder, ['sweep', '--spec', spec, '--out', sweep, '--no-tracking']);
    expect(again.status).toBe(0);
    expect(again.out).toContain('4 finished before, 0 to run');
    expect(trialIds(sweep)).toEqual(ids);
    expect(ids.map((id) => statSync(join(sweep, 'trials', id, 'result.json')).mtimeMs)).toEqual(times);
    expect(journalOf(sweep)).toHaveLength(before);
  });

  it('lists the trials without running one', async () => {
    const { status, out } = await lacuna(folder, ['sweep', '--spec', spec, '--out', join(folder, 'dry'), '--dry-run']);
    expect(status).toBe(0);
    for (const id of trialIds(sweep)) expect(out).toContain(id);
    expect(existsSync(join(folder, 'dry'))).toBe(false);
  });
});

it('trains without TensorFlow', async () => {
  const folder = newFolder();
  const sweep = join(folder, 'results');
  const ended = await lacuna(
    folder,
    ['sweep', '--spec', tinySpec(folder, { steps: 4, methods: '{ paired: {} }' }), '--out', sweep, '--no-tracking'],
    { LACUNA_ENGINE: 'wasm' },
  );
  expect(ended).toMatchObject({ status: 0, err: '' });
  const [id] = trialIds(sweep);
  expect(
    (JSON.parse(readFileSync(join(sweep, 'trials', id, 'result.json'), 'utf8')) as { engine: string }).engine,
  ).toContain('WebAssembly');
});

it('doctor speaks JSON', async () => {
  const { status, out, err } = await lacuna(newFolder(), ['doctor', '--json']);
  expect(err).toBe('');
  expect([0, 1]).toContain(status);
  expect(JSON.parse(out)).toMatchObject({
    engine: { kind: expect.any(String) as string },
    tracking: { kind: expect.any(String) as string },
    versions: { node: process.versions.node },
  });
});

describe('a sweep of which every trial diverges', () => {
  it('says so and ends with status 1', async () => {
    const folder = newFolder();
    const methods = '{ paired: { training: { optimizer: { learningRate: 1e30 } } } }';
    const spec = tinySpec(folder, { methods, steps: 20 });
    const { status, out } = await lacuna(folder, ['sweep', '--spec', spec, '--no-tracking']);
    expect(out).toMatch(/paired +diverged/);
    expect(out).toContain('every trial diverged: there is no model and no score\n');
    expect(status).toBe(1);
  });
});

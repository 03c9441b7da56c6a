import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { judgeClaim } from '../../src/study/claim.js';
import { contributionsOf } from '../../src/study/contributions.js';
import { keepStudy, restoreStudy } from '../../src/study/keep-study.js';
import { readStudies, readStudy, type KeptStudy } from '../../src/study/kept-study.js';
import { studyComparisons } from '../../src/study/study-comparisons.js';
import { writeResults } from '../../src/study/write-results.js';
import { writeJson } from '../../src/machine/json-file.js';
import { workspaceRoot } from '../../src/machine/workspace.js';
import { layout, readResult, type Scores, type TrialResult } from '../../src/sweep/results/results.js';
import { commonSpec, trialSpec } from '../../src/sweep/spec/spec.js';
import { resultOf } from '../sweep/fixtures.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-results-'));
});

const METRICS = ['psnr', 'cldice', 'recall_at_invention_10', 'betti_matching_error'] as const;
const regimes: Readonly<Record<string, object>> = {
  bicubic: { kind: 'interpolation' },
  'paired-small': { kind: 'paired' },
  'paired-large': { kind: 'paired' },
  'geometry-small': { kind: 'geometry' },
};

const config = (method: string, seed: number) =>
  trialSpec().parse({
    data: { source: 'dentin', width: 64, height: 64, images: 5 },
    degradation: { kind: 'bicubic', factor: 4 },
    split: { kind: 'folds', of: 5, fold: seed % 5 },
    model: { name: 'fsrcnn' },
    regime: regimes[method],
    training: { select: { metric: 'cldice' } },
    evaluation: { metrics: METRICS },
  });

/** Scores that rise with `quality`: three regions, a little apart from each other and by seed. */
function scores(quality: number, seed: number): Scores {
  const cases = [0, 1, 2].map((region) => {
    const value = quality + 0.001 * region + 0.0007 * seed;
    return {
      name: `region ${region}`,
      values: { psnr: 25, cldice: value, recall_at_invention_10: value, betti_matching_error: 100 * (1 - value) },
    };
  });
  const mean = (name: (typeof METRICS)[number]) => cases.reduce((sum, { values }) => sum + values[name], 0) / 3;
  return {
    values: Object.fromEntries(METRICS.map((name) => [name, mean(name)])),
    undefinedBecause: {},
    protocol: 'test',
    cases,
  };
}

function result(method: string, seed: number, quality: number): TrialResult {
  const base = resultOf(method, seed, { common: [0.5] });
  const own = scores(quality, seed);
  const parameters = method.endsWith('large') ? 100_000 : 4000;
  return {
    ...base,
    test: own,
    testOwnLevel: own,
    ownLevel: { level: 0.5, clDice: 0.9 },
    cost: { ...base.cost, parameters },
  };
}

/** A sweep's folder as `lacuna sweep` leaves it, with these trials finished. */
function writeSweep(
  trials: readonly { method: string; seed: number; quality: number }[],
  suffix = '',
  name = 'tiny',
): string {
  const sweep = join(folder, 'runs', name);
  const id = ({ method, seed }: { method: string; seed: number }) => `${method}-${seed}${suffix}`;
  writeJson(join(sweep, 'spec.json'), {
    trials: trials.map(id),
    resolved: { name, description: 'A sweep.', methods: regimes, seeds: [0, 1, 2, 3] },
  });
  for (const { method, seed, quality } of trials) {
    const to = layout.trial(sweep, `${method}-${seed}${suffix}`);
    const trial = {
      id: `${method}-${seed}${suffix}`,
      name: `${method}, seed ${seed}`,
      group: method,
      method,
      axes: {},
      seed,
      config: config(method, seed),
    };
    writeJson(layout.trialFile(to), { trial, baseDir: folder });
    writeJson(layout.result(to), result(method, seed, quality));
  }
  return sweep;
}

const seeds = (method: string, quality: number, list = [0, 1, 2, 3]) => list.map((seed) => ({ method, seed, quality }));

describe('keeping', () => {
  it('adds the trials of later runs, forgets those that are no longer planned, and goes back into a folder', () => {
    const kept = join(folder, 'kept');
    const first = keepStudy(writeSweep([...seeds('bicubic', 0.6), ...seeds('paired-small', 0.7, [0])]), kept);
    expect(first).toMatchObject({ trials: 5, added: 5, dropped: 0 });
    const again = writeSweep([...seeds('paired-small', 0.7), ...seeds('bicubic', 0.6)]);
    expect(keepStudy(again, kept)).toMatchObject({ trials: 8, added: 3 });
    const study = readStudy(first.path);
    expect(study.trials.map(({ trial }) => trial.id).slice(3, 6)).toEqual([
      'bicubic-3',
      'paired-small-0',
      'paired-small-1',
    ]);
    expect(study.trials[2].trial.config.split).toMatchObject({ kind: 'folds', fold: 2 });

    const restored = join(folder, 'restored');
    expect(restoreStudy(study, restored)).toBe(8);
    expect(restoreStudy(study, restored)).toBe(0);
    const back = readResult(layout.trial(restored, 'paired-small-2'))!;
    expect(back.test.values['cldice']).toBeCloseTo(result('paired-small', 2, 0.7).test.values['cldice']!, 6);

    // A run of some methods leaves the others as they are; a trial whose settings changed takes the old one's place.
    writeSweep(seeds('bicubic', 0.6));
    expect(keepStudy(again, kept)).toMatchObject({ trials: 8, added: 0, dropped: 0 });
    writeSweep(seeds('bicubic', 0.65, [0]), 'changed');
    expect(keepStudy(again, kept)).toMatchObject({ trials: 8, added: 1, dropped: 1 });
  });

  it('refuses what is no study', () => {
    writeJson(join(folder, 'other.json'), { format: 'something' });
    expect(() => readStudy(join(folder, 'other.json'))).toThrow('got JSON of another kind');
    expect(() => writeResults({ from: join(folder, 'none'), page: join(folder, 'p.md'), images: folder })).toThrow(
      'got no study',
    );
  });
});

describe('the claim', () => {
  const study = (geometry: number, bicubic = 0.6): KeptStudy => ({
    name: 'tiny',
    description: 'A sweep.',
    resolved: {},
    common: commonSpec.parse({}),
    trials: [
      ...seeds('bicubic', bicubic),
      ...seeds('paired-small', 0.7),
      ...seeds('paired-large', 0.75),
      ...seeds('geometry-small', geometry),
    ].map(({ method, seed, quality }) => ({
      trial: {
        id: `${method}-${seed}`,
        name: method,
        group: method,
        method,
        axes: {},
        seed,
        config: config(method, seed),
      },
      result: result(method, seed, quality),
      made: { commit: null, date: '2026-01-01', machine: 'one' },
    })),
  });
  it('is taken apart into what each part of geometry is worth, as far as both methods have finished', () => {
    const found = contributionsOf(studyComparisons([study(0.8)]));
    expect(found.map(({ what, method, to }) => [what, method, to])).toEqual([
      ['the geometry loss', 'geometry-small', 'paired-small'],
    ]);
    expect(found[0].scores.map(({ verdict: each }) => each)).toEqual(['better', 'better', 'better']);
    // Three differences of one p each, all corrected together.
    const [first] = found[0].scores;
    expect(first.corrected).toBeCloseTo(Math.min(1, 3 * first.difference.p), 12);
    const worse = contributionsOf(studyComparisons([study(0.6)]));
    expect(worse[0].scores.map(({ verdict: each }) => each)).toEqual(['worse', 'worse', 'worse']);
  });

  const verdict = (...given: Parameters<typeof study>) => judgeClaim(studyComparisons([study(...given)]))[0];

  it('holds where the subject is better by every score and nothing without training is above it', () => {
    expect(verdict(0.8)).toMatchObject({ holds: true, parameterShare: 0.04, psnrToPeer: 0, above: [] });
    expect(verdict(0.8).scores.map(({ verdict: each }) => each)).toEqual(['better', 'better', 'better']);
  });

  it('does not hold where it is worse, or below a filter', () => {
    expect(verdict(0.7)).toMatchObject({ holds: false });
    expect(verdict(0.7).scores.map(({ verdict: each }) => each)).toEqual(['worse', 'worse', 'worse']);
    const below = verdict(0.8, 0.9);
    expect(below.holds).toBe(false);
    expect(below.above.map(({ method }) => method)).toEqual(['bicubic', 'bicubic', 'bicubic']);
  });
});

it('networks of others have a section of their own, and no part in the claim', () => {
  const kept = join(folder, 'kept');
  const sweep = (name: string, quality: number) =>
    writeSweep([...seeds('paired-large', 0.7), ...seeds('geometry-small', quality)], '', name);
  keepStudy(sweep('study-x', 0.8), kept);
  keepStudy(sweep('peers-x-1min', 0.6), kept);
  const page = join(folder, 'page.md');
  const written = writeResults({ from: kept, page, images: join(folder, 'images') });
  const text = readFileSync(page, 'utf8');
  expect(text).toContain('1 data sets, 8 of 16 trials');
  const section = text.slice(text.indexOf('## Networks of others'), text.indexOf('\n## dentin'));
  expect(section).toMatch(/### dentin, x4\n[^]*\| geometry-small \|.*0\.602/);
  expect(text.match(/^\| dentin, x4 \| geometry-small \|/gm)).toHaveLength(1);
  expect(new Set(written).size).toBe(written.length);
});

it('the page in docs is made from the numbers that are kept', () => {
  const docs = join(workspaceRoot, 'docs');
  expect(readStudies(join(docs, 'results')).length).toBeGreaterThan(0);
  const page = join(folder, 'results.md');
  const written = writeResults({ from: join(docs, 'results'), page, images: join(folder, 'images', 'results') });
  expect(readFileSync(page, 'utf8')).toBe(readFileSync(join(docs, 'results.md'), 'utf8'));
  for (const path of written) expect(existsSync(path.replace(folder, docs))).toBe(true);
});

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Journal, keepPoint } from '@lacuna/sweep';
import { drawFront, drawHistory } from '../../src/figures/charts/search.js';
import { foundBy, shownPoints } from '../../src/search/found.js';
import { foundCsv, withFound } from '../../src/search/found-text.js';
import { objectivesOf, outcomeOf } from '../../src/search/objectives.js';
import { withPoints } from '../../src/search/points-of-sweep.js';
import { searchesOf } from '../../src/search/search-figures.js';
import { comparisonsOf } from '../../src/sweep/results/comparisons.js';
import { planSweep, plannedTrials, type LacunaSweep } from '../../src/sweep/plan/plan.js';
import { layout, type TrialResult } from '../../src/sweep/results/results.js';
import { writeTrialsCsv } from '../../src/sweep/results/trials-csv.js';
import { resultOf } from '../sweep/fixtures.js';

const SPEC = `
name: found
data: { source: dentin, width: 64, height: 64, pixelSize: 0.1um, images: 5, seed: 0 }
degradation: { kind: confocal, factor: 4 }
split: { kind: specimen, fractions: [0.6, 0.2, 0.2] }
evaluation: { metrics: [psnr, cldice, recall_at_invention_10] }
training: { select: { metric: cldice } }
model: { name: fsrcnn }
methods:
  paired: { regime: { kind: paired } }
  geometry: { regime: { kind: geometry } }
search:
  kind: tpe
  trials: 8
  start: spec
  space:
    training.optimizer.learningRate: { float: [0.0001, 0.01], log: true }
    regime.dice: { float: [0.01, 1], methods: [geometry] }
  maximise: [validation/cldice]
`;

/** Score on validation and parameters of the points that finish. */
const FINISHED: Readonly<Record<number, readonly [number, number]>> = {
  0: [0.7, 3000],
  1: [0.72, 2000],
  3: [0.8, 4000],
  5: [0.75, 5000],
};

let folder: string;
let sweep: LacunaSweep;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-found-'));
  const spec = join(folder, 'found.yaml');
  writeFileSync(spec, SPEC);
  const planned = planSweep(spec, { sets: [], baseDir: folder });
  mkdirSync(join(folder, 'search'));
  const journal = new Journal(folder);
  for (let number = 0; number < 7; number++) {
    const method = number % 2 === 0 ? 'paired' : 'geometry';
    const rate = { 'training.optimizer.learningRate': 0.001 + number / 10_000 };
    const point = { method, ...rate, ...(method === 'geometry' ? { 'regime.dice': 0.5 } : {}) };
    keepPoint(layout.points(folder), { number, point });
    const [trial] = planned.search!.plan(number, point);
    const write = (result: Partial<TrialResult>) => {
      const whole = { ...resultOf(trial.method, 0, { common: [0.6, 0.7] }), id: trial.id, ...result };
      mkdirSync(layout.trial(folder, trial.id), { recursive: true });
      writeFileSync(layout.result(layout.trial(folder, trial.id)), JSON.stringify(whole));
    };
    const validation = (cldice: number) => ({ values: { cldice }, undefinedBecause: {}, protocol: 'p' });
    if (number in FINISHED) {
      const [score, parameters] = FINISHED[number];
      const { cost } = resultOf('x', 0, { common: [0.5] });
      write({ validation: validation(score), cost: { ...cost, parameters } });
    }
    if (number === 2) write({ status: 'pruned', reason: 'median at step 20, cldice 0.5', validation: validation(0.5) });
    if (number === 4) journal.append({ trial: trial.id, state: 'failed', reason: 'exit status 7' });
  }
  writeFileSync(
    layout.importances(folder),
    JSON.stringify([
      { objective: 'validation/cldice', shares: { 'regime.dice': 0.25, 'training.optimizer.learningRate': 0.75 } },
    ]),
  );
  sweep = withPoints(planned, folder);
});

describe('what a search found', () => {
  it('knows how each point ended, best first, by what lies in the folder', () => {
    const found = foundBy(sweep, folder)!;
    expect(found.points.map(({ title, state }) => `${title} ${state}`)).toEqual([
      'paired #0 finished',
      'geometry #1 finished',
      'paired #2 pruned',
      'geometry #3 finished',
      'paired #4 failed',
      'geometry #5 finished',
      'paired #6 open',
    ]);
    expect(found.ranked.map(({ title }) => title)).toEqual(['geometry #3', 'geometry #5', 'geometry #1', 'paired #0']);
    // The spec's own, #0 and #1, are among the best.
    expect(shownPoints(found).map(({ title }) => title)).toEqual([
      'geometry #3',
      'geometry #5',
      'geometry #1',
      'paired #0',
    ]);
  });

  it('is a table with the points that ended early, and a CSV of all', () => {
    const found = foundBy(sweep, folder)!;
    const text = withFound(found, 'BOARD');
    expect(text.split('\n')[0]).toBe('search by tpe: 7 points: 4 finished, 1 pruned, 1 failed, 1 open');
    expect(text).toContain('PRUNED  paired #2 after 10 steps: median at step 20, cldice 0.5');
    expect(text).toContain('FAILED  paired #4: exit status 7');
    expect(text.endsWith('\n\nBOARD')).toBe(true);
    expect(withFound(null, 'BOARD')).toBe('BOARD');
    const lines = foundCsv(found).split('\n');
    expect(lines[0]).toBe(
      'point,state,reason,steps,validation/cldice,training.optimizer.learningRate,regime.dice,trials',
    );
    expect(lines[4]).toMatch(/^geometry #3,FINISHED,,10,0\.8,0\.0013,0\.5,[0-9a-f]{12}$/);
    expect(lines).toHaveLength(9);
  });

  it('compares the best points beside one another, whatever their fields are', () => {
    const [comparison, ...others] = comparisonsOf(sweep, folder);
    expect(others).toEqual([]);
    expect(comparison.results.map(({ method }) => method)).toEqual([
      'geometry #3',
      'geometry #5',
      'geometry #1',
      'paired #0',
    ]);
  });

  it('draws the front of points that none is better than in score and cost', () => {
    const [data] = searchesOf(sweep, folder);
    const svg = drawFront(data);
    // #5 scores less than #3 and costs more, #0 less than #1.
    expect(svg).toContain('#1: 0.7200 at 2 k parameters; #3: 0.8000 at 4 k parameters');
    expect(svg).not.toContain('#5:');
    expect(svg.match(/validation clDice/g)).not.toBeNull();
    expect(drawHistory(data)).toContain('training.optimizer.learningRate 75 %, regime.dice 25 %');
  });

  it('is drawn with its best point inside of the picture, and the worst of many at its edge', () => {
    const [data] = searchesOf(sweep, folder);
    const scores = Array.from({ length: 40 }, (_, number) => (number === 0 ? 0.1 : 0.8 + number / 1000));
    const history = scores.map((score, number) => ({ number, method: 'paired', score, isFinished: true }));
    /** Heights of the line of the best so far. */
    const heightsOf = (better: 'higher' | 'lower') => {
      const signed = history.map((point) => ({ ...point, score: better === 'higher' ? point.score : -point.score }));
      const svg = drawHistory({ ...data, history: signed, score: { ...data.score, better } });
      const [, path] = / d="(M[^"]*H[^"]*V[^"]*)"/.exec(svg)!;
      return [...path.matchAll(/V([\d.-]+)/g)].map(([, y]) => Number(y));
    };
    for (const better of ['higher', 'lower'] as const) {
      const heights = heightsOf(better);
      expect(heights).toHaveLength(39);
      // The frame of the course, which begins 40 pt below the title.
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(40);
    }
  });

  it('of very many trials a line each, with place, end, scores and costs', async () => {
    const counts = await writeTrialsCsv(sweep, folder);
    expect(counts).toEqual({ finished: 4, others: 1, lacking: 2 });
    const lines = readFileSync(join(folder, 'trials.csv'), 'utf8').split('\n');
    expect(lines[0]).toContain('trial,method,training.optimizer.learningRate,regime.dice,seed,status,reason,steps');
    expect(lines[4]).toContain('geometry #3,0.0013,0.5,0,finished,,10,,0.8,');
    expect(lines[5]).toMatch(/^[0-9a-f]{12},paired #4,0\.0014,,0,,,/);
  });
});

describe('objectives', () => {
  it('are scores of the validation split and costs; those over all levels come too late to prune by', () => {
    const [{ config }] = plannedTrials(sweep);
    const scores = ['validation/psnr', 'validation/cldice', 'validation/recall_at_invention_10'];
    expect(objectivesOf(config)).toEqual({
      all: [...scores, 'parameters', 'macs', 'seconds', 'energy'],
      whileTraining: scores.slice(0, 2),
    });
  });

  it('are read from results, with the scores of single regions', () => {
    const result = resultOf('a', 0, { common: [0.5] });
    const cases = [0.4, 0.6, null].map((cldice, i) => ({ name: `r${i}`, values: { cldice } }));
    const validation = { ...result.validation, values: { cldice: 0.5 }, cases };
    expect(outcomeOf({ ...result, validation }, ['validation/cldice', 'energy', 'parameters'])).toEqual({
      state: 'finished',
      values: { 'validation/cldice': 0.5, energy: null, parameters: 1000 },
      regions: [0.4, 0.6],
    });
    expect(outcomeOf({ ...result, status: 'pruned', reason: 'late' }, ['seconds'])).toEqual({
      state: 'pruned',
      reason: 'late',
    });
  });
});

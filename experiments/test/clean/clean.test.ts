import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockSweep } from '@lacuna/sweep';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanSweep, sweepsToClean } from '../../src/clean/clean.js';
import { bytesOfAll, describeLeavings } from '../../src/clean/describe.js';
import { CLEANED, leavingsOf, type Cleaned } from '../../src/clean/removable.js';
import { layout } from '../../src/sweep/results/results.js';

const kinds = Object.keys(CLEANED) as Cleaned[];
const FILES = ['best', 'last', 'previous'].map((name) => `${name}.safetensors`);

let sweep: string;
beforeEach(() => {
  sweep = mkdtempSync(join(tmpdir(), 'lacuna-clean-'));
  const resolved = { methods: { paired: {}, geometry: {} }, seeds: [0, 1] };
  writeFileSync(join(sweep, 'spec.json'), JSON.stringify({ trials: ['a', 'b'], resolved }));
});
afterEach(() => rmSync(sweep, { recursive: true, force: true }));

interface Made {
  readonly method?: string;
  readonly seed?: number;
  /** Of validation; null for a trial that has not ended. */
  readonly score: number | null;
  readonly after?: string;
  readonly better?: 'higher' | 'lower';
}

/** A trial of 10 bytes a file. */
function makeTrial(id: string, { method = 'paired', seed = 0, score, after, better = 'higher' }: Made): void {
  const folder = layout.trial(sweep, id);
  mkdirSync(layout.checkpoints(folder), { recursive: true });
  for (const file of FILES) writeFileSync(join(layout.checkpoints(folder), file), '0123456789');
  const config = { training: { select: { metric: 'cldice', better } } };
  const trial = { id, name: `${method}, seed ${seed}`, group: method, method, seed, config, after };
  writeFileSync(layout.trialFile(folder), JSON.stringify({ trial }));
  if (score === null) return;
  const validation = { values: { cldice: score } };
  writeFileSync(layout.result(folder), JSON.stringify({ id, group: method, status: 'finished', validation }));
}

/** A journal of which the server has got nothing. */
function makeJournal(id: string): void {
  const run = join(layout.spool(layout.trial(sweep, id)), 'run');
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, '00000001.log'), 'not delivered\n');
}

const found = (): string[] => leavingsOf(sweep, kinds).removable.map(({ kind, trial }) => `${kind} ${trial}`);
const model = (id: string): boolean => existsSync(join(layout.checkpoints(layout.trial(sweep, id)), FILES[0]));

describe('what a sweep no longer needs', () => {
  it('is the states of finished trials, and the models that another seed beats', () => {
    makeTrial('a', { seed: 0, score: 0.7 });
    makeTrial('b', { seed: 1, score: 0.8 });
    makeTrial('c', { method: 'geometry', score: 0.1 });
    expect(found()).toEqual(['states a', 'states b', 'states c', 'models a']);
    expect(bytesOfAll([leavingsOf(sweep, kinds)])).toBe(70);
  });

  it('follows the direction in which the spec selects', () => {
    makeTrial('a', { seed: 0, score: 0.7, better: 'lower' });
    makeTrial('b', { seed: 1, score: 0.8, better: 'lower' });
    expect(found()).toContain('models b');
  });

  it('is nothing of a trial that has not ended, nor the model that it begins from', () => {
    makeTrial('a', { seed: 0, score: 0.7 });
    makeTrial('b', { seed: 1, score: 0.8 });
    makeTrial('c', { method: 'geometry', score: null, after: 'a' });
    expect(found()).toEqual(['states a', 'states b']);
  });

  it('is a trial whose name another one has now, or whose method or seed is gone; none that --only left out', () => {
    makeTrial('a', { score: 0.7 });
    makeTrial('older', { score: 0.6 });
    makeTrial('method', { method: 'pix2pix', score: 0.6 });
    makeTrial('seed', { seed: 7, score: 0.6 });
    makeTrial('left-out', { method: 'geometry', score: null });
    expect(found().filter((line) => line.startsWith('superseded'))).toEqual(
      ['method', 'older', 'seed'].map((id) => `superseded ${id}`),
    );
  });

  it('waits for MLflow, but for states, which no run logs', () => {
    makeTrial('a', { seed: 0, score: 0.7 });
    makeTrial('b', { seed: 1, score: 0.8 });
    makeTrial('older', { score: 0.6 });
    for (const id of ['a', 'older']) makeJournal(id);
    expect(found()).toEqual(['states a', 'states b']);
    expect(describeLeavings([leavingsOf(sweep, kinds)])).toContain('kept       2 trials of ');
  });
});

describe('lacuna clean --yes', () => {
  it('removes what was asked for, once, and leaves results and the best model', () => {
    makeTrial('a', { seed: 0, score: 0.7 });
    makeTrial('b', { seed: 1, score: 0.8 });
    expect(bytesOfAll([cleanSweep(sweep, ['models'])])).toBe(10);
    expect([model('a'), model('b')]).toEqual([false, true]);
    expect(bytesOfAll([cleanSweep(sweep, kinds)])).toBe(40);
    expect(bytesOfAll([cleanSweep(sweep, kinds)])).toBe(0);
    expect([model('b'), existsSync(layout.result(layout.trial(sweep, 'a')))]).toEqual([true, true]);
  });

  it('removes nothing of a sweep that runs', () => {
    makeTrial('a', { score: 0.7 });
    const release = lockSweep(sweep);
    try {
      expect(() => cleanSweep(sweep, kinds)).toThrow(`${sweep}: got a sweep that process ${process.pid} is running`);
    } finally {
      release();
    }
    expect(found()).toEqual(['states a']);
  });

  it('takes folders of sweeps alone', () => {
    expect(() => sweepsToClean([tmpdir()])).toThrow('got a folder without a sweep (spec.json)');
    expect(() => sweepsToClean([join(sweep, 'gone')])).toThrow('got no such folder');
    expect(sweepsToClean([], join(sweep, '..'))).toContain(sweep);
    expect(sweepsToClean([], join(sweep, 'gone'))).toEqual([]);
  });
});

import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planKept } from '../../src/sweep/plan/kept-plan.js';
import { planSweep, type LacunaTrial } from '../../src/sweep/plan/plan.js';
import { layout } from '../../src/sweep/results/results.js';

const picture = fileURLToPath(new URL('../../../docs/images/enlarged.png', import.meta.url));
let folder: string;
let spec: string;
let out: string;
const selection = (...set: string[]) => ({ spec, set, out });
const plan = () => planSweep(spec, { sets: [], baseDir: process.cwd() }).trials;
const ids = (trials: readonly LacunaTrial[]): string[] => trials.map(({ id }) => id);

/** What a sweep leaves of its trials before they have a result. */
function leave(trials: readonly LacunaTrial[], { planned = ids(trials), seconds = 1 } = {}): void {
  for (const trial of trials) {
    const file = layout.trialFile(layout.trial(out, trial.id));
    mkdirSync(layout.trial(out, trial.id), { recursive: true });
    writeFileSync(file, JSON.stringify({ trial }));
    utimesSync(file, seconds, seconds);
  }
  writeFileSync(join(out, 'spec.json'), JSON.stringify({ trials: planned }));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-kept-'));
  out = join(folder, 'results');
  spec = join(folder, 's.yaml');
  mkdirSync(join(folder, 'images'));
  cpSync(picture, join(folder, 'images/a.png'));
  writeFileSync(
    spec,
    'name: s\ndata: { source: folder, path: images }\ndegradation: { kind: bicubic, factor: 2 }\n' +
      'model: { name: fsrcnn }\nmethods:\n  bicubic: { regime: { kind: interpolation } }\n' +
      '  paired: { regime: { kind: paired } }\nseeds: [0, 1]\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a sweep whose images are gone', () => {
  it('has the trials that its folder keeps, which is said', () => {
    const trials = plan();
    leave(trials);
    expect(planKept(selection())).toMatchObject({ note: null });
    rmSync(join(folder, 'images'), { recursive: true });
    const { sweep, note } = planKept(selection());
    expect(ids(sweep.trials)).toEqual(ids(trials));
    expect(note).toBe(
      `note       the images are not there (${join(folder, 'images')}: no such folder): trials are told by their ` +
        `settings in ${out}`,
    );
  });

  it('has none of other settings', () => {
    const trials = plan();
    leave(trials);
    rmSync(join(folder, 'images'), { recursive: true });
    const { sweep } = planKept(selection('training.steps=7'));
    // Interpolation has no steps.
    expect(sweep.trials.map(({ id }) => ids(trials).includes(id))).toEqual([true, true, false, false]);
  });

  it('has those of the images that it saw last: by its plan, else by their time', () => {
    const first = plan();
    writeFileSync(join(folder, 'images/a.png'), 'other images');
    const second = plan();
    expect(ids(second)).not.toEqual(ids(first));
    leave(first, { seconds: 1 });
    leave(second, { seconds: 2, planned: ids(first) });
    rmSync(join(folder, 'images'), { recursive: true });
    expect(ids(planKept(selection()).sweep.trials)).toEqual(ids(first));
    writeFileSync(join(out, 'spec.json'), '{}');
    expect(ids(planKept(selection()).sweep.trials)).toEqual(ids(second));
  });

  it('also where its manifest is there and the images that it lists are not', () => {
    const list = join(folder, 'list.csv');
    writeFileSync(list, 'path,specimen\nimages/a.png,one\n');
    const manifest = `data={source: manifest, path: ${list}}`;
    const trials = planSweep(spec, { sets: [manifest], baseDir: process.cwd() }).trials;
    leave(trials);
    rmSync(join(folder, 'images/a.png'));
    const { sweep, note } = planKept(selection(manifest));
    expect(note).toContain('a.png');
    expect(ids(sweep.trials)).toEqual(ids(trials));
  });
});

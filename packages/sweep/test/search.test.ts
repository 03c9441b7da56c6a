import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Study, searchSource, type Labels, type Trial, type TrialOutcome } from '../src/index.js';
import { loadText, messageOf } from './spec.js';

const python = process.env['LACUNA_PYTHON'];
const title = `search by Optuna${python ? '' : ' (skipped: LACUNA_PYTHON names no Python)'}`;

interface Config {
  readonly model: { readonly name: string; readonly filters?: number };
  readonly training: { readonly learningRate: number };
}

const SPACE = `
model: { name: fsrcnn }
methods:
  plain: {}
  huber: { loss: { kind: huber } }
search:
  kind: KIND
  trials: TRIALS
  seed: 3
  space:
    training.learningRate: { float: [0.0001, 0.1], log: true }
    model.filters: { int: [2, 16] }
    loss.delta: { float: [0.5, 2], methods: [huber] }
  maximise: [validation/score]
`;

const textOf = (kind: string, trials: number, more = '') =>
  `name: s${SPACE.replace('KIND', kind).replace('TRIALS', String(trials))}${more}`;

/** Best at a learning rate of 0.01 and 10 filters. */
function scoreOf({ model, training }: Config): number {
  return -(Math.log10(training.learningRate / 0.01) ** 2) - ((model.filters ?? 8) / 10 - 1) ** 2;
}

interface Told {
  readonly number: number;
  readonly point: Labels;
}

interface Drive {
  /** Trials after which the process is taken to be killed. */
  readonly upTo?: number;
  /** Asks for them at the end: Optuna loads scikit-learn, which takes seconds. */
  readonly importances?: boolean;
  readonly worth?: (trial: Trial<Config>) => TrialOutcome;
  /** Scores at steps 10, 20, 30. */
  readonly validations?: (trial: Trial<Config>) => readonly number[];
}

/** Runs a search one trial at a time, in a folder that keeps its study and its results. */
async function run(text: string, folder: string, drive: Drive = {}) {
  const { search } = loadText(text);
  const { study, trials: known } = await Study.open({
    python: python!,
    path: join(folder, 'study.log'),
    name: 's',
    spec: search!.spec,
    dimensions: search!.dimensions,
    method: search!.method,
    first: search!.first,
    settings: search!.settings,
  });
  const path = join(folder, 'results.json');
  const results: Record<string, TrialOutcome> = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, TrialOutcome>)
    : {};
  const asked: Told[] = [];
  const byId = new Map<string, Trial<Config>>();
  const order: string[] = [];
  const jobs = await searchSource<Config>({
    search: search as never,
    study,
    known,
    jobOf: ({ id }) => ({ id, arguments: [], log: '' }),
    outcomeOf: ({ id }) => results[id] ?? null,
    onPoint({ number, point, trials }) {
      asked.push({ number, point });
      for (const trial of trials) byId.set(trial.id, trial);
    },
    onRefused: () => undefined,
  });
  const finished = (trial: Trial<Config>): TrialOutcome => {
    const score = scoreOf(trial.config);
    return { state: 'finished', values: { 'validation/score': score }, regions: [score] };
  };
  for (let job = await jobs.take(); job; job = await jobs.take()) {
    const trial = byId.get(job.id)!;
    order.push(trial.name);
    if (order.length === drive.upTo) break;
    let pruned: string | null = null;
    for (const [i, value] of (drive.validations?.(trial) ?? []).entries())
      pruned ??= await jobs.judge!(job.id, { step: 10 * (i + 1), values: { score: value } });
    results[job.id] = pruned === null ? (drive.worth ?? finished)(trial) : { state: 'pruned', reason: pruned };
    await jobs.end(job.id, { state: pruned === null ? 'finished' : 'pruned' });
  }
  writeFileSync(path, JSON.stringify(results));
  const importances = drive.importances ? await study.importances() : [];
  await study.close();
  return { asked, order, results, importances };
}

const folder = () => mkdtempSync(join(tmpdir(), 'lacuna-search-'));

describe.skipIf(!python)(title, () => {
  it.each(['sobol', 'tpe'])(
    '%s: the same seed gives the same points, through a stop as well; fields of one method are its own',
    async (kind) => {
      const whole = await run(textOf(kind, 8), folder());
      expect(whole.asked).toHaveLength(8);
      const stopped = folder();
      const before = await run(textOf(kind, 8), stopped, { upTo: 6 });
      const after = await run(textOf(kind, 8), stopped);
      // What was cut off is run again, before new points.
      expect(after.order[0]).toBe(before.order.at(-1));
      expect(after.asked).toEqual(whole.asked);
      expect(new Set(whole.asked.map(({ point }) => point['method']))).toEqual(new Set(['plain', 'huber']));
      for (const { point } of whole.asked) {
        expect(point['training.learningRate']).toBeGreaterThanOrEqual(0.0001);
        expect('loss.delta' in point).toBe(point['method'] === 'huber');
      }
    },
  );

  it('tpe finds better points than those that it began with, and knows which field decides', async () => {
    const text = textOf('tpe', 40).replace('\n  seed: 3', '\n  seed: 3\n  startup: 8');
    const { asked, results, importances } = await run(text, folder(), { importances: true });
    const scores = Object.values(results).map((each) =>
      each.state === 'finished' ? each.values['validation/score']! : -Infinity,
    );
    expect(asked).toHaveLength(40);
    expect(Math.max(...scores)).toBeGreaterThan(Math.max(...scores.slice(0, 8)));
    const [shares] = importances;
    expect(Object.keys(shares).sort()).toEqual(['loss.delta', 'method', 'model.filters', 'training.learningRate']);
    expect(shares['training.learningRate']).toBeGreaterThan(shares['method']);
  });

  it("begins with the spec's own values, and goes on with a study whose last line was torn", async () => {
    const text = textOf('random', 3).replace('seed: 3', 'seed: 3\n  start: spec');
    const at = folder();
    const { asked } = await run(
      `${text}training: { learningRate: 0.01 }\n`.replace('huber }', 'huber, delta: 1 }'),
      at,
      {
        upTo: 3,
      },
    );
    expect(asked.slice(0, 2).map(({ point }) => point)).toEqual([
      { method: 'plain', 'training.learningRate': 0.01, 'model.filters': 8 },
      { method: 'huber', 'training.learningRate': 0.01, 'model.filters': 8, 'loss.delta': 1 },
    ]);
    const log = join(at, 'study.log');
    writeFileSync(log, `${readFileSync(log, 'utf8')}{"op_code": 5, "wor`);
    const again = await run(`${text}training: { learningRate: 0.01 }\n`.replace('huber }', 'huber, delta: 1 }'), at);
    expect(again.asked).toEqual(asked);
  });

  it('prunes what is worse than the median of the others at the same step, and says so', async () => {
    const text = textOf('random', 6, '  prune: { kind: median, startup: 3, warmup: 15 }\n');
    const { results, order } = await run(text, folder(), {
      // The fourth is the worst from the beginning; before step 20 nothing is pruned.
      validations: ({ name }) => (name.endsWith('#3') ? [0.1, 0.11, 0.12] : [0.4, 0.5, 0.6]),
    });
    const pruned = Object.values(results).filter(({ state }) => state === 'pruned');
    expect(order).toHaveLength(6);
    expect(pruned).toEqual([{ state: 'pruned', reason: 'median at step 20, score 0.1100' }]);
  });

  it.each(['halving, least: 10, reduction: 2', 'hyperband, least: 10, most: 30', 'patience, patience: 1'])(
    'prunes by %s',
    async (prune) => {
      const text = textOf('random', 8, `  prune: { kind: ${prune} }\n`);
      const { results } = await run(text, folder(), {
        validations: ({ name }) => (Number(name.split('#')[1]) % 2 === 0 ? [0.5, 0.6, 0.7] : [0.3, 0.2, 0.1]),
      });
      const ends = Object.values(results).map(({ state }) => state);
      expect(ends).toContain('pruned');
      expect(ends).toContain('finished');
    },
  );

  it('wilcoxon: a point that is worse after some seeds gets no others', async () => {
    const text = `${textOf('random', 3, '  prune: { kind: wilcoxon, p: 0.2 }\n')}seeds: [0, 1, 2, 3]\n`;
    const worth = ({ name, seed }: Trial<Config>): TrialOutcome => {
      const level = name.includes('#0') ? 0.8 : 0.2;
      const regions = [level + seed / 100, level + 0.01 + seed / 100, level + 0.02];
      return { state: 'finished', values: { 'validation/score': level }, regions };
    };
    const { order } = await run(text, folder(), { worth });
    const seedsOf = (number: number) => order.filter((name) => name.includes(`#${number}`)).length;
    expect([seedsOf(0), seedsOf(1), seedsOf(2)]).toEqual([4, 1, 1]);
  });

  it('several objectives; trials that diverge or fail are told as such', async () => {
    const text = textOf('nsga2', 6).replace('maximise:', 'minimise: [parameters]\n  maximise:');
    const worth = (trial: Trial<Config>): TrialOutcome => {
      if (trial.name.endsWith('#1')) return { state: 'diverged', reason: 'loss is NaN' };
      const values = { 'validation/score': trial.name.endsWith('#2') ? null : 1, parameters: 10 };
      return { state: 'finished', values, regions: [] };
    };
    const at = folder();
    await run(text, at, { worth });
    const log = readFileSync(join(at, 'study.log'), 'utf8');
    expect(log).toContain('"reason":"diverged: loss is NaN"');
    expect(log).toContain('"reason":"validation/score has no value"');
  });

  it('a study of other settings is not gone on with', async () => {
    const at = folder();
    await run(textOf('random', 1), at);
    await expect(run(textOf('random', 2), at)).resolves.toBeDefined();
    await expect(run(textOf('random', 2).replace('[2, 16]', '[2, 8]'), at)).rejects.toThrow(
      /study\.log: got a search of other settings .*, wanted the search of this spec/,
    );
  });

  it('a Gaussian process without PyTorch is refused with what brings it', async () => {
    await expect(run(textOf('gp', 1), folder())).rejects.toThrow(
      /search\.kind: gp: got .* without PyTorch, wanted PyTorch.*-m pip install torch/,
    );
  });
});

describe('planning a search', () => {
  const refused = (change: (text: string) => string) => messageOf(() => loadText(change(textOf('tpe', 3))));

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'no field',
      (text) => text.replace(/space:[^]*maximise/, 'space: {}\n  maximise'),
      /search\.space: got a map with no keys, wanted at least one field/,
    ],
    [
      'a range upside down',
      (text) => text.replace('[2, 16]', '[16, 2]'),
      /spec\.yaml:12:\d+: search\.space\.model\.filters\.int: got \[16, 2\], wanted \[low, high\] with low < high/,
    ],
    [
      'a logarithm of 0',
      (text) => text.replace('[0.0001,', '[0,'),
      /search\.space\.training\.learningRate: got .*, wanted a range above 0/,
    ],
    [
      'one choice',
      (text) => text.replace('{ int: [2, 16] }', '{ choice: [2] }'),
      /search\.space\.model\.filters\.choice: got \[2\], wanted a list of at least 2/,
    ],
    [
      'a field that is none',
      (text) => text.replace('model.filters', 'model.filter'),
      /model\.filter: got an unknown key, wanted one of name, filters; did you mean filters\?/,
    ],
    [
      'a value that the field does not take',
      (text) => text.replace('[2, 16]', '[-2, 16]'),
      /spec\.yaml:12:\d+: model\.filters: got -2, wanted a number >= 1/,
    ],
    [
      'a field of one method alone',
      (text) => text.replace(', methods: [huber]', ''),
      /loss\.kind: got nothing, wanted one of l1, huber \(method plain\)/,
    ],
    [
      'a method that is none',
      (text) => text.replace('[huber]', '[hubert]'),
      /search\.space\.loss\.delta\.methods: got "hubert", wanted methods of the sweep .* did you mean huber\?/,
    ],
    [
      'an unknown sampler',
      (text) => text.replace('kind: tpe', 'kind: tpa'),
      /search\.kind: got "tpa", wanted one of random, sobol, tpe, nsga2, gp; did you mean tpe\?/,
    ],
    ['no objective', (text) => text.replace(/ {2}maximise.*/, ''), /search: got .*, wanted maximise or minimise/],
    [
      'axes beside it',
      (text) => `${text}axes: { cross: { training.steps: [1, 2] } }\n`,
      /search: got axes beside it, wanted one of them/,
    ],
    [
      'several objectives to prune by',
      (text) => text.replace(/maximise: .*/, 'maximise: [a, b]\n  prune: { kind: median }'),
      /wanted one objective where trials are pruned/,
    ],
    [
      'wilcoxon with one seed',
      (text) => `${text}  prune: { kind: wilcoxon }\n`,
      /search\.prune: got wilcoxon with one seed, wanted several/,
    ],
    [
      'a start outside of the space',
      (text) => text.replace('seed: 3', 'seed: 3\n  start: spec').replace('[2, 16]', '[2, 4]'),
      /search\.start: got 8 for model\.filters of plain, wanted a value within its space/,
    ],
  ])('refuses %s', (_, change, message) => {
    expect(refused(change)).toMatch(message);
  });

  it('refuses an objective that no trial has, and one to prune by that comes too late', () => {
    const objectives = () => ({
      all: ['validation/psnr', 'validation/score', 'parameters'],
      whileTraining: ['validation/psnr'],
    });
    const message = (text: string) => messageOf(() => loadText(text, { objectives }));
    expect(message(textOf('tpe', 1).replace('validation/score', 'validation/pnsr'))).toBe(
      'spec.yaml:14:14: search.maximise: got "validation/pnsr", which no trial of plain has, ' +
        'wanted one of validation/psnr, validation/score, parameters; did you mean validation/psnr?',
    );
    expect(message(textOf('tpe', 1, '  prune: { kind: median }\n'))).toBe(
      'spec.yaml:14:14: search.maximise: got "validation/score" of method plain, ' +
        'wanted a score of every validation to prune by (validation/psnr)',
    );
  });

  it('plans trials of a point with ids of their settings, one for each seed; corners stand for all', () => {
    const { search, trials } = loadText(`${textOf('tpe', 3)}seeds: [0, 5]\n`);
    expect(trials).toEqual([]);
    const point = { method: 'huber', 'training.learningRate': 0.02, 'model.filters': 3, 'loss.delta': 1.5 };
    const made = search!.plan(7, point);
    expect(made.map(({ name }) => name)).toEqual(['huber #7, seed 0', 'huber #7, seed 5']);
    expect(made[0].config).toMatchObject({ loss: { kind: 'huber', delta: 1.5 }, model: { filters: 3 } });
    const listed = loadText(
      'name: s\nmodel: { name: fsrcnn, filters: 3 }\nloss: { kind: huber, delta: 1.5 }\n' +
        'training: { learningRate: 0.02 }\nseeds: [0, 5]\n',
    );
    expect(made.map(({ id }) => id)).toEqual(listed.trials.map(({ id }) => id));
    expect(search!.probes.map(({ axes }) => axes['model.filters'])).toEqual([2, 2, 16, 16, 2, 2, 16, 16]);
  });
});

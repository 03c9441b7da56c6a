import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LacunaError } from '@lacuna/core';
import { SpecError, formatPlace, loadSweep, parseTree, plain } from '../src/index.js';
import { placeOf } from '../src/spec/tree.js';

const model = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('small'), filters: z.int().min(1).max(64).default(8) }),
  z.strictObject({
    name: z.literal('unet'),
    levels: z.int().default(2),
    kernel: z.union([z.number(), z.array(z.number())]).optional(),
  }),
]);
const options = {
  trial: z.strictObject({
    model,
    training: z.strictObject({
      steps: z.int().positive(),
      rate: z.number().multipleOf(0.5).optional(),
      names: z.array(z.string().min(2)).min(1).max(3).optional(),
      loss: z.enum(['l1', 'l2']).default('l1'),
      flag: z.boolean().default(false),
    }),
  }),
  common: z.strictObject({ tracking: z.strictObject({ experiment: z.string().default('x') }).prefault({}) }),
  fingerprint: () => 'v1',
};

let folder: string;
let before: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spec-'));
  before = process.cwd();
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  return path;
}

function errorOf(action: () => unknown): LacunaError {
  try {
    action();
  } catch (error) {
    if (error instanceof LacunaError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
const messageFor = (text: string, sets: string[] = []) =>
  errorOf(() => loadSweep(write('s.yaml', text), { ...options, sets })).message;
const good = 'name: a\nmodel: { name: small }\ntraining: { steps: 3 }\n';

describe('a spec that does not hold', () => {
  it('lists every problem, of the sweep and of the trials, with file, line and column', () => {
    const error = errorOf(() =>
      loadSweep(
        write(
          's.yaml',
          [
            'name: a b',
            'model: { name: smal }',
            'training:',
            '  steps: 1.5',
            '  rate: 0.7',
            '  names: []',
            '  los: l1',
            '  loss: l3',
            'seeds: [0, -1]',
            'tracking: { experment: q }',
            '',
          ].join('\n'),
        ),
        options,
      ),
    );
    expect(error).toBeInstanceOf(SpecError);
    expect(error.exitCode).toBe(2);
    expect(error.message.split('\n')).toEqual([
      '9 problems in the spec:',
      '  s.yaml:1:7: name: got "a b", wanted letters, digits, dot, dash, underscore',
      '  s.yaml:9:12: seeds.1: got -1, wanted a number >= 0',
      '  s.yaml:10:13: tracking.experment: got an unknown key, wanted one of experiment; did you mean experiment?',
      '  s.yaml:2:16: model.name: got "smal", wanted one of small, unet; did you mean small?',
      '  s.yaml:4:10: training.steps: got 1.5, wanted a whole number',
      '  s.yaml:5:9: training.rate: got 0.7, wanted a multiple of 0.5',
      '  s.yaml:6:3: training.names: got [], wanted a list of at least 1',
      '  s.yaml:8:9: training.loss: got "l3", wanted one of l1, l2; did you mean l1?',
      '  s.yaml:7:3: training.los: got an unknown key, wanted one of steps, rate, names, loss, flag; did you ' +
        'mean loss?',
    ]);
  });

  it.each([
    [
      'name: a\nmodel: { name: unet, kernel: x, filters: 3 }\ntraining: { steps: 1, names: [x] }\n',
      [
        's.yaml:2:30: model.kernel: got "x", wanted a number or a list',
        's.yaml:2:33: model.filters: got an unknown key, wanted one of name, levels, kernel',
        's.yaml:3:31: training.names.0: got "x", wanted text of at least 2 characters',
      ],
    ],
    [
      'name: a\nmodel: {}\ntraining:\n',
      [
        's.yaml:2:1: model.name: got nothing, wanted one of small, unet',
        's.yaml:3:1: training: got null, wanted a map',
      ],
    ],
    ['model: { name: small }\ntraining: { steps: 3 }\n', ['s.yaml: name: got nothing, wanted text']],
    [
      `${good}seds: [1]\n`,
      [
        's.yaml:4:1: seds: got an unknown key, wanted one of model, training, name, description, methods, ' +
          'axes, seeds, search, budget, tracking; did you mean seeds?',
      ],
    ],
    [`${good}seeds: [0, 0]\n`, ['s.yaml:4:1: seeds: got [0, 0], wanted each seed once']],
    [`${good}methods: {}\n`, ['s.yaml:4:1: methods: got a map with no keys, wanted at least one method']],
    [
      `${good}methods:\n  one: { training: { steps: 4 } }\n  two: { model: { filters: 0 } }\n`,
      ['s.yaml:6:28: model.filters: got 0, wanted a number >= 1 (method two)'],
    ],
    [
      `${good}methods:\n  one: { training: { steps: 3 } }\n  two: {}\n`,
      ['s.yaml:6:3: two: got the very settings of one, wanted trials that differ'],
    ],
    [
      `${good}axes:\n  cross:\n    training.stps: [1]\n`,
      [
        's.yaml:6:21: training.stps: got an unknown key, wanted one of steps, rate, names, loss, flag; did ' +
          'you mean steps?',
      ],
    ],
    [
      `${good}axes:\n  zip:\n    training.steps: [1, 2]\n    model.filters: [1]\n`,
      ['s.yaml:5:3: axes.zip: got lists of 2, 1 values, wanted lists of one length'],
    ],
    ['name: a\nname: b\n', ['s.yaml:2:1: got "name" twice, wanted each key once']],
    [
      'a: !!python/object:os.system x\n',
      ['s.yaml:1:4: got the tag !!python/object:os.system, wanted values without tags of other programs'],
    ],
    [`'${'x'.repeat(200)}'\n`, [`s.yaml:1:1: got "${'x'.repeat(120)}" and 80 letters more, wanted keys and values`]],
    [
      `${good}methods: { "a\\e[31mred": {} }\n`,
      ['s.yaml:4:12: methods.a\\x1b[31mred: got the name "a\\u001b[31mred", wanted a name, without spaces around it'],
    ],
    ['a: 1\n---\nb: 2\n', ['s.yaml:2:1: got a second document, wanted one document a file']],
    ['a: *x\n', ['s.yaml:1:4: got *x, wanted an anchor &x before it']],
    ['a: &x { b: *x }\n', ['s.yaml:1:12: got *x inside of what it names, wanted values that end']],
    ['- 1\n', ['s.yaml:1:1: got a list, wanted keys and values']],
    ['', ['s.yaml:1:1: got an empty file, wanted keys and values']],
  ])('%j', (text, problems) => {
    const message = messageFor(text);
    expect(
      message
        .split('\n')
        .filter((line) => !/^\d+ problems/.test(line))
        .map((line) => line.trim()),
    ).toEqual(problems);
  });
});

describe('--set', () => {
  it('changes fields, list items and whole maps; its value is YAML', () => {
    const { trials } = loadSweep(write('s.yaml', `${good}seeds: [0, 1]\n`), {
      ...options,
      sets: ['model.filters=3', 'seeds.1=7', 'training={steps: 9, flag: true}', 'training.names=[ab, cd]'],
    });
    expect(trials.map(({ seed }) => seed)).toEqual([0, 7]);
    expect(trials[0].config).toEqual({
      model: { name: 'small', filters: 3 },
      training: { steps: 9, flag: true, names: ['ab', 'cd'], loss: 'l1' },
    });
  });

  it('a new discriminating name takes the old fields away', () => {
    const { trials } = loadSweep(
      write('s.yaml', 'name: a\nmodel: { name: small, filters: 4 }\ntraining: { steps: 3 }\n'),
      { ...options, sets: ['model.name=unet'] },
    );
    expect(trials[0].config.model).toEqual({ name: 'unet', levels: 2 });
  });

  it.each([
    [
      'model.filers=3',
      '--set model.filers: model.filers: got an unknown key, wanted one of name, filters; did you mean filters?',
    ],
    ['training.steps=many', '--set training.steps: training.steps: got "many", wanted a whole number'],
    ['name.first=a', '--set name.first: name: got a map with first, wanted text'],
    ['seeds.3=1', '--set seeds.3: got item 3 of a list of 1, wanted 0 to 0'],
    ['training.steps', '--set training.steps: got no =, wanted --set path=value'],
    ['=3', '--set =3: got no path, wanted --set path=value'],
  ])('refuses %s', (set, message) => {
    expect(messageFor(`${good}seeds: [0]\n`, [set])).toBe(message);
  });
});

describe('extends', () => {
  it('merges maps, replaces lists and scalars, later bases over earlier ones; errors name the file', () => {
    write('base/one.yaml', 'training: { steps: 1, names: [aa, bb] }\nseeds: [1, 2]\n');
    write('base/two.yaml', 'model: { name: small, filters: 2 }\ntraining:\n  steps: 2\n');
    const path = write('s.yaml', 'extends: [base/one.yaml, base/two.yaml]\nname: s\ntraining: { names: [cc] }\n');
    const { trials } = loadSweep(path, options);
    expect(trials.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(trials[0].config).toMatchObject({ model: { filters: 2 }, training: { steps: 2, names: ['cc'] } });
    write('base/two.yaml', 'model: { name: small, filters: 2 }\ntraining:\n  steps: two\n');
    expect(errorOf(() => loadSweep(path, options)).message).toBe(
      'base/two.yaml:3:10: training.steps: got "two", wanted a whole number',
    );
  });

  it('refuses a missing file and a circle at the place that asks for it', () => {
    write('b.yaml', 'extends: s.yaml\n');
    expect(messageFor('name: s\nextends: b.yaml\n')).toBe(
      'b.yaml:1:10: got a circle of extends: s.yaml -> b.yaml -> s.yaml, wanted specs that do not extend one another',
    );
    expect(messageFor('name: s\nextends: [c.yaml]\n')).toMatch(
      /^s\.yaml:2:11: got c\.yaml: no such file, wanted a spec/,
    );
    expect(messageFor('extends: 3\n')).toBe('s.yaml:1:10: got 3, wanted the path of a spec');
    expect(errorOf(() => loadSweep('none.yaml', options)).message).toMatch(
      /^none\.yaml: got no such file, wanted a spec/,
    );
  });
});

describe('YAML', () => {
  it('anchors and << give their values at each place; own keys win', () => {
    const tree = parseTree('one: &one { a: 1, b: 2 }\ntwo: { <<: *one, b: 3 }\nthree: *one\n', 'y.yaml');
    expect(plain(tree)).toEqual({ one: { a: 1, b: 2 }, two: { a: 1, b: 3 }, three: { a: 1, b: 2 } });
    expect(formatPlace(placeOf(tree, ['two', 'a']))).toBe('y.yaml:1:16');
    expect(() => parseTree('a: { <<: 3 }\n', 'y.yaml')).toThrow(
      'y.yaml:1:6: got << without a map, wanted <<: *anchor of a map',
    );
  });
});

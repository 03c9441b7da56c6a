import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../src/index.js';
import { loadText, messageOf } from './spec.js';

const head = 'name: a\nmodel: { name: fsrcnn }\n';
const names = (text: string) => loadText(head + text).trials.map(({ name }) => name);
const ids = (text: string, fingerprint: unknown = 1) =>
  loadText(text, { fingerprint: () => fingerprint }).trials.map(({ id }) => id);

describe('trials of a spec', () => {
  it('is one without methods, axes and seeds', () => {
    expect(names('')).toEqual(['default']);
  });

  it('are methods times crossed axes times seeds', () => {
    expect(
      names(
        'methods: { small: {}, large: { model: { filters: 32 } } }\naxes: { cross: { training.steps: [1, 2] ' +
          '} }\nseeds: [0, 1]\n',
      ),
    ).toEqual([
      'small, steps 1, seed 0',
      'small, steps 1, seed 1',
      'large, steps 1, seed 0',
      'large, steps 1, seed 1',
      'small, steps 2, seed 0',
      'small, steps 2, seed 1',
      'large, steps 2, seed 0',
      'large, steps 2, seed 1',
    ]);
  });

  it('are those of a spec without axes after --set axes={}', () => {
    const text = `${head}axes: { cross: { training.steps: [1, 2] } }\n`;
    expect(loadText(text).trials).toHaveLength(2);
    const [only, ...others] = loadText(text, { sets: ['axes={}'] }).trials;
    expect(others).toEqual([]);
    expect(only.config).toMatchObject({ training: { steps: 100 } });
  });

  it('crosses two axes and zips two', () => {
    expect(names('axes: { cross: { training.steps: [1, 2], model.filters: [3, 4] } }\n')).toHaveLength(4);
    const { trials } = loadText(
      `${head}axes: { zip: { training.steps: [1, 2], training.learningRate: [0.1, 0.2] } }\n`,
    );
    expect(
      trials.map(
        ({
          config: {
            training: { steps, learningRate },
          },
        }) => [steps, learningRate],
      ),
    ).toEqual([
      [1, 0.1],
      [2, 0.2],
    ]);
    expect(trials[1].axes).toEqual({ 'training.steps': 2, 'training.learningRate': 0.2 });
  });

  it('multiplies zipped axes with crossed ones', () => {
    expect(
      names(
        'axes: { cross: { model.filters: [3, 4] }, zip: { training.steps: [1, 2, 3], training.learningRate: ' +
          '[0.1, 0.2, 0.3] } }\n',
      ),
    ).toHaveLength(6);
  });

  it('refuses zipped axes of two lengths', () => {
    expect(messageOf(() => loadText(`${head}axes:\n  zip: { training.steps: [1, 2], model.filters: [1] }\n`))).toBe(
      'spec.yaml:4:3: axes.zip: got lists of 2, 1 values, wanted lists of one length',
    );
  });

  it('lets an axis swap a map', () => {
    const { trials } = loadText(
      `${head}axes: { cross: { model: [{ name: fsrcnn, filters: 2 }, { name: unet, levels: 2 }] } }\n`,
    );
    expect(trials.map(({ config }) => config.model)).toEqual([
      { name: 'fsrcnn', filters: 2 },
      { name: 'unet', levels: 2 },
    ]);
  });

  it('names the place of a wrong axis value', () => {
    expect(messageOf(() => loadText(`${head}axes:\n  cross:\n    training.steps: [1, two]\n`))).toBe(
      'spec.yaml:5:25: training.steps: got "two", wanted a whole number',
    );
  });

  it('refuses trials that are the same', () => {
    expect(messageOf(() => loadText(`${head}methods:\n  one: {}\n  two: { model: { filters: 8 } }\n`))).toBe(
      'spec.yaml:5:3: two: got the very settings of one, wanted trials that differ',
    );
    expect(messageOf(() => loadText(`${head}seeds: [3, 3]\n`))).toBe(
      'spec.yaml:3:1: seeds: got [3, 3], wanted each seed once',
    );
  });

  it('groups what differs by seed alone', () => {
    const { trials } = loadText(`${head}seeds: [1, 2]\n`);
    expect(new Set(trials.map(({ group }) => group)).size).toBe(1);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(2);
  });
});

describe("a trial's id", () => {
  const [id] = ids('name: a\nmodel: { name: fsrcnn, filters: 4 }\ntraining: { steps: 5, learningRate: 1 }\n');

  it('is the same for another order of keys, another name, a default written out', () => {
    expect(ids('training: { learningRate: 1, steps: 5 }\nmodel: { filters: 4, name: fsrcnn }\nname: other\n')).toEqual([
      id,
    ]);
    expect(
      ids(
        'name: a\ndescription: words\ntracking: { experiment: e }\nmodel: { name: fsrcnn, filters: 4 }\n' +
          'training: { steps: 5, learningRate: 1 }\nloss: { kind: l1 }\nmethods: { renamed: {} }\nseeds: [0]\n',
      ),
    ).toEqual([id]);
  });

  it.each([
    ['a field', 'name: a\nmodel: { name: fsrcnn, filters: 5 }\ntraining: { steps: 5, learningRate: 1 }\n', 1],
    ['a deeper field', 'name: a\nmodel: { name: fsrcnn, filters: 4 }\ntraining: { steps: 6, learningRate: 1 }\n', 1],
    [
      'the seed',
      'name: a\nmodel: { name: fsrcnn, filters: 4 }\ntraining: { steps: 5, learningRate: 1 }\nseeds: [1]\n',
      1,
    ],
    [
      'a union',
      'name: a\nmodel: { name: fsrcnn, filters: 4 }\ntraining: { steps: 5, learningRate: 1 }\nloss: { kind: huber }\n',
      1,
    ],
    ['code or data', 'name: a\nmodel: { name: fsrcnn, filters: 4 }\ntraining: { steps: 5, learningRate: 1 }\n', 2],
  ])('changes with %s', (_, text, fingerprint) => {
    expect(ids(text, fingerprint)).not.toEqual([id]);
  });

  it('is twelve hexadecimal digits', () => {
    expect(id).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('canonicalJson', () => {
  it('sorts keys at every depth, leaves lists and drops undefined', () => {
    expect(canonicalJson({ b: [2, { d: 1, c: null }], a: 'x', e: undefined })).toBe(
      '{"a":"x","b":[2,{"c":null,"d":1}]}',
    );
  });
});

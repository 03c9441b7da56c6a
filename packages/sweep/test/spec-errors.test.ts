import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SpecError, parseTree, parseWith } from '../src/index.js';
import { load, loadText, messageOf, specFolder } from './spec.js';

describe('what a spec is refused for', () => {
  it('an unknown key: its place, the valid names, the nearest one', () => {
    expect(
      messageOf(() => loadText('name: a\nmodel: { name: fsrcnn }\ntraining:\n  steps: 3\n  learningrate: 1\n')),
    ).toBe(
      'spec.yaml:5:3: training.learningrate: got an unknown key, wanted one of steps, learningRate, ' +
        'fractions; did you mean learningRate?',
    );
  });

  it('an unknown key at the top', () => {
    const message = messageOf(() => loadText('name: a\nmodle: { name: fsrcnn }\nmodel: { name: unet }\n'));
    expect(message).toMatch(
      /^spec\.yaml:2:1: modle: got an unknown key, wanted one of .*model.*; did you mean model\?$/,
    );
  });

  it('a key of another branch of a union', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: unet, filters: 3 }\n'))).toBe(
      'spec.yaml:2:22: model.filters: got an unknown key, wanted one of name, levels',
    );
  });

  it('a wrong type', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: fsrcnn }\ntraining: { steps: many }\n'))).toBe(
      'spec.yaml:3:20: training.steps: got "many", wanted a whole number',
    );
  });

  it('a fraction where a whole number is wanted', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: fsrcnn }\ntraining: { steps: 1.5 }\n'))).toBe(
      'spec.yaml:3:20: training.steps: got 1.5, wanted a whole number',
    );
  });

  it('a number out of range', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: fsrcnn }\ntraining: { steps: 0 }\n'))).toBe(
      'spec.yaml:3:20: training.steps: got 0, wanted a number >= 1',
    );
  });

  it('an item of a list', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: fsrcnn }\ntraining: { fractions: [0.5, half] }\n'))).toBe(
      'spec.yaml:3:30: training.fractions.1: got "half", wanted a number',
    );
  });

  it('an unknown discriminator, with the nearest value', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: fsrcn }\n'))).toBe(
      'spec.yaml:2:16: model.name: got "fsrcn", wanted one of fsrcnn, unet; did you mean fsrcnn?',
    );
  });

  it('a map without its discriminator', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { filters: 3 }\n'))).toMatch(
      /^spec\.yaml:2:\d+: model\.name: got nothing, wanted one of fsrcnn, unet$/,
    );
  });

  it('a missing part', () => {
    expect(messageOf(() => loadText('name: a\n'))).toMatch(/^spec\.yaml: model: got nothing, wanted /);
  });

  it('everything at once, each problem on a line', () => {
    const message = messageOf(() =>
      loadText('name: a\nmodel: { name: fsrcnn, filtres: 2 }\ntraining: { steps: x }\nseeds: [-1]\n'),
    );
    expect(message.split('\n')[0]).toMatch(/^\d problems in the spec:$/);
    expect(message).toContain('spec.yaml:4:9: seeds.0: got -1');
    const trials = messageOf(() => loadText('name: a\nmodel: { name: fsrcnn, filtres: 2 }\ntraining: { steps: x }\n'));
    expect(trials.split('\n')).toHaveLength(3);
    expect(trials).toContain('  spec.yaml:2:24: model.filtres: got an unknown key');
    expect(trials).toContain('  spec.yaml:3:20: training.steps: got "x"');
  });

  it('is a SpecError, the mistake of a user', () => {
    try {
      loadText('name: a\n');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SpecError);
      expect((error as SpecError).exitCode).toBe(2);
    }
  });

  it('YAML that does not parse, and a key given twice', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: fsrcnn\n'))).toMatch(
      /^spec\.yaml:\d+:\d+: got .*, wanted YAML$/,
    );
    expect(messageOf(() => loadText('name: a\nname: b\n'))).toMatch(
      /^spec\.yaml:2:1: got "[a-z]+" twice, wanted each key once$/,
    );
  });

  it('an empty file, a list, and no file', () => {
    expect(messageOf(() => loadText(''))).toMatch(/spec\.yaml:1:1: got an empty file, wanted keys and values/);
    expect(messageOf(() => loadText('- a\n'))).toMatch(/got a list, wanted keys and values/);
    expect(messageOf(() => load('no-such-spec.yaml'))).toMatch(
      /^no-such-spec\.yaml: got no such file, wanted a spec \(YAML\)/,
    );
  });

  it('a method that is no map', () => {
    expect(messageOf(() => loadText('name: a\nmodel: { name: fsrcnn }\nmethods: { one: 3 }\n'))).toMatch(
      /^spec\.yaml:3:17: methods\.one: got 3, wanted a map$/,
    );
  });

  it('no spec at all: a name with characters that a folder may not have', () => {
    expect(messageOf(() => loadText('name: a/b\nmodel: { name: fsrcnn }\n'))).toMatch(
      /^spec\.yaml:1:7: name: got "a\/b", wanted letters, digits, dot, dash, underscore$/,
    );
  });
});

describe('extends', () => {
  const base = 'name: base\nmodel: { name: fsrcnn, filters: 4 }\ntraining:\n  steps: nonsense\n';

  it('keeps the place of what another file wrote', () => {
    const at = specFolder({ 'base.yaml': base, 'own.yaml': 'extends: base.yaml\nname: own\n' });
    expect(messageOf(() => load(at('own.yaml')))).toBe(
      'base.yaml:4:10: training.steps: got "nonsense", wanted a whole number',
    );
  });

  it('lets the later file win, key by key', () => {
    const at = specFolder({
      'base.yaml': base,
      'more.yaml': 'training: { steps: 7 }\n',
      'own.yaml': 'extends: [base.yaml, more.yaml]\nname: own\ntraining: { learningRate: 2 }\n',
    });
    const { name, trials } = load(at('own.yaml'));
    expect(name).toBe('own');
    expect(trials[0].config).toMatchObject({
      model: { name: 'fsrcnn', filters: 4 },
      training: { steps: 7, learningRate: 2 },
    });
  });

  it('replaces a map whose discriminator changes', () => {
    const at = specFolder({
      'base.yaml': 'name: base\nmodel: { name: fsrcnn, filters: 4 }\n',
      'own.yaml': 'extends: base.yaml\nmodel: { name: unet }\n',
    });
    expect(load(at('own.yaml')).trials[0].config.model).toEqual({ name: 'unet', levels: 3 });
  });

  it('refuses a circle', () => {
    const at = specFolder({ 'a.yaml': 'extends: b.yaml\nname: a\n', 'b.yaml': 'extends: a.yaml\n' });
    expect(messageOf(() => load(at('a.yaml')))).toMatch(/got a circle of extends: a\.yaml -> b\.yaml -> a\.yaml/);
  });

  it('names a base that is missing', () => {
    const at = specFolder({ 'a.yaml': 'extends: gone.yaml\nname: a\n' });
    expect(messageOf(() => load(at('a.yaml')))).toMatch(/^a\.yaml:1:10: got gone\.yaml: no such file, wanted a spec/);
  });
});

describe('--set', () => {
  const text = 'name: a\nmodel: { name: fsrcnn, filters: 4 }\nseeds: [1, 2]\n';
  const config = (...sets: string[]) => loadText(text, { sets }).trials[0].config;

  it('sets a number, an item of a list, a whole list, a map', () => {
    expect(config('training.steps=9').training.steps).toBe(9);
    expect(loadText(text, { sets: ['seeds.1=5'] }).trials.map(({ seed }) => seed)).toEqual([1, 5]);
    expect(loadText(text, { sets: ['seeds=[3]'] }).trials.map(({ seed }) => seed)).toEqual([3]);
    expect(config('training={steps: 3, learningRate: 1}').training).toMatchObject({ steps: 3, learningRate: 1 });
  });

  it('merges a map, and replaces it when its discriminator changes', () => {
    expect(config('model={filters: 6}').model).toEqual({ name: 'fsrcnn', filters: 6 });
    expect(config('model={name: unet}').model).toEqual({ name: 'unet', levels: 3 });
    expect(config('model.name=unet').model).toEqual({ name: 'unet', levels: 3 });
    expect(config('model.name=fsrcnn').model).toEqual({ name: 'fsrcnn', filters: 4 });
  });

  it('names the option where the path is unknown', () => {
    expect(messageOf(() => config('training.stepz=9'))).toBe(
      '--set training.stepz: training.stepz: got an unknown key, wanted one of steps, learningRate, ' +
        'fractions; did you mean steps?',
    );
  });

  it('names the option where the value is wrong', () => {
    expect(messageOf(() => config('training.steps=few'))).toBe(
      '--set training.steps: training.steps: got "few", wanted a whole number',
    );
    expect(messageOf(() => config('seeds.7=1'))).toBe('--set seeds.7: got item 7 of a list of 2, wanted 0 to 1');
    expect(messageOf(() => config('training.steps'))).toBe('--set training.steps: got no =, wanted --set path=value');
    expect(messageOf(() => config('model={name: '))).toMatch(/^--set model/);
  });
});

describe('the place and the method of a problem', () => {
  const head = 'name: a\nmodel: { name: fsrcnn }\n';

  it('an axis that does not fit one of the methods names it', () => {
    const text = `${head}methods: { a: {}, b: { model: { name: unet } } }\naxes: { cross: { model.filters: [4] } }\n`;
    expect(messageOf(() => loadText(text))).toBe(
      'spec.yaml:4:34: model.filters: got an unknown key, wanted one of name, levels (method b)',
    );
  });

  it('inside of a map that is one of several forms, the part that is wrong is named', () => {
    const limits = z.strictObject({ shift: z.number() });
    const schema = z.strictObject({ align: z.union([z.boolean(), limits], 'wanted true, false, or limits') });
    const problems = (text: string) => {
      const parsed = parseWith(parseTree(text, 's.yaml'), schema);
      return 'problems' in parsed ? parsed.problems : [];
    };
    expect(problems('align: { shift: far }')).toEqual(['s.yaml:1:17: align.shift: got "far", wanted a number']);
    expect(problems('align: { shift: 1, shfit: 2 }')).toHaveLength(1);
    expect(problems('align: maybe')).toEqual(['s.yaml:1:8: align: got "maybe", wanted true, false, or limits']);
  });
});

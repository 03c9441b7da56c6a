import { describe, expect, it } from 'vitest';
import { load, loadText, messageOf, specFolder } from './spec.js';

const text =
  'name: a\nmodel: { name: fsrcnn }\n' +
  'methods:\n  small: { model: { filters: 2 } }\n  large: { model: { filters: 32 } }\n' +
  '  deep: { model: { name: unet } }\n';
const methods = (path: string, options: Parameters<typeof load>[1] = {}) =>
  load(path, options).trials.map(({ method }) => method);

describe('leaving a method out', () => {
  const at = specFolder({
    'base.yaml': text,
    'own.yaml': 'extends: base.yaml\nmethods: { large: null, wide: { model: { filters: 64 } } }\n',
    'typo.yaml': 'extends: base.yaml\nmethods: { larg: null }\n',
    'alone.yaml': 'name: b\nmodel: { name: unet }\nmethods: { x: null }\n',
    'none.yaml': 'extends: base.yaml\nmethods: { small: null, large: null, deep: null }\n',
  });

  it('by null, in a file and by --set', () => {
    expect(methods(at('own.yaml'))).toEqual(['small', 'deep', 'wide']);
    expect(methods(at('base.yaml'), { sets: ['methods.small=null'] })).toEqual(['large', 'deep']);
    expect(methods(at('base.yaml'), { sets: ['methods={deep: null, x: {model: {filters: 3}}}'] })).toEqual([
      'small',
      'large',
      'x',
    ]);
    expect(load(at('own.yaml')).resolved).not.toHaveProperty('methods.large');
  });

  it('that nothing inherits is refused, with the nearest name', () => {
    expect(messageOf(() => load(at('typo.yaml')))).toBe(
      'typo.yaml:2:12: got a method that is not there, "larg", wanted one of small, large, deep; did you mean large?',
    );
    expect(messageOf(() => load(at('alone.yaml')))).toMatch(/^alone\.yaml:3:12: methods\.x: got null, wanted a map/);
  });

  it('until none is left is refused', () => {
    expect(messageOf(() => load(at('none.yaml')))).toMatch(/methods: got .*, wanted at least one method$/);
  });
});

describe('--only', () => {
  it('plans some methods, with the ids that they have among all', () => {
    const all = loadText(text).trials;
    const some = loadText(text, { only: ['deep', 'small'] }).trials;
    expect(some).toEqual(all.filter(({ method }) => method !== 'large'));
  });

  it('refuses a name that is no method', () => {
    expect(messageOf(() => loadText(text, { only: ['smal'] }))).toBe(
      '--only smal: got an unknown method, wanted some of small, large, deep; did you mean small?',
    );
  });

  it('does not ask whether the others are sound', () => {
    const broken = `${text}  broken: { model: { filters: none } }\n`;
    expect(loadText(broken, { only: ['small'] }).trials).toHaveLength(1);
    expect(messageOf(() => loadText(broken))).toMatch(/model\.filters: got "none".*\(method broken\)$/);
  });
});

describe('an override of the command line', () => {
  it('of a method that is not there is a typo', () => {
    expect(messageOf(() => loadText(text, { sets: ['methods.smal.training.steps=3'] }))).toBe(
      '--set methods.smal.training.steps: got a method that is not there, "smal", wanted one of small, large, deep; ' +
        'did you mean small?',
    );
    expect(loadText(text, { sets: ['methods.new={model: {filters: 5}}'] }).trials).toHaveLength(4);
  });

  it('that reaches no trial is said', () => {
    expect(messageOf(() => loadText(text, { sets: ['model.filters=5', 'model.levels=2'] }))).toMatch(/model\.levels/);
    const overridden = text.replace('  deep: { model: { name: unet } }\n', '');
    expect(messageOf(() => loadText(overridden, { sets: ['model.filters=5'] }))).toBe(
      '--set model.filters: got a value that reaches no trial, since every method or an axis sets it again, ' +
        'wanted one that changes something; name the method (--set methods.NAME.model.filters=...) or the axis',
    );
    const axes = `${text}axes: { cross: { training.steps: [1, 2] } }\n`;
    expect(messageOf(() => loadText(axes, { sets: ['training.steps=9'] }))).toMatch(
      /^--set training\.steps: got a value/,
    );
  });

  it('that reaches one trial, the whole sweep, or the axes is taken', () => {
    const one = `${text}  other: { training: { steps: 4 } }\n`;
    expect(loadText(one, { sets: ['model.filters=5'] }).trials.at(-1)?.config.model).toMatchObject({ filters: 5 });
    const sets = ['seeds=[4]', 'tracking.experiment=e', 'axes={cross: {training.steps: [3]}}', 'description=d'];
    expect(loadText(text, { sets }).trials[0].name).toBe('small, steps 3, seed 4');
  });

  it('given twice, the later one counts', () => {
    expect(loadText(text, { sets: ['seeds=[4]', 'seeds=[5]'] }).trials[0].seed).toBe(5);
  });
});

describe('names of methods', () => {
  it.each([
    ["''", '""'],
    ["' a'", '" a"'],
    ['"a\\nb"', '"a\\nb"'],
    ['"\\e[31mred"', '"\\u001b[31mred"'],
  ])('%s is refused', (name, shown) => {
    const message = messageOf(() => loadText(`name: a\nmodel: { name: unet }\nmethods: { ${name}: {} }\n`));
    expect(message).toContain(`: got the name ${shown}, wanted a name, without spaces around it`);
  });
});

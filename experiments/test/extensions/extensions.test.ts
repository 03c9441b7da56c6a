import { readFileSync } from 'node:fs';
import { evaluate, type MetricName } from '@lacuna/iqa';
import { Graph, createProgram, openEngine, type RegimeContext } from '@lacuna/models';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requireFiniteTerms } from '../../src/extensions/finite-terms.js';
import { loadExtensionsOfSpec } from '../../src/extensions/in-spec.js';
import { digestOf, loadExtensions } from '../../src/extensions/load.js';
import type { TermEntry, TermParts } from '../../src/extensions/term.js';
import { extensionsOf } from '../../src/extensions/used.js';
import { checkShapes } from '../../src/sweep/checks/check-shapes.js';
import { planSweep } from '../../src/sweep/plan/plan.js';
import { trialSpec } from '../../src/sweep/spec/spec.js';
import { settingsOfModel } from '../../src/upscale/settings-of-model.js';
import { at, folder, messageOf, registering, write } from './inline.js';

const load = (name: string, text: string) =>
  loadExtensions([{ file: write(name, text), by: 'spec.yaml:2:14: extensions' }]);

const METRIC = `better: 'lower', label: 'A', doc: 'something'`;
const optional = (name: string) => `${name}: lacuna.z.number().optional().describe('weight')`;
const body = (text: string) => `export default function (lacuna) {\n  ${text}\n}\n`;

describe('an extension that is wrong is one message with its file', () => {
  it.each([
    ['throws.mjs', body(`throw new RangeError('too much');`), /throws\.mjs:2: got RangeError: too much/],
    ['syntax.mjs', 'export default function ( {', /syntax\.mjs.*: got .*wanted a module that can be loaded/],
    ['no-default.mjs', 'export const a = 1;', /no-default\.mjs: got no default export, wanted export default function/],
    ['name.mjs', body(`lacuna.metric('Bad Name', {});`), /name\.mjs:2: metric: got the name "Bad Name"/],
    [
      'taken.mjs',
      body(`lacuna.metric('psnr', { compute: () => 1, ${METRIC} });`),
      /taken\.mjs:2: metric psnr: got a name that is taken/,
    ],
    [
      'twin.mjs',
      body(`lacuna.metric('largest_component_error', { compute: () => 1, ${METRIC} });`),
      /twin\.mjs:2: .* got the score largest_component_error, which is that of largest_component/,
    ],
    ['no-compute.mjs', body(`lacuna.metric('a', { ${METRIC} });`), /no-compute\.mjs:2: metric a: got compute/],
    [
      'no-weight.mjs',
      body(`lacuna.term('b', { options: {}, build: () => 0 });`),
      /got the options none, wanted an opt/,
    ],
    [
      'default.mjs',
      body(`lacuna.term('b', { options: { b: lacuna.z.number().default(1).describe('x') }, build: () => 0 });`),
      /default\.mjs:2: term b: got the option b with a default/,
    ],
    [
      'silent.mjs',
      body(`lacuna.term('b', { options: { b: lacuna.z.number().optional() }, build: () => 0 });`),
      /silent\.mjs:2: term b: got the option b without a word/,
    ],
    [
      'field.mjs',
      body(`lacuna.term('dice', { options: { ${optional('dice')} }, build: () => 0 });`),
      /field\.mjs:2: term dice: got the name dice, which is taken/,
    ],
    [
      'own.mjs',
      body(`lacuna.term('temperature', { options: { ${optional('temperature')} }, build: () => 0 });`),
      /own\.mjs:2: term temperature: got the name temperature, which is taken/,
    ],
    [
      'family.mjs',
      body(`lacuna.architecture('edsr', { options: lacuna.z.strictObject({}), build: () => 0 });`),
      /family\.mjs:2: architecture edsr: got a name that is taken/,
    ],
    [
      'kind.mjs',
      body(`lacuna.degradation('ct', { options: {}, kernels: () => ({}) });`),
      /kind\.mjs:2: degradation ct: got a name that is taken/,
    ],
    [
      'source.mjs',
      body(`lacuna.structure('folder', { options: {}, pixelSize: '1um', grow: () => [] });`),
      /source\.mjs:2: structure folder: got a name that is taken/,
    ],
    [
      'unit.mjs',
      body(`lacuna.structure('threads', { options: {}, pixelSize: '1', grow: () => [] });`),
      /unit\.mjs:2: structure threads: got pixelSize of another form, wanted a length, as "0.1um"/,
    ],
    [
      'must.mjs',
      body(`lacuna.augmentation('dim', { options: { by: lacuna.z.number().describe('x') }, apply: () => undefined });`),
      /must\.mjs:2: augmentation dim: got the option by, which must be given/,
    ],
    [
      'factor.mjs',
      body(`lacuna.degradation('far', { options: { factor: lacuna.z.int().describe('x') }, kernels: () => ({}) });`),
      /factor\.mjs:2: degradation far: got an option called factor/,
    ],
  ])('%s', async (name, text, message) => {
    const told = await messageOf(load(name, text));
    expect(told).toMatch(message);
    expect(told).toContain(at(name));
    expect(told.split('\n')).toHaveLength(1);
  });

  it.skipIf('typescript' in process.features)('is TypeScript where Node.js does not strip types', async () => {
    expect(await messageOf(load('typed.mts', body('')))).toMatch(
      /typed\.mts on Node\.js .*, which does not strip types/,
    );
  });

  it('is missing, or another one than when the sweep was planned', async () => {
    const asked = { file: at('none.mjs'), by: 'spec.yaml:2:14: extensions' };
    expect(await messageOf(loadExtensions([asked]))).toMatch(/^spec\.yaml:2:14: extensions: got .* which is not there/);
    const file = write('changed.mjs', body(''));
    const changed = loadExtensions([{ file, by: 'trial.json', digest: 'other' }]);
    expect(await messageOf(changed)).toMatch(/another content than when the sweep was planned/);
  });

  it('names who has a name that two want', async () => {
    const text = body(`lacuna.metric('twice', { compute: () => 1, ${METRIC} });`);
    await load('first.mjs', text);
    expect(await messageOf(load('second.mjs', text))).toMatch(/second\.mjs:2: .* taken \(by .*first\.mjs\)/);
  });
});

const image = { data: new Float32Array(64), width: 8, height: 8, depth: 1, channels: 1 };
const measure = (name: string) =>
  evaluate(image, image, { dataRange: 1, metrics: [name as MetricName] }).values[name as MetricName];
const describing = { better: 'lower', label: 'A', doc: 'something' } as const;

describe('what an extension computes', () => {
  it('gives a score, or none with the reason', () => {
    registering((lacuna) => {
      lacuna.metric('seven', { compute: () => 7, ...describing });
      lacuna.metric('nothing', { compute: () => null, ...describing });
      lacuna.metric('not_finite', { compute: () => NaN, ...describing });
    });
    expect(measure('seven')).toBe(7);
    expect(measure('nothing')).toBeNull();
    expect(() => measure('not_finite')).toThrow(/inline\.mjs: compute of not_finite: got NaN, wanted a finite number/);
  });

  const base = {
    data: { source: 'dentin', width: 128, height: 64 },
    degradation: { kind: 'confocal', factor: 2, photons: 100 },
    model: { name: 'fsrcnn', d: 4, s: 2, m: 1 },
  };
  const trial = (more: object) => ({ config: trialSpec().parse({ ...base, ...more }), group: 'g' });
  const built = (more: object) => () => checkShapes([trial(more) as never]);

  it('is held to the shapes of terms and models', () => {
    registering(({ term, architecture, z }) => {
      const weight = z.number().optional().describe('weight');
      term('whole', { options: { whole: weight }, build: ({ sr }) => sr });
      term('unknown', { options: { unknown: weight }, build: ({ target }) => target('masks' as never) });
      architecture('too-small', {
        options: z.strictObject({}),
        build: (_, lr) => ({ sr: lr, features: lr, featureFactor: [2, 2] }),
      });
    });
    const geometry = (options: object) => built({ regime: { kind: 'geometry', ...options } });
    expect(geometry({ whole: 1 })).toThrow(/inline\.mjs: build of whole: got a tensor of shape .* one number/);
    expect(geometry({ unknown: 1 })).toThrow(
      /inline\.mjs: build of unknown: got the target "masks", wanted one of mask/,
    );
    expect(geometry({ whole: 0 })).not.toThrow();
    const small = built({ model: { name: 'too-small' }, regime: { kind: 'paired' } });
    expect(small).toThrow(/inline\.mjs: build of too-small: got sr of shape \[1, \d+, \d+, 1\], wanted/);
  });

  it('is refused for a gradient that is not finite, though its value is', async () => {
    registering(({ term, z }) => {
      const weight = z.number().optional().describe('weight');
      // The root of 0 has no slope: images of one grey.
      const root =
        (small: number) =>
        ({ g, sr }: TermParts) =>
          g.sqrt(g.shift(g.mean(g.square(g.sub(sr, g.mean(sr)))), small));
      term('spread', { options: { spread: weight }, build: root(0) });
      term('spreadSafely', { options: { spreadSafely: weight }, build: root(1e-6) });
    });
    const context = { batch: 1, patch: 4, factor: 2, channels: 1, predictSize: [4, 4], threshold: 0.5 };
    const engine = await openEngine({ prefer: 'cpu' });
    const tried = (options: object) =>
      requireFiniteTerms(
        trial({ regime: { kind: 'geometry', ...options } }).config,
        context as unknown as RegimeContext,
        engine,
      );
    expect(await messageOf(tried({ spread: 1 }))).toMatch(
      /inline\.mjs: term spread: got a gradient that is not finite/,
    );
    expect(await messageOf(tried({ spreadSafely: 1 }))).toBe('no error');
  });
});

describe('ids of trials', () => {
  const spec = (more: string) =>
    write(
      'ids.yaml',
      `name: ids
data: { source: dentin, width: 128, height: 64 }
degradation: { kind: confocal, factor: 2, photons: 100 }
model: { name: fsrcnn }
regime: { kind: geometry }
${more}`,
    );
  const ids = (path: string) =>
    Object.fromEntries(planSweep(path, { sets: [], baseDir: folder }).trials.map(({ method, id }) => [method, id]));

  it('hold the content of an extension where a trial uses it, and stay as they were elsewhere', async () => {
    const methods = 'methods: { plain: {}, other: { regime: { dice: 0.5 } } }';
    const before = ids(spec(methods));
    const text = body(`lacuna.term('mine', { options: { ${optional('mine')} }, build: ({ g, sr }) => g.mean(sr) });`);
    write('mine.mjs', `import './part.mjs';\n${text}`);
    write('part.mjs', '');
    const path = spec(`extensions: [./mine.mjs]\nmethods: { plain: {}, other: { regime: { mine: 0.5 } } }`);
    await loadExtensionsOfSpec({ spec: path, set: [] });
    const after = ids(path);
    expect(after['plain']).toBe(before['plain']);
    expect(after['other']).not.toBe(before['other']);

    write('light.mjs', body(`lacuna.augmentation('light', { options: {}, apply: () => undefined });`));
    const lit = spec(`extensions: [./mine.mjs, ./light.mjs]
training: { augmentations: { light: {} } }
methods: { plain: {}, bicubic: { regime: { kind: interpolation } } }`);
    await loadExtensionsOfSpec({ spec: lit, set: [] });
    expect(ids(lit)['plain']).not.toBe(before['plain']);
    expect(extensionsOf(planSweep(lit, { sets: [], baseDir: folder }).trials[1].config)).toEqual([]);

    const digest = digestOf(at('mine.mjs'));
    write('part.mjs', 'export const changed = true;');
    expect(digestOf(at('mine.mjs'))).not.toBe(digest);
  });
});

describe('the settings in the file of a model', () => {
  it('are read where the extension is not loaded, without its metrics', () => {
    const config = {
      data: { source: 'folder', path: 'images', invert: true },
      normalise: { kind: 'percentile', low: 2, high: 98 },
      model: { name: 'of-an-extension', width: 3 },
      regime: { kind: 'geometry', ofAnExtension: 1 },
      evaluation: { metrics: ['psnr', 'of_an_extension'], smoothing: 2 },
    };
    expect(settingsOfModel(JSON.stringify(config))).toMatchObject({
      data: { invert: true },
      normalise: { low: 2, high: 98 },
      evaluation: { metrics: ['psnr'], smoothing: 2 },
    });
  });
});

describe('the term of docs/extending.md', () => {
  it('is smaller for branches along its angle, and finite everywhere', async () => {
    const page = readFileSync(new URL('../../../docs/extending.md', import.meta.url), 'utf8');
    const [, text] = /^```js\n\/\/ my-priors\.mjs\n(.*?)^```$/ms.exec(page)!;
    const { default: register } = (await import(write('page.mjs', text))) as { default: (api: object) => void };
    const entries = new Map<string, TermEntry>();
    const ignored = () => undefined;
    register({
      z,
      metric: ignored,
      architecture: ignored,
      term: (name: string, entry: TermEntry) => entries.set(name, entry),
    });
    const g = new Graph();
    const side = 16;
    // Branches along y.
    const stripes = Float32Array.from({ length: side * side }, (_, i) => Math.sin((i % side) / 2));
    const sr = g.constant(stripes, [1, side, side, 1]);
    const at = (angle: number) =>
      entries.get('aligned')!.build({ g, sr } as TermParts, { alignedAngle: angle } as never);
    const engine = await openEngine({ prefer: 'cpu' });
    const fetches = { along: at(90), across: at(0), oblique: at(45) };
    const executable = await engine.compile(createProgram(g, { values: { fetches, updates: [] } }));
    const { along, across, oblique } = await executable.run('values', {});
    executable.dispose();
    // |(-1, 0) - (cos 2a, sin 2a)|²
    expect(along[0]).toBeCloseTo(0, 3);
    expect(oblique[0]).toBeCloseTo(2, 3);
    expect(across[0]).toBeCloseTo(4, 3);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planSweep } from '../../src/sweep/plan/plan.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-refused-'));
  writeFileSync(
    join(folder, 's.yaml'),
    'name: s\ndata: { source: dentin, width: 64, height: 64 }\ndegradation: { kind: bicubic, factor: 2 }\n' +
      'model: { name: fsrcnn }\nmethods: { paired: { regime: { kind: paired } } }\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const plan = (...sets: string[]) => planSweep(join(folder, 's.yaml'), { sets, baseDir: folder });

describe('values of a spec that mean nothing are refused', () => {
  it.each([
    [
      'shares that do not sum to 1',
      'split={kind: blocks, axis: x, fractions: [0.75, 0.5, 0.25]}',
      'split.fractions: got [0.75, 0.5, 0.25], wanted three shares that sum to 1',
    ],
    [
      'the same of specimens',
      'split={kind: specimen, fractions: [0.5, 0.2, 0.2]}',
      'split.fractions: got [0.5, 0.2, 0.2], wanted three shares that sum to 1',
    ],
    ['a share of nothing', 'split={kind: specimen, fractions: [0.5, 0.5, 0]}', 'split.fractions.2: got 0, wanted'],
    [
      'a metric twice',
      'evaluation.metrics=[psnr, cldice, psnr]',
      'evaluation.metrics: got ["psnr", "cldice", "psnr"], wanted each metric once',
    ],
    [
      'a bank of filters where one filter is fitted',
      'methods.paired.regime={kind: linear, fit: ridge, bank: {orientations: 4}}',
      'bank and shrinkage are of fit: oriented-ridge; set it, or leave them out',
    ],
    ['a seed twice', 'seeds=[1, 1]', 'seeds: got [1, 1], wanted each seed once'],
    ['a method without a name', "methods={'': {}}", 'methods.: got the name "", wanted a name'],
    ['a method that is a space', "methods={' ': {}}", 'got the name " ", wanted a name'],
    ['a method of too long a name', `methods={${'m'.repeat(101)}: {}}`, 'wanted text of at most 100 characters'],
    ['a sweep of too long a name', `name=${'n'.repeat(101)}`, 'name: got "nnn'],
    ['a sweep whose name is a path', 'name=../x', 'name: got "../x", wanted letters, digits, dot, dash, underscore'],
  ])('%s', (_, set, message) => expect(() => plan(set)).toThrow(message));

  it('names and shares that just fit are taken', () => {
    const sets = ['split={kind: blocks, axis: x, fractions: [0.7, 0.2, 0.1]}', `name=${'n'.repeat(100)}`];
    expect(plan(...sets).trials).toHaveLength(1);
  });
});

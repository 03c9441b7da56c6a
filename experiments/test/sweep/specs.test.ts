import { mkdirSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createImage } from '@lacuna/core';
import { writeTiff } from '@lacuna/datasets';
import { factorOf, sizeMultiples } from '@lacuna/models';
import { checkShapes } from '../../src/sweep/checks/check-shapes.js';
import { plannedTrials, planSweep } from '../../src/sweep/plan/plan.js';
import { inView, modelFactor, patchOf, plannedView } from '../../src/trial/view/view.js';

const folder = fileURLToPath(new URL('../../specs/', import.meta.url));
const specs = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort();
const plan = (name: string, sets: readonly string[] = []) => planSweep(`${folder}${name}`, { sets, baseDir: folder });

describe.each(specs)('%s', (name) => {
  const sweep = plan(name);
  const { name: own, search } = sweep;
  const trials = plannedTrials(sweep);

  it('is named after its file and has methods and seeds to compare', () => {
    expect(`${own}.yaml`).toBe(name);
    expect(new Set(trials.map((trial) => trial.method)).size).toBeGreaterThan(1);
    // A search compares points, and may do so by one seed.
    if (!search) expect(new Set(trials.map((trial) => trial.seed)).size).toBeGreaterThan(1);
  });

  it('opens with claim, command and cost', () => {
    const text = readFileSync(`${folder}${name}`, 'utf8');
    expect(text).toMatch(/^# yaml-language-server: .*\n# Claim: [\s\S]*\n# Command: [\s\S]*\n# Cost: /);
  });

  it('has models, factors and patches that can be built', () => {
    checkShapes(trials);
  });

  it('has patches that every model can take', () => {
    for (const { name: trial, config } of trials) {
      if (config.regime.kind === 'interpolation') continue;
      const view = plannedView(config);
      const factor = factorOf(modelFactor(config, view));
      const { x, y, z } = inView(patchOf(config, view), view);
      const patch = [z, y, x].slice(-view.dimensions);
      const multiples = sizeMultiples(config.model, factor);
      expect(
        patch.map((length, axis) => length % multiples[axis]),
        trial,
      ).toEqual(patch.map(() => 0));
    }
  });

  it('validates and saves at its last step', () => {
    for (const {
      config: { training },
    } of trials)
      expect(training.steps % training.validateEvery).toBe(0);
  });
});

describe('the pages', () => {
  const page = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

  it("replace the quick start's data by a folder in one line", () => {
    const [, set] = /npm run sweep -- --set "(data=\{source: folder[^"]*)"/.exec(page('own-images.md'))!;
    const baseDir = mkdtempSync(join(tmpdir(), 'lacuna-specs-'));
    const hr = createImage({ data: new Float32Array(64), width: 8, height: 8, dataRange: [0, 1] });
    mkdirSync(join(baseDir, 'my/tiffs'), { recursive: true });
    writeTiff(join(baseDir, 'my/tiffs/hr.tif'), hr, { type: 'float32' });
    const { trials } = planSweep(`${folder}quickstart.yaml`, { sets: [set], baseDir });
    expect(trials.map(({ config }) => config.data)).toEqual(
      plan('quickstart.yaml').trials.map(() => ({ source: 'folder', path: 'my/tiffs', stack: false })),
    );
  });

  it('show an example that parses', () => {
    const [, example] = /\n( {4}# my-dentin\.yaml\n(?: {4}.*\n)+)/.exec(page('writing-a-spec.md'))!;
    const keys = [...example.matchAll(/^ {4}([a-z]+):/gm)].map(([, key]) => key);
    expect(keys).toEqual(['extends', 'name', 'data', 'split', 'training', 'methods', 'axes', 'seeds']);
  });
});

describe('--set', () => {
  it('reaches an axis, whose key has dots', () => {
    const { trials } = plan('dentin.yaml', ['axes.cross.degradation.factor=[4]', 'seeds=[0]']);
    expect(trials.map(({ group }) => group)).toEqual([
      'bicubic, x4',
      'nearest, x4',
      'smoothed-bicubic, x4',
      'lmmse, x4',
      'ridge, x4',
      'oriented-ridge, x4',
      'paired, x4',
      'pix2pix, x4',
      'cyclegan, x4',
      'geometry, x4',
      'geometry-tied, x4',
    ]);
  });

  it('names data sets on an axis by their source', () => {
    expect(plan('paper.yaml').trials[0].group).toBe('bicubic, retina, x2, training.patch 128');
  });
});

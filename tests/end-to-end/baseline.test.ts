import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRng } from '@lacuna/core';
import { Graph, buildGenerator, initialVariables, modelSpec } from '@lacuna/models';
import { exportOnnx, networkCost } from '@lacuna/onnx';
import { describe, expect, it } from 'vitest';
import { inOneProcess, lacuna, newFolder, tinySpec, trialIds } from './lacuna.js';

/** A network that no one trained here: SRCNN with seeded weights, numbers from 0 to 255. */
function network(factor: number): Uint8Array {
  const model = modelSpec.parse({ name: 'srcnn' });
  const context = { factor, channels: 1, training: false } as const;
  const g = new Graph();
  buildGenerator(g, 'generator', g.input('lr', [1, 16, 16, 1]), model, context);
  return exportOnnx({
    generator: (graph, lr) => buildGenerator(graph, 'generator', lr, model, context).sr,
    weights: initialVariables(g, createRng(1)),
    metadata: {
      name: 'other',
      factor,
      channels: 1,
      layout: 'nchw',
      multiple: 1,
      receptiveField: 17,
      range: [0, 255],
      normalisation: null,
      dataRange: null,
      level: null,
      pixelSize: null,
      licence: null,
      commit: null,
      spec: null,
      model: null,
      data: null,
    },
  });
}

describe('an ONNX file as a method of a spec', () => {
  it('is measured beside the others: the same for every seed, its cost counted, nothing trained', async () => {
    const folder = newFolder();
    const out = join(folder, 'out');
    const bytes = network(2);
    writeFileSync(join(folder, 'other.onnx'), bytes);
    const spec = tinySpec(folder, {
      methods: '{ bicubic: { regime: { kind: interpolation } }, other: { regime: { kind: onnx, path: other.onnx } } }',
      seeds: '[0, 1]',
    });
    const ended = await lacuna(folder, ['sweep', '--spec', spec, '--out', out, ...inOneProcess]);
    expect(ended.err).toBe('');
    expect(ended.status).toBe(0);
    expect(ended.out).toContain('baseline   other.onnx: 57,281 parameters');
    const results = trialIds(out)
      .map(
        (id) =>
          JSON.parse(readFileSync(join(out, 'trials', id, 'result.json'), 'utf8')) as {
            method: string;
            test: { values: Record<string, number> };
            cost: Record<string, number | null>;
            steps: number;
          },
      )
      .filter(({ method }) => method === 'other');
    const { parameters, macsPerPixel } = await networkCost(bytes, {
      name: 'other',
      layout: 'nchw',
      channels: 1,
      factor: 2,
      multiple: 1,
    });
    expect(results).toHaveLength(2);
    expect(results[1].test.values).toEqual(results[0].test.values);
    expect(results[0]).toMatchObject({
      steps: 0,
      engine: 'onnxruntime on the CPU',
      cost: { parameters, macsPerPixel, trainSeconds: null },
    });
    expect(Number.isFinite(results[0].test.values['psnr'])).toBe(true);
    expect(readFileSync(join(out, 'leaderboard.txt'), 'utf8')).toMatch(/other .*57,281/);
  }, 120_000);

  it('that does not fit is one error before any trial starts', async () => {
    const folder = newFolder();
    const out = join(folder, 'out');
    writeFileSync(join(folder, 'other.onnx'), network(4));
    const spec = tinySpec(folder, { methods: '{ other: { regime: { kind: onnx, path: other.onnx } } }' });
    const ended = await lacuna(folder, ['sweep', '--spec', spec, '--out', out, '--no-tracking']);
    expect([ended.status, ended.err.trim()]).toEqual([
      2,
      'lacuna: other.onnx: got a network that enlarges 4 times, wanted factor 2, as degradation.factor says',
    ]);
    expect(trialIds(out)).toEqual([]);
  });
});

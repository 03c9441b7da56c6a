import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  Graph,
  buildGenerator,
  createProgram,
  describeModel,
  headMaps,
  modelSpec,
  predictHeads,
  readTensorFile,
  writeTensorFile,
} from '../../src/index.js';
import { engine, newFolder, trainToy } from './toy.js';

const model = modelSpec.parse({ name: 'fsrcnn', d: 4, s: 2, m: 1, upsampler: 'shuffle', skip: 'bilinear' });
const metadata = describeModel({ model, factor: 2, channels: 1 });
const lr = { width: 7, height: 5, channels: 1, data: Float32Array.from({ length: 35 }, (_, i) => (i % 6) / 6) };

describe('heads that help training alone', () => {
  it('are kept beside the model, of its step, and say what they see', async () => {
    const folder = newFolder();
    await trainToy('geometry', { folder, metadata, training: { steps: 2 } });
    const files = { model: `${folder}/best.safetensors`, heads: `${folder}/heads.safetensors` };
    const own = readTensorFile(files.model).tensors;
    const heads = readTensorFile(files.heads);
    const last = readTensorFile(`${folder}/last.safetensors`).tensors;
    expect(Object.keys(own).every((name) => name.startsWith('generator.'))).toBe(true);
    expect(Object.keys(heads.tensors).sort()).toEqual(['heads.maps.bias', 'heads.maps.weight']);
    expect(heads.metadata['step']).toBe('2');
    for (const [name, { values }] of Object.entries(heads.tensors)) expect(values).toEqual(last[name].values);

    const { distance, centreline, direction } = await predictHeads(engine(), files, lr);
    // The same by the graph of training: channels distance, centreline, cos 2θ, sin 2θ.
    const g = new Graph();
    const input = g.input('lr', [1, 5, 7, 1]);
    const made = buildGenerator(g, 'generator', input, model, { factor: 2, channels: 1, training: false });
    const executable = await engine().compile(createProgram(g, { look: { fetches: { maps: headMaps(g, made) } } }));
    const weights = { ...own, ...heads.tensors };
    await executable.write(Object.fromEntries([...g.variables.keys()].map((name) => [name, weights[name].values])));
    const { maps } = await executable.run('look', { lr: lr.data });
    executable.dispose();
    expect(maps).toHaveLength(4 * 10 * 14);
    [distance, centreline, ...direction].forEach((map, c) =>
      expect([...map]).toEqual([...maps.filter((_, i) => i % 4 === c)]),
    );
    expect(new Set(centreline).size).toBeGreaterThan(50);
    writeTensorFile(files.heads, { ...heads, metadata: { ...heads.metadata, step: '1' } });
    await expect(predictHeads(engine(), files, lr)).rejects.toThrow(
      'heads.safetensors: got heads of step 1, wanted those of step 2, as the model',
    );
  });

  it('are of no other model, and none are left by a regime without them', async () => {
    const folder = newFolder();
    await trainToy('paired', { folder, metadata, training: { steps: 1 } });
    expect(existsSync(`${folder}/heads.safetensors`)).toBe(false);
    const files = { model: `${folder}/best.safetensors`, heads: `${folder}/other.safetensors` };
    const filters = { shape: [3, 3, 9, 16], values: new Float32Array(9 * 9 * 16) };
    writeTensorFile(files.heads, { tensors: { 'heads.maps.weight': filters }, metadata: {} });
    await expect(predictHeads(engine(), files, lr)).rejects.toThrow(
      /other\.safetensors: got no weight heads\.maps\.\w+ of \[.*\], wanted the heads of the model beside them/,
    );
  });
});

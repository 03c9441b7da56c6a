import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage } from '@lacuna/core';
import { loadSource, writeTiff } from '@lacuna/datasets';
import { trialSpec, type TrialSpec } from '../../src/sweep/spec/spec.js';
import { dropKeptSources, keptSources } from '../../src/trial/data/kept-sources.js';
import { prepareData } from '../../src/trial/data/prepare.js';

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

const specOf = (data: object): TrialSpec =>
  trialSpec().parse({
    data,
    degradation: { kind: 'confocal', factor: 2, photons: 100 },
    split: { kind: 'specimen' },
    model: { name: 'fsrcnn', d: 8, s: 4, m: 1 },
    regime: { kind: 'paired' },
    training: { steps: 10 },
    evaluation: {},
  });

const dentin = (seed = 0) => specOf({ source: 'dentin', width: 64, height: 64, images: 3, seed });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-sources-'));
  process.env['XDG_CACHE_HOME'] = at('cache');
});

describe('images that the trials of a sweep share', () => {
  it('are those that were kept, bit for bit, with truth and digest, and so are the scans made of them', async () => {
    const spec = dentin();
    const read = await prepareData(spec, { baseDir: folder });
    const store = keptSources(at('shared'), folder);
    expect(store.read(spec)).toBeNull();
    store.keep(spec, read.source);
    const kept = store.read(spec);
    expect(kept).toEqual(read.source);
    const shared = await prepareData(spec, { baseDir: folder, source: kept! });
    const scansOf = ({ training, validation, test }: typeof read) =>
      [...training, ...validation, ...test()].map(({ lr, hr, truth }) => ({ lr, hr, truth }));
    expect(scansOf(shared)).toEqual(scansOf(read));
  });

  it('are of one source: another seed has others', async () => {
    const store = keptSources(at('shared'), folder);
    store.keep(dentin(0), await loadSource(dentin(0).data, { baseDir: folder }));
    expect(store.read(dentin(1))).toBeNull();
  });

  it("are read again where a user's file has changed", async () => {
    mkdirSync(at('scans'));
    const write = (name: string, value: number) => {
      const data = new Float32Array(16 * 16).fill(value);
      data[0] = 0;
      writeTiff(at('scans', name), createImage({ data, width: 16, height: 16, dataRange: [0, 255] }), {
        type: 'uint8',
      });
    };
    for (const [i, name] of ['a.tif', 'b.tif', 'c.tif'].entries()) write(name, 100 + i);
    const spec = specOf({ source: 'folder', path: 'scans' });
    const store = keptSources(at('shared'), folder);
    store.keep(spec, await loadSource(spec.data, { baseDir: folder }));
    expect(store.read(spec)?.images).toHaveLength(3);
    write('b.tif', 7);
    expect(store.read(spec)).toBeNull();
  });

  it('count as none where the file is damaged, and go once no trial is left, alone', async () => {
    const spec = dentin();
    const store = keptSources(at('shared'), folder);
    store.keep(spec, await loadSource(spec.data, { baseDir: folder }));
    const [name] = readdirSync(at('shared'));
    writeFileSync(at('shared', name), 'torn');
    expect(store.read(spec)).toBeNull();
    writeFileSync(at('shared', 'ceiling-1.json'), '{}');
    dropKeptSources(at('shared'));
    expect(readdirSync(at('shared'))).toEqual(['ceiling-1.json']);
    dropKeptSources(at('nowhere'));
  });
});

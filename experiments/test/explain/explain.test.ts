import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { writeTiff } from '@lacuna/datasets';
import { readTensorFile } from '@lacuna/models';
import { decodeModel, encodeModel, exportModel } from '@lacuna/onnx';
import { explain } from '../../src/explain/explain.js';
import { parseParts, partNames, type ExplainOptions, type PartName } from '../../src/explain/options.js';
import { readCsv } from '../../src/iqa/csv.js';
import { newFolder, writeModel } from '../upscale/fixtures.js';

let folder: string;
let lines: string[];
const at = (name: string): string => join(folder, name);

const defaults: ExplainOptions = {
  out: null,
  parts: ['measured'],
  level: 100,
  forward: 'confocal',
  set: [],
  pixelSize: { x: 0.2, y: 0.2, z: 0.4, unit: 'um' },
  seed: 0,
  splits: 2,
  uncertainty: null,
  branch: null,
  calibrate: null,
  alpha: null,
  check: null,
  by: null,
  method: null,
  trackingUri: null,
  device: 'cpu',
  memory: null,
  threads: 1,
  levels: 'auto',
  channel: null,
  invert: null,
  range: null,
  force: false,
};
const run = (options: Partial<ExplainOptions> = {}, model = 'best.safetensors', image = 'in.tif') =>
  explain(at(model), at(image), { ...defaults, ...options }, (line) => lines.push(line));

/** Two bright lines that cross, and darkness around; in every plane of a volume. */
function crossing(depth = 1): Image {
  const [width, height] = [28, 24];
  const data = Float32Array.from({ length: width * height * depth }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    return Math.abs(x - 9) < 2 || Math.abs(y - 12) < 2 ? 200 : 10;
  });
  return createImage({ data, width, height, depth, dataRange: [0, 255], name: 'crossing' });
}

/** A table by its columns. */
function table(path: string): Record<string, string>[] {
  const [header, ...rows] = readCsv(readFileSync(path, 'utf8'));
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
}

beforeEach(() => {
  folder = newFolder();
  lines = [];
  writeModel(at('best.safetensors'));
  writeTiff(at('in.tif'), crossing(), { type: 'uint8' });
});

describe('lacuna explain', () => {
  it('writes table, graph and figure with what the scan determines of each branch', async () => {
    const { written } = await run();
    expect(written.every((path) => existsSync(path))).toBe(true);
    expect(readdirSync(at('in-explained')).sort()).toEqual([
      'branches.csv',
      'measured.pdf',
      'measured.png',
      'measured.svg',
      'network.graphml',
      'network.json',
      'summary.json',
    ]);
    const rows = table(at('in-explained/branches.csv'));
    expect(rows.length).toBeGreaterThan(3);
    for (const { measured_share: measured, added_share: added } of rows.filter((row) => row['measured_share'] !== '')) {
      expect(Number(measured)).toBeGreaterThanOrEqual(0);
      expect(Number(measured) + Number(added)).toBeCloseTo(1, 5);
    }
    const graph = readFileSync(at('in-explained/network.graphml'), 'utf8');
    expect(graph).toContain('<key id="edge_measured_share" for="edge" attr.name="measured_share" attr.type="double"/>');
    expect(graph.match(/<data key="edge_scan_share">/g)).toHaveLength(
      rows.filter((row) => row['scan_share'] !== '').length,
    );
    const { edges } = JSON.parse(readFileSync(at('in-explained/network.json'), 'utf8')) as {
      edges: Record<string, unknown>[];
    };
    expect(String(edges[0]['measured_share'])).toBe(rows[0]['measured_share']);
    expect(lines.join('\n')).toMatch(/^network {5}\d+ branches, [\d.]+ µm, above 0.3922 \(normalised; as told\)$/m);
  });
  it('says that an image was inverted, and that nearly all of it is network', async () => {
    await run({ parts: ['shuffled'], splits: 1, invert: true });
    expect(lines).toContain('image       in.tif: the network is dark: the image was inverted; --no-invert leaves it');
    expect(lines.join('\n')).toMatch(
      /^image {7}.*: 7\d % of the image is network: what is around may have been taken/m,
    );
    lines = [];
    await run({ parts: ['shuffled'], splits: 1, force: true });
    expect(lines.join('\n')).not.toContain('of the image is network');
  });
  it('splits the light, and shows the model nothing', async () => {
    const { evidence } = await run({ parts: ['halves', 'blank', 'shuffled'], set: ['photons=40'] });
    const rows = table(at('in-explained/branches.csv'));
    for (const row of rows)
      expect(Number(row['halves_agreement'])).toBeGreaterThanOrEqual(Number(row['halves_both']) / 2);
    expect(evidence.halves!.facts).toMatchObject({ splits: 2, halves_agreement: expect.closeTo(1, 1) as number });
    // Darkness at a level of .39 has no network; the spectrum of two crossing lines has.
    expect(evidence.blank!.facts).toMatchObject({ invented_from_nothing: 0, unit: 'mm/mm²' });
    expect(evidence.shuffled!.facts['invented_from_shuffled_phases']).toBeGreaterThan(0);
    expect(lines.filter((line) => /^(halves|blank|shuffled) /.test(line))).toHaveLength(3);
  });
  it('asks other models, and shows what the first layer sees', async () => {
    writeModel(at('other.safetensors'), { seed: 3 });
    const { evidence } = await run({ parts: ['layer', 'seeds'], uncertainty: [at('other.safetensors')] });
    // FSRCNN of 8 filters, 5 x 5; two models of random weights beside a bicubic skip agree on two bright lines.
    expect(evidence.layer!.facts).toMatchObject({ filters: 8, kernel: 5 });
    expect(evidence.layer!.facts['energy_of_strongest_quarter']).toBeGreaterThan(0.25);
    expect(evidence.layer!.figures.map(({ name }) => name)).toEqual(['layer', 'activation']);
    const filters = table(at('in-explained/filters.csv'));
    const energies = filters.map((row) => Number(row['energy']));
    expect(energies.reduce((sum, value) => sum + value)).toBeCloseTo(1, 2);
    expect(energies).toEqual([...energies].sort((a, b) => b - a));
    for (const row of filters) {
      expect(Math.hypot(Number(row['direction_x']), Number(row['direction_y']))).toBeCloseTo(1, 3);
      expect(Number(row['selectivity'])).toBeLessThan(1);
      expect(Number(row['on_network'])).toBeGreaterThan(0);
    }
    expect(lines.join('\n')).toMatch(/^layer {7}filter \d: \d+ % of the energy; .*selectivity 0\.\d\d; .*off it$/m);
    expect(evidence.seeds!.facts).toMatchObject({ models: 2, seeds_agreement: expect.closeTo(1, 1) as number });
    const rows = table(at('in-explained/branches.csv'));
    expect(rows.every((row) => Number(row['seeds_spread']) > 0)).toBe(true);
  });
  it('takes volumes: every part that needs no other images', async () => {
    writeModel(at('volume.safetensors'), { factor: [1, 2, 2] });
    writeTiff(at('stack.tif'), crossing(6), { type: 'uint8' });
    const parts: PartName[] = ['measured', 'halves', 'blank', 'shuffled', 'attribution', 'layer'];
    const { evidence } = await run({ parts, splits: 1 }, 'volume.safetensors', 'stack.tif');
    expect(evidence.measured!.facts['measured_share']).toBeGreaterThan(0);
    expect(evidence.blank!.facts).toMatchObject({ invented_from_nothing: 0, unit: 'mm/mm³' });
    expect(evidence.attribution!.lines[0]).toMatch(/of \d+ x \d+ x 6 coarse pixels$/);
    expect(evidence.layer!.lines[0]).toMatch(/^8 filters of 5 x 5 x 5 pixels;/);
    expect(Object.keys(table(at('stack-explained/filters.csv'))[0])).toEqual(
      expect.arrayContaining(['direction_z', 'direction_y', 'direction_x']),
    );
    for (const { figures } of Object.values(evidence)) expect(figures.length).toBeGreaterThan(0);
  });
  it('asks other models and the head of a volume model, branch by branch', async () => {
    const known = { factor: [1, 2, 2], networkHead: true, more: { headLevel: '0.5' } };
    writeModel(at('volume.safetensors'), known);
    writeModel(at('other.safetensors'), { ...known, seed: 3 });
    writeTiff(at('stack.tif'), crossing(6), { type: 'uint8' });
    const options = { level: null, uncertainty: [at('other.safetensors')] };
    const { evidence } = await run({ ...options, parts: ['head', 'seeds'] }, 'volume.safetensors', 'stack.tif');
    const rows = table(at('stack-explained/branches.csv'));
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows) {
      const [mean, least] = [Number(row['head_probability']), Number(row['head_least'])];
      expect(mean).toBeGreaterThanOrEqual(least);
      expect(least).toBeGreaterThanOrEqual(0);
      expect(mean).toBeLessThanOrEqual(1);
      expect(Number(row['seeds_spread'])).toBeGreaterThan(0);
      expect(Number(row['seeds_agreement'])).toBeLessThanOrEqual(1);
    }
    expect(evidence.seeds!.facts).toMatchObject({ models: 2 });
    expect(lines.join('\n')).toMatch(/above 0\.5 \(normalised; probability of network by the model's head/);
    for (const { figures } of Object.values(evidence)) expect(figures).toHaveLength(1);
    await expect(run({ parts: ['head'], force: true }, 'volume.safetensors', 'stack.tif')).rejects.toThrow(
      /^--parts head: got --level as well, wanted a network that is read from the head of its model; leave --level out/,
    );
    await expect(run({ parts: ['head'], force: true })).rejects.toThrow(
      /^--parts head: got best\.safetensors, which has no head for the network, .*; train one with regime\.networkHead/,
    );
  });
  it('leaves out what a model that sees neighbouring planes cannot have, unless it was named', async () => {
    const slicing = { axis: 'z', neighbours: 1, between: null } as const;
    const known = { slicing, networkHead: true, more: { headLevel: '0.5' } };
    writeModel(at('slices.safetensors'), known);
    writeModel(at('other.safetensors'), { ...known, seed: 3 });
    writeTiff(at('stack.tif'), crossing(6), { type: 'uint8' });
    const options = { level: null, splits: 1, uncertainty: [at('other.safetensors')] };
    const { evidence } = await run({ ...options, parts: null }, 'slices.safetensors', 'stack.tif');
    expect(Object.keys(evidence)).toEqual(['measured', 'halves', 'blank', 'shuffled', 'head', 'seeds']);
    for (const part of ['attribution', 'layer'])
      expect(lines).toContain(`${part.padEnd(12)}left out: slices.safetensors, which sees neighbouring planes`);
    await expect(run({ ...options, parts: ['layer'], force: true }, 'slices.safetensors', 'stack.tif')).rejects.toThrow(
      /^--parts layer: got slices\.safetensors, which sees neighbouring planes, .*; leave the part out/,
    );
  });
  it('draws cuts of the filters of volumes, and maps of their sign', async () => {
    writeModel(at('volume.safetensors'), { factor: [1, 2, 2] });
    writeTiff(at('stack.tif'), crossing(6), { type: 'uint8' });
    await run({ parts: ['layer'] }, 'volume.safetensors', 'stack.tif');
    const drawn = readFileSync(at('stack-explained/layer.svg'), 'utf8');
    expect(drawn.match(/<image /g)).toHaveLength(3 * 8);
    expect(drawn).toContain('cut through the middle: xy, xz, yz');
    // The scan, and the five strongest filters.
    expect(readFileSync(at('stack-explained/activation.svg'), 'utf8').match(/<image /g)).toHaveLength(6);
  });
});

/** A fine image of lines of every direction, as the scan of {@link crossing} has two. */
function fineImage(seed: number): Image {
  const side = 96;
  const rng = createRng(seed);
  const lines = Array.from({ length: 9 }, () => {
    const angle = Math.PI * rng.uniform();
    return { cos: Math.cos(angle), sin: Math.sin(angle), at: side * (rng.uniform() - 0.5) };
  });
  const data = Float32Array.from({ length: side * side }, (_, i) => {
    const x = (i % side) - side / 2;
    const y = Math.floor(i / side) - side / 2;
    return lines.some(({ cos, sin, at }) => Math.abs(x * cos + y * sin - at) < 2) ? 200 : 10;
  });
  return createImage({ data, width: side, height: side, dataRange: [0, 255], name: `fine ${seed}` });
}

/** A folder of fine images. */
function fineFolder(name: string, seeds: readonly number[]): string {
  mkdirSync(at(name));
  for (const seed of seeds) writeTiff(join(at(name), `${seed}.tif`), fineImage(seed), { type: 'uint8' });
  return at(name);
}

describe('a promise', () => {
  it('is held to other images, at its level and at that of the network', async () => {
    const calibrate = fineFolder('calibration', [1, 2, 3, 4]);
    const check = fineFolder('others', [5, 6, 7]);
    const { evidence } = await run({ parts: ['conformal'], calibrate, check, alpha: 0.3, set: ['photons=200'] });
    const { facts } = evidence.conformal!;
    expect(facts).toMatchObject({ alpha: 0.3, n: 4, check_images: 3 });
    expect(facts['check_branches']).toBeGreaterThan(10);
    expect(facts['check_false_share']).toBeLessThanOrEqual(0.3);
    expect(facts['check_branches_at_own_level']).toBeGreaterThan(10);
    const line = lines.find((each) => each.startsWith('conformal   held to 3 other images ('));
    expect(line).toMatch(/others\): mean share of false branches 0\.\d{3} \(\d+ of \d+ branches\)$/);
  });
  it('is not held to what it was made from, nor without --alpha', async () => {
    const calibrate = fineFolder('calibration', [1, 2, 3, 4]);
    const check = fineFolder('others', [5, 2]);
    await expect(run({ parts: ['conformal'], calibrate, check, alpha: 0.3 })).rejects.toThrow(
      '--check: got 2.tif, which shows the field of 2.tif in --calibrate, wanted images that the level was not ' +
        'chosen by',
    );
    await expect(run({ parts: ['measured'], calibrate, check })).rejects.toThrow(
      /^--check: got .*others, wanted a promise that is held to these images; add --alpha, such as --alpha 0\.1$/,
    );
    await expect(run({ parts: ['conformal'], calibrate, check: 'test', alpha: 0.3 })).rejects.toThrow(
      '--check test: got best.safetensors, which lies in no trial, wanted the folder of a sweep or trial as MODEL: ' +
        'its spec names the images; give a folder of fine images: --check FOLDER',
    );
  });
});

describe('refuses, and writes nothing', () => {
  const refused = async (promise: Promise<unknown>, message: RegExp) => {
    const before = readdirSync(folder).sort();
    await expect(promise).rejects.toThrow(message);
    expect(readdirSync(folder).sort()).toEqual(before);
  };
  it('a network of others whose degradation nobody knows', async () => {
    const model = decodeModel(exportModel(readTensorFile(at('best.safetensors'))));
    writeFileSync(at('foreign.onnx'), encodeModel({ ...model, metadata: [] }));
    await refused(
      run({ forward: null, range: [0, 1] }, 'foreign.onnx'),
      /^MODEL foreign\.onnx: got a network that does not say how its scans were made, wanted a known degradation; say/,
    );
  });
  it('an image without a network', () =>
    refused(
      run({ level: 250 }),
      /^in\.tif: got an image without a network above 0\.98 \(normalised; as told\), wanted branches/,
    ));
  it('a model that knows no level, where none is given', () =>
    refused(run({ level: null }), /^--level: got best\.safetensors, which does not say the network's level/));
  it('a field that the forward model has not', () =>
    refused(run({ set: ['photon=3'] }), /^--set photon: photon: got an unknown key, .*did you mean photons/));
  it('a model of another factor beside it', async () => {
    writeModel(at('other.safetensors'), { factor: 3 });
    await refused(
      run({ parts: ['seeds'], uncertainty: [at('other.safetensors')] }),
      /^--uncertainty: got other\.safetensors of factor 3, 1 channels, wanted models of factor 2 and one channel/,
    );
  });
  it('a branch that is not there', () =>
    refused(
      run({ parts: ['attribution'], branch: 4000 }),
      /^--branch: got 4000, wanted 0 to \d+, as the table counts/,
    ));
  it('to write over an earlier result', async () => {
    await run({ parts: ['blank'] });
    await refused(run(), /branches\.csv: got a file that is there already, wanted a new name; name another folder/);
    await run({ parts: ['blank'], force: true });
  });
  it('a part that it has not', () => {
    expect(() => parseParts('mesured')).toThrow(
      `--parts: got mesured, wanted ${partNames.join(', ')}; did you mean measured?`,
    );
  });
});

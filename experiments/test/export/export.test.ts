import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeTiff } from '@lacuna/datasets';
import { readOnnxMetadata } from '@lacuna/onnx';
import { readCitation, sourceLink } from '../../src/export/citation.js';
import { exportTrained, type ExportOptions } from '../../src/export/export.js';
import { encodeNpy } from '../../src/export/npy.js';
import { locateModel } from '../../src/upscale/locate-model.js';
import { openModel } from '../../src/upscale/open-model.js';
import { newFolder, picture, writeModel } from '../upscale/fixtures.js';
import { findPython } from './python.js';

const options = (out: string, rest: Partial<ExportOptions> = {}): ExportOptions => ({
  format: 'bioimageio',
  out,
  precision: 'float32',
  licence: null,
  force: false,
  by: null,
  method: null,
  trackingUri: null,
  ...rest,
});

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
beforeEach(() => {
  folder = newFolder();
});

/** A trial's folder as a sweep leaves it: model, result, first test image. */
function writeTrial(model: Parameters<typeof writeModel>[1]): string {
  mkdirSync(at('trial', 'checkpoints'), { recursive: true });
  mkdirSync(at('trial', 'images'));
  writeModel(at('trial', 'checkpoints', 'best.safetensors'), model);
  writeTiff(at('trial', 'images', 'lr.tif'), picture({ width: 70, height: 66, dataRange: [0, 255] }), {
    type: 'float32',
  });
  writeFileSync(at('trial', 'trial.json'), '{}');
  const scores = (psnr: number) => ({ values: { psnr, cldice: null }, undefinedBecause: {}, protocol: 'border 2' });
  writeFileSync(
    at('trial', 'result.json'),
    JSON.stringify({
      id: 't',
      name: 'tiny seed 3',
      group: 'g',
      method: 'paired',
      seed: 3,
      factor: 2,
      status: 'finished',
      steps: 40,
      bestStep: 30,
      validation: scores(31.5),
      test: scores(30.25),
      cost: { parameters: 1 },
      engine: 'none',
    }),
  );
  return at('trial');
}

describe('a package', () => {
  it('holds what rdf.yaml names, from the trial', async () => {
    const paths = await exportTrained(
      writeTrial({ normalisation: { low: 10, high: 210 }, pixelSize: { x: 0.1, y: 0.1, unit: 'um' } }),
      options(at('package')),
    );
    expect(paths.map((path) => path.slice(at('package').length + 1))).toEqual([
      'model.onnx',
      'test_input.npy',
      'test_output.npy',
      'cover.png',
      'README.md',
      'rdf.yaml',
    ]);
    const rdf = parse(readFileSync(at('package', 'rdf.yaml'), 'utf8')) as {
      name: string;
      authors: unknown;
      license: string;
      inputs: { axes: object[]; preprocessing: object[] }[];
      outputs: { axes: object[]; postprocessing: object[] }[];
    };
    expect(rdf).toMatchObject({
      type: 'model',
      format_version: '0.5.12',
      license: 'Apache-2.0',
      authors: readCitation().authors,
    });
    expect(rdf.inputs[0].axes[2]).toMatchObject({
      type: 'space',
      id: 'y',
      size: { min: 26, step: 1 },
      concatenable: true,
      unit: 'micrometer',
    });
    const { scale } = rdf.inputs[0].axes[2] as { scale: number };
    expect(scale).toBeCloseTo(0.2, 7);
    // As tools compute the output's size: size * scale / scale.
    for (let size = 26; size < 3000; size++) expect((size * scale) / Math.fround(0.1)).toBe(2 * size);
    expect(rdf.inputs[0].preprocessing).toEqual([{ id: 'scale_linear', kwargs: { gain: 1 / 200, offset: -10 / 200 } }]);
    expect(rdf.outputs[0].axes[3]).toMatchObject({
      id: 'x',
      size: { tensor_id: 'lr', axis_id: 'x' },
      unit: 'micrometer',
      scale: Math.fround(0.1),
    });
    expect(rdf.outputs[0].postprocessing).toEqual([
      { id: 'clip', kwargs: { min: 0, max: 1 } },
      { id: 'scale_linear', kwargs: { gain: 200, offset: 10 } },
    ]);
    const readme = readFileSync(at('package', 'README.md'), 'utf8');
    expect(readme).toContain('| psnr | 31.5 | 30.25 |');
    expect(readme).toContain('| cldice | – | – |');
    expect(readme).toContain('Intensities from 10 to 210');
    expect(await sharp(at('package', 'cover.png')).metadata()).toMatchObject({ width: 512, height: 256 });
    const metadata = readOnnxMetadata(readFileSync(at('package', 'model.onnx')))!;
    expect(metadata).toMatchObject({ factor: 2, licence: 'Apache-2.0', normalisation: { low: 10, high: 210 } });
  });

  it('as one file, the same bytes each time', async () => {
    writeModel(at('best.safetensors'));
    await exportTrained(at('best.safetensors'), options(at('a.zip')));
    await exportTrained(at('best.safetensors'), options(at('b.zip')));
    expect(Buffer.compare(readFileSync(at('a.zip')), readFileSync(at('b.zip')))).toBe(0);
    expect(Object.keys(unzipSync(readFileSync(at('a.zip'))))).toContain('rdf.yaml');
  });
});

/** What an npy file says of its numbers. */
const npyHeader = (bytes: Buffer): string => bytes.toString('latin1', 10, 128);

const volumes = {
  factor: [1, 2, 2],
  model: { name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
  normalisation: { low: 10, high: 210 },
  pixelSize: { x: 0.1, y: 0.1, z: 0.3, unit: 'um' },
} as const;

describe('a package of a model of volumes', () => {
  it('names z, y and x, each with its own size, halo and voxel', async () => {
    await exportTrained(writeTrial(volumes), options(at('package')));
    const { description, tags, inputs, outputs, config } = parse(readFileSync(at('package', 'rdf.yaml'), 'utf8')) as {
      description: string;
      tags: string[];
      inputs: { axes: object[] }[];
      outputs: { axes: object[] }[];
      config: { lacuna: object };
    };
    expect(description).toContain('x2 in x, x2 in y, x1 in z of volumes');
    expect(tags).toContain('3d');
    const along = (id: string, scale: number) => ({ type: 'space', id, unit: 'micrometer', scale });
    const fine = { x: Math.fround(0.1), z: Math.fround(0.3) };
    expect(inputs[0].axes.slice(2)).toMatchObject([
      { ...along('z', fine.z), size: { min: 18, step: 1 } },
      { ...along('y', 2 * fine.x), size: { min: 18, step: 1 } },
      { ...along('x', 2 * fine.x), size: { min: 18, step: 1 } },
    ]);
    expect(outputs[0].axes.slice(2)).toMatchObject([
      { ...along('z', fine.z), size: { tensor_id: 'lr', axis_id: 'z' }, halo: 5 },
      { ...along('y', fine.x), size: { tensor_id: 'lr', axis_id: 'y' }, halo: 10 },
      { ...along('x', fine.x), size: { tensor_id: 'lr', axis_id: 'x' }, halo: 10 },
    ]);
    expect(config.lacuna).toMatchObject({ factor: [1, 2, 2] });
    const readme = readFileSync(at('package', 'README.md'), 'utf8');
    expect(readme).toContain(
      'Fine voxels of 0.1 µm x 0.1 µm x 0.3 µm (x, y, z), coarse ones of 0.2 µm x 0.2 µm x 0.3 µm.',
    );
    expect(npyHeader(readFileSync(at('package', 'test_output.npy')))).toContain("'shape': (1, 1, 24, 48, 48,)");
    expect(await sharp(at('package', 'cover.png')).metadata()).toMatchObject({ width: 512, height: 256 });
  });

  it('takes the middle of a stack that is large enough, and enlarges stacks as the model does', async () => {
    const trial = writeTrial(volumes);
    const stack = picture({ width: 40, height: 34, depth: 30, dataRange: [0, 255] });
    writeTiff(at('trial', 'images', 'lr.tif'), stack, { type: 'float32' });
    await exportTrained(trial, options(at('package.zip')));
    const files = unzipSync(readFileSync(at('package.zip')));
    const input = Buffer.from(files['test_input.npy']);
    expect(npyHeader(input)).toContain("'shape': (1, 1, 24, 24, 24,)");
    // The first voxel of the middle.
    expect(input.readFloatLE(input.length - 4 * 24 ** 3)).toBe(stack.data[(3 * 34 + 5) * 40 + 8]);
    const found = await openModel(await locateModel(at('package.zip'), options('')), { range: null });
    expect(found.volume).toMatchObject({ factor: [1, 2, 2] });
  });
});

const found = findPython('bioimageio.core');
/**
 * bioimageio.spec up to 0.5.12.0 hands pydantic an argument that pydantic 2.14 refuses, whatever the package: it cannot
 * test any model there.
 */
const refused =
  found === undefined
    ? ''
    : execFileSync(
        found,
        [
          '-c',
          'from importlib.metadata import version as v; ' +
            'print(v("pydantic").split(".")[:2] >= ["2", "14"] and v("bioimageio.spec") == "0.5.12.0")',
        ],
        { encoding: 'utf8' },
      ).trim();
const python = refused === 'True' ? undefined : found;
if (python === undefined)
  console.warn(
    found === undefined
      ? "skipped: no Python with bioimageio.core (npm test's set-up makes one)"
      : 'skipped: bioimageio.spec 0.5.12.0 needs a pydantic below 2.14',
  );

const script = `
import json, sys
from bioimageio.core import test_model
out = []
for path in sys.argv[1:]:
    summary = test_model(path, weight_format="onnx")
    errors = [str(e.msg) for d in summary.details for e in d.errors]
    warnings = [str(w.loc) + " " + str(w.msg) for d in summary.details for w in d.warnings]
    out.append({"status": summary.status, "errors": errors, "warnings": warnings})
print("RESULT " + json.dumps(out))
`;

describe.skipIf(python === undefined)("bioimageio.core's own test of the model", () => {
  it('passes for finite reach, for a model that looks at the whole image, for volumes and for a head', async () => {
    await exportTrained(
      writeTrial({ normalisation: { low: 10, high: 210 }, pixelSize: { x: 0.1, y: 0.1, unit: 'um' } }),
      options(at('finite')),
    );
    writeModel(at('best.safetensors'), {
      model: { name: 'resnet-generator', blocks: 1, filters: 4 },
      factor: 2,
      normalisation: { low: 300, high: 52000 },
    });
    await exportTrained(at('best.safetensors'), options(at('whole')));
    writeModel(at('volume.safetensors'), volumes);
    await exportTrained(at('volume.safetensors'), options(at('volume')));
    writeModel(at('head.safetensors'), { networkHead: true });
    await exportTrained(at('head.safetensors'), options(at('head')));
    expect(existsSync(at('head', 'test_network.npy'))).toBe(true);
    const packages = ['finite', 'whole', 'volume', 'head'].map((name) => at(name, 'rdf.yaml'));
    const text = execFileSync(python!, ['-c', script, ...packages], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, BIOIMAGEIO_CACHE_PATH: at('cache'), HOME: folder },
    });
    const results = JSON.parse(text.split('RESULT ')[1]) as { status: string; errors: string[]; warnings: string[] }[];
    expect(results.flatMap(({ errors }) => errors)).toEqual([]);
    expect(results.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed', 'passed']);
  });
});

describe('one ONNX file', () => {
  it('float16 is half as large', async () => {
    writeModel(at('best.safetensors'), { model: { name: 'edsr', blocks: 1, filters: 16 } });
    const [whole] = await exportTrained(at('best.safetensors'), options(at('whole'), { format: 'onnx' }));
    const [half] = await exportTrained(
      at('best.safetensors'),
      options(at('half'), { format: 'onnx', precision: 'float16', licence: 'CC-BY-4.0' }),
    );
    expect(readFileSync(half).length).toBeLessThan(0.6 * readFileSync(whole).length);
    expect(readOnnxMetadata(readFileSync(half))!.licence).toBe('CC-BY-4.0');
  });

  it('is never written over unasked, and nothing is left of what was refused', async () => {
    writeModel(at('best.safetensors'));
    const to = options(at('out'), { format: 'onnx' });
    await exportTrained(at('best.safetensors'), to);
    await expect(exportTrained(at('best.safetensors'), to)).rejects.toThrow(
      /--out: got .*model\.onnx, which exists, wanted a new folder or file; choose another, or --force/,
    );
    await exportTrained(at('best.safetensors'), { ...to, force: true });
    expect(readdirSync(at('out'))).toEqual(['model.onnx']);
    await expect(exportTrained(at('nothing.safetensors'), options(at('other')))).rejects.toThrow(
      'got no such file or folder',
    );
    await expect(
      exportTrained(at('out', 'model.onnx'), options(at('other'), { format: 'onnx', precision: 'float16' })),
    ).rejects.toThrow('--precision: got float16 for a file that is ONNX already');
    writeFileSync(at('file'), '');
    await expect(exportTrained(at('best.safetensors'), options(at('file', 'out')))).rejects.toThrow(/got .*wanted /);
    expect(existsSync(at('other'))).toBe(false);
  });
});

describe('parts', () => {
  it('npy: header of 64-byte steps, data in C order', () => {
    const bytes = Buffer.from(encodeNpy(Float32Array.of(1, 2, 3, 4, 5, 6), [1, 2, 3]));
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0093NUMPY\u0001\u0000');
    expect((10 + bytes.readUInt16LE(8)) % 64).toBe(0);
    expect(bytes.toString('latin1', 10, bytes.length - 24).trimEnd()).toBe(
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3,), }",
    );
    expect(bytes.readFloatLE(bytes.length - 4)).toBe(6);
  });

  it('authors of CITATION.cff', () => {
    writeFileSync(
      at('CITATION.cff'),
      [
        'title: T',
        'authors:',
        '  - { given-names: Ada, family-names: Byron, orcid: "https://orcid.org/0000-0001-2345-6789", affiliation: A }',
        '  - { name: Group }',
        'license: MIT\n',
      ].join('\n'),
    );
    expect(readCitation(at('CITATION.cff'))).toMatchObject({
      authors: [{ name: 'Ada Byron', affiliation: 'A', orcid: '0000-0001-2345-6789' }, { name: 'Group' }],
      licence: 'MIT',
    });
    writeFileSync(at('empty.cff'), 'title: T\n');
    expect(() => readCitation(at('empty.cff'))).toThrow('got no list of authors');
    expect([sourceLink('arXiv:1707.02921').url, sourceLink('doi:10.1038/s41592-018-0216-7').doi]).toEqual([
      'https://arxiv.org/abs/1707.02921',
      '10.1038/s41592-018-0216-7',
    ]);
  });
});

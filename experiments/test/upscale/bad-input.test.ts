import { existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openImage, readImage, writeTiff } from '@lacuna/datasets';
import { OutOfMemory, decodeModel, encodeModel, exportModel, planesModel } from '@lacuna/onnx';
import { readTensorFile } from '@lacuna/models';
import {
  defaultOptions,
  parseLevels,
  parseMemory,
  parseRange,
  type UpscaleOptions,
} from '../../src/upscale/options.js';
import { UpscaleProgress } from '../../src/upscale/progress.js';
import { upscaleFile } from '../../src/upscale/upscale-file.js';
import { upscale } from '../../src/upscale/upscale.js';
import { newFolder, picture, writeModel } from './fixtures.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const run = (model: string, input: string, output: string, options: Partial<UpscaleOptions> = {}) =>
  upscale(at(model), at(input), at(output), { ...defaultOptions, device: 'cpu', ...options });

beforeEach(() => {
  folder = newFolder();
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  writeModel(at('best.safetensors'));
  writeTiff(at('in.tif'), picture(), { type: 'uint8' });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A pattern in parts, each as it is typed. */
const matching = (...parts: readonly string[]): RegExp => new RegExp(parts.join(''));

/** Nothing may be left of an output, under its own name or another. */
async function refused(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const before = readdirSync(folder)
    .filter((name) => !name.endsWith('.part'))
    .sort();
  const error: Error & { exitCode?: number } = await promise.then(
    () => expect.unreachable('went through'),
    (reason: unknown) => reason as Error,
  );
  expect(error.message).toMatch(message);
  expect(error.message).not.toContain('\n');
  expect(readdirSync(folder).sort()).toEqual(before);
}

/** The tiny model as another maker would write it: changed, without our metadata. */
function writeForeign(
  name: string,
  change: (model: ReturnType<typeof decodeModel>) => ReturnType<typeof decodeModel> = (model) => model,
): void {
  const model = decodeModel(exportModel(readTensorFile(at('best.safetensors'))));
  writeFileSync(at(name), encodeModel(change({ ...model, metadata: [] })));
}

describe('the model', () => {
  it('that is not there', () =>
    refused(
      run('none.onnx', 'in.tif', 'out.tif'),
      /MODEL .*none\.onnx: got no such file or folder, wanted an ONNX file, a checkpoint, a model package/,
    ));
  it('that is damaged, as a checkpoint', async () => {
    truncateSync(at('best.safetensors'), 2000);
    await refused(
      run('best.safetensors', 'in.tif', 'out.tif'),
      /best\.safetensors: got .*, wanted a whole safetensors file/,
    );
  });
  it('that is damaged, as ONNX', async () => {
    writeFileSync(at('model.onnx'), exportModel(readTensorFile(at('best.safetensors'))).subarray(0, 3000));
    await refused(
      run('model.onnx', 'in.tif', 'out.tif'),
      /^MODEL model\.onnx: got .*, wanted a whole ONNX model; export or download it again$/,
    );
  });
  it('that is a text file', async () => {
    writeFileSync(at('model.onnx'), 'this is no model\n');
    await refused(run('model.onnx', 'in.tif', 'out.tif'), /wanted .*ONNX/);
  });
  it('of others that lacks its range; with it, it works', async () => {
    writeForeign('foreign.onnx');
    await refused(
      run('foreign.onnx', 'in.tif', 'out.tif'),
      matching(
        String.raw`MODEL foreign\.onnx: got a network that does not declare the range of its numbers, `,
        String.raw`wanted what it takes for black and white; say it: --range 0,1`,
      ),
    );
    await run('foreign.onnx', 'in.tif', 'out.tif', { range: [0, 1] });
    await run('best.safetensors', 'in.tif', 'own.tif');
    // The foreign file gives the same image: its own levels are those of the file, and one tile holds it.
    expect(readFileSync(at('out.tif')).subarray(16, 16 + 80 * 60)).toEqual(
      readFileSync(at('own.tif')).subarray(16, 16 + 80 * 60),
    );
  });
  it('of others with another range than an earlier result was made with', async () => {
    writeForeign('foreign.onnx');
    await run('foreign.onnx', 'in.tif', 'ranged.tif', { range: [0, 1] });
    await refused(
      run('foreign.onnx', 'in.tif', 'ranged.tif', { range: [0, 255] }),
      /ranged\.tif: got a file that is there already \(the result of another model or setting\)/,
    );
  });
  it('that enlarges nothing', async () => {
    writeForeign('same.onnx', (model) => ({
      ...model,
      graph: {
        ...model.graph,
        initializer: [],
        node: [
          {
            opType: 'Relu',
            input: [model.graph.input[0].name],
            output: [model.graph.output[0].name],
            name: 'relu',
            attribute: [],
          },
        ],
      },
    }));
    await refused(
      run('same.onnx', 'in.tif', 'out.tif', { range: [0, 1] }),
      matching(
        String.raw`MODEL same\.onnx: got a network that is not SR of one image: .*, `,
        String.raw`wanted height and width times a whole factor of at least 2`,
      ),
    );
  });
  it('of three channels for an image of one', async () => {
    writeModel(at('colour.safetensors'), { channels: 3 });
    await refused(
      run('colour.safetensors', 'in.tif', 'out.tif'),
      /in\.tif: got 1 channel, wanted 3, as colour\.safetensors takes; take a model of one channel/,
    );
  });
  it('of another factor beside the first', async () => {
    writeModel(at('three.safetensors'), { factor: 3 });
    await refused(
      run('best.safetensors', 'in.tif', 'out.tif', { uncertainty: [at('three.safetensors')] }),
      /uncertainty: got models of factor 2, 1 channels and factor 3, 1 channels/,
    );
  });
});

describe('the image', () => {
  it('that is damaged', async () => {
    truncateSync(at('in.tif'), 500);
    await refused(run('best.safetensors', 'in.tif', 'out.tif'), /in\.tif: got .*(damaged|truncated)/);
  });
  it('smaller than the halo', async () => {
    writeTiff(at('small.tif'), picture({ width: 3, height: 30 }), { type: 'uint8' });
    await refused(
      run('best.safetensors', 'small.tif', 'out.tif'),
      matching(
        String.raw`small\.tif: got 3 x 30, wanted at least \d+ x \d+: best\.safetensors looks \d+ px to every side; `,
        String.raw`give the field around it as well`,
      ),
    );
  });
  it('of another data range than the training images', async () => {
    writeTiff(at('wide.tif'), picture({ dataRange: [0, 4000] }), { type: 'uint16' });
    await refused(
      run('best.safetensors', 'wide.tif', 'out.tif'),
      matching(
        String.raw`wide\.tif: got 40 x 30, data range 0 to 65535, wanted data range 0 to 255, `,
        String.raw`as in the training images of best\.safetensors; choose --levels percentile`,
      ),
    );
    await run('best.safetensors', 'wide.tif', 'out.tif', { levels: 'percentile' });
    expect(existsSync(at('out.tif'))).toBe(true);
  });
  it('of floats without contrast between the levels, or with NaN', async () => {
    writeTiff(at('unit.tif'), picture({ dataRange: [0, 1] }), { type: 'float32' });
    await refused(
      run('best.safetensors', 'unit.tif', 'out.tif'),
      /unit\.tif: got 40 x 30, values from 0 to 1, wanted contrast between the levels 0 and 255/,
    );
    const broken = picture({ dataRange: [0, 255] });
    broken.data[47] = NaN;
    writeTiff(at('nan.tif'), broken, { type: 'float32' });
    await refused(
      run('best.safetensors', 'nan.tif', 'out.tif'),
      /nan\.tif: got NaN at x 7, y 1, wanted finite intensities/,
    );
  });
  it('without the channel that is asked for', () =>
    refused(
      run('best.safetensors', 'in.tif', 'out.tif', { channel: 1 }),
      /--channel: got 1 of in\.tif, wanted 0 to 0/,
    ));
  it('that is not there, or a folder without images', async () => {
    mkdirSync(at('empty'));
    await refused(run('best.safetensors', 'none.tif', 'out.tif'), /none\.tif: got no such file or folder/);
    await refused(run('best.safetensors', 'empty', 'out'), /empty: got an empty folder/);
  });
});

describe('the output', () => {
  it('that lies below a file', () => refused(run('best.safetensors', 'in.tif', 'in.tif/out.tif'), /in\.tif/));
  it('of another format', () =>
    refused(
      run('best.safetensors', 'in.tif', 'out.jpg'),
      /out\.jpg: got format \.jpg, wanted a name that ends in \.tif, \.tiff, \.png/,
    ));
  it('that is the input', () =>
    refused(run('best.safetensors', 'in.tif', 'in.tif', { force: true }), /got the input itself, wanted another name/));
  it('that is there and not ours', async () => {
    writeTiff(at('precious.tif'), picture(), { type: 'uint8' });
    await refused(
      run('best.safetensors', 'in.tif', 'precious.tif'),
      /precious\.tif: got a file that is there already \(something else\), wanted a new name/,
    );
  });
  it('of two inputs under one name', async () => {
    mkdirSync(at('in'));
    for (const name of ['a.tif', 'a.ome.tif']) writeTiff(at(`in/${name}`), picture(), { type: 'uint8' });
    for (const name of ['a.tiff']) writeTiff(at(`in/${name}`), picture(), { type: 'uint8' });
    await refused(
      run('best.safetensors', 'in', 'out'),
      /a\.tif and a\.tiff, wanted inputs whose results have different names/,
    );
  });
  it('for which the disk has no room', async () => {
    const image = { ...(await openImage(at('in.tif'))), width: 4e7, height: 4e7 };
    const model = {
      factor: 4,
      channels: 1,
      multiple: 1,
      halo: 2,
      outputs: 1,
      bytesPerPixel: 1,
      run: () => Promise.reject(new Error('no tile is made')),
      reset: () => Promise.resolve(),
      dispose: () => Promise.resolve(),
    };
    await refused(
      upscaleFile(planesModel(model), {
        image,
        volumes: false,
        output: at('out.tif'),
        levels: { channels: [{ scale: 1, offset: 0 }], dataRange: [0, 255], description: '' },
        channel: null,
        software: '',
        room: 1e12,
        bound: null,
        progress: new UpscaleProgress(1),
      }),
      /out\.tif: got .* free, wanted 25600\.0 TB for the image/,
    );
    await image.close();
  });
});

describe('memory', () => {
  it('that runs out halves the tiles until they fit, and the result is the same', async () => {
    writeTiff(at('large.tif'), picture({ width: 100, height: 90 }), { type: 'uint8' });
    const sizes: string[] = [];
    const model = (most: number) => ({
      factor: 2,
      channels: 1,
      multiple: 1,
      halo: 4,
      outputs: 1,
      bytesPerPixel: 1,
      run: (tile: Float32Array, height: number, width: number) => {
        if (height * width > most) return Promise.reject(new OutOfMemory('std::bad_alloc'));
        sizes.push(`${height}x${width}`);
        return Promise.resolve([
          Float32Array.from(
            { length: 4 * height * width },
            (_, i) => tile[Math.floor(Math.floor(i / (2 * width)) / 2) * width + Math.floor((i % (2 * width)) / 2)],
          ),
        ]);
      },
      reset: () => Promise.resolve(),
      dispose: () => Promise.resolve(),
    });
    const job = async (output: string) => ({
      image: await openImage(at('large.tif')),
      volumes: false,
      output: at(output),
      levels: { channels: [{ scale: 1 / 255, offset: 0 }], dataRange: [0, 255] as const, description: '' },
      channel: null,
      software: '',
      room: 1e9,
      bound: null,
      progress: new UpscaleProgress(9000),
    });
    await upscaleFile(planesModel(model(1e9)), await job('whole.tif'));
    await upscaleFile(planesModel(model(700)), await job('tiled.tif'));
    expect(new Set(sizes)).toEqual(new Set(['90x100', '22x24']));
    expect((await readImage(at('tiled.tif'))).data).toEqual((await readImage(at('whole.tif'))).data);
    await refused(
      upscaleFile(planesModel(model(20)), await job('never.tif')),
      matching(
        String.raw`large\.tif: got no memory for a tile of 9 x 9 \(std::bad_alloc\), `,
        String.raw`wanted room for tiles of at least 9 x 9; allow more with --memory`,
      ),
    );
  });
  it('of which too little is allowed', () =>
    refused(
      run('best.safetensors', 'in.tif', 'out.tif', { memory: 20 * 2 ** 20 }),
      /memory: got 0 MB for tiles, wanted at least \d+ MB for tiles of \d+ x \d+; allow it with --memory \d+M, or take/,
    ));
});

describe('options', () => {
  it('read sizes, ranges and levels', () => {
    expect([parseMemory('2G'), parseMemory('512M'), parseMemory('1.5GiB'), parseMemory('1000')]).toEqual([
      2 ** 31,
      2 ** 29,
      1.5 * 2 ** 30,
      1000,
    ]);
    expect(parseRange('--range')('-1,1')).toEqual([-1, 1]);
    expect([parseLevels('percentile'), parseLevels('120,4000')]).toEqual(['percentile', { low: 120, high: 4000 }]);
  });
  it('refuse others in one sentence', () => {
    expect(() => parseMemory('much')).toThrow('--memory: got much, wanted a size such as 2G or 512M');
    expect(() => parseRange('--range')('5,1')).toThrow(
      '--range: got 5,1, wanted two numbers, the second larger; write for example --range 0,255',
    );
    expect(() => parseLevels('bright')).toThrow(
      '--levels: got bright, wanted auto, model, percentile, range, or two numbers such as 120,4000',
    );
  });
});

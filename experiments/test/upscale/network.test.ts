import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { readImage, writeTiff } from '@lacuna/datasets';
import { skeletonize, smooth, threshold } from '@lacuna/iqa';
import { loadModel, openEngine, readTensorFile } from '@lacuna/models';
import { exportModel, readOnnxMetadata } from '@lacuna/onnx';
import { describe, expect, it } from 'vitest';
import { networkChoice, parseNetworkLevel } from '../../src/upscale/network-options.js';
import { picture, writeModel } from './fixtures.js';
import { at, forget, furthest, run, said, useSession } from './session.js';

useSession();

const beside = { folder: null, level: null };
const model = (more: Record<string, string> = {}) => writeModel(at('m.safetensors'), { more });

describe('--network', () => {
  it("reads the written image at the model's own level, and remembers what it made", async () => {
    model({ level: '0.5', ownLevel: '0.62' });
    writeTiff(at('in.tif'), picture({ pixelSize: { x: 0.4, y: 0.4, unit: 'um' } }), { type: 'uint8' });
    const [{ written }] = await run('m.safetensors', 'in.tif', 'out.tif', { network: beside });
    expect(said()).toContain("network above 158.1 (the model's own level, chosen on validation)");
    const sr = await readImage(at('out.tif'));
    const expected = threshold(smooth({ ...sr, data: sr.data.map((value) => value / 255) }, 1), 0.62);
    const mask = await readImage(at('out-mask.tif'));
    expect(mask.data).toEqual(Float32Array.from(expected.data, (value) => 255 * value));
    const centreline = await readImage(at('out-centreline.tif'));
    expect(centreline.data).toEqual(Float32Array.from(skeletonize(expected).data, (value) => 255 * value));
    expect(mask.pixelSize!.x).toBeCloseTo(0.2, 6);
    expect(readFileSync(at('out-branches.csv'), 'utf8')).toContain('length_um');
    expect(written).toContain(at('out-network.graphml'));

    const time = statSync(at('out-mask.tif')).mtimeMs;
    forget();
    await run('m.safetensors', 'in.tif', 'out.tif', { network: beside });
    expect(said()).toContain('network written before');
    expect(statSync(at('out-mask.tif')).mtimeMs).toBe(time);
    // Another level is another network, of the same image.
    await expect(run('m.safetensors', 'in.tif', 'out.tif', { network: { folder: null, level: 90 } })).rejects.toThrow(
      /another model or setting/,
    );
    forget();
    await run('m.safetensors', 'in.tif', 'out.tif', { network: { folder: at('at-90'), level: 90 } });
    expect(said()).toContain('done before');
    expect(said()).toContain('network above 90 (as told)');
    expect(existsSync(at('at-90/out-network.swc'))).toBe(true);
  });

  it('falls back on the common level in words, and asks where none is known or none holds', async () => {
    writeTiff(at('in.tif'), picture(), { type: 'uint8' });
    model({ level: '0.5' });
    await run('m.safetensors', 'in.tif', 'out.tif', { network: beside });
    expect(said()).toContain('the level common to all methods of its training');
    const refused = async (options: Parameters<typeof run>[3], message: RegExp) => {
      await expect(run('m.safetensors', 'in.tif', 'new.tif', options)).rejects.toThrow(message);
      expect(readdirSync(at('.')).filter((name) => name.startsWith('new'))).toEqual([]);
    };
    await refused({ network: beside, levels: 'range' }, /does not hold.*--level otsu/);
    model();
    await refused({ network: beside }, /does not say the network's level.*--level otsu/);
    await refused({ network: { folder: null, level: 'otsu' }, memory: 2 ** 20 }, /--memory/);
    await run('m.safetensors', 'in.tif', 'new.tif', { network: { folder: null, level: 'otsu' } });
    expect(said()).toContain("Otsu's of the enlarged image");
  });

  it('reads one channel, and dark networks as dark', async () => {
    model({ level: '0.5' });
    writeTiff(at('two.tif'), picture({ channels: 2 }), { type: 'uint8' });
    await expect(run('m.safetensors', 'two.tif', 'o.tif', { network: beside })).rejects.toThrow(/--channel 0/);
    expect(existsSync(at('o.tif'))).toBe(false);
    await run('m.safetensors', 'two.tif', 'o.tif', { network: beside, channel: 1, invert: true });
    const sr = await readImage(at('o.tif'));
    const mask = await readImage(at('o-mask.tif'));
    const mean = (of: number) => {
      const values = sr.data.filter((_, i) => mask.data[i] === of);
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    };
    expect(mean(255)).toBeLessThan(mean(0));
  });

  it('reads volumes as volumes', async () => {
    writeModel(at('m.safetensors'), {
      model: { name: 'fsrcnn', d: 8, s: 4, m: 1, upsampler: 'shuffle', skip: 'bilinear' },
      factor: [1, 2, 2],
      more: { ownLevel: '0.6' },
    });
    const voxels = { x: 0.2, y: 0.2, z: 0.6, unit: 'um' } as const;
    writeTiff(at('in.ome.tif'), picture({ depth: 20, pixelSize: voxels }), { type: 'uint8', metadata: 'ome' });
    await run('m.safetensors', 'in.ome.tif', 'out.ome.tif', { network: beside });
    const mask = await readImage(at('out-mask.ome.tif'));
    expect(mask).toMatchObject({ width: 80, height: 60, depth: 20 });
    const { graph, nodes } = JSON.parse(readFileSync(at('out-network.json'), 'utf8')) as {
      graph: Record<string, unknown>;
      nodes: { z: number }[];
    };
    expect(graph).toMatchObject({ unit: 'um', pixel_x: 0.1, pixel_z: 0.6 });
    expect(Math.max(...nodes.map(({ z }) => z))).toBeGreaterThan(6);
  });
});

describe('a head for the network', () => {
  it('gives the network beside the image, in tiles as whole; a level that is told reads the image', async () => {
    const input = picture({ width: 120, height: 90 });
    writeTiff(at('in.tif'), input, { type: 'uint8' });
    writeModel(at('m.safetensors'), { networkHead: true });
    const model = await loadModel(at('m.safetensors'), { engine: await openEngine(), tile: 32 });
    const tiled = await model.predict({ ...input, data: input.data.map((value) => value / 255) });
    model.dispose();
    const level = tiled.network!.slice().sort()[Math.floor(tiled.network!.length / 2)];
    writeModel(at('m.safetensors'), { networkHead: true, more: { ownLevel: '0.62', headLevel: String(level) } });
    await run('m.safetensors', 'in.tif', 'plain.tif');
    expect(existsSync(at('plain-probability.tif'))).toBe(false);
    const [{ written }] = await run('m.safetensors', 'in.tif', 'out.tif', { network: beside });
    expect(written).toContain(at('out-probability.tif'));
    expect(said()).toContain("(probability of network by the model's head");
    const [plain, image] = [await readImage(at('plain.tif')), await readImage(at('out.tif'))];
    expect(image.data).toEqual(plain.data);
    const { data: probability, ...size } = await readImage(at('out-probability.tif'));
    const expected = threshold(smooth({ ...size, data: probability.map((value) => value / 65535) }, 1), level);
    const mask = await readImage(at('out-mask.tif'));
    expect(mask.data).toEqual(Float32Array.from(expected.data, (value) => 255 * value));
    expect(new Set(mask.data).size).toBe(2);

    expect(
      furthest(
        probability.map((value) => value / 65535),
        tiled.network!,
      ),
    ).toBeLessThan(2e-5);

    await run('m.safetensors', 'in.tif', 'told.tif', { network: { folder: null, level: 140 } });
    expect(existsSync(at('told-probability.tif'))).toBe(false);
    expect(said()).toContain('network above 140 (as told)');
  });
});

describe('what a model says of its own level', () => {
  it('goes with it to ONNX', () => {
    const onnx = exportModel(readTensorFile(model({ level: '0.5', ownLevel: '0.62' })));
    expect(readOnnxMetadata(onnx)).toMatchObject({ level: 0.5, ownLevel: 0.62 });
    expect(readOnnxMetadata(exportModel(readTensorFile(model())))).not.toHaveProperty('ownLevel');
  });
});

describe('options', () => {
  it('are read as they are meant', () => {
    expect(parseNetworkLevel('otsu')).toBe('otsu');
    expect(parseNetworkLevel('-3.5')).toBe(-3.5);
    expect(() => parseNetworkLevel('high')).toThrow(/--level/);
    expect(networkChoice({})).toBeNull();
    expect(networkChoice({ network: true, level: 5 })).toEqual({ folder: null, level: 5, propose: null });
    expect(networkChoice({ network: 'there', propose: true })).toEqual({ folder: 'there', level: null, propose: 16 });
    expect(() => networkChoice({ propose: 8 })).toThrow('--propose: got links to be proposed without --network');
    expect(() => networkChoice({ level: 5 })).toThrow(/--network/);
  });
});

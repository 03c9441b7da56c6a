import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage } from '@lacuna/core';
import { dataSpec, loadSource, pinFolder, readMrc, splitImages, userPins, writeTiff } from '../src/index.js';

let folder: string;
let mirror: string;
let cache: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lacuna-adapters-'));
  mirror = join(folder, 'data');
  cache = join(folder, 'cache');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, bytes: Uint8Array) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
};
const load = (spec: object) => loadSource(dataSpec.parse(spec), { baseDir: folder, mirror, cache });

/** An MRC stack of 16 bits whose frames are all `values[z]`, but for the first pixel, which counts. */
function mrc(width: number, height: number, values: readonly number[], extended = 0): Uint8Array {
  const bytes = Buffer.alloc(1024 + extended + 2 * width * height * values.length);
  [width, height, values.length, 6].forEach((value, i) => bytes.writeInt32LE(value, 4 * i));
  bytes.writeInt32LE(extended, 92);
  values.forEach((value, z) => {
    for (let i = 0; i < width * height; i++)
      bytes.writeUInt16LE(i === 0 ? z : value, 1024 + extended + 2 * (z * width * height + i));
  });
  return bytes;
}

describe('MRC', () => {
  it('reads planes behind an extended header', () => {
    put(join(folder, 'a.mrc'), mrc(4, 3, [10, 20], 64));
    const image = readMrc(join(folder, 'a.mrc'), { x: 62.6, y: 62.6, unit: 'nm' });
    expect(image).toMatchObject({
      width: 4,
      height: 3,
      depth: 2,
      dataRange: [0, 65535],
      pixelSize: { x: 62.6, y: 62.6, unit: 'nm' },
    });
    expect([image.data[0], image.data[1], image.data[12], image.data[23]]).toEqual([0, 10, 1, 20]);
  });

  it('refuses what is cut or of another mode', () => {
    const whole = Buffer.from(mrc(4, 3, [10]));
    put(join(folder, 'cut.mrc'), whole.subarray(0, whole.length - 1));
    expect(() => readMrc(join(folder, 'cut.mrc'))).toThrow(
      'got a damaged or truncated MRC (1047 bytes for 4 x 3 x 1 of mode 6)',
    );
    whole.writeInt32LE(4, 12);
    put(join(folder, 'mode.mrc'), whole);
    expect(() => readMrc(join(folder, 'mode.mrc'))).toThrow('mode 4, wanted 0, 1, 2 or 6');
  });
});

describe('BioSR', () => {
  it('is used after a copy was pinned, and as long as it stays the same', async () => {
    await expect(load({ source: 'biosr', structure: 'CCPs' })).rejects.toThrow(
      'data biosr: got an entry whose files nobody pinned here, wanted verified files; lacuna data fetch ' +
        'biosr --files NAME, unpack it below LACUNA_DATA/biosr, then: lacuna data verify biosr --pin',
    );
    for (const cell of ['Cell_001', 'Cell_002']) {
      put(join(mirror, 'biosr', 'CCPs', cell, 'SIM_gt.mrc'), mrc(32, 32, [500]));
      put(join(mirror, 'biosr', 'CCPs', cell, 'RawSIMData_level_06.mrc'), mrc(16, 16, [1, 2, 3, 4, 5, 6, 7, 8, 9]));
    }
    put(join(mirror, 'biosr', 'ER', 'Cell_001', 'GTSIM', 'GTSIM_level_02.mrc'), mrc(32, 32, [7]));
    put(join(mirror, 'biosr', 'ER', 'Cell_001', 'RawSIMData', 'RawSIMData_level_02.mrc'), mrc(16, 16, [3, 3, 3]));
    const pins = await pinFolder('biosr', { mirror, cache });
    expect(Object.keys(pins.files)).toHaveLength(6);
    expect(userPins('biosr', { cache })).toEqual(pins);
    const { images, lr, description } = await load({ source: 'biosr', structure: 'CCPs' });
    expect(images.map(({ name, width, pixelSize }) => [name, width, pixelSize])).toEqual([
      ['Cell_001', 32, { x: 31.3, y: 31.3, unit: 'nm' }],
      ['Cell_002', 32, { x: 31.3, y: 31.3, unit: 'nm' }],
    ]);
    // The mean of frames 1 to 9 is 5; of the first pixel, 0 to 8, it is 4.
    expect([lr![0].width, lr![0].data[0], lr![0].data[1]]).toEqual(
      [16, 4, 5].map((value) => expect.closeTo(value, 4) as number),
    );
    expect(description).toContain('CC-BY-4.0');
    expect((await load({ source: 'biosr', structure: 'ER', level: 2 })).images[0].data[1]).toBe(7);
    await expect(load({ source: 'biosr', structure: 'CCPs', level: 3 })).rejects.toThrow(
      'wanted its raw frames of level 3',
    );
    await expect(load({ source: 'biosr', structure: 'F-actin' })).rejects.toThrow(
      'unpack F-actin.zip below LACUNA_DATA/biosr',
    );
    put(join(mirror, 'biosr', 'CCPs', 'Cell_002', 'SIM_gt.mrc'), mrc(32, 32, [501]));
    await expect(load({ source: 'biosr', structure: 'CCPs' })).rejects.toThrow(
      /SIM_gt\.mrc: got other contents than were pinned, wanted the pinned file; put it back, or pin the copy again/,
    );
    writeFileSync(join(cache, 'pins', 'biosr.json'), '{}');
    await expect(load({ source: 'biosr', structure: 'CCPs' })).rejects.toThrow(
      'got a file of checksums that cannot be read',
    );
  });
});

describe('SR-CACO-2', () => {
  it("pairs patches by tile and number, with the authors' roles", async () => {
    await expect(load({ source: 'sr-caco-2', factor: 2 })).rejects.toThrow(
      'sr-caco-2 may not be used commercially (CC-BY-NC-SA-4.0)',
    );
    const patch = (side: number, value: number) =>
      createImage({ data: new Float32Array(side * side).fill(value), width: side, height: side, dataRange: [0, 255] });
    mkdirSync(join(mirror, 'sr-caco-2', 'hr_div_1'), { recursive: true });
    mkdirSync(join(mirror, 'sr-caco-2', 'hr_div_2'), { recursive: true });
    for (const [tile, number] of [
      [13, 57],
      [13, 58],
      [7, 3],
      [20, 359],
    ])
      for (const marker of [0, 1]) {
        writeTiff(
          join(mirror, 'sr-caco-2', 'hr_div_1', `tile_HighRes1024-${tile}_${number}_0_32_0_32_CELL${marker}.tif`),
          patch(32, number),
          { type: 'uint16' },
        );
        writeTiff(
          join(mirror, 'sr-caco-2', 'hr_div_2', `tile_LowRes512-${tile}_${number}_0_16_0_16_CELL${marker}.tif`),
          patch(16, number),
          { type: 'uint16' },
        );
      }
    await pinFolder('sr-caco-2', { mirror, cache });
    const { images, lr, roles } = await load({ source: 'sr-caco-2', factor: 2, marker: 1 });
    expect(images.map(({ name }) => name)).toEqual(['tile 13[57]', 'tile 13[58]', 'tile 20[359]', 'tile 7[3]']);
    expect(lr!.map(({ width, data }) => [width, data[0]])).toEqual([
      [16, 57],
      [16, 58],
      [16, 359],
      [16, 3],
    ]);
    expect(Object.fromEntries(roles!)).toEqual({
      'tile 13[57]': 'training',
      'tile 13[58]': 'training',
      'tile 20[359]': 'test',
      'tile 7[3]': 'validation',
    });
    const split = splitImages(
      images,
      { kind: 'blocks', axis: 'x', fractions: [1, 1, 1], guard: 0 },
      { multiple: 2, roles: roles! },
    );
    expect(split.test.map(({ box }) => box.image)).toEqual(['tile 20[359]']);
    await expect(load({ source: 'sr-caco-2', factor: 4 })).rejects.toThrow(
      'got no patch of that name in hr_div_4, wanted its coarse scan; unpack hr_div_4 beside hr_div_1',
    );
    await expect(load({ source: 'sr-caco-2', factor: 2, marker: 2 })).rejects.toThrow(
      'got no patch of marker 2 in hr_div_1',
    );
  });
});

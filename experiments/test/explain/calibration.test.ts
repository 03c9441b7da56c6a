import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { degradationSpec, enlarge, writeTiff } from '@lacuna/datasets';
import { folderCases, requireApart, type CalibrationCase } from '../../src/explain/calibration/calibration-cases.js';
import { conformalLevel } from '../../src/explain/calibration/conformal.js';
import { binOf, calibrationCurve, judgeBranches, separationOf } from '../../src/explain/judged.js';
import { parseAlpha, partsOf } from '../../src/explain/options.js';
import { readNetwork } from '../../src/explain/read-network.js';
import type { UpscaleModel } from '../../src/upscale/open-model.js';
import { newFolder } from '../upscale/fixtures.js';

const SIDE = 40;

/** Lines along x at the given heights, as bright as told, over darkness. */
function drawn(lines: Readonly<Record<number, number>>, side = SIDE): Image {
  const data = Float32Array.from({ length: side * side }, (_, i) => lines[Math.floor(i / side)] ?? 0);
  return createImage({ data, width: side, height: side, dataRange: [0, 1], name: 'drawn' });
}

/** Lines across each other at heights and places of a seed, moved down by some pixels, with fresh noise. */
function crossing(seed: number, down: number): Image {
  const rng = createRng(seed);
  const lines = Array.from({ length: 14 }, () => ({ at: Math.floor(60 * rng.uniform()), slope: rng.uniform() - 0.5 }));
  const noise = createRng(seed + 100 * down).fork('noise');
  const data = Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = i % SIDE;
    const y = Math.floor(i / SIDE) + down;
    const isLine = lines.some(({ at, slope }) => Math.abs(y - at - slope * x) < 1);
    return (isLine ? 0.9 : 0.1) + 0.05 * noise.normal();
  });
  return createImage({ data, width: SIDE, height: SIDE, dataRange: [0, 1], name: 'crossing' });
}

describe('the calibration curve', () => {
  it('counts false branches by doubt, and the last bin has its end', () => {
    const branch = (doubt: number, isFalse: boolean) => ({ doubt, isFalse });
    const bins = calibrationCurve([branch(0, false), branch(0.019, true), branch(0.3, true), branch(1, true)]);
    expect(bins.map(({ count, wrong }) => [count, wrong])).toEqual([
      [2, 1],
      [0, 0],
      [0, 0],
      [1, 1],
      [1, 1],
    ]);
    expect(bins[0]).toMatchObject({ share: 0.5, from: 0, to: 0.02 });
    expect(bins[1]).toMatchObject({ share: null, low: 0, high: 1 });
    expect([binOf(bins, 0), binOf(bins, 0.02), binOf(bins, 1)]).toEqual([bins[0], bins[1], bins[4]]);
  });
  it('says how well doubt tells false branches: against dimness, what was added, what the scan shows', () => {
    const branches = [
      { isFalse: false, doubt: 0, measuredShare: 0.4, scanShare: 0.5, intensity: 0.2 },
      { isFalse: false, doubt: 0.1, measuredShare: null, scanShare: null, intensity: 0.9 },
      { isFalse: true, doubt: 0.6, measuredShare: 0.3, scanShare: 0.5, intensity: 0.2 },
    ];
    expect(separationOf(branches)).toEqual({ doubt: 1, added: 1, scan: 0.5, dimness: 0.75 });
  });
  it('takes its branches from scans whose networks are known', async () => {
    // The reference lacks the dimmer of two lines; interpolation stands in place of a model.
    const lr = drawn({ 8: 0.9, 28: 0.3 });
    const reference = readNetwork(enlarge(drawn({ 8: 0.9 }), 2, 'bilinear'), { level: 0.1, smoothing: 0 });
    const restore = (scan: Image) => {
      const image = enlarge(scan, 2, 'bilinear');
      return Promise.resolve({ image, map: image });
    };
    const judged = await judgeBranches([{ name: 'a', lr, reference }], {
      restorer: { restore },
      degradation: degradationSpec.parse({ kind: 'confocal', factor: 2, photons: 12, readNoise: 0 }),
      reading: { level: 0.1, smoothing: 0 },
      tolerancePx: 2,
      splits: 2,
      rng: createRng(1),
    });
    const bright = judged.filter(({ intensity }) => intensity > 0.4);
    const dim = judged.filter(({ intensity }) => intensity <= 0.4);
    expect([bright.length > 0, dim.length > 0]).toEqual([true, true]);
    expect(bright.every(({ isFalse, doubt }) => !isFalse && doubt < 0.01)).toBe(true);
    expect(dim.every(({ isFalse }) => isFalse)).toBe(true);
    expect(separationOf(judged).doubt).toBeGreaterThan(0.9);
  });
});

describe('conformal control', () => {
  /** A true line, and a false one that is dimmer. */
  const cases = Array.from({ length: 9 }, () => {
    const reference = readNetwork(drawn({ 8: 0.9 }), { level: 0.5, smoothing: 0 });
    return { map: drawn({ 8: 0.9, 28: 0.3 }), reference };
  });
  const how = { smoothing: 0, tolerancePx: 2 };
  it('takes the lowest level that keeps the promise', () => {
    const found = conformalLevel(cases, 0.2, how)!;
    // Between the two lines: below .9, and just above .3.
    expect(found.level).toBeGreaterThan(0.3);
    expect(found.level).toBeLessThan(0.34);
    expect(found.bound).toBeCloseTo(0.1, 10);
    expect(found.tried.at(-1)).toMatchObject({ meanLoss: 0.5, bound: null });
  });
  it('refuses what n does not allow', () => {
    expect(() => conformalLevel(cases.slice(0, 3), 0.2, how)).toThrow(
      '--alpha: got 0.2 with 3 calibration images, wanted at least 0.25',
    );
  });
});

describe('calibration images', () => {
  it('may not hold the scan that is explained, nor another one of its field', () => {
    const other: CalibrationCase = {
      name: 'field 7',
      lr: crossing(7, 0),
      reference: readNetwork(drawn({ 8: 0.9 }), { level: 0.5, smoothing: 0 }),
    };
    const explained = { ...other.lr, data: other.lr.data.map((value) => value + 5e-4), name: 'scan.tif' };
    expect(() => requireApart(explained, [other])).toThrow(
      '--calibrate: got field 7, which shows the field of the scan that is explained (scan.tif), wanted a ' +
        'calibration set that does not overlap the test; take the image out of it, or explain another',
    );
    expect(() => requireApart({ ...crossing(7, 3), name: 'again.tif' }, [other])).toThrow(
      /^--calibrate: got field 7, which shows the field of .*\(again\.tif\)/,
    );
    expect(() => requireApart(crossing(8, 0), [other])).not.toThrow();
    // Scans without structures are told by their pixels alone.
    const empty = { ...other, lr: drawn({}) };
    expect(() => requireApart(drawn({}), [empty])).toThrow(/^--calibrate: got field 7/);
    expect(() => requireApart(crossing(7, 0), [empty])).not.toThrow();
  });
  it('of a folder are fine images, whose scans the known degradation makes', async () => {
    const folder = join(newFolder(), 'fine');
    mkdirSync(folder);
    const fine = drawn({ 8: 0.9, 20: 0.4 }, 42);
    const numbers = { ...fine, data: fine.data.map((value) => Math.round(255 * value)), dataRange: [0, 255] } as const;
    writeTiff(join(folder, 'a.tif'), numbers, { type: 'uint8' });
    const model = {
      inverted: false,
      levels: { name: 'm', normalisation: { low: 0, high: 255 }, dataRange: null, percentiles: [0, 100] },
      run: { factor: 4 },
      volume: null,
    } as unknown as UpscaleModel;
    const options = {
      levels: 'model',
      channel: null,
      invert: null,
      pixelSize: null,
      degradation: degradationSpec.parse({ kind: 'bicubic', factor: 4 }),
      level: 0.5,
      smoothing: 0,
      seed: 0,
      who: '--calibrate',
      explained: drawn({ 5: 0.9 }),
      known: null,
    } as const;
    const [one] = await folderCases(folder, model, options);
    expect([one.name, one.lr.width, one.lr.height]).toEqual(['a.tif', 10, 10]);
    expect(one.reference.mask.data.reduce((sum, value) => sum + value, 0)).toBe(40);
    await expect(folderCases(folder, model, { ...options, explained: { ...fine, name: 'scan.tif' } })).rejects.toThrow(
      /^--calibrate: got a\.tif, which shows the field of .* \(scan\.tif\), wanted a calibration set that does not/,
    );
    // Planes and stacks mixed: whatever the scan is, the other kind is named.
    const stack = { ...numbers, depth: 2, data: Float32Array.from([...numbers.data, ...numbers.data]) };
    writeTiff(join(folder, 'b.tif'), stack, { type: 'uint8' });
    await expect(folderCases(folder, model, options)).rejects.toThrow(
      '--calibrate: b.tif: got 42 x 42 x 2, wanted planes, as the scan that is explained is one; name a folder',
    );
    await expect(folderCases(folder, model, { ...options, explained: { ...fine, depth: 2 } })).rejects.toThrow(
      '--calibrate: a.tif: got 42 x 42, wanted stacks, as the scan that is explained is one',
    );
  });
  it('are asked for with --alpha, and by their parts', () => {
    expect(partsOf({ parts: null, uncertainty: null, calibrate: null, alpha: null, check: null })).not.toContain(
      'calibration',
    );
    expect(partsOf({ parts: null, uncertainty: null, calibrate: 'validation', alpha: null, check: null })).toContain(
      'calibration',
    );
    expect(partsOf({ parts: null, uncertainty: null, calibrate: 'validation', alpha: 0.1, check: null })).toContain(
      'conformal',
    );
    expect(() => partsOf({ parts: null, uncertainty: null, calibrate: null, alpha: 0.1, check: null })).toThrow(
      '--alpha: got 0.1, wanted images that tell which branches are false; add --calibrate validation',
    );
    expect(() =>
      partsOf({ parts: ['calibration'], uncertainty: null, calibrate: null, alpha: null, check: null }),
    ).toThrow('--parts calibration: got no --calibrate, wanted --calibrate as well');
    const seeds = { parts: null, uncertainty: 'seeds', calibrate: null, alpha: null, check: null } as const;
    expect(partsOf(seeds)).toContain('seeds');
    expect(() => parseAlpha('5')).toThrow('--alpha: got 5, wanted a share between 0 and 1, such as 0.1');
  });
});

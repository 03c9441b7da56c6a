import { describe, expect, it } from 'vitest';
import { createImage, createRng, type Image } from '@lacuna/core';
import { degradationSpec, degrade, enlarge } from '@lacuna/datasets';
import { createMask, threshold } from '@lacuna/iqa';
import type { MarkedBranch } from '../../src/figures/panel/network-marks.js';
import { withBranchEvidence } from '../../src/sweep/results/branch-evidence.js';
import { givenMap } from '../../src/trial/scores/given-map.js';

const side = 48;
const degradation = degradationSpec.parse({ kind: 'confocal', factor: 2, photons: 40, readNoise: 0 });
const row = (y: number, kind: MarkedBranch['kind']): MarkedBranch => ({
  kind,
  pixels: Int32Array.from({ length: 40 }, (_, i) => y * side + 4 + i),
  length: 39,
  share: kind === 'found' ? 1 : 0,
});

/** A bright line at row 12, which the scan shows; a method draws another at row 34. */
function scene() {
  const data = Float32Array.from({ length: side * side }, (_, i) =>
    Math.abs(Math.floor(i / side) - 12) < 2 ? 0.9 : 0,
  );
  const hr = createImage({ data, width: side, height: side, dataRange: [0, 1] });
  const lr = degrade(hr, degradation, createRng(1));
  const restore = (scan: Image): Promise<Image> => Promise.resolve(enlarge(scan, 2, 'bicubic'));
  return { hr, lr, restore };
}

describe('what speaks for the branches of a report', () => {
  it('is the share of halves of the light that give each place', async () => {
    const { hr, lr, restore } = scene();
    let calls = 0;
    const given = await givenMap(lr, hr, {
      degradation,
      // Every second half has the line at row 34.
      restore: async (scan) => {
        const image = await restore(scan);
        if (calls++ % 2 === 0) image.data.fill(1, 34 * side, 35 * side);
        return image;
      },
      segment: (image) => threshold(image, 0.4),
      tolerance: 2,
      splits: 2,
      rng: createRng(0),
    });
    expect(calls).toBe(4);
    const along = (y: number) => given.data[y * side + 20];
    expect([along(12), along(34), along(23)]).toEqual([1, 0.5, 0]);
    const [found, missed] = withBranchEvidence([row(12, 'found'), row(34, 'missed')], {
      sr: hr,
      mask: createMask(hr.data, side, side),
      given,
      scan: null,
    });
    expect(found.evidence).toEqual({ given: 1, measured: null, isDoubtful: false });
    expect(missed).not.toHaveProperty('evidence');
  });
  it('is the measured share, and doubt where it is far below that of the others', () => {
    const { hr, lr } = scene();
    // One px wide, and dark beside it: no scan of pixels twice as wide can show it.
    const sr = { ...hr, data: hr.data.slice() };
    for (let x = 4; x < 44; x++) sr.data[34 * side + x] = x % 2 === 0 ? 0.4 : 0;
    const mask = threshold(sr, 0.2);
    const lines = [row(11, 'found'), row(12, 'found'), row(13, 'found')];
    const alternating = {
      ...row(34, 'invented'),
      pixels: Int32Array.from({ length: 20 }, (_, i) => 34 * side + 4 + 2 * i),
    };
    const branches = withBranchEvidence([...lines, alternating], { sr, mask, given: null, scan: { lr, degradation } });
    const [first, , , invented] = branches.map(({ evidence }) => evidence!);
    expect(first.measured).toBeGreaterThan(0.5);
    expect(first.isDoubtful).toBe(false);
    expect(invented.measured).toBeLessThan(0.5 * first.measured!);
    expect(invented).toMatchObject({ given: null, isDoubtful: true });
  });
  it('is measured in volumes too, around a branch as far as it is wide in px of x', () => {
    const [length, depth] = [40, 8];
    // 17 px wide, and three planes high, which lie eight px apart: no background within 6 px of its centreline.
    const isWide = (y: number, z: number) => Math.abs(y - 20) <= 8 && Math.abs(z - 4) <= 1;
    const data = Float32Array.from({ length: length * length * depth }, (_, i) =>
      isWide(Math.floor(i / length) % length, Math.floor(i / length ** 2)) ? 0.9 : 0,
    );
    const pixelSize = { x: 0.1, y: 0.1, z: 0.8, unit: 'um' } as const;
    const hr = createImage({ data, width: length, height: length, depth, dataRange: [0, 1], pixelSize });
    const forward = { ...degradation, factor: { x: 2, y: 2, z: 1 } };
    const lr = degrade(hr, forward, createRng(1));
    const pixels = Int32Array.from({ length: 32 }, (_, i) => (4 * length + 20) * length + 4 + i);
    const branch: MarkedBranch = { kind: 'found', pixels, length: 31, share: 1 };
    const given = { ...hr, data: hr.data.map((value) => (value > 0 ? 0.25 : 0)) };
    const source = { sr: hr, mask: threshold(hr, 0.4), given, scan: { lr, degradation: forward } };
    const [{ evidence }] = withBranchEvidence([branch], source);
    expect(evidence).toMatchObject({ given: 0.25, isDoubtful: true });
    expect(evidence!.measured).toBeGreaterThan(0.75);
  });
  it('is nothing where nobody asked', () => {
    const { hr } = scene();
    const branches = [row(12, 'found')];
    const mask = createMask(hr.data, side, side);
    expect(withBranchEvidence(branches, { sr: hr, mask, given: null, scan: null })).toEqual(branches);
  });
});

import { describe, expect, it } from 'vitest';
import { createImage, createRng } from '@lacuna/core';
import { createMask, threshold } from '@lacuna/iqa';
import { networkMarks, volumeFromImages } from '../../src/figures/index.js';
import { mark } from '../../src/figures/types.js';
import { drawVolume } from '../../src/figures/volumes/volume.js';
import { perspective } from '../../src/figures/volumes/perspective.js';
import { drawMarks } from '../../src/figures/volumes/volume-view.js';

const side = 24;
const depth = 10;
const rng = createRng(1);
const volume = (value: (x: number, y: number, z: number) => number) =>
  createImage({
    data: Float32Array.from({ length: side * side * depth }, (_, i) =>
      value(i % side, Math.floor(i / side) % side, Math.floor(i / (side * side))),
    ),
    width: side,
    height: side,
    depth,
    dataRange: [0, 1],
    pixelSize: { x: 0.2, y: 0.2, z: 0.4, unit: 'um' },
  });
/** Two tubes along x, at z 3 and z 7. */
const isTube = (y: number, z: number) => Math.hypot(y - 12, z - 3) < 1.5 || Math.hypot(y - 6, z - 7) < 1.5;
const hr = volume((_, y, z) => (isTube(y, z) ? 0.9 : 0.05 * rng.uniform()));
const half = volume((x, y, z) => (isTube(y, z) && z < 5 ? 0.9 : 0) || (y === 18 && z === 5 && x > 4 ? 0.8 : 0));
const images = {
  hr,
  lr: { ...hr, data: hr.data.slice(0, 12 * 12 * depth), width: 12, height: 12 },
  sr: [{ method: 'half', image: half }],
  truth: null,
};
const marked = networkMarks(images, { tolerance: 2, segment: (image) => threshold(image, 0.5) });

describe('networks of volumes', () => {
  it('are compared in space: a tube above another is missed, not found in it', () => {
    const counts = (code: number) => marked.marks[0].filter((value) => value === code).length;
    expect(counts(mark.found)).toBeGreaterThan(15);
    expect(counts(mark.missed)).toBeGreaterThan(15);
    expect(counts(mark.invented)).toBeGreaterThan(12);
  });

  it('have their branches one by one, with lengths in px of x', () => {
    const [branches] = marked.branches;
    expect(branches.map(({ kind }) => kind).sort()).toEqual(['found', 'invented', 'missed']);
    // Along x, from x = 5 to 23.
    expect(branches.find(({ kind }) => kind === 'invented')!.length).toBeCloseTo(18, 9);
    expect(marked.reference.map(({ length }) => length)).toHaveLength(2);
    const [{ pixels }] = marked.reference;
    expect(hr.data[pixels[8]]).toBeCloseTo(0.9, 6);
  });

  it('take the known network where there is one', () => {
    const mask = createMask(new Uint8Array(side * side * depth).fill(1, 5 * side, 6 * side), side, side, depth);
    const { skeleton } = networkMarks(
      { ...images, truth: { mask, skeleton: mask } },
      { tolerance: 1, segment: (image) => threshold(image, 0.5) },
    );
    expect(skeleton.data.subarray(5 * side, 6 * side).every((value) => value === 1)).toBe(true);
  });
});

describe('the perspective view', () => {
  const grid = { width: side, height: side, depth, voxel: { x: 0.2, y: 0.2, z: 0.4 } };

  it('holds the whole volume, the middle in the middle, what is near larger', () => {
    const project = perspective(grid);
    const corners = [0, side].flatMap((x) => [0, side].flatMap((y) => [0, depth].map((z) => project(x, y, z))));
    for (const { u, v } of corners) {
      expect(Math.min(u, v)).toBeGreaterThan(0);
      expect(Math.max(u, v)).toBeLessThan(1);
    }
    const centre = project((side - 1) / 2, (side - 1) / 2, (depth - 1) / 2);
    expect([centre.u, centre.v]).toEqual([expect.closeTo(0.5, 9), expect.closeTo(0.5, 9)]);
    const length = (y: number) =>
      Math.hypot(project(1, y, 5).u - project(0, y, 5).u, project(1, y, 5).v - project(0, y, 5).v);
    const [near, far] = [0, side - 1].sort((a, b) => project(0, a, 5).away - project(0, b, 5).away);
    expect(length(near)).toBeGreaterThan(length(far));
  });

  it('draws each kind in its own shades', () => {
    const shades = new Set(drawMarks(marked.marks[0], grid, 200));
    const kinds = new Set([...shades].filter((index) => index > 0).map((index) => Math.floor((index - 1) / 8)));
    expect([...kinds].sort()).toEqual([0, 1, 2]);
  });
});

describe('the figure of volumes', () => {
  const data = volumeFromImages(images, marked, { title: 'Tubes, x2', factor: '2' });

  it('is the same for the same data, and says what it shows', () => {
    const svg = drawVolume(data);
    expect(drawVolume(data)).toBe(svg);
    expect(svg).toContain('LR ×2');
    expect(svg).toContain('volume of 24 by 24 by 10 voxels');
    expect(svg).toContain("against the HR image's network");
  });

  it('has three projections of each volume and a network of each but the scan', () => {
    expect(drawVolume(data).match(/<image /g)).toHaveLength(3 * 3 + 2);
  });
});

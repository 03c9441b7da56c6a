import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import {
  createMask,
  judgeLinks,
  proposeLinks,
  skeletonize,
  smooth,
  type LinkOptions,
  type Mask,
} from '../src/index.js';

/** A straight line of a drawn network, from one point to another, and how bright it is along itself, 0 to 1. */
interface Line {
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Brightness of a stretch, from and to as shares of the line. */
  readonly dim?: { readonly from: number; readonly to: number; readonly brightness: number };
}

const RADIUS = 1.2;
const LEVEL = 0.5;

/** Tubes with soft edges in noise; the same tubes whole are the truth. */
function scene(lines: readonly Line[], size: { width: number; height: number; depth?: number }, noise = 0.03) {
  const { width, height, depth = 1 } = size;
  const rng = createRng(3);
  const image = new Float32Array(width * height * depth);
  const truth = new Uint8Array(image.length);
  for (let i = 0; i < image.length; i++) {
    const at = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    for (const { from, to, dim } of lines) {
      const along = to.map((value, axis) => value - from[axis]);
      const length2 = along.reduce((sum, value) => sum + value * value, 0);
      const dot = along.reduce((sum, value, axis) => sum + value * (at[axis] - from[axis]), 0);
      const share = Math.min(1, Math.max(0, dot / length2));
      const away = Math.hypot(...along.map((value, axis) => at[axis] - from[axis] - share * value));
      const isDim = dim !== undefined && share > dim.from && share < dim.to;
      const value = Math.min(1, Math.max(0, 1.5 + RADIUS - away) / 1.5);
      image[i] = Math.max(image[i], value * (isDim ? dim.brightness : 1));
      if (away <= RADIUS) truth[i] = 1;
    }
    image[i] += noise * rng.normal();
  }
  const smoothed = smooth({ data: image, width, height, depth, channels: 1 }, 0.7).data;
  const cut = createMask(
    Array.from(smoothed, (value) => value > LEVEL),
    width,
    height,
    depth,
  );
  const source = { mask: cut, skeleton: skeletonize(cut), image: smoothed, level: LEVEL };
  return { source, reference: skeletonize(createMask(truth, width, height, depth)) };
}

const proposed = ({ source, reference }: ReturnType<typeof scene>, options?: LinkOptions) => {
  const links = proposeLinks(source, options);
  return { links, ...judgeLinks(links, { reference, estimate: source.skeleton }, { tolerance: 2 }) };
};
const flat = { width: 72, height: 64 };
const broken = (y: number, brightness = 0.35): Line => ({
  from: [6, y, 0],
  to: [66, y, 0],
  dim: { from: 0.42, to: 0.58, brightness },
});

describe('links between free ends', () => {
  it('bridge the gap of a branch that goes on dimly, along it, and change nothing', () => {
    const drawn = scene([broken(20)], flat);
    const before = drawn.source.skeleton.data.slice();
    const { links, right, precision, gaps, recall } = proposed(drawn);
    expect(drawn.source.skeleton.data).toEqual(before);
    expect(links).toHaveLength(1);
    expect({ right, precision, gaps, recall }).toEqual({ right: [true], precision: 1, gaps: 1, recall: 1 });
    const [link] = links;
    expect(link.alignment).toBeGreaterThan(0.9);
    expect(link.evidence).toBeGreaterThan(0.4);
    expect(link.intensity).toBeGreaterThan(link.background + 0.2);
    expect(link.score).toBeCloseTo(Math.cbrt(link.evidence * link.alignment * (1 - link.length / 24)), 10);
    const ys = Array.from(link.pixels, (pixel) => Math.floor(pixel / 72));
    expect(Math.max(...ys.map((y) => Math.abs(y - 20)))).toBeLessThanOrEqual(2);
  });

  it('score less where the image shows less', () => {
    const scores = [0.4, 0.2, 0].map((brightness) => proposed(scene([broken(20, brightness)], flat)).links[0].score);
    expect(scores[0]).toBeGreaterThan(scores[1] + 0.05);
    expect(scores[1]).toBeGreaterThan(scores[2] + 0.05);
  });

  it('leave branches that end for good, or lead elsewhere, alone', () => {
    const ends = scene([{ from: [6, 20, 0], to: [30, 20, 0] }], flat);
    expect(proposed(ends)).toMatchObject({ links: [], precision: null, gaps: 0, recall: null });
    const corner = scene(
      [
        { from: [6, 20, 0], to: [30, 20, 0] },
        { from: [36, 26, 0], to: [36, 58, 0] },
      ],
      flat,
    );
    expect(proposed(corner).links).toEqual([]);
    expect(proposed(corner, { angle: 80 }).links).toHaveLength(1);
    // Side by side, both pointing the same way.
    const parallel = scene(
      [20, 26].map((y) => ({ from: [6, y, 0], to: [40, y, 0] })),
      flat,
    );
    expect(proposed(parallel).links).toEqual([]);
  });

  it('never lead through a third branch', () => {
    const crossed = scene([broken(20), { from: [36, 4, 0], to: [36, 60, 0] }], flat);
    expect(proposed(crossed).links.filter(({ pixels }) => pixels.length > 0)).toEqual([]);
  });

  it('reach as far as they may, in the unit of the spacing', () => {
    const drawn = scene([broken(20)], flat);
    const [{ length }] = proposed(drawn).links;
    expect(proposed(drawn, { most: 0.5 * length }).links).toEqual([]);
    const micrometres = proposeLinks(drawn.source, { spacing: { x: 0.5, y: 0.5 } });
    expect(micrometres).toHaveLength(1);
    expect(micrometres[0].length).toBeCloseTo(length / 2, 6);
    expect(micrometres[0].score).toBeCloseTo(proposed(drawn).links[0].score, 6);
  });

  it('take each end once, the best first', () => {
    const fork = scene(
      [
        broken(30),
        // A second branch begins beside the right half, and points at the left one as well.
        { from: [44, 36, 0], to: [66, 50, 0] },
      ],
      flat,
    );
    const { links, right } = proposed(fork, { angle: 60 });
    expect(links.filter(({ from, to }) => links[0].from === from || links[0].to === to)).toHaveLength(1);
    expect(right[0]).toBe(true);
    expect(links.map(({ score }) => score)).toEqual(links.map(({ score }) => score).sort((a, b) => b - a));
  });

  it('are found in volumes, past a branch that lies between in a projection', () => {
    const size = { width: 56, height: 24, depth: 18 };
    const gap = { from: 0.4, to: 0.6, brightness: 0.35 };
    const lines: Line[] = [
      { from: [4, 12, 5], to: [52, 12, 9], dim: gap },
      { from: [28, 3, 14], to: [28, 21, 14] },
    ];
    const { links, precision, gaps, recall } = proposed(scene(lines, size));
    expect({ count: links.length, precision, gaps, recall }).toEqual({ count: 1, precision: 1, gaps: 1, recall: 1 });
    const zs = Array.from(links[0].pixels, (pixel) => Math.floor(pixel / (56 * 24)));
    expect(Math.min(...zs)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...zs)).toBeLessThanOrEqual(9);
  });
});

describe('a network of many broken branches', () => {
  it('has its gaps bridged; bridges that are false have low scores', () => {
    const rng = createRng(8);
    const lines: Line[] = [];
    for (let row = 0; row < 5; row++) {
      const y = 12 + 22 * row;
      for (let part = 0; part < 2; part++) {
        const [left, right] = [8 + 66 * part, 66 + 66 * part];
        const slope = 6 * (rng.uniform() - 0.5);
        const start = 0.25 + 0.35 * rng.uniform();
        const dim = { from: start, to: start + 0.15, brightness: 0.2 + 0.25 * rng.uniform() };
        lines.push({ from: [left, y, 0], to: [right, y + slope, 0], dim });
      }
    }
    const { links, right, precision, gaps, recall } = proposed(scene(lines, { width: 144, height: 112 }, 0.06));
    expect(gaps).toBe(10);
    expect(recall).toBe(1);
    // The parts of a row end 8 px from each other without being one branch: those bridges are the false ones.
    expect(links.length).toBeGreaterThan(10);
    expect(precision).toBeLessThan(0.9);
    const strong = links.flatMap(({ score }, i) => (score > 0.6 ? [right[i]] : []));
    expect(strong.length).toBeGreaterThan(4);
    expect(strong).not.toContain(false);
  });
});

describe('bad input', () => {
  const { source } = scene([broken(20)], flat);
  it.each([
    [{ most: 0 }, 'a longest distance of 0, wanted a number above 0'],
    [{ angle: 90 }, 'an angle of 90 degrees, wanted a number between 0 and 90'],
  ])('%o is refused', (options, message) => {
    expect(() => proposeLinks(source, options)).toThrow(`proposeLinks: got ${message}`);
  });

  it('of other sizes is refused', () => {
    const other: Mask = createMask(new Uint8Array(4), 2, 2);
    expect(() => proposeLinks({ ...source, skeleton: other })).toThrow('proposeLinks: got an estimate of 2 x 2 x 1');
    expect(() => proposeLinks({ ...source, image: [1] })).toThrow('got an image of 1 pixels, wanted 4608');
    expect(() => judgeLinks([], { reference: source.skeleton, estimate: other }, { tolerance: 1 })).toThrow(
      'judgeLinks',
    );
  });
});

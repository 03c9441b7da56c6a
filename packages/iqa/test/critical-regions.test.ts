import { describe, expect, it } from 'vitest';
import { criticalRegions, type Mask } from '../src/index.js';
import { draw } from './draw.js';
import { readGolden, unpack, unpackMask, type Packed } from './golden.js';

interface Case {
  name: string;
  wanted: Packed;
  drawn: Packed;
  labels: Packed;
}

describe.each(readGolden<Case>('critical'))(
  'critical regions against topolosses: $name',
  ({ wanted, drawn, labels }) => {
    it('are the same', () => {
      const found = criticalRegions(unpackMask(wanted), unpackMask(drawn));
      const theirs = unpack(labels) as Int32Array;
      expect(found.labels).toEqual(theirs);
      expect(found.count).toBe(theirs.reduce((most, label) => Math.max(most, label), 0));
      found.sizes.forEach((size, region) => expect(size).toBe(theirs.filter((label) => label === region).length));
    });
  },
);

describe('criticalRegions', () => {
  const line = draw('.......', '.......', '#######', '.......');
  const critical = (wanted: Mask, drawn: Mask) => criticalRegions(wanted, drawn).count;

  it('a gap is critical, a thicker or a shorter branch is not', () => {
    expect(critical(line, draw('.......', '.......', '###.###', '.......'))).toBe(1);
    expect(critical(line, draw('.......', '..##...', '#######', '.......'))).toBe(0);
    expect(critical(draw('.......', '#####..', '.......'), draw('.......', '####...', '.......'))).toBe(0);
    expect(critical(line, line)).toBe(0);
  });

  it('what is invented or lost as a whole is, and a bridge, and a hole that is filled', () => {
    const two = draw('#######', '.......', '.......', '.......', '#######');
    expect(critical(two, draw('#######', '.......', '.......', '.......', '.......'))).toBe(1);
    expect(critical(two, draw('#######', '.......', '...#...', '.......', '#######'))).toBe(1);
    expect(critical(two, draw('#######', '...#...', '...#...', '...#...', '#######'))).toBe(1);
    expect(critical(two, draw('#######', '...#...', '.......', '.......', '#######'))).toBe(0);
    expect(critical(draw('###', '#.#', '###'), draw('###', '###', '###'))).toBe(1);
  });

  it('a gap that is passed at a corner is none: foreground hangs together by 8', () => {
    expect(critical(line, draw('.......', '...#...', '###.###', '.......'))).toBe(0);
  });

  /** A volume of planes. */
  const stack = (...planes: Mask[]): Mask => ({
    data: Uint8Array.from(planes.flatMap(({ data }) => [...data])),
    width: planes[0].width,
    height: planes[0].height,
    depth: planes.length,
  });
  const empty = draw('.....', '.....', '.....', '.....', '.....');
  const dot = draw('.....', '.....', '..#..', '.....', '.....');
  const ring = draw('.....', '.###.', '.#.#.', '.###.', '.....');
  const disc = draw('.....', '.###.', '.###.', '.###.', '.....');

  it('in volumes: a rod is cut, thickened, passed at a corner', () => {
    const rod = stack(dot, dot, dot, dot, dot);
    const beside = draw('.....', '.#...', '.....', '.....', '.....');
    expect(critical(rod, stack(dot, dot, empty, dot, dot))).toBe(1);
    expect(critical(rod, stack(dot, dot, dot, dot, empty))).toBe(0);
    expect(critical(rod, stack(dot, dot, draw('.....', '.....', '..##.', '.....', '.....'), dot, dot))).toBe(0);
    expect(critical(rod, stack(dot, dot, beside, dot, dot))).toBe(0);
  });

  it('in volumes: a cavity that is filled, a tunnel that is stopped, a loop that is cut', () => {
    expect(critical(stack(empty, disc, ring, disc, empty), stack(empty, disc, disc, disc, empty))).toBe(1);
    expect(critical(stack(empty, ring, ring, ring, empty), stack(empty, ring, disc, ring, empty))).toBe(1);
    const cut = draw('.....', '.###.', '.#.#.', '.#.#.', '.....');
    expect(critical(stack(empty, ring, empty), stack(empty, cut, empty))).toBe(1);
    expect(critical(stack(empty, ring, empty, empty), stack(empty, ring, ring, empty))).toBe(0);
  });

  it('in volumes: two parts of the background that meet at a corner alone stay two', () => {
    const [width, height, depth] = [3, 3, 3];
    // Beside the voxel in the middle, background along x and along y; they meet in the corner above both.
    const ground = new Set(['2,1,1', '2,1,2', '2,2,2', '1,2,2', '1,2,1']);
    const mask = (middle: number): Mask => ({
      width,
      height,
      depth,
      data: Uint8Array.from({ length: 27 }, (_, i) => {
        const place = `${i % 3},${Math.floor(i / 3) % 3},${Math.floor(i / 9)}`;
        if (place === '1,1,1') return middle;
        return ground.has(place) ? 0 : 1;
      }),
    });
    expect(criticalRegions(mask(0), mask(1)).count).toBe(1);
    expect(criticalRegions(mask(1), mask(0)).count).toBe(1);
  });

  it('refuses masks of different sizes', () => {
    expect(() => criticalRegions(line, empty)).toThrow('critical regions: got an estimate of 5 x 5 x 1');
  });
});

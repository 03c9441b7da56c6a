import { describe, expect, it } from 'vitest';
import { bettiNumbers, extractGraph, pruneSkeleton, skeletonize, thinVolume, type NetworkGraph } from '../src/index.js';
import { draw } from './draw.js';
import { readGolden, unpackMask, type Packed } from './golden.js';

const T = draw('.........', '.#######.', '....#....', '....#....', '....#....', '.........');

/** Components and independent loops of a graph; a loop by itself counts as one node with one branch. */
function graphBetti({ nodes, branches }: NetworkGraph): { b0: number; b1: number } {
  const parent = nodes.map((_, i) => i);
  const root = (i: number): number => (parent[i] === i ? i : root(parent[i]));
  const loops = branches.filter((b) => b.from < 0).length;
  for (const { from, to } of branches) if (from >= 0) parent[root(from)] = root(to);
  const b0 = parent.filter((p, i) => p === i).length + loops;
  return { b0, b1: branches.length - (nodes.length + loops) + b0 };
}

describe('extractGraph', () => {
  it('a T has one junction, three ends, and exact lengths', () => {
    const graph = extractGraph(T);
    expect(graph.nodes.map((n) => n.degree).sort()).toEqual([1, 1, 1, 3]);
    expect(graph.nodes.find((n) => n.degree === 3)).toMatchObject({ x: 4, y: 1 });
    expect(graph.branches.map((b) => b.length).sort()).toEqual([3, 3, 3]);
    expect(graph.length).toBe(9);
  });

  it('doubled spacing doubles lengths', () => {
    expect(extractGraph(T, { spacing: { x: 2, y: 2 } }).length).toBe(18);
    expect(
      extractGraph(T, { spacing: { x: 0.5, y: 2 } })
        .branches.map((b) => b.length)
        .sort(),
    ).toEqual([1.5, 1.5, 6]);
  });

  it('a corner of three pixels is a path, an isolated pixel a node, a ring one branch', () => {
    const corner = extractGraph(draw('###..', '..#..', '..#..', '.....'));
    expect(corner.branches.map((b) => b.length)).toEqual([4]);
    expect(corner.nodes.map((n) => n.degree)).toEqual([1, 1]);
    const pixel = extractGraph(draw('...', '.#.', '...'));
    expect(pixel.nodes.map((n) => n.degree)).toEqual([0]);
    expect(pixel.branches).toEqual([]);
    const ring = extractGraph(draw('.##.', '#..#', '.##.'));
    expect(ring.nodes).toEqual([]);
    expect(ring.branches).toHaveLength(1);
    expect(ring.branches[0]).toMatchObject({ from: -1, to: -1, chord: 0 });
    expect(ring.length).toBeCloseTo(2 + 4 * Math.SQRT2, 12);
  });

  it('a hole of one pixel between four branches stays a loop', () => {
    const graph = extractGraph(draw('...#...', '...#...', '..#.#..', '##...##', '..#.#..', '...#...', '...#...'));
    expect(graphBetti(graph)).toEqual({ b0: 1, b1: 1 });
  });

  it('widths: a line one pixel wide has width 1, a bar of five has 5', () => {
    expect(extractGraph(T, { mask: T }).branches.every((b) => b.width === 1)).toBe(true);
    const bar = draw(
      ...Array.from({ length: 9 }, (_, y) =>
        y >= 2 && y < 7 ? '.'.repeat(2) + '#'.repeat(40) + '.'.repeat(2) : '.'.repeat(44),
      ),
    );
    const [branch] = extractGraph(skeletonize(bar), { mask: bar }).branches;
    expect(branch.width).toBeCloseTo(5, 0);
  });

  it('pruning removes spurs and leaves the line', () => {
    const spur = draw('..........', '##########', '....#.....', '..........');
    const pruned = pruneSkeleton(spur, { minLength: 2 });
    expect(extractGraph(pruned).branches.map((b) => b.length)).toEqual([9]);
    expect(extractGraph(pruneSkeleton(T, { minLength: 2 })).length).toBe(9);
  });
});

interface Case {
  name: string;
  mask: Packed;
}
describe.each(readGolden<Case>('networks'))('topology of $name', (golden) => {
  const mask = unpackMask(golden.mask);
  it('thinning in volumes keeps b0, b1 and b2', () => {
    expect(bettiNumbers(thinVolume(mask))).toEqual(bettiNumbers(mask));
  });
  it('the graph has the components and loops of its skeleton', () => {
    const skeleton = skeletonize(mask);
    const { b0, b1, b2 } = bettiNumbers(skeleton);
    const graph = graphBetti(extractGraph(skeleton));
    expect(graph.b0).toBe(b0);
    if (b2 === 0) expect(graph.b1).toBe(b1);
  });
});

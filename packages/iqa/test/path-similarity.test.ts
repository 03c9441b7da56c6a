import { createRng } from '@lacuna/core';
import { describe, expect, it } from 'vitest';
import { createMask, extractGraph, pathSimilarity, shortestPaths, skeletonize } from '../src/index.js';
import { draw } from './draw.js';

const line = draw('..............', '.############.', '..............');
const broken = draw('..............', '.#####..#####.', '..............');
const none = draw('..............', '..............', '..............');

describe('pathSimilarity', () => {
  it('is 1 for equal networks, 0 for a missing one, null for two', () => {
    expect(pathSimilarity(line, line, { snap: 1 })).toBe(1);
    expect(pathSimilarity(line, none, { snap: 1 })).toBe(0);
    expect(pathSimilarity(none, none, { snap: 1 })).toBeNull();
  });

  it('a gap costs the paths through it', () => {
    expect(pathSimilarity(line, broken, { snap: 1 })).toBe(0);
    const fork = draw('..........', '.########.', '....#.....', '....#.....', '....#.....', '..........');
    const cut = draw('..........', '.########.', '..........', '....#.....', '....#.....', '..........');
    const value = pathSimilarity(fork, cut, { snap: 1 })!;
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThan(1);
    expect(pathSimilarity(cut, fork, { snap: 1 })).toBeCloseTo(value, 12);
  });

  it('refuses a snap that is not a number', () => {
    expect(() => pathSimilarity(line, line, { snap: NaN })).toThrow('pathSimilarity: got a snap of NaN');
  });
});

it('shortest paths equal those of Floyd and Warshall', () => {
  const rng = createRng(4);
  const graph = extractGraph(
    skeletonize(
      createMask(
        Array.from({ length: 40 * 40 }, () => rng.uniform() < 0.62),
        40,
        40,
      ),
    ),
  );
  const n = graph.nodes.length;
  const d = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 0 : Infinity)));
  for (const { from, to, length } of graph.branches)
    if (from >= 0 && from !== to) d[from][to] = d[to][from] = Math.min(d[from][to], length);
  for (let k = 0; k < n; k++)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) d[i][j] = Math.min(d[i][j], d[i][k] + d[k][j]);
  for (const source of [0, n >> 1, n - 1]) {
    const paths = shortestPaths(graph, source);
    for (let j = 0; j < n; j++) if (paths[j] !== d[source][j]) expect(paths[j]).toBeCloseTo(d[source][j], 9);
  }
});

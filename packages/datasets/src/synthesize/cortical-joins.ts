import type { Rng } from '@lacuna/core';
import type { Canal, CorticalGrowth } from './cortical-growth.js';
import { truncatedNormal } from './draws.js';
import type { Body, Segment, Wireframe } from './network.js';
import { add, norm, vector, type Vector } from './vector.js';

/** Vertices of a canal that was grown, with the tube's radius at each. */
interface Line {
  readonly vertices: readonly number[];
  readonly radii: ArrayLike<number>;
}

/**
 * Canals, and Volkmann canals that join neighbours across. Tubes that overlap without having been led together
 * (neighbours that wind into each other, a pore that reaches the next canal, a Volkmann canal that passes a third
 * canal) are joined once for each stretch of overlap, where they lie closest: what touches in the image is joined in
 * the graph.
 */
export function connectCanals(
  canals: readonly Canal[],
  growth: CorticalGrowth,
  bodies: readonly Body[],
  rng: Rng,
): Wireframe {
  const { step, volkmannPerMicrometre, volkmannDiameter } = growth;
  const x: number[] = [];
  const y: number[] = [];
  const z: number[] = [];
  const segments: Segment[] = [];
  const place = (at: Vector): number => x.push(at.x) && y.push(at.y) && z.push(at.z) - 1;
  const at = (vertex: number): Vector => vector(x[vertex], y[vertex], z[vertex]);
  const lines: Line[] = canals.map(({ points, radii }) => ({ vertices: points.map(place), radii }));
  for (const { vertices, radii } of lines)
    for (let k = 1; k < vertices.length; k++)
      segments.push({ a: vertices[k - 1], b: vertices[k], radiusA: radii[k - 1], radiusB: radii[k], kind: 'canal' });
  for (const [i, line] of lines.entries()) {
    for (let j = 0; j < i; j++) joinOverlaps(line, [lines[j]], 0);
  }
  canals.forEach(({ points }, i) => {
    const own = rng.fork(i);
    const length = points[points.length - 1].z - points[0].z;
    const neighbours = canals
      .map((other, j) => ({
        j,
        distance: Math.hypot(other.points[0].x - points[0].x, other.points[0].y - points[0].y),
      }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 4);
    for (let n = own.poisson(volkmannPerMicrometre * length); n > 0 && neighbours.length > 0; n--) {
      const { j } = neighbours[own.integer(neighbours.length)];
      growVolkmann(i, j, 1 + own.integer(Math.max(1, points.length - 2)), own);
    }
  });
  return { x, y, z, segments, bodies, anchors: new Map() };

  /** From canal i at its point k to canal j. */
  function growVolkmann(i: number, j: number, k: number, draw: Rng): void {
    // Oblique by up to a third of the way across.
    const from = canals[i].points[k];
    const other = canals[j].points;
    const drop = Math.round(
      ((draw.uniform() - 0.5) * 0.66 * Math.hypot(other[k].x - from.x, other[k].y - from.y)) / step,
    );
    const target = Math.min(other.length - 1, Math.max(0, k + drop));
    const radius = truncatedNormal(draw, volkmannDiameter) / 2;
    const way = add(other[target], from, -1);
    const pieces = Math.max(2, Math.ceil(norm(way) / Math.max(step, 10)));
    const sag = 8 * draw.normal();
    const vertices = [lines[i].vertices[k]];
    for (let piece = 1; piece < pieces; piece++)
      vertices.push(
        place(add(add(from, way, piece / pieces), vector(0, 0, 1), sag * Math.sin((Math.PI * piece) / pieces))),
      );
    vertices.push(lines[j].vertices[target]);
    for (let piece = 1; piece < vertices.length; piece++)
      segments.push({ a: vertices[piece - 1], b: vertices[piece], radiusA: radius, radiusB: radius, kind: 'volkmann' });
    const between = vertices.slice(1, -1);
    joinOverlaps(
      { vertices: between, radii: new Float64Array(between.length).fill(radius) },
      lines.filter((_, c) => c !== i && c !== j),
      radius,
    );
  }

  /**
   * Joins a line to others wherever they overlap, once for each stretch of its vertices. Canals run along z and have a
   * vertex at each level: that level's is the nearest.
   */
  function joinOverlaps(line: Line, others: readonly Line[], inclined: number): void {
    for (const other of others) {
      const first = z[other.vertices[0]];
      const spacing = (z[other.vertices[other.vertices.length - 1]] - first) / (other.vertices.length - 1);
      let best: { from: number; to: number; radius: number; gap: number } | undefined;
      const finish = (): void => {
        if (best)
          segments.push({
            a: best.from,
            b: best.to,
            radiusA: best.radius,
            radiusB: best.radius,
            kind: inclined > 0 ? 'volkmann' : 'canal',
          });
        best = undefined;
      };
      line.vertices.forEach((vertex, k) => {
        const level = Math.min(other.vertices.length - 1, Math.max(0, Math.round((z[vertex] - first) / spacing)));
        const to = other.vertices[level];
        const gap = norm(add(at(vertex), at(to), -1)) - line.radii[k] - other.radii[level];
        if (gap >= 0) finish();
        else if (!best || gap < best.gap)
          best = { from: vertex, to, radius: Math.min(line.radii[k], other.radii[level]), gap };
      });
      finish();
    }
  }
}

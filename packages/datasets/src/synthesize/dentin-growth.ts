import type { Rng } from '@lacuna/core';
import type { Segment, Wireframe } from './network.js';
import { VertexIndex } from './vertex-index.js';

/** What the growth of a dentin section depends on; lengths in µm. */
export interface DentinGrowth {
  readonly width: number;
  readonly height: number;
  /** Distance between vertices of a centreline, and the smallest gap between tubes that do not touch. */
  readonly step: number;
  readonly gap: number;
  readonly density: number;
  readonly diameter: { readonly mean: number; readonly deviation: number; readonly low: number; readonly high: number };
  readonly directionDegrees: number;
  readonly branches: readonly BranchClass[];
}

/** A kind of lateral branch. */
export interface BranchClass {
  readonly kind: 'thick' | 'fine' | 'fork';
  /** Branches that start, for each µm of tubule. */
  readonly perMicrometre: number;
  readonly diameter: readonly [low: number, high: number];
  /** Angle to the tubule, degrees. */
  readonly angle: readonly [low: number, high: number];
  /** Length at which it ends blind, unless it meets another tube before. */
  readonly length: readonly [low: number, high: number];
}

interface Sprout { readonly x: number; readonly y: number; readonly vertex: number; readonly heading: number; readonly radius: number; readonly length: number; readonly kind: BranchClass['kind']; readonly parents: readonly number[] }

/** Direction noise of a lateral branch, radians a square root of µm. */
const WANDER = 0.12;
/** A fork's daughters leave at this angle to either side, radians. */
const FORK_ANGLE = 0.45;

/**
 * Grows a section along the tubules: near-parallel tubules first, then the lateral branches of each class, one after the other. A branch that
 * comes near another tube joins it there, so that what touches in the image is joined in the graph.
 */
export function growDentin(growth: DentinGrowth, rng: Rng): Wireframe {
  const x: number[] = [], y: number[] = [], segments: Segment[] = [];
  const index = new VertexIndex(x, y, 1);
  const widest = growth.diameter.high * 0.55;
  let curves = 0;
  const place = (px: number, py: number, radius: number, curve: number): number => {
    const vertex = x.push(px) && y.push(py) - 1;
    index.add(vertex, radius, curve);
    return vertex;
  };

  const tubules = growTubules(growth, rng.fork('tubules')).map((points) => {
    const curve = curves++;
    const vertices = points.map((point) => place(point.x, point.y, point.radius, curve));
    for (let i = 1; i < points.length; i++) segments.push({ a: vertices[i - 1]!, b: vertices[i]!, radiusA: points[i - 1]!.radius, radiusB: points[i]!.radius, kind: 'tubule' });
    return { curve, points, vertices };
  });
  return { x, y, segments: [...segments, ...growLaterals()] };

  function growLaterals(): Segment[] {
    const grown: Segment[] = [];
    const taken = new Set<number>();
    for (const branch of growth.branches) {
      for (const tubule of tubules) {
        const draw = rng.fork(`${branch.kind}/${tubule.curve}`);
        const count = draw.poisson(branch.perMicrometre * tubule.points.length * growth.step);
        for (let i = 0; i < count; i++) {
          const own = draw.fork(i);
          const at = 1 + own.integer(Math.max(1, tubule.points.length - 2));
          const here = tubule.points[at]!, next = tubule.points[at + 1] ?? here;
          const along = Math.atan2(next.y - here.y, next.x - here.x) + (own.uniform() < 0.5 ? 0 : Math.PI);
          const turn = (between(own, branch.angle) * Math.PI) / 180;
          const sprout: Sprout = {
            x: here.x, y: here.y, vertex: tubule.vertices[at]!, heading: along + (own.uniform() < 0.5 ? turn : -turn),
            radius: Math.min(0.8 * here.radius, between(own, branch.diameter) / 2), length: between(own, branch.length), kind: branch.kind, parents: [tubule.curve],
          };
          // Two branches from one place would leave a node that no eye can part.
          if (tubule.vertices.slice(Math.max(0, at - 4), at + 5).some((vertex) => taken.has(vertex))) continue;
          if (sproutFrom(sprout, own, grown)) taken.add(sprout.vertex);
        }
      }
    }
    return grown;
  }

  /** Walks a branch until it ends, joins or leaves; false if there was no room for it. */
  function sproutFrom(sprout: Sprout, draw: Rng, grown: Segment[]): boolean {
    const { step, gap } = growth;
    const curve = curves++, leaving = new Set([curve, ...sprout.parents]);
    const path: { x: number; y: number }[] = [];
    let px = sprout.x, py = sprout.y, heading = sprout.heading, joined = -1;
    for (let walked = 0; walked < sprout.length; walked += step) {
      heading += WANDER * Math.sqrt(step) * draw.normal();
      px += step * Math.cos(heading);
      py += step * Math.sin(heading);
      if (px < -2 || py < -2 || px > growth.width + 2 || py > growth.height + 2) break;
      const near = index.touching(px, py, sprout.radius, gap, widest);
      // A parent counts again once the branch has left it.
      for (const parent of sprout.parents) if (!near.has(parent)) leaving.delete(parent);
      const hit = [...near].filter(([other]) => !leaving.has(other)).sort((a, b) => a[1].distance - b[1].distance)[0];
      if (hit) {
        joined = hit[1].vertex;
        break;
      }
      path.push({ x: px, y: py });
    }
    // Too short to leave its tubule: nobody would see it.
    if (path.length < 4 || leaving.has(sprout.parents[0]!)) return false;
    let last = sprout.vertex;
    const link = (vertex: number) => {
      grown.push({ a: last, b: vertex, radiusA: sprout.radius, radiusB: sprout.radius, kind: sprout.kind });
      last = vertex;
    };
    for (const point of path) link(place(point.x, point.y, sprout.radius, curve));
    if (joined >= 0) link(joined);
    else if (sprout.kind === 'fork' && sprout.parents.length === 1) {
      // Murray's law for two equal daughters: r³ = 2 r'³.
      const radius = sprout.radius / Math.cbrt(2), firstDaughter = curves;
      for (const side of [-1, 1]) {
        sproutFrom({ ...sprout, x: px, y: py, vertex: last, heading: heading + side * FORK_ANGLE, radius, length: sprout.length, parents: [curve, firstDaughter] }, draw.fork(side), grown);
      }
    }
    return true;
  }
}

interface TubulePoint { readonly x: number; readonly y: number; readonly radius: number }

/**
 * Centrelines of tubules that the section meets. The section lies along a row of them, so that they stand 1/√density apart, jittered; all
 * bend together and each a little by itself, and the bore of each varies along its way.
 */
function growTubules(growth: DentinGrowth, rng: Rng): TubulePoint[][] {
  const { width, height, step, density, diameter } = growth;
  const spacing = 1 / Math.sqrt(density), half = Math.hypot(width, height) / 2 + 2;
  const direction = (growth.directionDegrees * Math.PI) / 180, cos = Math.cos(direction), sin = Math.sin(direction);
  const common = waves(rng.fork('bend'), [{ amplitude: 1, period: 60 }, { amplitude: 0.4, period: 22 }]);
  const out: TubulePoint[][] = [];
  let u = -half + rng.uniform() * spacing;
  for (let i = 0; u < half; i++) {
    const own = rng.fork(i);
    const bend = waves(own.fork('bend'), [{ amplitude: 0.12, period: 30 }, { amplitude: 0.05, period: 9 }]);
    const swell = waves(own.fork('bore'), [{ amplitude: 0.06, period: 25 }, { amplitude: 0.04, period: 8 }]);
    const radius = truncatedNormal(own, diameter) / 2;
    const points: TubulePoint[] = [];
    for (let v = -half; v <= half; v += step) {
      const across = u + common(v) + bend(v);
      const px = width / 2 + across * cos - v * sin, py = height / 2 + across * sin + v * cos;
      if (px < -2 || py < -2 || px > width + 2 || py > height + 2) continue;
      points.push({ x: px, y: py, radius: radius * (1 + swell(v)) });
    }
    if (points.length > 2) out.push(points);
    // Never so near that two tubules touch without a junction.
    u += Math.max(1.1 * diameter.high + 0.6, spacing * (1 + 0.25 * (2 * rng.uniform() - 1)));
  }
  return out;
}

function waves(rng: Rng, parts: readonly { readonly amplitude: number; readonly period: number }[]): (v: number) => number {
  const drawn = parts.map(({ amplitude, period }) => ({ amplitude, frequency: (2 * Math.PI) / (period * (0.8 + 0.4 * rng.uniform())), phase: 2 * Math.PI * rng.uniform() }));
  return (v) => drawn.reduce((sum, { amplitude, frequency, phase }) => sum + amplitude * Math.sin(frequency * v + phase), 0);
}

function truncatedNormal(rng: Rng, { mean, deviation, low, high }: DentinGrowth['diameter']): number {
  for (;;) {
    const value = mean + deviation * rng.normal();
    if (value >= low && value <= high) return value;
  }
}

const between = (rng: Rng, [low, high]: readonly [number, number]): number => low + (high - low) * rng.uniform();

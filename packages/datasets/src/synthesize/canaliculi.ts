import type { Rng } from '@lacuna/core';
import { bodyLevel, bodyReach, bodySurface } from './body.js';
import { direction, logNormal } from './draws.js';
import type { Lamellae } from './lacunae.js';
import type { Body, Extent, Segment, Wireframe } from './network.js';
import { add, dot, norm, turnAway, turnInPlane, unit, vector, type Vector } from './vector.js';
import { VertexIndex } from './vertex-index.js';

/** What canaliculi depend on; lengths in µm. */
export interface CanaliculiGrowth {
  readonly extent: Extent;
  readonly planar: boolean;
  readonly step: number;
  /** The smallest gap between tubes that do not touch. */
  readonly gap: number;
  readonly lamellae: Lamellae;
  readonly bodies: readonly Body[];
  /** A canal along z that canaliculi open into. */
  readonly canal: { readonly centre: Vector; readonly radius: number } | null;
  readonly perLacuna: { readonly mean: number; readonly deviation: number };
  readonly length: { readonly mean: number; readonly deviation: number };
  readonly radialDiameter: { readonly mean: number; readonly deviation: number };
  readonly equatorialDiameter: { readonly mean: number; readonly deviation: number };
  /** Chance that a canaliculus that meets another goes on behind the junction. */
  readonly passing: number;
  /** Links that start, for each µm of canaliculus, and how far they reach. */
  readonly linksPerMicrometre: number;
  readonly linkReach: number;
  /** Share of links that end blind. */
  readonly blind: number;
}

/** Direction noise, radians a square root of µm; how fast a canaliculus turns to the lamella's normal, a µm. */
const WANDER = 0.1;
const STRAIGHTEN = 0.03;
/** Canaliculi that come no nearer to the image than this are not grown. */
const NEAR = 6;
const THINNEST = 0.08;
const WIDEST = 0.6;

/**
 * Share of passed junctions where two canaliculi cross in one point; at the others they run together for a µm and part
 * again.
 */
const CROSSING = 0.1;
/**
 * Chance that a second link starts where one does, and of each further one: nodes of a high degree are few, and fall
 * off by e^(-4/3) a degree.
 */
const SECOND_LINK = 0.025;
const FURTHER_LINK = 0.5;

interface Place {
  readonly vertex: number;
  readonly at: Vector;
  readonly heading: Vector;
}

/**
 * Canaliculi of all lacunae, one lacuna after the other: each starts on the surface, along its normal, turns slowly to
 * the lamella's normal, and ends blind, at another canaliculus or in another lacuna, unless it passes the junction.
 * Then links between neighbouring canaliculi, which make the mesh of short edges.
 */
export function growCanaliculi(growth: CanaliculiGrowth, rng: Rng): Wireframe {
  const { extent, planar, step, gap, bodies } = growth;
  const x: number[] = [];
  const y: number[] = [];
  const z: number[] = [];
  const segments: Segment[] = [];
  const anchors = new Map<number, number>();
  const index = new VertexIndex({ x, y, z }, 1.2);
  const centres = bodyIndex(bodies);
  let curves = 0;
  /** Segments that end at each vertex. */
  const degree: number[] = [];
  const place = (at: Vector, radius: number, curve: number): number => {
    const vertex = x.push(at.x) && y.push(at.y) && z.push(at.z) - 1;
    index.add(vertex, radius, curve);
    degree[vertex] = 0;
    return vertex;
  };
  const join = (segment: Segment): void => {
    segments.push(segment);
    degree[segment.a]++;
    degree[segment.b]++;
  };
  const inside = (at: Vector, margin: number) =>
    at.x > -margin &&
    at.y > -margin &&
    at.z > -margin &&
    at.x < extent.width + margin &&
    at.y < extent.height + margin &&
    at.z < extent.depth + margin;
  const bend = (heading: Vector, angle: number, draw: Rng) =>
    planar ? turnInPlane(heading, angle) : turnAway(heading, angle, Math.PI * draw.uniform());

  const canal = growth.canal ? growCanal(growth.canal) : null;
  const primaries: Place[][] = [];
  bodies.forEach((body, which) => {
    const own = rng.fork(`lacuna/${which}`);
    const count =
      growth.perLacuna.mean === 0
        ? 0
        : Math.round(Math.min(77, Math.max(6, growth.perLacuna.mean + growth.perLacuna.deviation * own.normal())));
    // A plane cuts a lacuna across: it shows the canaliculi of a band about the cut.
    const starts = planar && count > 0 ? Math.max(4, Math.round(count / 4)) : count;
    const phase = own.uniform();
    const turned = direction(own);
    for (let i = 0; i < starts; i++)
      primaries.push(growPrimary(body, which, startDirection(i, starts, phase, turned, own.fork(i)), own.fork(i)));
  });
  primaries.forEach((path, i) => growLinks(path, rng.fork(`links/${i}`)));
  return { x, y, z, segments, bodies, anchors };

  /** Evenly over the sphere (a golden spiral, turned), or around the circle of a plane, each moved a little. */
  function startDirection(i: number, count: number, phase: number, turned: Vector, draw: Rng): Vector {
    if (planar) {
      const angle = (2 * Math.PI * (i + phase + 0.3 * (draw.uniform() - 0.5))) / count;
      return vector(Math.cos(angle), Math.sin(angle), 0);
    }
    const height = 1 - (2 * (i + 0.5)) / count;
    const across = Math.sqrt(1 - height * height);
    const azimuth = Math.PI * (3 - Math.sqrt(5)) * i + 2 * Math.PI * phase;
    const point = vector(across * Math.cos(azimuth), across * Math.sin(azimuth), height);
    // Mirrored at a random plane: evenly spread points in an orientation of their own.
    return unit(add(add(point, turned, -2 * dot(point, turned)), direction(draw), 0.12));
  }

  function growPrimary(body: Body, which: number, towards: Vector, draw: Rng): Place[] {
    const { place: start, normal } = bodySurface(body, towards);
    const length = Math.max(8, growth.length.mean + growth.length.deviation * draw.normal());
    const lamellar = growth.lamellae.normal(start);
    const radial = Math.abs(dot(normal, lamellar)) > 0.5;
    const outward = dot(normal, lamellar) < 0 ? vector(-lamellar.x, -lamellar.y, -lamellar.z) : lamellar;
    const bore = radial ? growth.radialDiameter : growth.equatorialDiameter;
    const radius = Math.min(WIDEST, Math.max(THINNEST, logNormal(draw, bore.mean, bore.deviation))) / 2;
    if (![0, 0.25, 0.5, 0.75, 1].some((share) => inside(add(start, normal, share * length), NEAR + 0.15 * length)))
      return [];
    const heading = unit(normal);
    const first = place(start, radius, curves);
    anchors.set(first, which);
    return walk(
      { vertex: first, at: start, heading },
      {
        radius,
        length,
        kind: 'canaliculus',
        curve: curves++,
        leaving: new Set(),
        home: which,
        draw,
        pull: radial ? outward : null,
        passing: growth.passing,
      },
    );
  }

  /** Walks from a place until the length is used up or something is met. Returns the places that were made. */
  function walk(
    from: Place,
    tube: {
      radius: number;
      length: number;
      kind: string;
      curve: number;
      leaving: Set<number>;
      home: number;
      draw: Rng;
      pull: Vector | null;
      passing: number;
      target?: Vector;
    },
  ): Place[] {
    const { radius, kind, curve, draw, leaving, home } = tube;
    const made: Place[] = [];
    let { vertex, at, heading } = from;
    leaving.add(curve);
    const link = (next: number, nextRadius = radius) => {
      join({ a: vertex, b: next, radiusA: radius, radiusB: nextRadius, kind });
      vertex = next;
    };
    for (let walked = 0; walked < tube.length; walked += step) {
      heading = tube.target
        ? unit(add(tube.target, at, -1))
        : bend(heading, WANDER * Math.sqrt(step) * draw.normal(), draw);
      if (tube.pull) heading = unit(add(heading, tube.pull, STRAIGHTEN * step));
      at = add(at, heading, step);
      if (!inside(at, growth.length.mean + 10)) return made;
      const cavity = lacunaAt(at, radius);
      if (cavity >= 0 && (cavity !== home || walked > 4)) {
        const end = place(at, radius, curve);
        link(end);
        anchors.set(end, cavity);
        return made;
      }
      if (canal && Math.hypot(at.x - canal.centre.x, at.y - canal.centre.y) <= canal.radius) {
        link(place(at, radius, curve));
        join({ a: vertex, b: canal.vertexAt(at.z), radiusA: radius, radiusB: radius, kind: 'inlet' });
        return made;
      }
      if (inside(at, NEAR)) {
        const near = index.touching(at.x, at.y, at.z, radius, gap, WIDEST / 2);
        for (const other of leaving) if (other !== curve && !near.has(other)) leaving.delete(other);
        let hit = -1;
        let nearest = Infinity;
        for (const [other, { vertex: candidate, distance }] of near)
          if (!leaving.has(other) && distance < nearest && (home < 0 || anchors.get(candidate) !== home))
            [hit, nearest] = [candidate, distance];
        if (hit >= 0) {
          hit = along(hit, heading, 0);
          link(hit);
          if (draw.uniform() >= tube.passing) return made;
          leaving.add(index.curveOf(hit));
          if (draw.uniform() >= CROSSING) vertex = along(hit, heading, Math.round((0.5 + draw.uniform()) / step));
          // At the foot of another one it has arrived.
          if (anchors.has(vertex)) return made;
          at = vector(x[vertex], y[vertex], z[vertex]);
          continue;
        }
      }
      link(place(at, radius, curve));
      made.push({ vertex, at, heading });
    }
    return made;
  }

  /**
   * The vertex some steps further on the curve of a vertex, in the sense of a heading, and on past junctions for up to
   * a µm; as far as the curve goes.
   */
  function along(from: number, heading: Vector, steps: number): number {
    const curve = index.curveOf(from);
    const on = (vertex: number) => vertex < x.length && index.curveOf(vertex) === curve;
    const place = (vertex: number) => vector(x[vertex], y[vertex], z[vertex]);
    const other = on(from + 1) ? from + 1 : from - 1;
    if (!on(other)) return from;
    const sense = (other - from) * Math.sign(dot(add(place(other), place(from), -1), heading));
    let at = from;
    for (let i = 0; (i < steps || (degree[at] > 2 && i < steps + 1 / step)) && on(at + sense); i++) at += sense;
    return at;
  }

  /** From places along a canaliculus to a neighbour within reach, or blind. */
  function growLinks(path: readonly Place[], draw: Rng): void {
    const { linksPerMicrometre } = growth;
    path.forEach((start, i) => {
      if (i === 0 || !inside(start.at, 3) || draw.uniform() >= linksPerMicrometre * step) return;
      const own = draw.fork(i);
      const siblings: Vector[] = [];
      const leaving = new Set([index.curveOf(start.vertex)]);
      for (
        let chance = SECOND_LINK;
        growLink(start, own, siblings, leaving) && own.uniform() < chance;
        chance = FURTHER_LINK
      );
    });
  }

  /** One link, away from those that start at the same place; false if there is nothing to link to. */
  function growLink(
    { vertex, at, heading }: Place,
    draw: Rng,
    siblings: Vector[],
    siblingCurves: Set<number>,
  ): boolean {
    const { linkReach, blind, radialDiameter } = growth;
    const radius =
      Math.min(WIDEST, Math.max(THINNEST, logNormal(draw, radialDiameter.mean, radialDiameter.deviation))) / 2;
    const tube = {
      radius,
      kind: 'link',
      curve: curves,
      leaving: new Set(siblingCurves),
      home: -1,
      draw,
      pull: null,
      passing: 0,
    };
    if (draw.uniform() < blind) {
      siblingCurves.add(curves++);
      const away = bend(heading, 0.9 + 0.6 * draw.uniform(), draw);
      siblings.push(away);
      walk({ vertex, at, heading: away }, { ...tube, length: 0.8 + 1.5 * draw.uniform() });
      return true;
    }
    let chosen: Vector | undefined;
    let best = Infinity;
    const widest = radius + WIDEST / 2 + gap + step;
    index.visit(at.x, at.y, at.z, linkReach, (candidate, distance) => {
      if (distance < widest || siblingCurves.has(index.curveOf(candidate))) return;
      const towards = vector(x[candidate], y[candidate], z[candidate]);
      const way = unit(add(towards, at, -1));
      if (siblings.some((other) => dot(other, way) > 0.5)) return;
      const cost = distance * (0.4 + 1.2 * draw.uniform()) * (1 + Math.abs(dot(way, heading)));
      if (cost < best) [chosen, best] = [towards, cost];
    });
    if (!chosen) return false;
    const way = unit(add(chosen, at, -1));
    siblings.push(way);
    siblingCurves.add(curves++);
    walk(
      { vertex, at, heading: way },
      { ...tube, target: add(chosen, way, 0.5), length: norm(add(chosen, at, -1)) + gap },
    );
    return true;
  }

  function lacunaAt(at: Vector, radius: number): number {
    let found = -1;
    centres.visit(at.x, at.y, at.z, centres.reach, (candidate) => {
      if (found < 0 && bodyLevel(bodies[candidate], at) < 1 + radius / bodies[candidate].semiAxes[2]) found = candidate;
    });
    return found;
  }

  function growCanal({ centre, radius }: { centre: Vector; radius: number }): {
    centre: Vector;
    radius: number;
    vertexAt: (z: number) => number;
  } {
    const pieces = Math.max(1, Math.ceil((extent.depth + 4) / 2));
    const vertices: number[] = [];
    for (let i = 0; i <= pieces; i++) {
      const vertex = x.push(centre.x) && y.push(centre.y) && z.push(-2 + (i * (extent.depth + 4)) / pieces) - 1;
      degree[vertex] = 0;
      vertices.push(vertex);
      if (i > 0) join({ a: vertices[i - 1], b: vertex, radiusA: radius, radiusB: radius, kind: 'canal' });
    }
    return {
      centre,
      radius,
      vertexAt: (at) => vertices[Math.min(pieces, Math.max(0, Math.round(((at + 2) * pieces) / (extent.depth + 4))))],
    };
  }
}

/** Centres of bodies, to find the one that a place lies in. */
function bodyIndex(bodies: readonly Body[]): { reach: number; visit: VertexIndex['visit'] } {
  const places = {
    x: bodies.map(({ centre }) => centre.x),
    y: bodies.map(({ centre }) => centre.y),
    z: bodies.map(({ centre }) => centre.z),
  };
  const index = new VertexIndex(places, 12);
  bodies.forEach((_, i) => index.add(i, 0, i));
  const reach = bodies.reduce((most, body) => Math.max(most, norm(bodyReach(body))), 0) + WIDEST;
  return { reach, visit: (px, py, pz, distance, each) => index.visit(px, py, pz, distance, each) };
}

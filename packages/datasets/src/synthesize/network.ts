import type { LengthUnit } from '@lacuna/core';
import type { Vector } from './vector.js';

/**
 * Where branches meet or end. `border`: cut by the edge of the image. `lacuna`: a cell's cavity, one node however
 * large.
 */
export interface NetworkNode {
  readonly id: number;
  readonly kind: 'junction' | 'end' | 'border' | 'lacuna';
  readonly degree: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Half lengths of a lacuna, long to short. */
  readonly semiAxes?: readonly [number, number, number];
}

/** A point of a centreline with the tube's radius there. */
export interface CentrePoint extends Vector {
  readonly radius: number;
}

/** A tube between two nodes: its centreline with the radius at each point. */
export interface NetworkBranch {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** What it is in its tissue: `tubule`, `thick`, `fine`, `fork`, `canaliculus`, `link`, `canal`, ... */
  readonly kind: string;
  readonly points: readonly CentrePoint[];
  /** Length of the centreline. */
  readonly length: number;
  /** Mean radius, weighted by length. */
  readonly radius: number;
}

/**
 * The true graph of a synthetic network. Lengths are in `unit`; the origin is the outer corner of the first pixel, so
 * the centre of pixel (i, j, k) lies at ((i + 0.5) · px, (j + 0.5) · py, (k + 0.5) · pz).
 */
export interface Network {
  readonly unit: LengthUnit;
  readonly nodes: readonly NetworkNode[];
  readonly branches: readonly NetworkBranch[];
}

/**
 * A straight piece of tube between two vertices. Its radii are its own: a fine branch keeps its bore where it leaves a
 * wide tubule.
 */
export interface Segment {
  readonly a: number;
  readonly b: number;
  readonly radiusA: number;
  readonly radiusB: number;
  readonly kind: string;
}

/** An ellipsoidal cavity. */
export interface Body {
  readonly centre: Vector;
  /** Unit vectors along the long, middle and short axis. */
  readonly axes: readonly [Vector, Vector, Vector];
  readonly semiAxes: readonly [number, number, number];
}

/** A network as it grows: points, straight tubes between them, and cavities whose surface some points lie on. */
export interface Wireframe {
  readonly x: number[];
  readonly y: number[];
  readonly z: number[];
  readonly segments: Segment[];
  readonly bodies: readonly Body[];
  /** Vertex on a surface to the index of its body. */
  readonly anchors: ReadonlyMap<number, number>;
}

/** Size of the space that is kept, from the origin. */
export interface Extent {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** Joins the segments between nodes (every vertex that has not exactly two neighbours, and every body) to branches. */
export function traceNetwork(
  wireframe: Wireframe,
  onBorder: ReadonlySet<number>,
  extent: Extent,
  lengthUnit: LengthUnit,
): Network {
  const { x, y, z, segments, bodies, anchors } = wireframe;
  const around: number[][] = x.map(() => []);
  segments.forEach((segment, i) => {
    around[segment.a].push(i);
    around[segment.b].push(i);
  });
  const nodes: NetworkNode[] = [];
  const nodeOf = new Map<number, number>();
  const bodyDegree = bodies.map(() => 0);
  for (const [vertex, body] of anchors) bodyDegree[body] += around[vertex].length;
  const bodyNode = bodies.map(({ centre, semiAxes }, i) => {
    // A body may reach in while its centre lies outside: its node then stands at the nearest place inside.
    const within = (value: number, length: number) => Math.min(length, Math.max(0, value));
    return (
      nodes.push({
        id: nodes.length,
        kind: 'lacuna',
        degree: bodyDegree[i],
        x: within(centre.x, extent.width),
        y: within(centre.y, extent.height),
        z: within(centre.z, extent.depth),
        semiAxes,
      }) - 1
    );
  });
  around.forEach((incident, v) => {
    const body = anchors.get(v);
    if (body !== undefined) {
      nodeOf.set(v, bodyNode[body]);
      return;
    }
    const sameKind = incident.length === 2 && segments[incident[0]].kind === segments[incident[1]].kind;
    if (incident.length === 0 || sameKind) return;
    nodeOf.set(v, nodes.length);
    const inside = incident.length === 1 ? 'end' : 'junction';
    nodes.push({
      id: nodes.length,
      kind: onBorder.has(v) ? 'border' : inside,
      degree: incident.length,
      x: x[v],
      y: y[v],
      z: z[v],
    });
  });
  const used = new Uint8Array(segments.length);
  const branches: NetworkBranch[] = [];
  for (const start of nodeOf.keys()) {
    for (const first of around[start]) {
      if (used[first]) continue;
      const points: CentrePoint[] = [];
      let at = start;
      let index = first;
      let length = 0;
      let weighted = 0;
      for (;;) {
        const segment = segments[index];
        used[index] = 1;
        const forward = segment.a === at;
        const next = forward ? segment.b : segment.a;
        const [radiusHere, radiusNext] = forward
          ? [segment.radiusA, segment.radiusB]
          : [segment.radiusB, segment.radiusA];
        if (points.length === 0) points.push({ x: x[at], y: y[at], z: z[at], radius: radiusHere });
        points.push({ x: x[next], y: y[next], z: z[next], radius: radiusNext });
        const dx = x[next] - x[at];
        const dy = y[next] - y[at];
        const dz = z[next] - z[at];
        const step = Math.sqrt(dx * dx + dy * dy + dz * dz);
        length += step;
        weighted += (step * (radiusHere + radiusNext)) / 2;
        at = next;
        if (nodeOf.has(at)) break;
        index = around[at].find((candidate) => candidate !== index)!;
      }
      branches.push({
        id: branches.length,
        from: nodeOf.get(start)!,
        to: nodeOf.get(at)!,
        kind: segments[first].kind,
        points,
        length,
        radius: weighted / length,
      });
    }
  }
  return { unit: lengthUnit, nodes, branches };
}

import type { LengthUnit } from '@lacuna/core';

/** Where branches meet or end. `border`: cut by the edge of the image. */
export interface NetworkNode {
  readonly id: number;
  readonly kind: 'junction' | 'end' | 'border';
  readonly degree: number;
  readonly x: number;
  readonly y: number;
}

/** A tube between two nodes: its centreline with the radius at each point. */
export interface NetworkBranch {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** What it is in its tissue: `tubule`, `thick`, `fine`, `fork`. */
  readonly kind: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly radius: number }[];
  /** Length of the centreline. */
  readonly length: number;
  /** Mean radius, weighted by length. */
  readonly radius: number;
}

/**
 * The true graph of a synthetic network. Lengths are in `unit`; the origin is the outer corner of the first pixel, so the centre of
 * pixel (i, j) lies at ((i + 0.5) · pixel size, (j + 0.5) · pixel size).
 */
export interface Network {
  readonly unit: LengthUnit;
  readonly nodes: readonly NetworkNode[];
  readonly branches: readonly NetworkBranch[];
}

/** A straight piece of tube between two vertices. Its radii are its own: a fine branch keeps its bore where it leaves a wide tubule. */
export interface Segment {
  readonly a: number;
  readonly b: number;
  readonly radiusA: number;
  readonly radiusB: number;
  readonly kind: string;
}

/** A network as it grows: points and straight tubes between them. */
export interface Wireframe {
  readonly x: number[];
  readonly y: number[];
  readonly segments: Segment[];
}

/** The part of a wireframe inside [0, width] x [0, height], cut exactly at the edges. `onBorder` holds the vertices that the cut made. */
export function clipWireframe(wireframe: Wireframe, width: number, height: number): Wireframe & { readonly onBorder: ReadonlySet<number> } {
  const x: number[] = [], y: number[] = [], segments: Segment[] = [];
  const kept = new Map<number, number>();
  const onBorder = new Set<number>();
  const vertex = (px: number, py: number): number => x.push(px) && y.push(py) - 1;
  const keep = (v: number): number => {
    const known = kept.get(v);
    if (known !== undefined) return known;
    const made = vertex(wireframe.x[v]!, wireframe.y[v]!);
    kept.set(v, made);
    return made;
  };
  const cut = (px: number, py: number): number => {
    const made = vertex(px, py);
    onBorder.add(made);
    return made;
  };
  for (const segment of wireframe.segments) {
    const ax = wireframe.x[segment.a]!, ay = wireframe.y[segment.a]!, dx = wireframe.x[segment.b]! - ax, dy = wireframe.y[segment.b]! - ay;
    const inside = clipParameters(ax, ay, dx, dy, width, height);
    if (!inside) continue;
    const [t0, t1] = inside;
    const radiusAt = (t: number) => segment.radiusA + t * (segment.radiusB - segment.radiusA);
    const a = t0 === 0 ? keep(segment.a) : cut(ax + t0 * dx, ay + t0 * dy);
    const b = t1 === 1 ? keep(segment.b) : cut(ax + t1 * dx, ay + t1 * dy);
    segments.push({ a, b, radiusA: radiusAt(t0), radiusB: radiusAt(t1), kind: segment.kind });
  }
  return { x, y, segments, onBorder };
}

/** Liang-Barsky: the stretch of p + t·d, 0 <= t <= 1, inside the rectangle; undefined if there is none. */
function clipParameters(px: number, py: number, dx: number, dy: number, width: number, height: number): [number, number] | undefined {
  let t0 = 0, t1 = 1;
  for (const [p, q] of [[-dx, px], [dx, width - px], [-dy, py], [dy, height - py]] as const) {
    if (p === 0) {
      if (q < 0) return undefined;
    } else if (p < 0) t0 = Math.max(t0, q / p);
    else t1 = Math.min(t1, q / p);
  }
  return t1 - t0 > 1e-12 ? [t0, t1] : undefined;
}

/** Joins the segments between nodes (every vertex that has not exactly two neighbours) to branches. */
export function traceNetwork(wireframe: Wireframe, onBorder: ReadonlySet<number>, unit: LengthUnit): Network {
  const around: number[][] = wireframe.x.map(() => []);
  wireframe.segments.forEach((segment, i) => {
    around[segment.a]!.push(i);
    around[segment.b]!.push(i);
  });
  const nodes: NetworkNode[] = [];
  const nodeOf = new Map<number, number>();
  around.forEach((incident, v) => {
    const sameKind = incident.length === 2 && wireframe.segments[incident[0]!]!.kind === wireframe.segments[incident[1]!]!.kind;
    if (incident.length === 0 || sameKind) return;
    nodeOf.set(v, nodes.length);
    const kind = onBorder.has(v) ? 'border' : incident.length === 1 ? 'end' : 'junction';
    nodes.push({ id: nodes.length, kind, degree: incident.length, x: wireframe.x[v]!, y: wireframe.y[v]! });
  });
  const used = new Uint8Array(wireframe.segments.length);
  const branches: NetworkBranch[] = [];
  for (const start of nodeOf.keys()) {
    for (const first of around[start]!) {
      if (used[first]) continue;
      const points: { x: number; y: number; radius: number }[] = [];
      let at = start, index = first, length = 0, weighted = 0;
      for (;;) {
        const segment = wireframe.segments[index]!;
        used[index] = 1;
        const forward = segment.a === at, next = forward ? segment.b : segment.a;
        const [radiusHere, radiusNext] = forward ? [segment.radiusA, segment.radiusB] : [segment.radiusB, segment.radiusA];
        if (points.length === 0) points.push({ x: wireframe.x[at]!, y: wireframe.y[at]!, radius: radiusHere });
        points.push({ x: wireframe.x[next]!, y: wireframe.y[next]!, radius: radiusNext });
        const step = Math.hypot(wireframe.x[next]! - wireframe.x[at]!, wireframe.y[next]! - wireframe.y[at]!);
        length += step;
        weighted += (step * (radiusHere + radiusNext)) / 2;
        at = next;
        if (nodeOf.has(at)) break;
        index = around[at]!.find((candidate) => candidate !== index)!;
      }
      const kind = wireframe.segments[first]!.kind;
      branches.push({ id: branches.length, from: nodeOf.get(start)!, to: nodeOf.get(at)!, kind, points, length, radius: weighted / length });
    }
  }
  return { unit, nodes, branches };
}

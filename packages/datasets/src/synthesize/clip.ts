import { bodyReach } from './body.js';
import type { Extent, Wireframe } from './network.js';
import { add, vector, type Vector } from './vector.js';

/**
 * The part of a wireframe inside [0, width] x [0, height] x [0, depth], cut exactly at the faces. `onBorder` holds the
 * vertices that the cut made. Bodies stay whole where any part of them lies inside. Vertices may lie on the far face
 * of a plane without a third axis: give it any depth.
 */
export function clipWireframe(
  wireframe: Wireframe,
  extent: Extent,
): Wireframe & { readonly onBorder: ReadonlySet<number> } {
  const x: number[] = [];
  const y: number[] = [];
  const z: number[] = [];
  const segments: Wireframe['segments'] = [];
  const kept = new Map<number, number>();
  const anchors = new Map<number, number>();
  const onBorder = new Set<number>();
  const vertex = (at: Vector): number => x.push(at.x) && y.push(at.y) && z.push(at.z) - 1;
  const bodyIndex = new Map<number, number>();
  const bodies = wireframe.bodies.filter((body, i) => {
    const { x: rx, y: ry, z: rz } = bodyReach(body);
    const { x: cx, y: cy, z: cz } = body.centre;
    const inside =
      cx + rx > 0 &&
      cy + ry > 0 &&
      cz + rz > 0 &&
      cx - rx < extent.width &&
      cy - ry < extent.height &&
      cz - rz < extent.depth;
    if (inside) bodyIndex.set(i, bodyIndex.size);
    return inside;
  });
  const keep = (v: number): number => {
    const known = kept.get(v);
    if (known !== undefined) return known;
    const made = vertex({ x: wireframe.x[v], y: wireframe.y[v], z: wireframe.z[v] });
    kept.set(v, made);
    const body = bodyIndex.get(wireframe.anchors.get(v) ?? -1);
    if (body !== undefined) anchors.set(made, body);
    return made;
  };
  const cut = (at: Vector): number => {
    const made = vertex(at);
    onBorder.add(made);
    return made;
  };
  for (const segment of wireframe.segments) {
    const { a: from, b: to, radiusA, radiusB, kind } = segment;
    const start = vector(wireframe.x[from], wireframe.y[from], wireframe.z[from]);
    const way = add(vector(wireframe.x[to], wireframe.y[to], wireframe.z[to]), start, -1);
    const inside = clipParameters(start, way, extent);
    if (!inside) continue;
    const [t0, t1] = inside;
    const radiusAt = (t: number) => radiusA + t * (radiusB - radiusA);
    const a = t0 === 0 ? keep(from) : cut(add(start, way, t0));
    const b = t1 === 1 ? keep(to) : cut(add(start, way, t1));
    segments.push({ a, b, radiusA: radiusAt(t0), radiusB: radiusAt(t1), kind });
  }
  return { x, y, z, segments, bodies, anchors, onBorder };
}

/** Liang-Barsky: the stretch of from + t · way, 0 <= t <= 1, inside the box; undefined if there is none. */
function clipParameters(from: Vector, way: Vector, { width, height, depth }: Extent): [number, number] | undefined {
  let t0 = 0;
  let t1 = 1;
  for (const [p, q] of [
    [-way.x, from.x],
    [way.x, width - from.x],
    [-way.y, from.y],
    [way.y, height - from.y],
    [-way.z, from.z],
    [way.z, depth - from.z],
  ] as const) {
    if (p === 0) {
      if (q < 0) return undefined;
    } else if (p < 0) t0 = Math.max(t0, q / p);
    else t1 = Math.min(t1, q / p);
  }
  return t1 - t0 > 1e-12 ? [t0, t1] : undefined;
}

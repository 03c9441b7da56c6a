import { bodyReach } from './body.js';
import type { Extent, Wireframe } from './network.js';

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
  const vertex = (px: number, py: number, pz: number): number => x.push(px) && y.push(py) && z.push(pz) - 1;
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
    const made = vertex(wireframe.x[v], wireframe.y[v], wireframe.z[v]);
    kept.set(v, made);
    const body = bodyIndex.get(wireframe.anchors.get(v) ?? -1);
    if (body !== undefined) anchors.set(made, body);
    return made;
  };
  const cut = (px: number, py: number, pz: number): number => {
    const made = vertex(px, py, pz);
    onBorder.add(made);
    return made;
  };
  for (const segment of wireframe.segments) {
    const { a: from, b: to, radiusA, radiusB, kind } = segment;
    const ax = wireframe.x[from];
    const ay = wireframe.y[from];
    const az = wireframe.z[from];
    const dx = wireframe.x[to] - ax;
    const dy = wireframe.y[to] - ay;
    const dz = wireframe.z[to] - az;
    const inside = clipParameters(ax, ay, az, dx, dy, dz, extent);
    if (!inside) continue;
    const [t0, t1] = inside;
    const radiusAt = (t: number) => radiusA + t * (radiusB - radiusA);
    const a = t0 === 0 ? keep(from) : cut(ax + t0 * dx, ay + t0 * dy, az + t0 * dz);
    const b = t1 === 1 ? keep(to) : cut(ax + t1 * dx, ay + t1 * dy, az + t1 * dz);
    segments.push({ a, b, radiusA: radiusAt(t0), radiusB: radiusAt(t1), kind });
  }
  return { x, y, z, segments, bodies, anchors, onBorder };
}

/** Liang-Barsky: the stretch of p + t·d, 0 <= t <= 1, inside the box; undefined if there is none. */
function clipParameters(
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
  { width, height, depth }: Extent,
): [number, number] | undefined {
  let t0 = 0;
  let t1 = 1;
  for (const [p, q] of [
    [-dx, px],
    [dx, width - px],
    [-dy, py],
    [dy, height - py],
    [-dz, pz],
    [dz, depth - pz],
  ] as const) {
    if (p === 0) {
      if (q < 0) return undefined;
    } else if (p < 0) t0 = Math.max(t0, q / p);
    else t1 = Math.min(t1, q / p);
  }
  return t1 - t0 > 1e-12 ? [t0, t1] : undefined;
}

import type { Rng } from '@lacuna/core';
import type { BranchClass, DentinGrowth } from './dentin-settings.js';
import type { Segment, Wireframe } from './network.js';
import { growTubules } from './tubules.js';
import { add, turnAway, turnInPlane, unit, type Vector } from './vector.js';
import { VertexIndex } from './vertex-index.js';

interface Sprout {
  readonly place: Vector;
  readonly vertex: number;
  readonly heading: Vector;
  readonly radius: number;
  readonly length: number;
  readonly kind: BranchClass['kind'];
  readonly parents: readonly number[];
}

/** Direction noise of a lateral branch, radians a square root of µm. */
const WANDER = 0.12;
/** A fork's daughters leave at this angle to either side, radians. */
const FORK_ANGLE = 0.45;

/**
 * Grows a section along the tubules: near-parallel tubules first, then the lateral branches of each class, one after
 * the other. A branch that comes near another tube joins it there, so that what touches in the image is joined in the
 * graph.
 */
export function growDentin(growth: DentinGrowth, rng: Rng): Wireframe {
  const { planar } = growth;
  const x: number[] = [];
  const y: number[] = [];
  const z: number[] = [];
  const segments: Segment[] = [];
  const index = new VertexIndex({ x, y, z }, 1);
  const widest = growth.diameter.high * 0.55;
  let curves = 0;
  const place = (at: Vector, radius: number, curve: number): number => {
    const vertex = x.push(at.x) && y.push(at.y) && z.push(at.z) - 1;
    index.add(vertex, radius, curve);
    return vertex;
  };
  /** In a plane there are two sides to turn to, in space a circle of them; one uniform number chooses. */
  const turn = (heading: Vector, angle: number, side: number): Vector =>
    planar ? turnInPlane(heading, side < 0.5 ? angle : -angle) : turnAway(heading, angle, 2 * Math.PI * side);

  const tubules = growTubules(growth, rng.fork('tubules')).map((points) => {
    const curve = curves++;
    const vertices = points.map((point) => place(point, point.radius, curve));
    for (let i = 1; i < points.length; i++)
      segments.push({
        a: vertices[i - 1],
        b: vertices[i],
        radiusA: points[i - 1].radius,
        radiusB: points[i].radius,
        kind: 'tubule',
      });
    return { curve, points, vertices };
  });
  return { x, y, z, segments: [...segments, ...growLaterals()], bodies: [], anchors: new Map() };

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
          const here = tubule.points[at];
          const next = tubule.points[at + 1] ?? here;
          const along = own.uniform() < 0.5 ? unit(add(next, here, -1)) : unit(add(here, next, -1));
          const angle = (between(own, branch.angle) * Math.PI) / 180;
          const sprout: Sprout = {
            place: here,
            vertex: tubule.vertices[at],
            heading: turn(along, angle, own.uniform()),
            radius: Math.min(0.8 * here.radius, between(own, branch.diameter) / 2),
            length: between(own, branch.length),
            kind: branch.kind,
            parents: [tubule.curve],
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
    const curve = curves++;
    const leaving = new Set([curve, ...sprout.parents]);
    const path: Vector[] = [];
    let at = sprout.place;
    let heading = sprout.heading;
    let joined = -1;
    for (let walked = 0; walked < sprout.length; walked += step) {
      const wander = WANDER * Math.sqrt(step) * draw.normal();
      heading = planar ? turnInPlane(heading, wander) : turnAway(heading, wander, Math.PI * draw.uniform());
      at = add(at, heading, step);
      if (
        at.x < -2 ||
        at.y < -2 ||
        at.x > growth.width + 2 ||
        at.y > growth.height + 2 ||
        (!planar && (at.z < -2 || at.z > growth.depth + 2))
      )
        break;
      const near = index.touching(at, sprout.radius, gap, widest);
      // A parent counts again once the branch has left it.
      for (const parent of sprout.parents) if (!near.has(parent)) leaving.delete(parent);
      const hit = [...near].filter(([other]) => !leaving.has(other)).sort((a, b) => a[1].distance - b[1].distance)[0];
      if (hit) {
        joined = hit[1].vertex;
        break;
      }
      path.push(at);
    }
    // Too short to leave its tubule: nobody would see it.
    if (path.length < 4 || leaving.has(sprout.parents[0])) return false;
    let last = sprout.vertex;
    const link = (vertex: number) => {
      grown.push({ a: last, b: vertex, radiusA: sprout.radius, radiusB: sprout.radius, kind: sprout.kind });
      last = vertex;
    };
    for (const point of path) link(place(point, sprout.radius, curve));
    if (joined >= 0) link(joined);
    else if (sprout.kind === 'fork' && sprout.parents.length === 1) {
      // Murray's law for two equal daughters: r³ = 2 r'³.
      const radius = sprout.radius / Math.cbrt(2);
      const firstDaughter = curves;
      const azimuth = planar ? 0 : draw.uniform();
      for (const side of [-1, 1]) {
        const own = draw.fork(side);
        const daughter = planar
          ? turnInPlane(heading, side * FORK_ANGLE)
          : turnAway(heading, side * FORK_ANGLE, Math.PI * azimuth);
        sproutFrom(
          { ...sprout, place: at, vertex: last, heading: daughter, radius, parents: [curve, firstDaughter] },
          own,
          grown,
        );
      }
    }
    return true;
  }
}

const between = (rng: Rng, [low, high]: readonly [number, number]): number => low + (high - low) * rng.uniform();

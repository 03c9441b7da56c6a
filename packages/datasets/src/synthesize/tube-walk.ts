import type { Rng } from '@lacuna/core';
import { bodyLevel, bodyReach } from './body.js';
import type { CanaliculiGrowth } from './canaliculi-settings.js';
import type { CentralCanal } from './central-canal.js';
import type { Body, Extent } from './network.js';
import type { TubeNetwork } from './tube-network.js';
import { add, norm, turnAway, turnInPlane, unit, type Vector } from './vector.js';
import { VertexIndex } from './vertex-index.js';

/** Direction noise, radians a square root of µm; how fast a canaliculus turns to the lamella's normal, a µm. */
const WANDER = 0.1;
const STRAIGHTEN = 0.03;
/** Tubes that come no nearer to the image than this, µm, meet nothing and are not grown. */
export const NEAR = 6;
/** The widest bore, µm. */
export const WIDEST = 0.6;
/** Within so many µm of its own lacuna a tube has not left it yet. */
const LEAVING_HOME = 4;
/**
 * Share of passed junctions where two canaliculi cross in one point; at the others they run together for a µm and part
 * again.
 */
const CROSSING = 0.1;

/** A vertex, where it lies, and where the tube was going there. */
export interface Place {
  readonly vertex: number;
  readonly at: Vector;
  readonly heading: Vector;
}

/** A tube that grows: its bore, how far it goes and what it does where it meets another one. */
export interface GrowingTube {
  readonly radius: number;
  readonly length: number;
  readonly kind: string;
  readonly curve: number;
  /** Curves that it starts from or runs along: it does not meet them before it has left them. */
  readonly leaving: Set<number>;
  /** The lacuna that it starts from; -1 for links. */
  readonly home: number;
  readonly draw: Rng;
  /** The lamella's normal, that it turns to; null where it keeps its own way. */
  readonly pull: Vector | null;
  /** Chance that it goes on behind a junction. */
  readonly passing: number;
  /** The place that it goes straight to; it wanders where there is none. */
  readonly target?: Vector;
}

/** What a tube grows in: the tubes before it, the canal, the lacunae. */
export interface Tissue {
  readonly growth: CanaliculiGrowth;
  readonly tubes: TubeNetwork;
  readonly canal: CentralCanal | null;
  /** The lacuna that a tube of this radius would touch; -1 for none. */
  readonly lacunaAt: (at: Vector, radius: number) => number;
}

/** Whether a place lies inside the image, or at most `margin` outside. */
export function isWithin(at: Vector, extent: Extent, margin: number): boolean {
  return (
    at.x > -margin &&
    at.y > -margin &&
    at.z > -margin &&
    at.x < extent.width + margin &&
    at.y < extent.height + margin &&
    at.z < extent.depth + margin
  );
}

/** A heading turned by an angle: to either side in a plane, about a random axis in space. */
export function bend(heading: Vector, angle: number, draw: Rng, planar: boolean): Vector {
  return planar ? turnInPlane(heading, angle) : turnAway(heading, angle, Math.PI * draw.uniform());
}

/** Finds the lacuna at a place, by the centres near it. */
export function lacunaFinder(bodies: readonly Body[]): Tissue['lacunaAt'] {
  const centres = {
    x: bodies.map(({ centre }) => centre.x),
    y: bodies.map(({ centre }) => centre.y),
    z: bodies.map(({ centre }) => centre.z),
  };
  const index = new VertexIndex(centres, 12);
  bodies.forEach((_, i) => index.add(i, 0, i));
  const reach = bodies.reduce((most, body) => Math.max(most, norm(bodyReach(body))), 0) + WIDEST;
  return (at, radius) => {
    let found = -1;
    index.visit(at, reach, (candidate) => {
      if (found < 0 && bodyLevel(bodies[candidate], at) < 1 + radius / bodies[candidate].semiAxes[2]) found = candidate;
    });
    return found;
  };
}

/** Walks from a place until the tube's length is used up or something is met. Returns the places that were made. */
export function walkTube(tissue: Tissue, from: Place, tube: GrowingTube): Place[] {
  return new TubeWalk(tissue, from, tube).run();
}

class TubeWalk {
  private vertex: number;
  private at: Vector;
  private heading: Vector;

  constructor(
    private readonly tissue: Tissue,
    from: Place,
    private readonly tube: GrowingTube,
  ) {
    this.vertex = from.vertex;
    this.at = from.at;
    this.heading = from.heading;
    tube.leaving.add(tube.curve);
  }

  run(): Place[] {
    const { growth, tubes } = this.tissue;
    const { length, radius, curve } = this.tube;
    const made: Place[] = [];
    for (let walked = 0; walked < length; walked += growth.step) {
      this.heading = this.nextHeading();
      this.at = add(this.at, this.heading, growth.step);
      if (!isWithin(this.at, growth.extent, growth.length.mean + 10)) return made;
      if (this.endsInLacuna(walked) || this.endsInCanal()) return made;
      const met = isWithin(this.at, growth.extent, NEAR) ? this.tubeInTheWay() : -1;
      if (met < 0) {
        this.link(tubes.place(this.at, radius, curve));
        made.push({ vertex: this.vertex, at: this.at, heading: this.heading });
      } else if (!this.passes(met)) return made;
    }
    return made;
  }

  private nextHeading(): Vector {
    const { step, planar } = this.tissue.growth;
    const { target, draw, pull } = this.tube;
    const heading = target
      ? unit(add(target, this.at, -1))
      : bend(this.heading, WANDER * Math.sqrt(step) * draw.normal(), draw, planar);
    return pull ? unit(add(heading, pull, STRAIGHTEN * step)) : heading;
  }

  private link(next: number): void {
    const { radius, kind } = this.tube;
    this.tissue.tubes.join({ a: this.vertex, b: next, radiusA: radius, radiusB: radius, kind });
    this.vertex = next;
  }

  /** Ends on the surface of another lacuna, or of its own if it comes back to it. */
  private endsInLacuna(walked: number): boolean {
    const { tubes, lacunaAt } = this.tissue;
    const { radius, curve, home } = this.tube;
    const lacuna = lacunaAt(this.at, radius);
    if (lacuna < 0 || (lacuna === home && walked <= LEAVING_HOME)) return false;
    const end = tubes.place(this.at, radius, curve);
    this.link(end);
    tubes.anchors.set(end, lacuna);
    return true;
  }

  private endsInCanal(): boolean {
    const { tubes, canal } = this.tissue;
    const { radius, curve } = this.tube;
    if (!canal || Math.hypot(this.at.x - canal.centre.x, this.at.y - canal.centre.y) > canal.radius) return false;
    this.link(tubes.place(this.at, radius, curve));
    tubes.join({ a: this.vertex, b: canal.vertexAt(this.at.z), radiusA: radius, radiusB: radius, kind: 'inlet' });
    return true;
  }

  /** The nearest vertex of the tubes that it comes too close to; -1 for none. */
  private tubeInTheWay(): number {
    const { growth, tubes } = this.tissue;
    const { radius, curve, leaving, home } = this.tube;
    const near = tubes.touching(this.at, radius, growth.gap, WIDEST / 2);
    // What it has left it may meet again.
    for (const other of leaving) if (other !== curve && !near.has(other)) leaving.delete(other);
    let nearest = { vertex: -1, distance: Infinity };
    for (const [other, candidate] of near) {
      const isFoot = home >= 0 && tubes.anchors.get(candidate.vertex) === home;
      if (!leaving.has(other) && !isFoot && candidate.distance < nearest.distance) nearest = candidate;
    }
    return nearest.vertex;
  }

  /** Joins a tube; whether it goes on behind the junction. */
  private passes(met: number): boolean {
    const { growth, tubes } = this.tissue;
    const { draw, leaving, passing } = this.tube;
    const junction = tubes.along(met, this.heading, 0);
    this.link(junction);
    if (draw.uniform() >= passing) return false;
    leaving.add(tubes.curveOf(junction));
    if (draw.uniform() >= CROSSING)
      this.vertex = tubes.along(junction, this.heading, Math.round((0.5 + draw.uniform()) / growth.step));
    // At the foot of another one it has arrived.
    if (tubes.anchors.has(this.vertex)) return false;
    this.at = tubes.positionOf(this.vertex);
    return true;
  }
}

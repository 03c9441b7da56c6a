import type { Rng } from '@lacuna/core';
import { direction, truncatedNormal } from './draws.js';
import type { Body, Extent } from './network.js';
import { add, cross, dot, frameOf, norm, unit, vector, type Vector } from './vector.js';

/** Lamellae: which way their normal points, how far a place lies along it. */
export interface Lamellae {
  readonly normal: (place: Vector) => Vector;
  readonly level: (place: Vector) => number;
}

/** Flat lamellae whose normal lies in the image plane, at an angle from the vertical (degrees). */
export function flatLamellae(degrees: number): Lamellae {
  const angle = (degrees * Math.PI) / 180;
  const normal = vector(-Math.sin(angle), Math.cos(angle), 0);
  return { normal: () => normal, level: (place) => dot(place, normal) };
}

/** Lamellae about a canal along z: cylinders. */
export function roundLamellae(centre: Vector): Lamellae {
  const out = (place: Vector) => vector(place.x - centre.x, place.y - centre.y, 0);
  return {
    normal: (place) => (norm(out(place)) > 0 ? unit(out(place)) : vector(1, 0, 0)),
    level: (place) => norm(out(place)),
  };
}

/** What lacunae look like and where they lie; lengths in µm. */
export interface LacunaLayout {
  readonly extent: Extent;
  readonly planar: boolean;
  /** Space around the extent that is filled too. */
  readonly margin: number;
  /** A µm³; in a plane a µm². */
  readonly density: number;
  /** Mean and deviation of the distance that each keeps from those placed before it. */
  readonly spacing: { readonly mean: number; readonly deviation: number };
  readonly lamellae: Lamellae;
  readonly lamellaThickness: number;
  readonly volume: { readonly median: number; readonly spread: number };
  readonly stretch: number;
  readonly oblateness: number;
  /** Nothing lies where this says so: a canal. */
  readonly isTaken: (place: Vector) => boolean;
}

const ATTEMPTS = 40;

/**
 * Lacunae one after the other: each looks for a place on a lamella that is as far from its neighbours as its own draw
 * wants, and after forty attempts takes the farthest. Flattened along the lamella's normal, the long axis in the
 * lamella.
 */
export function placeLacunae(layout: LacunaLayout, rng: Rng): Body[] {
  const { extent, margin, planar, density, lamellae, lamellaThickness } = layout;
  const size = vector(extent.width + 2 * margin, extent.height + 2 * margin, planar ? 0 : extent.depth + 2 * margin);
  const count = rng.poisson(density * size.x * size.y * (planar ? 1 : size.z));
  const cells = new CellList(Math.max(8, layout.spacing.mean));
  const bodies: Body[] = [];
  for (let i = 0; i < count; i++) {
    const own = rng.fork(i);
    const wanted = Math.max(0, layout.spacing.mean + layout.spacing.deviation * own.normal());
    let best: Vector | undefined;
    let bestRoom = -1;
    for (let attempt = 0; attempt < ATTEMPTS && bestRoom < wanted; attempt++) {
      const place = onLamella(
        vector(
          own.uniform() * size.x - margin,
          own.uniform() * size.y - margin,
          planar ? extent.depth / 2 : own.uniform() * size.z - margin,
        ),
        own,
      );
      if (layout.isTaken(place)) continue;
      const room = cells.nearest(place, wanted);
      if (room > bestRoom) [best, bestRoom] = [place, room];
    }
    if (!best) continue;
    for (const image of images(best)) cells.add(image);
    bodies.push(shape(best, own.fork('shape')));
  }
  return bodies;

  /**
   * A place, and its images in the boxes around this one: a box without walls, at which lacunae would otherwise gather.
   */
  function images({ x, y, z }: Vector): Vector[] {
    const reach = layout.spacing.mean + 4 * layout.spacing.deviation;
    const along = (value: number, length: number) =>
      length === 0
        ? [value]
        : [value - length, value, value + length].filter(
            (image) => image > -margin - reach && image < length - margin + reach,
          );
    return along(x, size.x).flatMap((ix) =>
      along(y, size.y).flatMap((iy) => along(z, size.z).map((iz) => vector(ix, iy, iz))),
    );
  }

  function onLamella(place: Vector, own: Rng): Vector {
    const level = lamellae.level(place);
    const wanted = (Math.round(level / lamellaThickness) + 0.12 * own.normal()) * lamellaThickness;
    return add(place, lamellae.normal(place), wanted - level);
  }

  function shape(centre: Vector, own: Rng): Body {
    const semiAxes = semiAxesOf(
      layout.volume.median * Math.exp(layout.volume.spread * own.normal()),
      truncatedNormal(own, { mean: layout.stretch, deviation: 0.06, low: 0.4, high: 0.85 }),
      truncatedNormal(own, { mean: layout.oblateness, deviation: 0.2, low: -0.9, high: 0.6 }),
    );
    const lamellar = lamellae.normal(centre);
    if (planar) {
      const tilt = 0.12 * own.normal();
      const [normal, along] = [lamellar, vector(lamellar.y, -lamellar.x, 0)];
      const long = unit(add(along, normal, tilt));
      return { centre, semiAxes, axes: [long, vector(0, 0, 1), vector(-long.y, long.x, 0)] };
    }
    const short = unit(add(lamellar, direction(own), 0.15));
    const [u, w] = frameOf(short);
    // Long axes of neighbouring lamellae differ, as the collagen's do; most lie within 30° of one direction.
    const angle = 0.5 * own.normal();
    const long = unit(
      add(vector(Math.cos(angle) * u.x, Math.cos(angle) * u.y, Math.cos(angle) * u.z), w, Math.sin(angle)),
    );
    return { centre, semiAxes, axes: [long, cross(short, long), short] };
  }
}

/**
 * Half lengths a >= b >= c of an ellipsoid from its volume, stretch 1 - c/a and oblateness 2 (b - c)/(a - c) - 1,
 * which is -1 for a rod and 1 for a plate.
 */
function semiAxesOf(volume: number, stretch: number, oblateness: number): [number, number, number] {
  const c = 1 - stretch;
  const b = c + ((oblateness + 1) / 2) * stretch;
  const a = Math.cbrt((3 * volume) / (4 * Math.PI * b * c));
  return [a, a * b, a * c];
}

/** Points by cubic cells. */
class CellList {
  private readonly cells = new Map<string, Vector[]>();
  private readonly side: number;

  constructor(side: number) {
    this.side = side;
  }

  add(point: Vector): void {
    const key = this.key(
      Math.floor(point.x / this.side),
      Math.floor(point.y / this.side),
      Math.floor(point.z / this.side),
    );
    const cell = this.cells.get(key);
    if (cell) cell.push(point);
    else this.cells.set(key, [point]);
  }

  /** Distance to the nearest point; any value of at least `enough` where none is nearer than that. */
  nearest(place: Vector, enough: number): number {
    const reach = Math.ceil(enough / this.side);
    const i = Math.floor(place.x / this.side);
    const j = Math.floor(place.y / this.side);
    const k = Math.floor(place.z / this.side);
    let best = Infinity;
    for (let dk = -reach; dk <= reach; dk++)
      for (let dj = -reach; dj <= reach; dj++)
        for (let di = -reach; di <= reach; di++) {
          for (const point of this.cells.get(this.key(i + di, j + dj, k + dk)) ?? [])
            best = Math.min(best, norm(add(point, place, -1)));
        }
    return best;
  }

  private key(i: number, j: number, k: number): string {
    return `${i},${j},${k}`;
  }
}

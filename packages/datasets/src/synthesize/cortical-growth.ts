import type { Rng } from '@lacuna/core';
import { truncatedNormal, waves } from './draws.js';
import type { Extent } from './network.js';
import { vector, type Vector } from './vector.js';

/** What the canals of cortical bone depend on; lengths in µm. */
export interface CorticalGrowth {
  readonly extent: Extent;
  readonly step: number;
  /** Canals a µm². */
  readonly density: number;
  readonly spacing: number;
  readonly canalDiameter: {
    readonly mean: number;
    readonly deviation: number;
    readonly low: number;
    readonly high: number;
  };
  readonly osteonDiameter: readonly [low: number, high: number];
  readonly volkmannDiameter: {
    readonly mean: number;
    readonly deviation: number;
    readonly low: number;
    readonly high: number;
  };
  /** Volkmann canals that start, for each µm of canal. */
  readonly volkmannPerMicrometre: number;
  readonly poreDiameter: readonly [low: number, high: number];
  readonly poreLength: readonly [low: number, high: number];
  /** Share of the volume that resorption pores add. */
  readonly poreShare: number;
}

/** A canal and the osteon about it. */
export interface Canal {
  readonly points: readonly Vector[];
  readonly radii: Float64Array;
  readonly osteonRadius: number;
}

/** Space around the image that canals are grown in. */
const MARGIN = 250;

/** Canals along z, a little inclined and winding, at least about `spacing` apart. */
export function growCanals(growth: CorticalGrowth, rng: Rng): Canal[] {
  const { extent, step, canalDiameter, osteonDiameter } = growth;
  const width = extent.width + 2 * MARGIN;
  const height = extent.height + 2 * MARGIN;
  const count = rng.poisson(growth.density * width * height);
  const centres: { x: number; y: number }[] = [];
  for (let i = 0; i < count; i++) {
    const own = rng.fork(`place/${i}`);
    let best = { x: 0, y: 0 };
    let room = -1;
    // As far from the others as thirty tries allow: osteons are packed, and may overlap where a young one has cut into
    // an old one.
    for (let attempt = 0; attempt < 30 && room < growth.spacing; attempt++) {
      const place = { x: own.uniform() * width - MARGIN, y: own.uniform() * height - MARGIN };
      const nearest = centres.reduce(
        (least, other) => Math.min(least, Math.hypot(other.x - place.x, other.y - place.y)),
        Infinity,
      );
      if (nearest > room) [best, room] = [place, nearest];
    }
    centres.push(best);
  }
  const pieces = Math.max(1, Math.ceil((extent.depth + 2 * step) / step));
  return centres.map((centre, i) => {
    const own = rng.fork(`canal/${i}`);
    const tilt = 0.09;
    const slope = { x: tilt * own.normal(), y: tilt * own.normal() };
    const bendX = waves(own.fork('x'), [
      { amplitude: 12, period: 900 },
      { amplitude: 4, period: 300 },
    ]);
    const bendY = waves(own.fork('y'), [
      { amplitude: 12, period: 900 },
      { amplitude: 4, period: 300 },
    ]);
    const radius = truncatedNormal(own, canalDiameter) / 2;
    const swell = waves(own.fork('bore'), [{ amplitude: 0.06, period: 400 }]);
    const points: Vector[] = [];
    const radii = new Float64Array(pieces + 1);
    for (let k = 0; k <= pieces; k++) {
      const z = -step + (k * (extent.depth + 2 * step)) / pieces;
      const from = z - extent.depth / 2;
      points.push(vector(centre.x + slope.x * from + bendX(z), centre.y + slope.y * from + bendY(z), z));
      radii[k] = radius * (1 + swell(z));
    }
    return {
      points,
      radii,
      osteonRadius: (osteonDiameter[0] + (osteonDiameter[1] - osteonDiameter[0]) * own.uniform()) / 2,
    };
  });
}

/**
 * Widens stretches of canals to resorption pores until they have added their share of the volume: the profile of a
 * pore is a cosine bump as osteoclasts cut it, and the last pore is made or left by chance, so that the mean over
 * specimens is the share.
 */
export function cutPores(
  canals: readonly Canal[],
  { extent, poreDiameter, poreLength, poreShare }: CorticalGrowth,
  rng: Rng,
): number {
  const wanted = poreShare * extent.width * extent.height * extent.depth;
  let made = 0;
  let pores = 0;
  const inside = canals.filter(({ points }) =>
    points.some(({ x, y }) => x > 0 && y > 0 && x < extent.width && y < extent.height),
  );
  for (let i = 0; i < 40 * (canals.length + 1) && made < wanted && inside.length > 0; i++) {
    const own = rng.fork(i);
    const { points, radii } = inside[own.integer(inside.length)];
    const between = ([low, high]: readonly [number, number]) => low + (high - low) * own.uniform();
    const radius = between(poreDiameter) / 2;
    const half = between(poreLength) / 2;
    const middle = own.uniform() * (extent.depth + half) - half / 2;
    let added = 0;
    const widened = radii.map((before, k) => {
      const place = points[k];
      const along = Math.abs(place.z - middle) / half;
      const after = along < 1 ? Math.max(before, before + (radius - before) * Math.cos((Math.PI / 2) * along)) : before;
      const counts =
        k > 0 &&
        place.z >= 0 &&
        place.z <= extent.depth &&
        place.x > 0 &&
        place.y > 0 &&
        place.x < extent.width &&
        place.y < extent.height;
      if (counts) added += Math.PI * (after * after - before * before) * (place.z - points[k - 1].z);
      return after;
    });
    if (added === 0) continue;
    if (made + added > wanted && own.uniform() > (wanted - made) / added) break;
    radii.set(widened);
    made += added;
    pores++;
  }
  return pores;
}

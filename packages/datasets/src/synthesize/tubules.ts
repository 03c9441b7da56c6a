import type { Rng } from '@lacuna/core';
import type { DentinGrowth } from './dentin-settings.js';
import type { CentrePoint } from './network.js';
import { truncatedNormal, waves } from './draws.js';
import { add, cross, vector, type Vector } from './vector.js';

/**
 * Centrelines of tubules, all in one direction: in a volume on a jittered hexagonal lattice of the given density, in a
 * plane in the one row that the section lies along, 1/√density apart. All bend together and each a little by itself,
 * and the bore of each varies along its way.
 */
export function growTubules(growth: DentinGrowth, rng: Rng): CentrePoint[][] {
  const tubules = growth.planar ? rowOfTubules(growth, rng) : latticeOfTubules(growth, rng);
  return growth.occluded > 0
    ? tubules.flatMap((points, i) => openStretches(points, growth, rng.fork(`plugs/${i}`)))
    : tubules;
}

/** Lengths of the plugs of mineral that close old tubules, µm. */
const PLUG = [5, 25] as const;

/**
 * What plugs leave open of a tubule. Plugs that may overlap cover the share p of a line where -ln(1 - p) of their mean
 * length start on it (the Boolean model).
 */
function openStretches(points: readonly CentrePoint[], { occluded, step }: DentinGrowth, rng: Rng): CentrePoint[][] {
  const [shortest, longest] = PLUG;
  const reach = Math.ceil(longest / step);
  const closed = new Uint8Array(points.length);
  // Plugs that start before the first point reach in.
  for (
    let n = rng.poisson((-Math.log(1 - occluded) * (points.length + reach) * step) / ((shortest + longest) / 2));
    n > 0;
    n--
  ) {
    const from = rng.integer(points.length + reach) - reach;
    const to = from + (shortest + (longest - shortest) * rng.uniform()) / step;
    closed.fill(1, Math.max(0, from), Math.max(0, Math.round(to)));
  }
  const open: CentrePoint[][] = [[]];
  points.forEach((point, i) =>
    closed[i] ? open[open.length - 1].length > 0 && open.push([]) : open[open.length - 1].push(point),
  );
  return open.filter((stretch) => stretch.length > 2);
}

/** Never so near that two tubules touch without a junction. */
const closest = ({ diameter }: DentinGrowth): number => 1.1 * diameter.high + 0.6;

function rowOfTubules(growth: DentinGrowth, rng: Rng): CentrePoint[][] {
  const { width, height, step, density } = growth;
  const spacing = 1 / Math.sqrt(density);
  const half = Math.hypot(width, height) / 2 + 2;
  const direction = (growth.directionDegrees * Math.PI) / 180;
  const cos = Math.cos(direction);
  const sin = Math.sin(direction);
  const common = commonBend(rng.fork('bend'));
  const out: CentrePoint[][] = [];
  let u = -half + rng.uniform() * spacing;
  for (let i = 0; u < half; i++) {
    const tubule = ownShape(growth, rng.fork(i));
    const points: CentrePoint[] = [];
    for (let v = -half; v <= half; v += step) {
      const across = u + common(v) + tubule.bend(v);
      const px = width / 2 + across * cos - v * sin;
      const py = height / 2 + across * sin + v * cos;
      if (px < -2 || py < -2 || px > width + 2 || py > height + 2) continue;
      points.push({ x: px, y: py, z: growth.depth / 2, radius: tubule.radius(v) });
    }
    if (points.length > 2) out.push(points);
    u += Math.max(closest(growth), spacing * (1 + 0.25 * (2 * rng.uniform() - 1)));
  }
  return out;
}

/**
 * Hexagonal cells of area 1/density: points s apart in rows s·√3/2 apart, s = √(2 / (√3 · density)), each moved by up
 * to a quarter of the room it has.
 */
function latticeOfTubules(growth: DentinGrowth, rng: Rng): CentrePoint[][] {
  const { width, height, depth, step, density } = growth;
  const margin = 3;
  const lean = (growth.directionDegrees * Math.PI) / 180;
  const dip = (growth.dipDegrees * Math.PI) / 180;
  const u = vector(Math.cos(lean), Math.sin(lean), 0);
  const v = vector(-Math.sin(lean) * Math.cos(dip), Math.cos(lean) * Math.cos(dip), Math.sin(dip));
  const w = cross(v, u);
  const centre = vector(width / 2, height / 2, depth / 2);
  const half = vector(width / 2 + margin, height / 2 + margin, depth / 2 + margin);
  const reach = (axis: Vector) => Math.abs(axis.x) * half.x + Math.abs(axis.y) * half.y + Math.abs(axis.z) * half.z;
  const spacing = Math.max(closest(growth), Math.sqrt(2 / (Math.sqrt(3) * density)));
  const rowSpacing = (spacing * Math.sqrt(3)) / 2;
  const jitter = Math.max(0, Math.min(0.25 * spacing, (spacing - closest(growth)) / 2));
  const bendU = commonBend(rng.fork('bend'));
  const bendW = commonBend(rng.fork('bend across'));
  const rows = Math.ceil(reach(w) / rowSpacing);
  const columns = Math.ceil(reach(u) / spacing) + 1;
  const along = reach(v);
  // The lattice has no place of its own: without this shift every specimen would have a tubule in its middle.
  const shiftU = rng.uniform() * spacing;
  const shiftW = rng.uniform() * rowSpacing;
  const out: CentrePoint[][] = [];
  for (let row = -rows; row <= rows; row++) {
    for (let column = -columns; column <= columns; column++) {
      const own = rng.fork(`${row}/${column}`);
      const tubule = ownShape(growth, own);
      const other = ownBend(own.fork('bend across'));
      const atU = shiftU + (column + (row & 1) / 2) * spacing + jitter * (2 * own.uniform() - 1);
      const atW = shiftW + row * rowSpacing + jitter * (2 * own.uniform() - 1);
      const points: CentrePoint[] = [];
      for (let t = -along; t <= along; t += step) {
        const place = add(add(add(centre, v, t), u, atU + bendU(t) + tubule.bend(t)), w, atW + bendW(t) + other(t));
        if (
          Math.abs(place.x - centre.x) > half.x ||
          Math.abs(place.y - centre.y) > half.y ||
          Math.abs(place.z - centre.z) > half.z
        )
          continue;
        points.push({ ...place, radius: tubule.radius(t) });
      }
      if (points.length > 2) out.push(points);
    }
  }
  return out;
}

const commonBend = (rng: Rng) =>
  waves(rng, [
    { amplitude: 1, period: 60 },
    { amplitude: 0.4, period: 22 },
  ]);
const ownBend = (rng: Rng) =>
  waves(rng, [
    { amplitude: 0.12, period: 30 },
    { amplitude: 0.05, period: 9 },
  ]);

function ownShape(
  { diameter }: DentinGrowth,
  own: Rng,
): { bend: (t: number) => number; radius: (t: number) => number } {
  const bend = ownBend(own.fork('bend'));
  const swell = waves(own.fork('bore'), [
    { amplitude: 0.06, period: 25 },
    { amplitude: 0.04, period: 8 },
  ]);
  const radius = truncatedNormal(own, diameter) / 2;
  return { bend, radius: (t) => radius * (1 + swell(t)) };
}

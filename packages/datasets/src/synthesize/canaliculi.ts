import type { Rng } from '@lacuna/core';
import { bodySurface } from './body.js';
import type { CanaliculiGrowth } from './canaliculi-settings.js';
import { growCanal } from './central-canal.js';
import { direction, logNormal } from './draws.js';
import type { Wireframe } from './network.js';
import { TubeNetwork } from './tube-network.js';
import {
  NEAR,
  WIDEST,
  bend,
  isWithin,
  lacunaFinder,
  walkTube,
  type GrowingTube,
  type Place,
  type Tissue,
} from './tube-walk.js';
import { add, dot, norm, unit, vector, type Vector } from './vector.js';

/** The thinnest bore, µm. */
const THINNEST = 0.08;
/**
 * Chance that a second link starts where one does, and of each further one: nodes of a high degree are few, and fall
 * off by e^(-4/3) a degree.
 */
const SECOND_LINK = 0.025;
const FURTHER_LINK = 0.5;

/**
 * Canaliculi of all lacunae, one lacuna after the other: each starts on the surface, along its normal, turns slowly to
 * the lamella's normal, and ends blind, at another canaliculus or in another lacuna, unless it passes the junction.
 * Then links between neighbouring canaliculi, which make the mesh of short edges.
 */
export function growCanaliculi(growth: CanaliculiGrowth, rng: Rng): Wireframe {
  const { bodies } = growth;
  const tubes = new TubeNetwork(growth.step);
  const canal = growth.canal ? growCanal(tubes, growth.canal, growth.extent.depth) : null;
  const tissue = { growth, tubes, canal, lacunaAt: lacunaFinder(bodies) };
  const primaries = bodies.flatMap((_, lacuna) => growPrimaries(tissue, lacuna, rng.fork(`lacuna/${lacuna}`)));
  primaries.forEach((path, i) => growLinks(tissue, path, rng.fork(`links/${i}`)));
  const { x, y, z, segments, anchors } = tubes;
  return { x, y, z, segments, bodies, anchors };
}

/** The canaliculi that start on one lacuna: the places along each. */
function growPrimaries(tissue: Tissue, lacuna: number, draw: Rng): Place[][] {
  const { planar, perLacuna } = tissue.growth;
  const drawn = () => Math.max(6, perLacuna.mean + perLacuna.deviation * draw.normal());
  const inSpace = perLacuna.mean === 0 ? 0 : Math.round(Math.min(77, drawn()));
  // A plane cuts a lacuna across: it shows the canaliculi of a band about the cut.
  const count = planar && inSpace > 0 ? Math.max(4, Math.round(inSpace / 4)) : inSpace;
  const spread = { count, phase: draw.uniform(), turned: direction(draw) };
  return Array.from({ length: count }, (_, i) => {
    const towards = startDirection(i, spread, planar, draw.fork(i));
    return growPrimary(tissue, lacuna, towards, draw.fork(i));
  });
}

/** Evenly over the sphere (a golden spiral, turned), or around the circle of a plane, each moved a little. */
function startDirection(
  i: number,
  { count, phase, turned }: { readonly count: number; readonly phase: number; readonly turned: Vector },
  planar: boolean,
  draw: Rng,
): Vector {
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

/** One canaliculus, from the surface of its lacuna on; no place if it stays far from the image. */
function growPrimary(tissue: Tissue, lacuna: number, towards: Vector, draw: Rng): Place[] {
  const { growth, tubes } = tissue;
  const { place: start, normal } = bodySurface(growth.bodies[lacuna], towards);
  const length = Math.max(8, growth.length.mean + growth.length.deviation * draw.normal());
  const lamellar = growth.lamellae.normal(start);
  const isRadial = Math.abs(dot(normal, lamellar)) > 0.5;
  const outward = dot(normal, lamellar) < 0 ? vector(-lamellar.x, -lamellar.y, -lamellar.z) : lamellar;
  const radius = drawRadius(isRadial ? growth.radialDiameter : growth.equatorialDiameter, draw);
  const isNear = (share: number) => isWithin(add(start, normal, share * length), growth.extent, NEAR + 0.15 * length);
  if (![0, 0.25, 0.5, 0.75, 1].some(isNear)) return [];
  const curve = tubes.beginCurve();
  const first = tubes.place(start, radius, curve);
  tubes.anchors.set(first, lacuna);
  return walkTube(
    tissue,
    { vertex: first, at: start, heading: unit(normal) },
    {
      radius,
      length,
      kind: 'canaliculus',
      curve,
      leaving: new Set(),
      home: lacuna,
      draw,
      pull: isRadial ? outward : null,
      passing: growth.passing,
    },
  );
}

function drawRadius(bore: { readonly mean: number; readonly deviation: number }, draw: Rng): number {
  return Math.min(WIDEST, Math.max(THINNEST, logNormal(draw, bore.mean, bore.deviation))) / 2;
}

/** From places along a canaliculus to a neighbour within reach, or blind. */
function growLinks(tissue: Tissue, path: readonly Place[], draw: Rng): void {
  const { linksPerMicrometre, step, extent } = tissue.growth;
  path.forEach((start, i) => {
    if (i === 0 || !isWithin(start.at, extent, 3) || draw.uniform() >= linksPerMicrometre * step) return;
    const own = draw.fork(i);
    const siblings = { headings: [], curves: new Set([tissue.tubes.curveOf(start.vertex)]) };
    let chance = SECOND_LINK;
    while (growLink(tissue, start, own, siblings) && own.uniform() < chance) chance = FURTHER_LINK;
  });
}

/** What starts at the same place. */
interface Siblings {
  readonly headings: Vector[];
  readonly curves: Set<number>;
}

/** One link, away from those that start at the same place; false if there is nothing to link to. */
function growLink(tissue: Tissue, start: Place, draw: Rng, siblings: Siblings): boolean {
  const { growth, tubes } = tissue;
  const radius = drawRadius(growth.radialDiameter, draw);
  const walk = (heading: Vector, length: number, target?: Vector) => {
    const leaving = new Set(siblings.curves);
    const curve = tubes.beginCurve();
    siblings.headings.push(heading);
    siblings.curves.add(curve);
    const tube: GrowingTube = { radius, length, kind: 'link', curve, leaving, home: -1, draw, pull: null, passing: 0 };
    walkTube(tissue, { ...start, heading }, target ? { ...tube, target } : tube);
  };
  if (draw.uniform() < growth.blind) {
    const away = bend(start.heading, 0.9 + 0.6 * draw.uniform(), draw, growth.planar);
    walk(away, 0.8 + 1.5 * draw.uniform());
    return true;
  }
  const neighbour = chooseNeighbour(tissue, start, radius, draw, siblings);
  if (!neighbour) return false;
  const way = unit(add(neighbour, start.at, -1));
  walk(way, norm(add(neighbour, start.at, -1)) + growth.gap, add(neighbour, way, 0.5));
  return true;
}

/** The place of another tube that a link leads to: near, to the side, and by chance; none within reach: undefined. */
function chooseNeighbour(
  { growth, tubes }: Tissue,
  { at, heading }: Place,
  radius: number,
  draw: Rng,
  siblings: Siblings,
): Vector | undefined {
  let chosen: Vector | undefined;
  let best = Infinity;
  const nearest = radius + WIDEST / 2 + growth.gap + growth.step;
  tubes.visit(at, growth.linkReach, (candidate, distance) => {
    if (distance < nearest || siblings.curves.has(tubes.curveOf(candidate))) return;
    const place = tubes.positionOf(candidate);
    const way = unit(add(place, at, -1));
    if (siblings.headings.some((other) => dot(other, way) > 0.5)) return;
    const cost = distance * (0.4 + 1.2 * draw.uniform()) * (1 + Math.abs(dot(way, heading)));
    if (cost < best) [chosen, best] = [place, cost];
  });
  return chosen;
}

import { bodyVolume } from './body.js';
import type { Body, Extent, NetworkBranch } from './network.js';
import type { GrownSpecimen } from './specimen.js';
import { add, dot, norm, unit, vector, type Vector } from './vector.js';

/** µm³ (µm² in a plane) that the grid covers. */
const sizeOf = ({ grid: { extent, planar } }: GrownSpecimen): number =>
  extent.width * extent.height * (planar ? 1 : extent.depth);
const ofKind = ({ network }: GrownSpecimen, kinds: readonly string[]): NetworkBranch[] =>
  network.branches.filter(({ kind }) => kinds.includes(kind));
const between = (from: Vector, to: Vector): Vector => add(to, from, -1);

/** Length of centreline in a unit of volume, µm⁻²: parallel tubes of this length density are as many a µm². */
export function lengthDensity(specimen: GrownSpecimen, kinds: readonly string[]): number {
  return ofKind(specimen, kinds).reduce((sum, { length }) => sum + length, 0) / sizeOf(specimen);
}

/**
 * Share of the volume inside tubes: frusta π/3 · l · (r₁² + r₁r₂ + r₂²) between the points of each branch. What two
 * tubes share at a junction counts twice.
 */
export function tubeShare(specimen: GrownSpecimen, kinds: readonly string[]): number {
  let sum = 0;
  for (const { points } of ofKind(specimen, kinds)) {
    for (let i = 1; i < points.length; i++) {
      const p = points[i - 1];
      const q = points[i];
      sum += (Math.PI / 3) * norm(between(p, q)) * (p.radius ** 2 + p.radius * q.radius + q.radius ** 2);
    }
  }
  return sum / sizeOf(specimen);
}

/** Diameters along the branches, one for each point but the first. */
export function diameters(specimen: GrownSpecimen, kinds: readonly string[]): number[] {
  return ofKind(specimen, kinds).flatMap(({ points }) => points.slice(1).map(({ radius }) => 2 * radius));
}

/** Diameters of whole branches. */
export function branchDiameters(specimen: GrownSpecimen, kinds: readonly string[]): number[] {
  return ofKind(specimen, kinds).map(({ radius }) => 2 * radius);
}

/** Diameters where a tube is wider than at its neighbouring points and than `least`. */
export function widestDiameters(specimen: GrownSpecimen, kinds: readonly string[], least: number): number[] {
  return ofKind(specimen, kinds).flatMap(({ points }) =>
    points
      .filter(
        ({ radius }, i) =>
          i > 0 &&
          i + 1 < points.length &&
          2 * radius > least &&
          radius >= points[i - 1].radius &&
          radius > points[i + 1].radius,
      )
      .map(({ radius }) => 2 * radius),
  );
}

/** Lengths of branches that no face cuts. */
export function wholeLengths({ network: { nodes, branches } }: GrownSpecimen): number[] {
  return branches
    .filter(({ from, to }) => nodes[from].kind !== 'border' && nodes[to].kind !== 'border')
    .map(({ length }) => length);
}

/** Degrees of junctions and ends. */
export function degreesOf({ network: { nodes } }: GrownSpecimen): number[] {
  return nodes.filter(({ kind }) => kind === 'junction' || kind === 'end').map(({ degree }) => degree);
}

/** Whether a lacuna and `margin` about it lie inside. */
function isWithin({ centre }: Body, { width, height, depth }: Extent, margin: number, planar: boolean): boolean {
  const along = (value: number, length: number) => value > margin && value < length - margin;
  return along(centre.x, width) && along(centre.y, height) && (planar || along(centre.z, depth));
}

/** Bodies whose centre lies inside. */
export function bodiesInside({ bodies, grid: { extent, planar } }: GrownSpecimen): Body[] {
  return bodies.filter((body) => isWithin(body, extent, 0, planar));
}

/** Lacunae a µm³. */
export function bodyDensity(specimen: GrownSpecimen): number {
  return bodiesInside(specimen).length / sizeOf(specimen);
}

/** Share of the volume in lacunae: the whole volume of those whose centre lies inside. */
export function bodyShare(specimen: GrownSpecimen): number {
  return bodiesInside(specimen).reduce((sum, body) => sum + bodyVolume(body), 0) / sizeOf(specimen);
}

/** Canaliculi of lacunae that lie whole inside. */
export function bodyDegrees({ bodies, network: { nodes }, grid: { extent, planar } }: GrownSpecimen): number[] {
  return bodies.flatMap((body, i) => (isWithin(body, extent, body.semiAxes[0], planar) ? [nodes[i].degree] : []));
}

/**
 * Distances from a lacuna to its nearest neighbour. A lacuna nearer to a face than to that neighbour is left out: one
 * outside might be nearer still. Those that are drawn in part count as neighbours.
 */
export function neighbourDistances({ bodies, grid: { extent, planar } }: GrownSpecimen): number[] {
  return bodies.flatMap((body) => {
    const nearest = bodies.reduce(
      (least, other) => (other === body ? least : Math.min(least, norm(between(body.centre, other.centre)))),
      Infinity,
    );
    return isWithin(body, extent, nearest, planar) ? [nearest] : [];
  });
}

/** Canaliculi that start at a lacuna, as {@link primaries} finds them. */
export interface Primary {
  readonly length: number;
  readonly diameter: number;
  readonly side: 'radial' | 'equatorial';
}

/**
 * Primary canaliculi from their lacuna to their tip: at each junction the way goes on in the branch of the same bore.
 * `side`: radial where it leaves within 60° of the lacuna's short axis. A canaliculus that a face cuts has no length:
 * NaN.
 */
export function primaries({ bodies, network: { nodes, branches } }: GrownSpecimen): Primary[] {
  const around = new Map<number, NetworkBranch[]>();
  for (const branch of branches) {
    if (branch.kind !== 'canaliculus') continue;
    for (const node of new Set([branch.from, branch.to])) around.set(node, [...(around.get(node) ?? []), branch]);
  }
  const found: Primary[] = [];
  for (const [node, body] of bodies.entries()) {
    for (const start of around.get(node) ?? []) {
      // Tubes that end here were started by another lacuna: theirs is the far end.
      if (start.from !== node) continue;
      const bore = start.points[0].radius;
      const seen = new Set([start]);
      let length = start.length;
      let at = start.to;
      for (;;) {
        if (nodes[at].kind === 'lacuna' || nodes[at].kind === 'border') break;
        const next = goOn(at, bore, seen, 2);
        if (!next) break;
        seen.add(next.branch);
        length += next.branch.length + next.shared;
        at = next.branch.from === next.at ? next.branch.to : next.branch.from;
      }
      const heading = unit(between(start.points[0], start.points[1]));
      found.push({
        length: nodes[at].kind === 'border' ? NaN : length,
        diameter: 2 * bore,
        side: Math.abs(dot(heading, body.axes[2])) > 0.5 ? 'radial' : 'equatorial',
      });
    }
  }
  return found;

  /** The branch of the same bore at a node, or behind a stretch of at most `reach` µm that two canaliculi share. */
  function goOn(
    at: number,
    bore: number,
    seen: ReadonlySet<NetworkBranch>,
    reach: number,
  ): { branch: NetworkBranch; at: number; shared: number } | undefined {
    const own = around
      .get(at)
      ?.find(
        (branch) =>
          !seen.has(branch) &&
          branch.points[0].radius === bore &&
          branch.points[branch.points.length - 1].radius === bore,
      );
    if (own) return { branch: own, at, shared: 0 };
    for (const shared of around.get(at) ?? []) {
      if (shared.length > reach || seen.has(shared)) continue;
      const next = goOn(
        shared.from === at ? shared.to : shared.from,
        bore,
        new Set([...seen, shared]),
        reach - shared.length,
      );
      if (next) return { ...next, shared: next.shared + shared.length };
    }
    return undefined;
  }
}

/** Tubes of one kind, joined through the nodes where others leave them. */
function chains({ network: { branches } }: GrownSpecimen, kind: string): NetworkBranch[][] {
  const own = branches.filter((branch) => branch.kind === kind);
  const root = new Map<number, number>();
  const find = (node: number): number => {
    let at = node;
    while ((root.get(at) ?? at) !== at) at = root.get(at)!;
    root.set(node, at);
    return at;
  };
  for (const { from, to } of own) root.set(find(from), find(to));
  const out = new Map<number, NetworkBranch[]>();
  for (const branch of own) out.set(find(branch.from), [...(out.get(find(branch.from)) ?? []), branch]);
  return [...out.values()];
}

/**
 * From places along each tube of a kind, about 5 µm apart, the distance to the nearest other tube of it; places nearer
 * to a face than that are left out.
 */
export function tubeNeighbourDistances(specimen: GrownSpecimen, kind: string): number[] {
  const { extent, planar } = specimen.grid;
  const tubes = chains(specimen, kind).map((chain) => chain.flatMap(({ points }) => points));
  return tubes.flatMap((points, own) =>
    points
      .filter((_, i) => i % 20 === 0)
      .flatMap((at) => {
        let nearest = Infinity;
        for (const [other, line] of tubes.entries())
          if (other !== own) for (const place of line) nearest = Math.min(nearest, norm(between(at, place)));
        const room = Math.min(
          at.x,
          at.y,
          extent.width - at.x,
          extent.height - at.y,
          ...(planar ? [] : [at.z, extent.depth - at.z]),
        );
        return nearest <= room ? [nearest] : [];
      }),
  );
}

/** Angles, degrees, between lateral branches and the tubule that they leave, over the first micrometre of each. */
export function branchingAngles(specimen: GrownSpecimen, stem: string, kinds: readonly string[]): number[] {
  const {
    network: { branches },
  } = specimen;
  const tangents = new Map<number, Vector>();
  for (const { kind, from, to, points } of branches) {
    if (kind !== stem || points.length < 2) continue;
    tangents.set(from, between(points[0], points[Math.min(4, points.length - 1)]));
    tangents.set(to, between(points[Math.max(0, points.length - 5)], points[points.length - 1]));
  }
  return ofKind(specimen, kinds).flatMap(({ from, points }) => {
    const tangent = tangents.get(from);
    if (!tangent || points.length < 3) return [];
    const cosine = Math.abs(dot(unit(tangent), unit(between(points[0], points[Math.min(4, points.length - 1)]))));
    return [(Math.acos(Math.min(1, cosine)) * 180) / Math.PI];
  });
}

/** Angles, degrees, between each tube of a kind, end to end, and the mean of all of them. */
export function leans(specimen: GrownSpecimen, kind: string): number[] {
  const directions = chains(specimen, kind)
    .map((chain) => {
      const points = chain.flatMap(({ points: own }) => own);
      const far = points.reduce(
        (best, place) => (norm(between(points[0], place)) > norm(between(points[0], best)) ? place : best),
        points[0],
      );
      const way = between(points[0], far);
      return norm(way) < 5 ? undefined : unit(way);
    })
    .filter((way) => way !== undefined);
  const aligned = directions.map((way) => (dot(way, directions[0]) < 0 ? vector(-way.x, -way.y, -way.z) : way));
  const mean = aligned.reduce((sum, way) => add(sum, way), vector(0, 0, 0));
  return aligned.map((way) => (Math.acos(Math.min(1, Math.abs(dot(way, unit(mean))))) * 180) / Math.PI);
}

/** 1 - c/a of a lacuna's half lengths a >= b >= c. */
export const stretchOf = ({ semiAxes: [a, , c] }: Body): number => 1 - c / a;
/** 2 (b - c)/(a - c) - 1: -1 for a rod, 1 for a plate. */
export const oblatenessOf = ({ semiAxes: [a, b, c] }: Body): number => (2 * (b - c)) / (a - c) - 1;

import type { TubeNetwork } from './tube-network.js';
import { vector, type Vector } from './vector.js';

/** How far the canal goes on beyond the first and the last plane, µm. */
const BEYOND = 2;
/** About so long is each of its pieces, µm. */
const PIECE = 2;

/** The canal along z that canaliculi open into. */
export interface CentralCanal {
  readonly centre: Vector;
  readonly radius: number;
  /** The vertex of its axis that lies nearest to a height. */
  vertexAt(z: number): number;
}

/** Adds the canal of an osteon, straight along z, to the tubes. */
export function growCanal(
  tubes: TubeNetwork,
  { centre, radius }: { readonly centre: Vector; readonly radius: number },
  depth: number,
): CentralCanal {
  const length = depth + 2 * BEYOND;
  const pieces = Math.max(1, Math.ceil(length / PIECE));
  const vertices: number[] = [];
  for (let i = 0; i <= pieces; i++) {
    const vertex = tubes.addVertex(vector(centre.x, centre.y, -BEYOND + (i * length) / pieces));
    vertices.push(vertex);
    if (i > 0) tubes.join({ a: vertices[i - 1], b: vertex, radiusA: radius, radiusB: radius, kind: 'canal' });
  }
  const nearest = (z: number) => Math.min(pieces, Math.max(0, Math.round(((z + BEYOND) * pieces) / length)));
  return { centre, radius, vertexAt: (z) => vertices[nearest(z)] };
}

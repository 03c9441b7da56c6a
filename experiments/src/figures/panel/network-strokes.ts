import { mark } from '../types.js';

/** A voxel's place. */
export type Voxel = readonly [x: number, y: number, z: number];

/** The thirteen neighbours that lie behind a voxel in the order of memory: each pair is met once. */
const earlier: readonly Voxel[] = [-1, 0, 1].flatMap((z) =>
  [-1, 0, 1].flatMap((y) => [-1, 0, 1].flatMap((x): Voxel[] => (9 * z + 3 * y + x < 0 ? [[x, y, z]] : []))),
);

/** Joins the marked voxels of a volume to their neighbours of the same kind; one by itself is joined to itself. */
export function eachStroke(
  marks: Uint8Array,
  { width, height, depth }: { readonly width: number; readonly height: number; readonly depth: number },
  visit: (kind: number, from: Voxel, to: Voxel) => void,
): void {
  const kindAt = ([x, y, z]: Voxel): number => {
    const isInside = x >= 0 && y >= 0 && z >= 0 && x < width && y < height && z < depth;
    return isInside ? marks[(z * height + y) * width + x] : mark.none;
  };
  marks.forEach((kind, i) => {
    if (kind === mark.none) return;
    const at: Voxel = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    const near = earlier.map(([dx, dy, dz]): Voxel => [at[0] + dx, at[1] + dy, at[2] + dz]);
    const joined = near.filter((voxel) => kindAt(voxel) === kind);
    for (const from of joined.length > 0 ? joined : [at]) visit(kind, from, at);
  });
}

import type { Mask, Spacing } from '../mask.js';

/**
 * Direction of a network in a volume: xx, yy, zz, xy, xz, yz of d dᵀ, six maps after one another, for the unit vector d
 * along the skeleton nearby. On the skeleton d is the main axis of the second moments of its voxels within `radius`
 * (pixels along x); from there it spreads through the mask, shell by shell. 0 in the background, and where a piece of
 * skeleton is a single voxel.
 */
export function directionTensors(
  mask: Mask,
  skeleton: Mask,
  { radius, spacing }: { readonly radius: number; readonly spacing: Required<Spacing> },
): Float32Array {
  const n = mask.data.length;
  const out = new Float32Array(6 * n);
  const known = new Uint8Array(n);
  let frontier: number[] = [];
  for (let i = 0; i < n; i++) {
    if (!skeleton.data[i]) continue;
    known[i] = 1;
    const d = mainAxis(momentsAround(skeleton, i, { radius, spacing }));
    if (d) setTensor(out, n, i, d);
    frontier.push(i);
  }
  while (frontier.length > 0) frontier = spread(mask, { out, known }, frontier);
  return out;
}

type Vector = readonly [number, number, number];
/** xx, yy, zz, xy, xz, yz */
type Symmetric = readonly [number, number, number, number, number, number];

function setTensor(out: Float32Array, n: number, i: number, [x, y, z]: Vector): void {
  const tensor: Symmetric = [x * x, y * y, z * z, x * y, x * z, y * z];
  tensor.forEach((value, c) => {
    out[c * n + i] = value;
  });
}

/** Second moments of the skeleton within a cube about a voxel. */
function momentsAround(
  { data, width, height, depth }: Mask,
  index: number,
  { radius, spacing }: { readonly radius: number; readonly spacing: Required<Spacing> },
): Symmetric {
  const x = index % width;
  const y = Math.floor(index / width) % height;
  const z = Math.floor(index / (width * height));
  const deep = Math.max(1, Math.floor(radius / spacing.z));
  let [xx, yy, zz, xy, xz, yz] = [0, 0, 0, 0, 0, 0];
  for (let k = Math.max(0, z - deep); k <= Math.min(depth - 1, z + deep); k++) {
    for (let j = Math.max(0, y - radius); j <= Math.min(height - 1, y + radius); j++) {
      for (let i = Math.max(0, x - radius); i <= Math.min(width - 1, x + radius); i++) {
        if (!data[(k * height + j) * width + i]) continue;
        const dx = (i - x) * spacing.x;
        const dy = (j - y) * spacing.y;
        const dz = (k - z) * spacing.z;
        xx += dx * dx;
        yy += dy * dy;
        zz += dz * dz;
        xy += dx * dy;
        xz += dx * dz;
        yz += dy * dz;
      }
    }
  }
  return [xx, yy, zz, xy, xz, yz];
}

/** Squarings of the matrix: its powers turn to the main axis, twice as many at a time. */
const SQUARINGS = 12;

/** The eigenvector of the largest eigenvalue, by powers of the matrix; null for a matrix of zeros. */
function mainAxis(moments: Symmetric): Vector | null {
  let m = scaled(moments);
  if (!m) return null;
  for (let i = 0; i < SQUARINGS; i++) m = scaled(squared(m))!;
  const [xx, yy, zz, xy, xz, yz] = m;
  // A power of the matrix is about λ · d dᵀ: its longest column is d.
  const columns: Vector[] = [
    [xx, xy, xz],
    [xy, yy, yz],
    [xz, yz, zz],
  ];
  const longest = columns.reduce((a, b) => (Math.hypot(...b) > Math.hypot(...a) ? b : a));
  const length = Math.hypot(...longest);
  return [longest[0] / length, longest[1] / length, longest[2] / length];
}

/** Divided by its trace, so that powers neither grow nor vanish. */
function scaled(m: Symmetric): Symmetric | null {
  const trace = m[0] + m[1] + m[2];
  if (!(trace > 0)) return null;
  const [xx, yy, zz, xy, xz, yz] = m;
  return [xx / trace, yy / trace, zz / trace, xy / trace, xz / trace, yz / trace];
}

function squared([xx, yy, zz, xy, xz, yz]: Symmetric): Symmetric {
  return [
    xx * xx + xy * xy + xz * xz,
    xy * xy + yy * yy + yz * yz,
    xz * xz + yz * yz + zz * zz,
    xx * xy + xy * yy + xz * yz,
    xx * xz + xy * yz + xz * zz,
    xy * xz + yy * yz + yz * zz,
  ];
}

/** Voxels of the mask beside known ones take their direction. @returns those voxels. */
function spread(
  { data, width, height, depth }: Mask,
  { out, known }: { readonly out: Float32Array; readonly known: Uint8Array },
  frontier: readonly number[],
): number[] {
  const n = data.length;
  const next: number[] = [];
  for (const index of frontier) {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const z = Math.floor(index / (width * height));
    for (let k = Math.max(0, z - 1); k <= Math.min(depth - 1, z + 1); k++) {
      for (let j = Math.max(0, y - 1); j <= Math.min(height - 1, y + 1); j++) {
        for (let i = Math.max(0, x - 1); i <= Math.min(width - 1, x + 1); i++) {
          const to = (k * height + j) * width + i;
          if (known[to] || !data[to]) continue;
          known[to] = 1;
          for (let c = 0; c < 6; c++) out[c * n + to] = out[c * n + index];
          next.push(to);
        }
      }
    }
  }
  return next;
}

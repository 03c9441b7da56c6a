/** Sizes of a volume in voxels, and of its voxels in one unit. */
export interface VolumeGrid {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly voxel: { readonly x: number; readonly y: number; readonly z: number };
}

/**
 * From where a volume is seen: turned about its depth, then leaned towards the eye, radians; the eye's distance in half
 * diagonals of the volume, near enough to tell front from back; how many times larger than to fit.
 */
export interface View {
  readonly around: number;
  readonly lean: number;
  readonly eye: number;
  readonly zoom: number;
}

/** A point of a picture of side 1, v downwards, and how far away it lies: -1 nearest, 1 farthest. */
export interface Projected {
  readonly u: number;
  readonly v: number;
  readonly away: number;
}

/** How figures show volumes, and pages at first. */
export const firstView: View = { around: -0.5, lean: 1.05, eye: 4, zoom: 1 };

/** A perspective view of a volume: voxel indices to a picture, which all of the volume fits into at a zoom of 1. */
export function perspective(
  { width, height, depth, voxel }: VolumeGrid,
  { around, lean, eye, zoom }: View = firstView,
): (x: number, y: number, z: number) => Projected {
  const half = { x: (width * voxel.x) / 2, y: (height * voxel.y) / 2, z: (depth * voxel.z) / 2 };
  const radius = Math.hypot(half.x, half.y, half.z);
  const [cosTurn, sinTurn] = [Math.cos(around), Math.sin(around)];
  const [cosLean, sinLean] = [Math.cos(lean), Math.sin(lean)];
  // What lies at the sphere's rim nearest to the eye is enlarged most: it still fits.
  const fit = (Math.sqrt(eye * eye - 1) / eye) * 0.5 * zoom;
  return (x, y, z) => {
    const a = ((x + 0.5) * voxel.x - half.x) / radius;
    const b = ((y + 0.5) * voxel.y - half.y) / radius;
    const c = ((z + 0.5) * voxel.z - half.z) / radius;
    const across = cosTurn * a - sinTurn * b;
    const back = sinTurn * a + cosTurn * b;
    const down = cosLean * back + sinLean * c;
    const away = sinLean * back - cosLean * c;
    const nearness = eye / (eye + away);
    return { u: 0.5 + fit * across * nearness, v: 0.5 + fit * down * nearness, away };
  };
}

import { eachStroke } from './network-strokes.js';
import { mark } from './types.js';
import { markColour } from './theme.js';

/** Sizes of a volume in voxels, and of its voxels in one unit. */
export interface VolumeGrid {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly voxel: { readonly x: number; readonly y: number; readonly z: number };
}

/** A point of a picture, with its distance from the eye: 0 nearest, 1 farthest. */
interface Projected {
  readonly u: number;
  readonly v: number;
  readonly distance: number;
}

/**
 * From where a volume is seen: turned about its depth, then leaned towards the eye, radians; the eye's distance in half
 * diagonals of the volume, near enough to tell front from back.
 */
export const firstView = { around: -0.5, lean: 1.05, eye: 4 } as const;

/**
 * A perspective view of a volume into a square of side 1: voxel indices to (u, v), v downwards.
 */
export function perspective({
  width,
  height,
  depth,
  voxel,
}: VolumeGrid): (x: number, y: number, z: number) => Projected {
  const half = { x: (width * voxel.x) / 2, y: (height * voxel.y) / 2, z: (depth * voxel.z) / 2 };
  const radius = Math.hypot(half.x, half.y, half.z);
  const { around, lean, eye } = firstView;
  const [cosTurn, sinTurn] = [Math.cos(around), Math.sin(around)];
  const [cosLean, sinLean] = [Math.cos(lean), Math.sin(lean)];
  // What lies at the sphere's rim nearest to the eye is enlarged most: it still fits.
  const fit = (Math.sqrt(eye * eye - 1) / eye) * 0.5;
  return (x, y, z) => {
    const a = ((x + 0.5) * voxel.x - half.x) / radius;
    const b = ((y + 0.5) * voxel.y - half.y) / radius;
    const c = ((z + 0.5) * voxel.z - half.z) / radius;
    const across = cosTurn * a - sinTurn * b;
    const back = sinTurn * a + cosTurn * b;
    const down = cosLean * back + sinLean * c;
    const away = sinLean * back - cosLean * c;
    const nearness = eye / (eye + away);
    return { u: 0.5 + fit * across * nearness, v: 0.5 + fit * down * nearness, distance: (away + 1) / 2 };
  };
}

/** Shades of a colour from near to far. */
const SHADES = 8;
const order = [mark.found, mark.missed, mark.invented] as const;

/** Colours of {@link drawMarks}: white, then shades of found, missed and invented, fading with distance. */
export function markPalette(): Uint8Array {
  const table = new Uint8Array(3 * 256).fill(255);
  const names = ['found', 'missed', 'invented'] as const;
  names.forEach((name, k) => {
    for (let shade = 0; shade < SHADES; shade++) {
      const fade = (0.65 * shade) / (SHADES - 1);
      for (let channel = 0; channel < 3; channel++) {
        const full = parseInt(markColour[name].slice(1 + 2 * channel, 3 + 2 * channel), 16);
        table[3 * (1 + k * SHADES + shade) + channel] = Math.round(full + (255 - full) * fade);
      }
    }
  });
  return table;
}

/**
 * The marked centrelines of a volume in perspective, far ones first, as indices into {@link markPalette}: each voxel
 * is joined to its neighbours of the same kind.
 * @param marks codes of {@link mark}, one a voxel. @param side of the square picture, px.
 */
export function drawMarks(marks: Uint8Array, grid: VolumeGrid, side: number): Uint8Array {
  const project = perspective(grid);
  const strokes = strokesOf(marks, grid, project);
  strokes.sort((a, b) => b.distance - a.distance);
  const out = new Uint8Array(side * side);
  for (const { from, to, kind, distance } of strokes) {
    const shade = Math.min(SHADES - 1, Math.max(0, Math.floor(distance * SHADES)));
    const colour = 1 + order.indexOf(kind) * SHADES + shade;
    paintStroke(out, side, { from, to, colour });
  }
  return out;
}

interface Stroke {
  readonly from: Projected;
  readonly to: Projected;
  readonly kind: (typeof order)[number];
  readonly distance: number;
}

function strokesOf(marks: Uint8Array, grid: VolumeGrid, project: ReturnType<typeof perspective>): Stroke[] {
  const strokes: Stroke[] = [];
  eachStroke(marks, grid, (kind, start, end) => {
    const from = project(...start);
    const to = project(...end);
    strokes.push({ from, to, kind: kind as Stroke['kind'], distance: (from.distance + to.distance) / 2 });
  });
  return strokes;
}

/** A line two pixels wide. */
function paintStroke(
  out: Uint8Array,
  side: number,
  { from, to, colour }: { readonly from: Projected; readonly to: Projected; readonly colour: number },
): void {
  const steps = Math.max(1, Math.ceil(side * Math.max(Math.abs(to.u - from.u), Math.abs(to.v - from.v))));
  for (let k = 0; k <= steps; k++) {
    const t = k / steps;
    const column = Math.round(side * (from.u + t * (to.u - from.u)));
    const row = Math.round(side * (from.v + t * (to.v - from.v)));
    for (let v = Math.max(0, row - 1); v <= Math.min(side - 1, row); v++) {
      for (let u = Math.max(0, column - 1); u <= Math.min(side - 1, column); u++) out[v * side + u] = colour;
    }
  }
}

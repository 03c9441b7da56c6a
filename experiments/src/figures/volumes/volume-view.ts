import { eachStroke } from '../panel/network-strokes.js';
import { perspective, type Projected, type VolumeGrid } from './perspective.js';
import { mark } from '../types.js';
import { markColour } from '../drawing/theme.js';

/** From the eye: 0 nearest, 1 farthest. */
const distanceOf = ({ away }: Projected): number => (away + 1) / 2;

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
    strokes.push({ from, to, kind: kind as Stroke['kind'], distance: (distanceOf(from) + distanceOf(to)) / 2 });
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

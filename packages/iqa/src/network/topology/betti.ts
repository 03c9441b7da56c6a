import { requireSameMaskSize, type Connectivity, type Mask } from '../../mask.js';
import { countComponents, labelComponents } from './components.js';
import { eulerNumber } from './euler.js';

/** Betti numbers: components, tunnels (in planes: holes), and, in volumes, cavities. */
export interface Betti {
  readonly b0: number;
  readonly b1: number;
  /** 0 in planes. */
  readonly b2: number;
  /** b0 - b1 + b2. */
  readonly euler: number;
}

/**
 * What a corner adds to 8 times the Euler number, for each of the 256 ways to set the pixels around it (bit x + 2 y + 4
 * z). `full`: the corner (1, shared by none), each of its 6 edges (half), 12 faces (a quarter), 8 cubes (an eighth), if
 * any pixel that touches the cell is set. `face`: pixels are vertices (an eighth), pairs edges (a quarter), squares
 * faces (half).
 */
export function contributions(connectivity: Connectivity): Int32Array {
  const table = new Int32Array(256);
  for (let code = 0; code < 256; code++) {
    let sum = 0;
    // A cell around the corner is named by the axes it extends along (-1, 0 or +1 each): 0 leaves both pixels of that
    // axis touching.
    for (let cell = 0; cell < 27; cell++) {
      const axes = [(cell % 3) - 1, (Math.floor(cell / 3) % 3) - 1, Math.floor(cell / 9) - 1];
      const extent = axes.filter((a) => a !== 0).length;
      let any = false;
      let all = true;
      for (let pixel = 0; pixel < 8; pixel++) {
        const touches = axes.every((a, axis) => a === 0 || ((pixel >> axis) & 1) === (a > 0 ? 1 : 0));
        if (!touches) continue;
        if ((code >> pixel) & 1) any = true;
        else all = false;
      }
      if (connectivity === 'full' && any) sum += (extent % 2 ? -1 : 1) * (8 >> extent);
      // In the dual a cell's dimension is the number of axes along which it spans both pixels.
      if (connectivity === 'face' && all) sum += ((3 - extent) % 2 ? -1 : 1) * (8 >> extent);
    }
    table[code] = sum;
  }
  return table;
}

/**
 * Betti numbers of the foreground, exact: b0 by union-find, cavities as background components that do not reach the
 * outside, the rest by the Euler number. Background has the dual connectivity (8 with 4, 26 with 6).
 */
export function bettiNumbers(mask: Mask, { connectivity = 'full' }: { connectivity?: Connectivity } = {}): Betti {
  const b0 = countComponents(mask, { connectivity });
  const euler = eulerNumber(mask, { connectivity });
  const b2 = mask.depth > 1 ? countCavities(mask, connectivity === 'full' ? 'face' : 'full') : 0;
  return { b0, b1: b0 + b2 - euler, b2, euler };
}

function countCavities(mask: Mask, connectivity: Connectivity): number {
  const { width, height, depth } = mask;
  const { labels, count } = labelComponents(mask, { connectivity, of: 'background' });
  const outside = new Uint8Array(count + 1);
  let i = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const wholeRow = z === 0 || z === depth - 1 || y === 0 || y === height - 1;
      for (let x = 0; x < width; x += wholeRow ? 1 : Math.max(1, width - 1)) outside[labels[i + x]] = 1;
      i += width;
    }
  }
  let cavities = 0;
  for (let label = 1; label <= count; label++) cavities += 1 - outside[label];
  return cavities;
}

/** Errors of Betti numbers. `relative` divides by the reference's number; null where that is 0. */
export interface BettiErrors {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly euler: number;
  readonly relative: { readonly b0: number | null; readonly b1: number | null; readonly b2: number | null };
}

/** |difference| of each Betti number between two masks, absolute and relative to the reference. */
export function bettiErrors(
  reference: Mask,
  estimate: Mask,
  options: { connectivity?: Connectivity } = {},
): BettiErrors {
  requireSameMaskSize('bettiErrors', reference, estimate);
  const r = bettiNumbers(reference, options);
  const e = bettiNumbers(estimate, options);
  const b0 = Math.abs(r.b0 - e.b0);
  const b1 = Math.abs(r.b1 - e.b1);
  const b2 = Math.abs(r.b2 - e.b2);
  return {
    b0,
    b1,
    b2,
    euler: Math.abs(r.euler - e.euler),
    relative: { b0: r.b0 ? b0 / r.b0 : null, b1: r.b1 ? b1 / r.b1 : null, b2: r.b2 ? b2 / r.b2 : null },
  };
}

/**
 * Mean Betti errors over square patches (cubes), without overlap; a remainder at the far edges is left out. Local
 * errors cannot cancel over the image, as the errors of the whole can.
 */
export function patchBettiErrors(
  reference: Mask,
  estimate: Mask,
  { patch, connectivity = 'full' }: { patch: number; connectivity?: Connectivity },
): { b0: number; b1: number; b2: number; patches: number } {
  requireSameMaskSize('patchBettiErrors', reference, estimate);
  const { width, height, depth } = reference;
  const side = Math.max(1, Math.floor(patch));
  const sideZ = depth > 1 ? Math.min(side, depth) : 1;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let patches = 0;
  for (let z = 0; z + sideZ <= depth; z += sideZ) {
    for (let y = 0; y + side <= height; y += side) {
      for (let x = 0; x + side <= width; x += side, patches++) {
        const block = { x, y, z, side, sideZ };
        const errors = bettiErrors(cut(reference, block), cut(estimate, block), { connectivity });
        b0 += errors.b0;
        b1 += errors.b1;
        b2 += errors.b2;
      }
    }
  }
  return { b0: b0 / patches, b1: b1 / patches, b2: b2 / patches, patches };
}

/** A cuboid of a mask: its first corner and its sides, `side` in x and y. */
interface Block {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly side: number;
  readonly sideZ: number;
}

function cut(mask: Mask, { x, y, z, side, sideZ }: Block): Mask {
  const data = new Uint8Array(side * side * sideZ);
  for (let k = 0; k < sideZ; k++) {
    for (let j = 0; j < side; j++) {
      const from = ((z + k) * mask.height + y + j) * mask.width + x;
      data.set(mask.data.subarray(from, from + side), (k * side + j) * side);
    }
  }
  return { data, width: side, height: side, depth: sideZ };
}

import { padMask, type Mask } from '../../mask.js';
import { IndexList } from '../index-list.js';
import { isSimplePoint } from './simple-point.js';

/** Bit of a byte beside those of the neighbours in its row, 1 and 4: the voxel. */
const SELF = 2;
/** The neighbour that must be background when a voxel is taken from -y, y, x, -x, z, -z, as a bit of the block. */
const DIRECTIONS = [10, 16, 14, 12, 22, 4];
const FACES = DIRECTIONS.reduce((all, bit) => all | (1 << bit), 0);

/** A padded volume under way: triplets of voxels, steps to the next row and plane, and a bit for each voxel. */
interface Voxels {
  readonly rows: Uint8Array;
  readonly w: number;
  readonly plane: number;
  readonly waiting: Int32Array;
  readonly removable: Int32Array;
}

/**
 * Thins a volume (or a plane) to curves without changing its Betti numbers (26-connected foreground, 6-connected
 * background).
 *
 * Six directions in turn, as Lee's method (1994, doi 10.1006/cgip.1994.1042): border voxels that are simple and no line
 * ends are collected, then deleted one by one, each only if it is still both at that moment. Every deletion is of a
 * simple point, so components, tunnels and cavities stay, whatever the shape; scikit-image's method erases straight
 * tubes of even width.
 *
 * A voxel's fate depends on its 26 neighbours alone: after the first look only voxels that have lost a neighbour are
 * looked at again, so the cost is the number of foreground voxels, whatever the thickness.
 */
export function thinVolume(mask: Mask): Mask {
  const padded = padMask(mask.depth > 1 ? mask : asVolume(mask), 1);
  const { width: w, height: h } = padded;
  const plane = w * h;
  const rows = rowTriplets(padded.data);
  // A bit for each voxel, found again in raster order: that it waits for a look; that it may go once a face of it is
  // open.
  const waiting = new Int32Array((rows.length >> 5) + 2);
  const removable = new Int32Array(waiting.length);
  for (let i = plane; i < rows.length - plane; i++) {
    const row = rows[i];
    if (
      row & SELF &&
      (row !== 7 ||
        !(rows[i - w] & SELF) ||
        !(rows[i + w] & SELF) ||
        !(rows[i - plane] & SELF) ||
        !(rows[i + plane] & SELF))
    )
      waiting[i >> 5] |= 1 << (i & 31);
  }
  const faceSteps = DIRECTIONS.map(
    (bit) => (bit % 3) - 1 + ((Math.floor(bit / 3) % 3) - 1) * w + (Math.floor(bit / 9) - 1) * plane,
  );
  const voxels: Voxels = { rows, w, plane, waiting, removable };
  const candidates = new IndexList();
  for (let left = 1; left > 0;) {
    for (const step of faceSteps) {
      candidates.length = 0;
      left = collect(voxels, step, candidates);
      const { items, length } = candidates;
      for (let n = 0; n < length; n++) {
        const i = items[n];
        if (!isRemovable(codeAt(rows, i, w, plane))) continue;
        rows[i - 1] &= ~4;
        rows[i] &= ~SELF;
        rows[i + 1] &= ~1;
        wakeAround(waiting, removable, i, w, plane);
        left++;
      }
    }
  }
  for (let i = 0; i < rows.length; i++) padded.data[i] = (rows[i] >> 1) & 1;
  return unpad(padded, mask);
}

/**
 * For each voxel the three of its row that surround it, as bits: before, itself, after. A block of 27 is then nine
 * bytes.
 */
function rowTriplets(data: Uint8Array): Uint8Array {
  const rows = new Uint8Array(data.length);
  for (let i = 1; i < data.length - 1; i++) rows[i] = data[i - 1] | (data[i] << 1) | (data[i + 1] << 2);
  return rows;
}

function codeAt(rows: Uint8Array, i: number, w: number, plane: number): number {
  const below = i - plane;
  const above = i + plane;
  return (
    (rows[below - w] & 7) |
    ((rows[below] & 7) << 3) |
    ((rows[below + w] & 7) << 6) |
    ((rows[i - w] & 7) << 9) |
    ((rows[i] & 5) << 12) |
    ((rows[i + w] & 7) << 15) |
    ((rows[above - w] & 7) << 18) |
    ((rows[above] & 7) << 21) |
    ((rows[above + w] & 7) << 24)
  );
}

/**
 * Moves the voxels that may go and whose face at `step` is open from the waiting to the candidates; those that may not
 * go sleep until a neighbour goes.
 * @returns how many wait on.
 */
function collect({ rows, w, plane, waiting, removable }: Voxels, step: number, candidates: IndexList): number {
  let left = 0;
  for (let word = 0; word < waiting.length; word++) {
    let bits = waiting[word];
    if (bits === 0) continue;
    const known = removable[word];
    let stays = 0;
    candidates.reserve(32);
    const { items } = candidates;
    for (; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits;
      const i = (word << 5) | (31 - Math.clz32(bit));
      if (!(rows[i] & SELF)) continue;
      if (!(known & bit)) {
        const code = codeAt(rows, i, w, plane);
        if ((code & FACES) === FACES || !isRemovable(code)) continue;
      }
      if (rows[i + step] & SELF) {
        stays |= bit;
        left++;
      } else items[candidates.length++] = i;
    }
    waiting[word] = stays;
    removable[word] = stays;
  }
  return left;
}

/** One neighbour is a line's end, none a point: both stay. */
function isRemovable(code: number): boolean {
  return (code & (code - 1)) !== 0 && isSimplePoint(code);
}

/** A neighbour went: what was known of the 26 voxels around no longer holds. */
function wakeAround(waiting: Int32Array, removable: Int32Array, i: number, w: number, plane: number): void {
  for (let z = i - plane - w - 1; z < i + plane; z += plane) {
    for (let y = z, last = z + 2 * w; y <= last; y += w) {
      const word = y >> 5;
      const shift = y & 31;
      const three = 7 << shift;
      waiting[word] |= three;
      removable[word] &= ~three;
      if (shift < 30) continue;
      // The last of the three, or the last two, are bits of the next word.
      const rest = 7 >> (32 - shift);
      waiting[word + 1] |= rest;
      removable[word + 1] &= ~rest;
    }
  }
}

export function asVolume(mask: Mask): Mask {
  const data = new Uint8Array(mask.data.length * 3);
  data.set(mask.data, mask.data.length);
  return { ...mask, data, depth: 3 };
}

export function unpad(padded: Mask, original: Mask): Mask {
  const { width, height, depth } = original;
  const data = new Uint8Array(width * height * depth);
  const shift = depth > 1 ? 1 : 2;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const from = ((z + shift) * padded.height + y + 1) * padded.width + 1;
      data.set(padded.data.subarray(from, from + width), (z * height + y) * width);
    }
  }
  return { data, width, height, depth };
}

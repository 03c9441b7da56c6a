import { padMask, type Mask } from '../mask.js';
import { IndexList } from './index-list.js';
import { IndexSorter } from './index-sorter.js';
import { isSimplePoint } from './simple-point.js';

/** Bits of a byte beside those of the neighbours in its row, 1 and 4: the voxel, that it waits for a look, that it may go once a face of it is open. */
const SELF = 2, WAITING = 8, REMOVABLE = 16;
/** The neighbour that must be background when a voxel is taken from -y, y, x, -x, z, -z, as a bit of the block. */
const DIRECTIONS = [10, 16, 14, 12, 22, 4];
const FACES = DIRECTIONS.reduce((all, bit) => all | (1 << bit), 0);

/**
 * Thins a volume (or a plane) to curves without changing its Betti numbers (26-connected foreground, 6-connected background).
 *
 * Six directions in turn, as Lee's method (1994, doi 10.1006/cgip.1994.1042): border voxels that are simple and no line ends are collected,
 * then deleted one by one, each only if it is still both at that moment. Every deletion is of a simple point, so components,
 * tunnels and cavities stay, whatever the shape; scikit-image's method erases straight tubes of even width.
 *
 * A voxel's fate depends on its 26 neighbours alone: after the first look only voxels that have lost a neighbour are looked at again, so
 * the cost is the number of foreground voxels, whatever the thickness.
 */
export function thinVolume(mask: Mask): Mask {
  const padded = padMask(mask.depth > 1 ? mask : asVolume(mask), 1);
  const { width: w, height: h } = padded;
  const plane = w * h;
  const rows = rowTriplets(padded.data);
  const waiting = new IndexList(), candidates = new IndexList();
  for (let i = plane; i < rows.length - plane; i++) {
    const row = rows[i];
    if ((row & SELF) && (row !== 7 || !(rows[i - w] & SELF) || !(rows[i + w] & SELF) || !(rows[i - plane] & SELF) || !(rows[i + plane] & SELF))) {
      rows[i] |= WAITING;
      waiting.push(i);
    }
  }
  const faceSteps = DIRECTIONS.map((bit) => (bit % 3) - 1 + (Math.floor(bit / 3) % 3 - 1) * w + (Math.floor(bit / 9) - 1) * plane);
  const sorter = new IndexSorter(rows.length);
  while (waiting.length > 0) {
    for (const step of faceSteps) {
      candidates.length = 0;
      collect(rows, w, plane, step, waiting, candidates);
      const inOrder = sorter.sort(candidates.items, candidates.length);
      for (let n = 0; n < candidates.length; n++) {
        const i = inOrder[n];
        if (!isRemovable(codeAt(rows, i, w, plane))) continue;
        rows[i - 1] &= ~4;
        rows[i] &= ~SELF;
        rows[i + 1] &= ~1;
        wakeAround(rows, waiting, i, w, plane);
      }
    }
  }
  for (let i = 0; i < rows.length; i++) padded.data[i] = (rows[i] >> 1) & 1;
  return unpad(padded, mask);
}

/** For each voxel the three of its row that surround it, as bits: before, itself, after. A block of 27 is then nine bytes. */
function rowTriplets(data: Uint8Array): Uint8Array {
  const rows = new Uint8Array(data.length);
  for (let i = 1; i < data.length - 1; i++) rows[i] = data[i - 1] | (data[i] << 1) | (data[i + 1] << 2);
  return rows;
}

function codeAt(rows: Uint8Array, i: number, w: number, plane: number): number {
  const below = i - plane, above = i + plane;
  return ((rows[below - w] & 7) | ((rows[below] & 7) << 3) | ((rows[below + w] & 7) << 6) | ((rows[i - w] & 7) << 9) | ((rows[i] & 5) << 12) | ((rows[i + w] & 7) << 15)
    | ((rows[above - w] & 7) << 18) | ((rows[above] & 7) << 21) | ((rows[above + w] & 7) << 24));
}

/** Moves the voxels that may go and whose face at `step` is open from the waiting to the candidates; those that may not go sleep until a neighbour goes. */
function collect(rows: Uint8Array, w: number, plane: number, step: number, waiting: IndexList, candidates: IndexList): void {
  const { items, length } = waiting;
  let kept = 0;
  for (let n = 0; n < length; n++) {
    const i = items[n], row = rows[i];
    let stays = 0;
    if (row & SELF) {
      let removable = row & REMOVABLE;
      if (!removable) {
        const code = codeAt(rows, i, w, plane);
        if ((code & FACES) !== FACES && isRemovable(code)) removable = REMOVABLE;
      }
      if (removable) {
        if (rows[i + step] & SELF) stays = WAITING | REMOVABLE;
        else candidates.push(i);
      }
    }
    rows[i] = (row & 7) | stays;
    if (stays) items[kept++] = i;
  }
  waiting.length = kept;
}

/** One neighbour is a line's end, none a point: both stay. */
function isRemovable(code: number): boolean {
  return (code & (code - 1)) !== 0 && isSimplePoint(code);
}

/** A neighbour went: what was known of the 26 voxels around no longer holds. Without branches, which nobody could foresee. */
function wakeAround(rows: Uint8Array, waiting: IndexList, i: number, w: number, plane: number): void {
  waiting.reserve(27);
  const { items } = waiting;
  let { length } = waiting;
  for (let z = i - plane - w; z <= i + plane; z += plane) {
    for (let y = z, last = z + 2 * w; y <= last; y += w) {
      for (let j = y - 1; j <= y + 1; j++) {
        const row = rows[j];
        rows[j] = (row | WAITING) & ~REMOVABLE;
        items[length] = j;
        length += (row >> 1) & ~(row >> 3) & 1;
      }
    }
  }
  waiting.length = length;
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

import { requirePlane, type Mask } from '../mask.js';
import { IndexList } from './index-list.js';

/**
 * Neighbourhoods that may be deleted, by the bits NW 1, N 2, NE 4, E 8, SE 16, S 32, SW 64, W 128: in the first half of an
 * iteration, in the second, in both. Zhang and Suen's rule (1984, doi 10.1145/357994.358023) with the 25 changes by which
 * scikit-image's `skeletonize(method='zhang')` keeps diagonals connected and staircases one pixel thin.
 */
const FIRST = [3, 6, 11, 12, 14, 131, 134, 143, 159, 161, 194, 198, 207, 227, 231, 243];
const SECOND = [24, 26, 56, 62, 63, 96, 104, 108, 126, 176, 192, 224, 248, 249, 252];
const BOTH = [7, 10, 15, 28, 30, 31, 40, 60, 112, 120, 124, 130, 135, 160, 193, 195, 199, 225, 240, 241];

/** The same by the nine pixels of the 3 x 3 block, bit x + 3 y; 0 where the middle is background. */
const DELETABLE = (() => {
  const table = new Uint8Array(512);
  // NW, N, NE, E, SE, S, SW, W as bits of the block.
  const places = [0, 1, 2, 5, 8, 7, 6, 3];
  const enter = (codes: readonly number[], halves: number) => {
    for (const code of codes) table[places.reduce((block, place, bit) => block | (((code >> bit) & 1) << place), 1 << 4)] = halves;
  };
  enter(FIRST, 1);
  enter(SECOND, 2);
  enter(BOTH, 3);
  return table;
})();

/** Bits of a byte beside those of the neighbours in its row, 1 and 4: the pixel, and that it waits for the first or second half. */
const SELF = 2, WAITS_FIRST = 8, WAITS_SECOND = 16;

/**
 * Thins a plane to lines one pixel wide, bit for bit as scikit-image's Zhang method. Outside the image is background.
 *
 * A pixel's fate depends on its eight neighbours alone: after the first look, each half iteration visits only pixels that have lost
 * a neighbour since it last looked, so the cost is the number of foreground pixels, whatever their width. Each byte holds three
 * pixels of its row, so that a block of nine is three bytes.
 * @throws {InputError} for a volume.
 */
export function thinZhang(mask: Mask): Mask {
  requirePlane('thinZhang', mask);
  const { width, height } = mask;
  const w = width + 2;
  const rows = rowTriplets(mask, w);
  const waitingFirst = new IndexList(), waitingSecond = new IndexList(), doomed = new IndexList();
  for (let i = w; i < rows.length - w; i++) {
    if (!(rows[i] & SELF) || (rows[i - w] & rows[i] & rows[i + w] & 7) === 7) continue;
    rows[i] |= WAITS_FIRST | WAITS_SECOND;
    waitingFirst.push(i);
    waitingSecond.push(i);
  }
  while (waitingFirst.length || waitingSecond.length) {
    halfIteration(rows, w, 1, waitingFirst, waitingFirst, waitingSecond, doomed);
    halfIteration(rows, w, 2, waitingSecond, waitingFirst, waitingSecond, doomed);
  }
  const data = new Uint8Array(width * height);
  for (let y = 0, to = 0; y < height; y++) for (let x = 0, i = (y + 1) * w + 1; x < width; x++) data[to++] = (rows[i++] >> 1) & 1;
  return { data, width, height, depth: 1 };
}

/** Deletes at once what may go in this half, then wakes the neighbours of what went. */
function halfIteration(rows: Uint8Array, w: number, half: 1 | 2, visits: IndexList, waitingFirst: IndexList, waitingSecond: IndexList, doomed: IndexList): void {
  const bit = half === 1 ? WAITS_FIRST : WAITS_SECOND;
  const { items, length } = visits;
  doomed.length = 0;
  for (let k = 0; k < length; k++) {
    const i = items[k], row = rows[i];
    rows[i] = row & ~bit;
    if (DELETABLE[(rows[i - w] & 7) | ((row & 7) << 3) | ((rows[i + w] & 7) << 6)] & half) doomed.push(i);
  }
  visits.length = 0;
  const gone = doomed.items, count = doomed.length;
  for (let k = 0; k < count; k++) {
    const i = gone[k];
    rows[i - 1] &= ~4;
    rows[i] &= ~SELF;
    rows[i + 1] &= ~1;
  }
  for (let k = 0; k < count; k++) {
    for (let i = gone[k] - w, last = i + 2 * w; i <= last; i += w) {
      const row = rows[i];
      if (row & 1) wake(rows, i - 1, waitingFirst, waitingSecond);
      if (row & SELF) wake(rows, i, waitingFirst, waitingSecond);
      if (row & 4) wake(rows, i + 1, waitingFirst, waitingSecond);
    }
  }
}

function wake(rows: Uint8Array, i: number, waitingFirst: IndexList, waitingSecond: IndexList): void {
  const row = rows[i];
  if (!(row & WAITS_FIRST)) waitingFirst.push(i);
  if (!(row & WAITS_SECOND)) waitingSecond.push(i);
  rows[i] = row | WAITS_FIRST | WAITS_SECOND;
}

function rowTriplets({ data, width, height }: Mask, w: number): Uint8Array {
  const rows = new Uint8Array(w * (height + 2));
  for (let y = 0, from = 0; y < height; y++) {
    let three = 0;
    const to = (y + 1) * w;
    for (let x = 0; x < width; x++) rows[to + x] = three = (three >> 1) | (data[from++] << 2);
    rows[to + width] = three >> 1;
    rows[to + width + 1] = three >> 2;
  }
  return rows;
}

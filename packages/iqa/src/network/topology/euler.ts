import type { Connectivity, Mask } from '../../mask.js';
import { packRow, wordsOf } from './runs.js';

/**
 * Euler number of the foreground, counted cell by cell: vertices - edges + faces - cubes.
 *
 * `full` takes pixels as closed squares (cubes), so that corners touch; `face` takes pixel centres as vertices and
 * joins face neighbours, then fills squares and cubes whose corners are all set: the dual. Outside the image is
 * background.
 *
 * Rows are bits, 32 pixels to a word: the cells between up to four rows that touch any foreground (`face`: foreground
 * alone) are an OR (AND) of those rows, and across x of that and itself one pixel on; their bits are counted.
 */
export function eulerNumber(mask: Mask, { connectivity = 'full' }: { connectivity?: Connectivity } = {}): number {
  const { data, width, height, depth } = mask;
  // One more word takes the cell behind the last pixel.
  const length = (width >> 5) + 1;
  const planeLength = length * (height + 2);
  let below = new Int32Array(planeLength);
  let here = new Int32Array(planeLength);
  const rows = { data, words: wordsOf(data, width), width };
  const any = connectivity === 'full';
  let sum = 0;
  for (let z = 0; z <= depth; z++) {
    if (z === depth) here.fill(0);
    else for (let y = 0; y < height; y++) packRow(rows, z * height + y, here, (y + 1) * length);
    for (let y = 1; y <= height + 1; y++)
      sum += any ? cellsOfAny(below, here, y * length, length) : cellsOfAll(below, here, y * length, length);
    [below, here] = [here, below];
  }
  return any ? sum : -sum;
}

/**
 * Vertices - edges + faces - cubes that touch foreground, between a row, the row before it, and the same two of the
 * plane below.
 */
function cellsOfAny(below: Int32Array, here: Int32Array, at: number, length: number): number {
  let sum = 0;
  let lastRow = 0;
  let lastBack = 0;
  let lastDown = 0;
  let lastBoth = 0;
  for (let i = at; i < at + length; i++) {
    const row = here[i];
    const back = row | here[i - length];
    const down = row | below[i];
    const both = back | down | below[i - length];
    sum +=
      ones(row | (row << 1) | (lastRow >>> 31)) -
      ones(row) +
      ones(back) -
      ones(back | (back << 1) | (lastBack >>> 31)) +
      ones(down) -
      ones(down | (down << 1) | (lastDown >>> 31)) -
      ones(both) +
      ones(both | (both << 1) | (lastBoth >>> 31));
    lastRow = row;
    lastBack = back;
    lastDown = down;
    lastBoth = both;
  }
  return sum;
}

/**
 * The same of cells all of whose corners are foreground: in the dual a cell has as many dimensions as it has axes along
 * which it spans two pixels.
 */
function cellsOfAll(below: Int32Array, here: Int32Array, at: number, length: number): number {
  let sum = 0;
  let lastRow = 0;
  let lastBack = 0;
  let lastDown = 0;
  let lastBoth = 0;
  for (let i = at; i < at + length; i++) {
    const row = here[i];
    const back = row & here[i - length];
    const down = row & below[i];
    const both = back & down & below[i - length];
    sum +=
      ones(row & ((row << 1) | (lastRow >>> 31))) -
      ones(row) +
      ones(back) -
      ones(back & ((back << 1) | (lastBack >>> 31))) +
      ones(down) -
      ones(down & ((down << 1) | (lastDown >>> 31))) -
      ones(both) +
      ones(both & ((both << 1) | (lastBoth >>> 31)));
    lastRow = row;
    lastBack = back;
    lastDown = down;
    lastBoth = both;
  }
  return sum;
}

/** The number of set bits. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

import type { Connectivity, Mask } from '../mask.js';
import { findRuns, wordsOf } from './runs.js';

/** Connected components: `labels` 0 for background, 1..count in raster order of each component's first pixel. */
export interface Components {
  readonly labels: Int32Array;
  readonly count: number;
  /** Pixels of each component; index 0 holds the background's. */
  readonly sizes: Int32Array;
}

/** Options of {@link labelComponents}. */
export interface ComponentOptions {
  /** `full` (8 in planes, 26 in volumes; the default) or `face` (4, 6). */
  readonly connectivity?: Connectivity;
  /** Which pixels: the foreground's by default. */
  readonly of?: 'foreground' | 'background';
}

/** Horizontal runs of pixels, with the component of each. */
interface Runs {
  /** First column of each run, and the column after its last. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** An earlier run of the same component, or itself. */
  readonly parent: Int32Array;
  /** Index of each row's first run; one more entry than rows. */
  readonly rowFirst: Int32Array;
}

/**
 * Labels connected components: pixels are gathered into horizontal runs, runs that touch are joined by union-find (roots
 * are the earliest run), and labels are written run by run. Two scans of the image, whatever its shapes.
 */
export function labelComponents(mask: Mask, options: ComponentOptions = {}): Components {
  const { starts, ends, parent, rowFirst } = joinRuns(mask, options);
  const { width } = mask, rows = rowFirst.length - 1, runCount = rowFirst[rows];
  const labels = new Int32Array(mask.data.length), label = new Int32Array(runCount);
  let count = 0;
  // A root is the earliest run of its set, so it has its label before every run that points to it.
  for (let r = 0; r < runCount; r++) label[r] = parent[r] === r ? ++count : label[parent[r]];
  const sizes = new Int32Array(count + 1);
  let covered = 0;
  for (let row = 0, base = 0; row < rows; row++, base += width) {
    for (let r = rowFirst[row], last = rowFirst[row + 1]; r < last; r++) {
      const value = label[r], start = base + starts[r], end = base + ends[r];
      for (let i = start; i < end; i++) labels[i] = value;
      sizes[value] += end - start;
      covered += end - start;
    }
  }
  sizes[0] = labels.length - covered;
  return { labels, count, sizes };
}

/** The number of connected components, without an image of labels. */
export function countComponents(mask: Mask, options: ComponentOptions = {}): number {
  const { parent, rowFirst } = joinRuns(mask, options);
  const runCount = rowFirst[rowFirst.length - 1];
  let count = 0;
  for (let r = 0; r < runCount; r++) if (parent[r] === r) count++;
  return count;
}

function joinRuns({ data, width, height, depth }: Mask, { connectivity = 'full', of = 'foreground' }: ComponentOptions): Runs {
  const wanted = of === 'foreground' ? 1 : 0, reach = connectivity === 'full' ? 1 : 0;
  const perRow = Math.ceil(width / 2);
  let starts = new Int32Array(perRow + 1024 + (data.length >> 4)), ends = new Int32Array(starts.length), parent = new Int32Array(starts.length);
  const rowFirst = new Int32Array(height * depth + 1);
  const words = wordsOf(data, width);
  let count = 0;
  for (let z = 0, row = 0; z < depth; z++) {
    for (let y = 0; y < height; y++, row++) {
      rowFirst[row] = count;
      if (count + perRow > starts.length) [starts, ends, parent] = [starts, ends, parent].map((old) => enlarged(old, count + perRow));
      const first = count;
      count = findRuns(data, words, row, width, wanted, starts, ends, count);
      for (let r = first; r < count; r++) parent[r] = r;
      rowFirst[row + 1] = count;
      if (y > 0) joinRows(starts, ends, parent, rowFirst, row, row - 1, reach);
      if (z > 0) {
        joinRows(starts, ends, parent, rowFirst, row, row - height, reach);
        if (reach && y > 0) joinRows(starts, ends, parent, rowFirst, row, row - height - 1, reach);
        if (reach && y < height - 1) joinRows(starts, ends, parent, rowFirst, row, row - height + 1, reach);
      }
    }
  }
  return { starts, ends, parent, rowFirst };
}

function enlarged(old: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(Math.max(2 * old.length, least));
  next.set(old);
  return next;
}

/** Joins the runs of two rows that touch. Both are sorted, so the first that a run may touch lies no earlier than its predecessor's. */
function joinRows(starts: Int32Array, ends: Int32Array, parent: Int32Array, rowFirst: Int32Array, row: number, other: number, reach: number): void {
  const lastA = rowFirst[row + 1], lastB = rowFirst[other + 1];
  let b = rowFirst[other];
  for (let a = rowFirst[row]; a < lastA; a++) {
    const low = starts[a] - reach, high = ends[a] + reach;
    while (b < lastB && ends[b] <= low) b++;
    for (let c = b; c < lastB && starts[c] < high; c++) {
      let p = parent[a], q = parent[c];
      // Most runs that touch are one already.
      if (p === q) continue;
      while (parent[p] !== p) p = parent[p] = parent[parent[p]];
      while (parent[q] !== q) q = parent[q] = parent[parent[q]];
      if (p > q) [p, q] = [q, p];
      parent[q] = parent[a] = parent[c] = p;
    }
  }
}

/** Share of the foreground that lies in its largest component, in (0, 1]; null for an empty mask. */
export function largestComponentShare(mask: Mask, options: { connectivity?: Connectivity } = {}): number | null {
  const { sizes } = labelComponents(mask, options);
  let largest = 0, total = 0;
  for (let label = 1; label < sizes.length; label++) {
    largest = Math.max(largest, sizes[label]);
    total += sizes[label];
  }
  return total === 0 ? null : largest / total;
}

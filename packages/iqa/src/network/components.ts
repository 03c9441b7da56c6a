import type { Connectivity, Mask } from '../mask.js';

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
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly parent: Int32Array;
  readonly runCount: number;
}

/**
 * Labels connected components: pixels are gathered into horizontal runs, runs that touch are joined by union-find (roots
 * are the earliest run), and labels are written run by run. Two scans of the image, whatever its shapes.
 */
export function labelComponents(mask: Mask, options: ComponentOptions = {}): Components {
  const { starts, ends, parent, runCount } = joinRuns(mask, options);
  const labels = new Int32Array(mask.data.length), label = new Int32Array(runCount);
  const sizes: number[] = [0];
  let covered = 0;
  for (let r = 0; r < runCount; r++) {
    // A root is the earliest run of its set, so it has its label before every run that points to it.
    if (parent[r] === r) {
      sizes.push(0);
      label[r] = sizes.length - 1;
    } else label[r] = label[parent[r]];
    const value = label[r], start = starts[r], end = ends[r];
    for (let i = start; i < end; i++) labels[i] = value;
    sizes[value] += end - start;
    covered += end - start;
  }
  sizes[0] = labels.length - covered;
  return { labels, count: sizes.length - 1, sizes: Int32Array.from(sizes) };
}

/** The number of connected components, without an image of labels. */
export function countComponents(mask: Mask, options: ComponentOptions = {}): number {
  const { parent, runCount } = joinRuns(mask, options);
  let count = 0;
  for (let r = 0; r < runCount; r++) if (parent[r] === r) count++;
  return count;
}

function joinRuns({ data, width, height, depth }: Mask, { connectivity = 'full', of = 'foreground' }: ComponentOptions): Runs {
  const wanted = of === 'foreground' ? 1 : 0, reach = connectivity === 'full' ? 1 : 0;
  const most = Math.ceil(width / 2) * height * depth;
  let starts = new Int32Array(Math.min(most, 4096)), ends = new Int32Array(starts.length), parent = new Int32Array(starts.length);
  const rowFirst = new Int32Array(height * depth + 1);
  let count = 0;
  const join = (run: number, row: number, shift: number): void => {
    // Runs of both rows are sorted: each pair that may touch is looked at once. `shift` brings the other row's indices to this row.
    const low = starts[run] - reach + shift, high = ends[run] + reach + shift, last = rowFirst[row + 1];
    let other = rowFirst[row], top = last;
    while (other < top) {
      const middle = (other + top) >> 1;
      if (ends[middle] <= low) other = middle + 1;
      else top = middle;
    }
    for (; other < last && starts[other] < high; other++) {
      let a = run, b = other;
      while (parent[a] !== a) a = parent[a] = parent[parent[a]];
      while (parent[b] !== b) b = parent[b] = parent[parent[b]];
      if (a < b) parent[b] = a;
      else parent[a] = b;
    }
  };
  for (let z = 0, row = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++, row++) {
      rowFirst[row] = count;
      const rowEnd = i + width;
      while (i < rowEnd) {
        if (data[i] !== wanted) {
          i++;
          continue;
        }
        if (count === starts.length) {
          const larger = Math.min(most, 2 * count);
          [starts, ends, parent] = [starts, ends, parent].map((old) => {
            const next = new Int32Array(larger);
            next.set(old);
            return next;
          });
        }
        starts[count] = i;
        while (i < rowEnd && data[i] === wanted) i++;
        ends[count] = i;
        parent[count] = count;
        if (y > 0) join(count, row - 1, -width);
        if (z > 0) {
          const plane = width * height;
          join(count, row - height, -plane);
          if (reach && y > 0) join(count, row - height - 1, -plane - width);
          if (reach && y < height - 1) join(count, row - height + 1, -plane + width);
        }
        count++;
      }
      rowFirst[row + 1] = count;
    }
  }
  return { starts, ends, parent, runCount: count };
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

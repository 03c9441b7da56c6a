import { FIRST_PLACE } from '@lacuna/core/wasm';
import type { Connectivity, Mask } from '../../mask.js';
import { RECORD, SLACK, componentKernel } from './kernels/component-kernel.js';

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

/**
 * Labels connected components: pixels are gathered into horizontal runs, runs that touch are joined by union-find
 * (roots are the earliest run), and labels are written run by run. Two scans of the image, whatever its shapes.
 */
export function labelComponents(mask: Mask, options: ComponentOptions = {}): Components {
  const { width } = mask;
  const { functions, buffer, strip, first, end, count, rows } = joinRuns(mask, options);
  const sizes = new Int32Array(buffer, end, count + 1).slice();
  const labels = unwritten(mask.data.length);
  // A strip of labels takes the place of the strip of pixels, which is as many words.
  const painted = new Int32Array(buffer, FIRST_PLACE, strip * width);
  for (let row = 0, record = first; row < rows; row += strip) {
    const these = Math.min(strip, rows - row);
    record = functions.paint(record, FIRST_PLACE, width, these);
    labels.set(these === strip ? painted : painted.subarray(0, these * width), row * width);
  }
  sizes[0] = sizes.reduce((left, size) => left - size, labels.length);
  return { labels, count, sizes };
}

/**
 * Numbers that are all written before they are read: where there is a way to, without the time that zeroing them takes.
 */
function unwritten(length: number): Int32Array<ArrayBuffer> {
  if (typeof Buffer === 'undefined') return new Int32Array(length);
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(4 * length);
  return new Int32Array(buffer, byteOffset, length);
}

/** The number of connected components, without an image of labels. */
export function countComponents(mask: Mask, options: ComponentOptions = {}): number {
  return joinRuns(mask, options).count;
}

/** Pixels that are handed to the kernel at once: few enough for the processor's nearer memory, as labels too. */
const STRIP = 1 << 14;

function joinRuns(
  { data, width, height, depth }: Mask,
  { connectivity = 'full', of = 'foreground' }: ComponentOptions,
) {
  const rows = height * depth;
  const strip = Math.max(1, Math.min(rows, Math.floor(STRIP / width)));
  const pointers = FIRST_PLACE + 4 * strip * width + SLACK;
  const first = Math.ceil((pointers + 4 * rows) / RECORD) * RECORD;
  // Every other pixel may begin a run, and each row has a record that closes it.
  const mostOfStrip = RECORD * strip * (Math.ceil(width / 2) + 1);
  const kernel = componentKernel();
  let { functions, buffer } = kernel.reserve(first + mostOfStrip);
  let end = first;
  /** The memory as it is once it has so many bytes: it grows by half at least. */
  const memory = (bytes: number): ArrayBuffer => {
    if (bytes > buffer.byteLength) ({ functions, buffer } = kernel.reserve(Math.max(bytes, 1.5 * buffer.byteLength)));
    return buffer;
  };
  for (let row = 0; row < rows; row += strip) {
    const these = Math.min(strip, rows - row);
    new Uint8Array(memory(end + mostOfStrip), FIRST_PLACE, these * width).set(
      data.subarray(row * width, (row + these) * width),
    );
    end = functions.scan(
      FIRST_PLACE,
      width,
      of === 'foreground' ? 0 : -1,
      these,
      end,
      pointers,
      row,
      height,
      connectivity === 'full' ? 1 : 0,
    );
  }
  // At most as many components as records.
  memory(end + (4 * (end - first)) / RECORD + 4);
  return { functions, buffer, strip, first, end, rows, count: functions.label(first, end, end) };
}

/** Share of the foreground that lies in its largest component, in (0, 1]; null for an empty mask. */
export function largestComponentShare(mask: Mask, options: { connectivity?: Connectivity } = {}): number | null {
  const { sizes } = labelComponents(mask, options);
  let largest = 0;
  let total = 0;
  for (let label = 1; label < sizes.length; label++) {
    largest = Math.max(largest, sizes[label]);
    total += sizes[label];
  }
  return total === 0 ? null : largest / total;
}

import { requirePlane, type Mask } from '../mask.js';

/**
 * Neighbourhoods that may be deleted, by the bits NW 1, N 2, NE 4, E 8, SE 16, S 32, SW 64, W 128: in the first half of an
 * iteration, in the second, in both. Zhang and Suen's rule (1984, doi 10.1145/357994.358023) with the 25 changes by which
 * scikit-image's `skeletonize(method='zhang')` keeps diagonals connected and staircases one pixel thin.
 */
const FIRST = [3, 6, 11, 12, 14, 131, 134, 143, 159, 161, 194, 198, 207, 227, 231, 243];
const SECOND = [24, 26, 56, 62, 63, 96, 104, 108, 126, 176, 192, 224, 248, 249, 252];
const BOTH = [7, 10, 15, 28, 30, 31, 40, 60, 112, 120, 124, 130, 135, 160, 193, 195, 199, 225, 240, 241];

const DELETABLE = (() => {
  const table = new Uint8Array(256);
  for (const code of FIRST) table[code] = 1;
  for (const code of SECOND) table[code] = 2;
  for (const code of BOTH) table[code] = 3;
  return table;
})();

/**
 * Thins a plane to lines one pixel wide, bit for bit as scikit-image's Zhang method. Outside the image is background.
 *
 * A pixel's fate depends on its eight neighbours alone: after the first look, each half iteration visits only pixels that have lost
 * a neighbour since it last looked, so the cost is the number of foreground pixels, whatever their width.
 * @throws {InputError} for a volume.
 */
export function thinZhang(mask: Mask): Mask {
  requirePlane('thinZhang', mask);
  const { width, height } = mask;
  const w = width + 2;
  const grid = new Uint8Array(w * (height + 2));
  for (let y = 0; y < height; y++) grid.set(mask.data.subarray(y * width, y * width + width), (y + 1) * w + 1);
  const around = [-w - 1, -w, -w + 1, 1, w + 1, w, w - 1, -1];
  // One queue for each half; bits of `queued` say which of them hold a pixel.
  const queues: [number[], number[]] = [[], []];
  const queued = new Uint8Array(grid.length);
  for (let i = w; i < grid.length - w; i++) {
    if (!grid[i] || codeAt(grid, i, w) === 255) continue;
    queues[0].push(i);
    queues[1].push(i);
    queued[i] = 3;
  }
  const doomed: number[] = [];
  while (queues[0].length || queues[1].length) {
    for (let half = 1; half <= 2; half++) {
      const queue = queues[half - 1];
      queues[half - 1] = [];
      doomed.length = 0;
      for (let k = 0; k < queue.length; k++) {
        const i = queue[k];
        queued[i] &= ~half;
        if (grid[i] && DELETABLE[codeAt(grid, i, w)] & half) doomed.push(i);
      }
      for (let k = 0; k < doomed.length; k++) grid[doomed[k]] = 0;
      for (let k = 0; k < doomed.length; k++) {
        for (let n = 0; n < 8; n++) {
          const j = doomed[k] + around[n];
          if (!grid[j]) continue;
          if (!(queued[j] & 1)) queues[0].push(j);
          if (!(queued[j] & 2)) queues[1].push(j);
          queued[j] = 3;
        }
      }
    }
  }
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) data.set(grid.subarray((y + 1) * w + 1, (y + 1) * w + 1 + width), y * width);
  return { data, width, height, depth: 1 };
}

function codeAt(grid: Uint8Array, i: number, w: number): number {
  return grid[i - w - 1] | (grid[i - w] << 1) | (grid[i - w + 1] << 2) | (grid[i + 1] << 3) | (grid[i + w + 1] << 4) | (grid[i + w] << 5) | (grid[i + w - 1] << 6) | (grid[i - 1] << 7);
}

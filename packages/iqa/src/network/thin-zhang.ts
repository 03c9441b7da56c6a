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
 * Only pixels that are still set are visited, and each half iteration deletes at once what it found, so the cost is the
 * foreground times half its greatest width.
 * @throws {InputError} for a volume.
 */
export function thinZhang(mask: Mask): Mask {
  requirePlane('thinZhang', mask);
  const { width, height } = mask;
  const w = width + 2;
  const grid = new Uint8Array(w * (height + 2));
  let active = new Int32Array(width * height), count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!mask.data[y * width + x]) continue;
      const at = (y + 1) * w + x + 1;
      grid[at] = 1;
      active[count++] = at;
    }
  }
  active = active.slice(0, count);
  const doomed = new Int32Array(count);
  for (let removed = true; removed; ) {
    removed = false;
    for (let half = 1; half <= 2; half++) {
      let kept = 0, dead = 0;
      for (let k = 0; k < count; k++) {
        const i = active[k];
        const code = grid[i - w - 1] | (grid[i - w] << 1) | (grid[i - w + 1] << 2) | (grid[i + 1] << 3) | (grid[i + w + 1] << 4) | (grid[i + w] << 5) | (grid[i + w - 1] << 6) | (grid[i - 1] << 7);
        if (DELETABLE[code] & half) doomed[dead++] = i;
        else active[kept++] = i;
      }
      for (let k = 0; k < dead; k++) grid[doomed[k]] = 0;
      count = kept;
      if (dead > 0) removed = true;
    }
  }
  const data = new Uint8Array(width * height);
  for (let k = 0; k < count; k++) {
    const i = active[k];
    data[(Math.floor(i / w) - 1) * width + (i % w) - 1] = 1;
  }
  return { data, width, height, depth: 1 };
}

import type { ChunkFiles, ChunkPlace } from './chunk-files.js';
import type { Level } from './levels.js';

/** A level and its chunks. */
export interface StoredLevel {
  readonly level: Level;
  readonly chunks: ChunkFiles;
}

/**
 * Makes a level from the one before: every voxel is the mean of a block of 1 or 2 voxels along each axis. Chunks are
 * read and written one by one; where none of a block's was written none is written.
 * Memory: the sums of one chunk and one chunk of the level before.
 */
export async function makeCoarserLevel(
  from: StoredLevel,
  to: StoredLevel,
  { frames, channels }: { readonly frames: number; readonly channels: number },
): Promise<void> {
  const { level, chunks } = to;
  for (let t = 0; t < frames; t++) {
    for (let c = 0; c < channels; c++) {
      for (let z = 0; z < level.depth; z++) {
        for (let row = 0; row * chunks.high < level.height; row++) {
          for (let column = 0; column * chunks.wide < level.width; column++) {
            const place = { t, c, z, row, column };
            const means = await meansOf(from, to, place);
            if (means) await chunks.write(place, means);
          }
        }
      }
    }
  }
}

/** A chunk of the coarser level; null where nothing of the finer one below it was written. */
async function meansOf(from: StoredLevel, to: StoredLevel, place: ChunkPlace): Promise<Float32Array | null> {
  const { level, chunks: coarse } = to;
  const { chunks: fine } = from;
  const by = {
    x: level.span.x / from.level.span.x,
    y: level.span.y / from.level.span.y,
    z: level.span.z / from.level.span.z,
  };
  const x0 = place.column * coarse.wide * by.x;
  const y0 = place.row * coarse.high * by.y;
  const x1 = Math.min(x0 + coarse.wide * by.x, level.width * by.x);
  const y1 = Math.min(y0 + coarse.high * by.y, level.height * by.y);
  const sums = new Float64Array(coarse.high * coarse.wide);
  let written = false;
  for (let z = place.z * by.z; z < (place.z + 1) * by.z; z++) {
    for (let row = Math.floor(y0 / fine.high); row * fine.high < y1; row++) {
      for (let column = Math.floor(x0 / fine.wide); column * fine.wide < x1; column++) {
        const values = await fine.read({ ...place, z, row, column });
        if (!values) continue;
        written = true;
        const left = Math.max(x0, column * fine.wide);
        const right = Math.min(x1, (column + 1) * fine.wide);
        for (let y = Math.max(y0, row * fine.high); y < Math.min(y1, (row + 1) * fine.high); y++) {
          const line = (y - row * fine.high) * fine.wide - column * fine.wide;
          const target = Math.floor((y - y0) / by.y) * coarse.wide;
          addRow(sums, values.subarray(line + left, line + right), { at: target, before: left - x0, by: by.x });
        }
      }
    }
  }
  if (!written) return null;
  const block = by.x * by.y * by.z;
  return Float32Array.from(sums, (sum) => sum / block);
}

/** Adds the values of a row, `by` to a sum; the first lies `before` fine voxels right of the target's first. */
function addRow(
  sums: Float64Array,
  values: ArrayLike<number>,
  { at, before, by }: { readonly at: number; readonly before: number; readonly by: number },
): void {
  const shift = by === 2 ? 1 : 0;
  for (let i = 0; i < values.length; i++) {
    const to = at + ((before + i) >> shift);
    sums[to] = sums[to] + values[i];
  }
}

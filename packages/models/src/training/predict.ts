import type { Executable } from '../engine/index.js';
import type { ModelSpec } from '../architectures/index.js';
import { sizeMultiple } from '../architectures/index.js';

/** A plane of `channels` interleaved values, in [0, 1]. */
export interface Plane {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** The size for which `predict` is compiled so that images up to `height` x `width` go through whole. */
export function predictSizeFor(
  model: ModelSpec,
  factor: number,
  height: number,
  width: number,
): [height: number, width: number] {
  const multiple = sizeMultiple(model, factor);
  const fit = (length: number) => Math.ceil(length / multiple) * multiple;
  return [fit(height), fit(width)];
}

/**
 * Enlarges an LR image with the compiled `predict` action.
 * Smaller images are mirrored up to the compiled size; larger ones go through in tiles that overlap by `halo` LR
 * pixels, of which only the inner part is kept: with a halo of at least the receptive field, tiles equal the whole.
 * `multiple` is the model's ({@link sizeMultiple}): tiles begin at its multiples, where pooling has its windows in the
 * whole image.
 */
export async function predictImage(
  executable: Executable,
  lr: Plane,
  options: { factor: number; size: readonly [height: number, width: number]; halo: number; multiple?: number },
): Promise<Plane> {
  const {
    factor,
    size: [tileHeight, tileWidth],
    halo,
    multiple = 1,
  } = options;
  const { channels } = lr;
  const out = new Float32Array(lr.height * factor * lr.width * factor * channels);
  const rows = tileStarts(lr.height, tileHeight, halo, multiple);
  const columns = tileStarts(lr.width, tileWidth, halo, multiple);
  const tile = new Float32Array(tileHeight * tileWidth * channels);
  for (const row of rows) {
    for (const column of columns) {
      for (let y = 0; y < tileHeight; y++) {
        const sourceY = mirror(row.start + y, lr.height);
        for (let x = 0; x < tileWidth; x++) {
          const from = (sourceY * lr.width + mirror(column.start + x, lr.width)) * channels;
          for (let c = 0; c < channels; c++) tile[(y * tileWidth + x) * channels + c] = lr.data[from + c]!;
        }
      }
      const { sr } = await executable.run('predict', { lr: tile });
      for (let y = row.keepFrom * factor; y < row.keepTo * factor; y++) {
        const from =
          ((y - row.start * factor) * tileWidth * factor + (column.keepFrom - column.start) * factor) * channels;
        const length = (column.keepTo - column.keepFrom) * factor * channels;
        out.set(sr.subarray(from, from + length), (y * lr.width * factor + column.keepFrom * factor) * channels);
      }
    }
  }
  return { data: out, width: lr.width * factor, height: lr.height * factor, channels };
}

interface Tile {
  readonly start: number;
  readonly keepFrom: number;
  readonly keepTo: number;
}

/** Tiles along one axis: where each begins, a multiple of `multiple`, and the part of the image that is kept of it. */
export function tileStarts(length: number, tile: number, halo: number, multiple = 1): Tile[] {
  if (length <= tile) return [{ start: 0, keepFrom: 0, keepTo: length }];
  // Two margins and the rounding of the start must leave something to keep.
  const margin = Math.max(0, Math.min(halo, Math.floor((tile - multiple) / 2)));
  // The last tile ends where the whole image does once it is mirrored up to the multiple.
  const last = Math.ceil(length / multiple) * multiple - tile;
  const tiles: Tile[] = [];
  for (let keepFrom = 0; keepFrom < length;) {
    const start = Math.max(0, Math.min(Math.floor((keepFrom - margin) / multiple) * multiple, last));
    const keepTo = start >= last ? length : start + tile - margin;
    tiles.push({ start, keepFrom, keepTo });
    keepFrom = keepTo;
  }
  return tiles;
}

/** Mirrors an index into 0..length-1 without repeating the edge. */
function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const at = ((index % period) + period) % period;
  return at < length ? at : period - at;
}

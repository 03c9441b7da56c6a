/** One tile along an axis. */
export interface Tile {
  /** Where it begins in the image. */
  readonly start: number;
  /** The part of the image that is kept of it. */
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

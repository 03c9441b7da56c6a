import { InputError } from '@lacuna/core';
import { sizeOf } from '@lacuna/models';
import { balancedTile, shortestTile, tileCount } from './axis.js';
import type { TileModel } from './tile-model.js';
import type { Axes, VolumeModel } from './volume.js';

/** Sides that tiles may have, LR pixels. */
const SIDES = [1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 24, 16];
/** Rows and columns of the tiles of a plane. */
export interface TileSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Bytes for a plane that is cut into tiles of a size: the model's work, and one row of tiles coming in and going out.
 */
export function bytesFor(
  { rows, columns }: TileSize,
  size: { width: number; height: number },
  model: Pick<TileModel, 'bytesPerPixel' | 'channels' | 'factor' | 'outputs'>,
): number {
  const { channels, factor, outputs, bytesPerPixel } = model;
  const enlarged = factor * factor;
  const height = Math.min(rows, size.height);
  const tile = height * Math.min(columns, size.width);
  // In: the rows as they lie in the file and as floats. Out: sums, and rows in the file's own type.
  const bandPixel = channels * (12 + enlarged * (4 * outputs + 8));
  const tilePixel = bytesPerPixel + channels * 4 * (2 + 2 * outputs * enlarged);
  return tile * tilePixel + height * size.width * bandPixel;
}

/** What {@link chooseTile} may use. */
export interface TileRoom {
  /** For tiles and rows. */
  readonly bytes: number;
  /** No side is longer: half of the last one, once memory ran out. */
  readonly longest?: number;
  /** What the process takes beside its tiles: a refusal then says what to allow it in all. */
  readonly beside?: number;
}

/**
 * The tiles that waste least on halos among those whose work fits into `bytes`.
 * @throws {InputError} where not even the smallest fits.
 */
export function chooseTile(
  size: { width: number; height: number },
  model: Pick<TileModel, 'bytesPerPixel' | 'channels' | 'factor' | 'outputs' | 'halo' | 'multiple'>,
  options: TileRoom,
): TileSize {
  const shortest = shortestTile(model.halo, model.multiple);
  const { bytes, longest = Infinity } = options;
  const sides = [...new Set([...SIDES.map((side) => Math.max(shortest, side)), shortest])].filter(
    (side) => side <= Math.max(longest, shortest),
  );
  /** LR pixels along one axis that the network goes through, borders included. */
  const work = (side: number, length: number) =>
    side >= length
      ? length
      : balancedTile(length, side, model.halo ?? 0, model.multiple) * tileCount(length, side, model.halo ?? 0);
  let best: (TileSize & { cost: number }) | null = null;
  for (const rows of sides) {
    for (const columns of sides) {
      if (bytesFor({ rows, columns }, size, model) > bytes) continue;
      // Where nothing is wasted on halos, larger tiles have fewer seams.
      const cost =
        model.halo === null
          ? -Math.min(rows, size.height) * Math.min(columns, size.width)
          : work(rows, size.height) * work(columns, size.width);
      if (!best || cost < best.cost) best = { rows, columns, cost };
    }
  }
  if (best) return { rows: best.rows, columns: best.columns };
  const least = bytesFor({ rows: shortest, columns: shortest }, size, model);
  throw new InputError({
    who: 'memory',
    got: `${megabytes(bytes)} for tiles`,
    wanted: `at least ${megabytes(least)} for tiles of ${shortest} x ${shortest}`,
    remedy: moreMemory(least, options.beside),
  });
}

/**
 * Bytes for a volume that is cut into tiles of a size: the model's work, and one row of tiles of a slab coming in and
 * going out.
 */
export function volumeBytesFor(
  tile: Axes,
  size: Axes,
  model: Pick<VolumeModel, 'bytesPerPixel' | 'channels' | 'factor' | 'outputs'>,
): number {
  const { channels, factor, outputs, bytesPerPixel } = model;
  const [depth, rows, columns] = tile.map((side, axis) => Math.min(side, size[axis]));
  const enlarged = sizeOf(factor);
  const tileVoxel = bytesPerPixel + channels * 4 * (2 + 2 * outputs * enlarged);
  // In: rows of the slab as floats. Out: the slab's rows, and those of one plane in the file's own type.
  const bandVoxel = channels * (4 + enlarged * 4 * outputs);
  const rowsOut = rows * size[2] * channels * (12 + factor[1] * factor[2] * 8);
  return depth * rows * (columns * tileVoxel + size[2] * bandVoxel) + rowsOut;
}

/**
 * {@link chooseTile} for volumes: along z, y and x. A model that looks at the whole volume takes the whole depth.
 * @throws {InputError} where not even the smallest fits, with what would.
 */
export function chooseVolumeTile(
  size: Axes,
  model: Pick<VolumeModel, 'bytesPerPixel' | 'channels' | 'factor' | 'outputs' | 'halo' | 'multiple'>,
  options: TileRoom,
): Axes {
  const { bytes, longest = Infinity } = options;
  const { halo, multiple } = model;
  const shortest = multiple.map((each, axis) => shortestTile(halo && halo[axis], each));
  const sides = shortest.map((least, axis) =>
    axis === 0 && halo === null
      ? [size[0]]
      : [...new Set([...SIDES.map((side) => Math.max(least, side)), least])].filter(
          (side) => side <= Math.max(longest, least),
        ),
  );
  /** LR voxels along one axis that the network goes through, borders included. */
  const work = (side: number, axis: number) => {
    const length = size[axis];
    const reach = halo === null ? 0 : halo[axis];
    return side >= length ? length : balancedTile(length, side, reach, multiple[axis]) * tileCount(length, side, reach);
  };
  let best: { tile: Axes; cost: number } | null = null;
  for (const depth of sides[0]) {
    for (const rows of sides[1]) {
      for (const columns of sides[2]) {
        const tile: Axes = [depth, rows, columns];
        if (volumeBytesFor(tile, size, model) > bytes) continue;
        const cost =
          halo === null
            ? -Math.min(rows, size[1]) * Math.min(columns, size[2])
            : work(depth, 0) * work(rows, 1) * work(columns, 2);
        if (!best || cost < best.cost) best = { tile, cost };
      }
    }
  }
  if (best) return best.tile;
  const least: Axes = [halo === null ? size[0] : shortest[0], shortest[1], shortest[2]];
  const needed = volumeBytesFor(least, size, model);
  throw new InputError({
    who: 'memory',
    got: `${megabytes(bytes)} for tiles`,
    wanted: `at least ${megabytes(needed)} for tiles of ${least[2]} x ${least[1]} x ${least[0]} (x, y, z)`,
    remedy: moreMemory(needed, options.beside),
  });
}

const megabytes = (bytes: number): string => `${Math.max(0, Math.round(bytes / 2 ** 20))} MB`;

/** As the command line takes it: whole MB, up. */
function moreMemory(least: number, beside: number | undefined): string {
  return beside === undefined
    ? 'allow more with --memory'
    : `allow it with --memory ${Math.ceil((least + beside) / 2 ** 20)}M, or take a smaller model`;
}

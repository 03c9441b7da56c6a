import { reflectIndex } from '@lacuna/core';
import { planAxis, type AxisPlan, type AxisTile } from './axis.js';

/** Lengths along z, y, x. */
export type Axes = readonly [z: number, y: number, x: number];

/** A model as tiles see it: volumes in [0, 1], channels last. Planes are volumes of one plane. */
export interface VolumeModel {
  /** Whole numbers by which each axis grows. */
  readonly factor: Axes;
  readonly channels: number;
  /** Lengths of a tile are multiples of these. */
  readonly multiple: Axes;
  /** LR voxels to either side on which an SR voxel depends; null where a layer looks at the whole volume. */
  readonly halo: Axes | null;
  /** Volumes that `run` gives: 1, or 2 where a spread comes with the mean. */
  readonly outputs: number;
  /** Bytes of working memory for one LR voxel of a tile, about. */
  readonly bytesPerPixel: number;
  /**
   * [depth][height][width][channels] to volumes of the lengths times the factors. They may be overwritten by the next
   * call.
   * @throws {OutOfMemory} where the tile is too large for the device.
   */
  run(tile: Float32Array, size: Axes): Promise<readonly Float32Array[]>;
  /** Gives back the memory that earlier tiles made the device keep. */
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

/** A volume that is read by rows of a plane: [height][width][channels], in [0, 1]. */
export interface VolumeSource {
  /** LR voxels along z, y, x. */
  readonly size: Axes;
  readRows(z: number, y: number, height: number): Promise<Float32Array>;
}

/** A part of the enlarged volume: rows `y` to `y + height` of plane `z`. */
interface RowsPlace {
  readonly z: number;
  readonly y: number;
  readonly height: number;
}

/**
 * Takes finished SR rows: slab after slab, in each slab from the top, plane after plane; one array for each of the
 * model's outputs, used again after the call.
 */
export type VolumeSink = (place: RowsPlace, outputs: readonly Float32Array[]) => Promise<void> | void;

/** The tiles of a volume. */
export interface VolumePlan {
  readonly slabs: AxisPlan;
  readonly rows: AxisPlan;
  readonly columns: AxisPlan;
  /** Whether tiles are blended: none equals the whole. */
  readonly blended: boolean;
}

/**
 * Cuts a volume into tiles of at most `tile` voxels. A model without a halo takes the whole depth at once: its tiles
 * are blended within the plane alone.
 */
export function planVolume(
  size: Axes,
  { halo, multiple, factor }: Pick<VolumeModel, 'halo' | 'multiple' | 'factor'>,
  tile: Axes,
): VolumePlan {
  const along = (axis: number, longest: number) =>
    planAxis(size[axis], {
      tile: longest,
      halo: halo === null ? null : halo[axis],
      multiple: multiple[axis],
      factor: factor[axis],
    });
  const slabs = along(0, halo === null ? Infinity : tile[0]);
  const rows = along(1, tile[1]);
  const columns = along(2, tile[2]);
  return { slabs, rows, columns, blended: halo === null && (rows.tiles.length > 1 || columns.tiles.length > 1) };
}

/**
 * Enlarges a volume tile by tile. Memory holds one row of tiles of one slab, whatever the volume's height and depth.
 * @param onTile is called after each tile, with the volume's voxels that are done since the last.
 */
export async function upscaleVolume(
  model: VolumeModel,
  source: VolumeSource,
  sink: VolumeSink,
  plan: VolumePlan,
  onTile: (voxels: number) => void = () => undefined,
): Promise<void> {
  for (const slab of plan.slabs.tiles) await upscaleSlab(model, { source, sink, plan, slab, onTile });
}

/** What a slab of tiles is made from. */
interface SlabJob {
  readonly source: VolumeSource;
  readonly sink: VolumeSink;
  readonly plan: VolumePlan;
  readonly slab: AxisTile;
  readonly onTile: (voxels: number) => void;
}

async function upscaleSlab(model: VolumeModel, { source, sink, plan, slab, onTile }: SlabJob): Promise<void> {
  const [timesDepth, timesHeight, timesWidth] = model.factor;
  const { channels } = model;
  const { slabs, rows, columns, blended } = plan;
  const [, height, width] = source.size;
  const rowLength = width * timesWidth * channels;
  const bandRows = longest(rows.tiles) * timesHeight;
  const planes = (slab.to - slab.from) * timesDepth;
  const bands = Array.from({ length: model.outputs }, () => new Float32Array(planes * bandRows * rowLength));
  const tile = new Float32Array(slabs.tile * rows.tile * columns.tile * channels);
  for (const [i, row] of rows.tiles.entries()) {
    const lr = await readSlab(source, slab, slabs.tile, {
      y: row.start,
      height: Math.min(height - row.start, rows.tile),
    });
    for (const column of columns.tiles) {
      const at = { slab, row, column, plan };
      cutTile(tile, lr, { ...at, size: source.size, channels });
      const outputs = await model.run(tile, [slabs.tile, rows.tile, columns.tile]);
      outputs.forEach((sr, k) => placeTile(bands[k], sr, { ...at, model, bandRows, rowLength }));
      onTile((slab.to - slab.from) * (row.to - row.from) * (column.to - column.from));
    }
    const next = rows.tiles[i + 1];
    const done = ((next?.from ?? row.to) - row.from) * timesHeight;
    const kept = (row.to - row.from) * timesHeight - done;
    for (let plane = 0; plane < planes; plane++) {
      const top = plane * bandRows * rowLength;
      await sink(
        { z: slab.from * timesDepth + plane, y: row.from * timesHeight, height: done },
        bands.map((band) => band.subarray(top, top + done * rowLength)),
      );
      if (!blended) continue;
      // Rows that the next tiles share move to the top; below them sums begin at nothing.
      for (const band of bands) {
        band.copyWithin(top, top + done * rowLength, top + (done + kept) * rowLength);
        band.fill(0, top + kept * rowLength, top + bandRows * rowLength);
      }
    }
  }
}

const longest = (tiles: readonly AxisTile[]): number => Math.max(...tiles.map(({ from, to }) => to - from));

/** The rows of every plane of a slab that lies in the volume. */
async function readSlab(
  source: VolumeSource,
  { start }: AxisTile,
  depth: number,
  { y, height }: { y: number; height: number },
): Promise<Float32Array[]> {
  const planes: Float32Array[] = [];
  for (let z = start; z < Math.min(source.size[0], start + depth); z++)
    planes.push(await source.readRows(z, y, height));
  return planes;
}

/** Where a tile lies. */
interface TilePlace {
  readonly slab: AxisTile;
  readonly row: AxisTile;
  readonly column: AxisTile;
  readonly plan: VolumePlan;
}

/**
 * Copies a tile out of planes and rows that begin at the tile's own; beyond the image it is mirrored without repeating
 * the edge.
 */
function cutTile(
  tile: Float32Array,
  lr: readonly Float32Array[],
  at: TilePlace & { readonly size: Axes; readonly channels: number },
): void {
  const { slab, row, column, plan, size, channels } = at;
  const [depth, height, width] = size;
  const inside = Math.min(plan.columns.tile, width - column.start);
  let to = 0;
  for (let z = 0; z < plan.slabs.tile; z++) {
    const plane = lr[reflectIndex(slab.start + z, depth) - slab.start];
    for (let y = 0; y < plan.rows.tile; y++) {
      const from = (reflectIndex(row.start + y, height) - row.start) * width * channels;
      tile.set(plane.subarray(from + column.start * channels, from + (column.start + inside) * channels), to);
      for (let x = inside; x < plan.columns.tile; x++) {
        const source = from + reflectIndex(column.start + x, width) * channels;
        for (let c = 0; c < channels; c++) tile[to + x * channels + c] = plane[source + c];
      }
      to += plan.columns.tile * channels;
    }
  }
}

function placeTile(
  band: Float32Array,
  sr: Float32Array,
  at: TilePlace & { readonly model: VolumeModel; readonly bandRows: number; readonly rowLength: number },
): void {
  const { slab, row, column, plan, model, bandRows, rowLength } = at;
  const { channels } = model;
  const [timesDepth, timesHeight, timesWidth] = model.factor;
  const length = (column.to - column.from) * timesWidth * channels;
  const left = (column.from - column.start) * timesWidth * channels;
  for (let z = slab.from * timesDepth; z < slab.to * timesDepth; z++) {
    const above = (z - slab.start * timesDepth) * plan.rows.tile * timesHeight;
    const top = (z - slab.from * timesDepth) * bandRows;
    for (let y = row.from * timesHeight; y < row.to * timesHeight; y++) {
      const from = (above + y - row.start * timesHeight) * plan.columns.tile * timesWidth * channels + left;
      const to = (top + y - row.from * timesHeight) * rowLength + column.from * timesWidth * channels;
      if (!plan.blended) {
        band.set(sr.subarray(from, from + length), to);
        continue;
      }
      const vertical = row.weights ? row.weights[y - row.from * timesHeight] : 1;
      const across = column.weights;
      for (let k = 0; k < length; k++)
        band[to + k] += vertical * (across ? across[Math.floor(k / channels)] : 1) * sr[from + k];
    }
  }
}

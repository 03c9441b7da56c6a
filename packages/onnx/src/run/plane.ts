import { planAxis, type AxisPlan, type AxisTile } from './axis.js';
import type { TileSize } from './memory.js';
import type { TileModel } from './tile-model.js';

/** A plane that is read by rows: [height][width][channels], in [0, 1]. */
export interface PlaneSource {
  readonly width: number;
  readonly height: number;
  readRows(y: number, height: number): Promise<Float32Array>;
}

/** Takes finished SR rows, from the top: one array for each of the model's outputs, used again after the call. */
export type PlaneSink = (y: number, height: number, outputs: readonly Float32Array[]) => Promise<void> | void;

/** The tiles of a plane. */
export interface PlanePlan {
  readonly rows: AxisPlan;
  readonly columns: AxisPlan;
  /** Whether tiles are blended: none equals the whole. */
  readonly blended: boolean;
}

export function planPlane(
  size: { width: number; height: number },
  model: Pick<TileModel, 'halo' | 'multiple' | 'factor'>,
  tile: TileSize,
): PlanePlan {
  const { halo, multiple, factor } = model;
  const rows = planAxis(size.height, { tile: tile.rows, halo, multiple, factor });
  const columns = planAxis(size.width, { tile: tile.columns, halo, multiple, factor });
  return { rows, columns, blended: halo === null && (rows.tiles.length > 1 || columns.tiles.length > 1) };
}

/**
 * Enlarges a plane tile by tile. Memory holds one row of tiles, whatever the plane's height.
 * @param onTile is called after each tile, with the plane's pixels that are done since the last.
 */
export async function upscalePlane(
  model: TileModel,
  source: PlaneSource,
  sink: PlaneSink,
  plan: PlanePlan,
  onTile: (pixels: number) => void = () => undefined,
): Promise<void> {
  const { factor, channels } = model;
  const { rows, columns, blended } = plan;
  const rowLength = source.width * factor * channels;
  const bandRows = Math.max(...rows.tiles.map(({ from, to }) => to - from)) * factor;
  const bands = Array.from({ length: model.outputs }, () => new Float32Array(bandRows * rowLength));
  const tile = new Float32Array(rows.tile * columns.tile * channels);
  for (const [i, row] of rows.tiles.entries()) {
    const available = Math.min(source.height - row.start, rows.tile);
    const lr = await source.readRows(row.start, available);
    for (const column of columns.tiles) {
      cutTile(tile, lr, { row, column, plan, width: source.width, height: source.height, channels });
      const outputs = await model.run(tile, rows.tile, columns.tile);
      outputs.forEach((sr, k) =>
        placeTile(bands[k], sr, { row, column, tileWidth: columns.tile, factor, channels, rowLength, blended }),
      );
      onTile((row.to - row.from) * (column.to - column.from));
    }
    const next = rows.tiles[i + 1];
    const done = ((next?.from ?? row.to) - row.from) * factor;
    const kept = (row.to - row.from) * factor - done;
    await sink(
      row.from * factor,
      done,
      bands.map((band) => band.subarray(0, done * rowLength)),
    );
    if (!blended) continue;
    // Rows that the next tiles share move to the top; below them sums begin at nothing.
    for (const band of bands) {
      band.copyWithin(0, done * rowLength, (done + kept) * rowLength);
      band.fill(0, kept * rowLength);
    }
  }
}

/**
 * Copies a tile out of rows that begin at the tile's own; beyond the image it is mirrored without repeating the edge.
 */
function cutTile(
  tile: Float32Array,
  lr: Float32Array,
  at: { row: AxisTile; column: AxisTile; plan: PlanePlan; width: number; height: number; channels: number },
): void {
  const { row, column, plan, width, height, channels } = at;
  const inside = Math.min(plan.columns.tile, width - column.start);
  for (let y = 0; y < plan.rows.tile; y++) {
    const from = (mirror(row.start + y, height) - row.start) * width * channels;
    const to = y * plan.columns.tile * channels;
    tile.set(lr.subarray(from + column.start * channels, from + (column.start + inside) * channels), to);
    for (let x = inside; x < plan.columns.tile; x++) {
      const source = from + mirror(column.start + x, width) * channels;
      for (let c = 0; c < channels; c++) tile[to + x * channels + c] = lr[source + c]!;
    }
  }
}

function placeTile(
  band: Float32Array,
  sr: Float32Array,
  at: {
    row: AxisTile;
    column: AxisTile;
    tileWidth: number;
    factor: number;
    channels: number;
    rowLength: number;
    blended: boolean;
  },
): void {
  const { row, column, tileWidth, factor, channels, rowLength, blended } = at;
  const length = (column.to - column.from) * factor * channels;
  const left = (column.from - column.start) * factor * channels;
  for (let y = row.from * factor; y < row.to * factor; y++) {
    const from = (y - row.start * factor) * tileWidth * factor * channels + left;
    const to = (y - row.from * factor) * rowLength + column.from * factor * channels;
    if (!blended) {
      band.set(sr.subarray(from, from + length), to);
      continue;
    }
    const vertical = row.weights ? row.weights[y - row.from * factor] : 1;
    const across = column.weights;
    for (let k = 0; k < length; k++)
      band[to + k] += vertical * (across ? across[Math.floor(k / channels)] : 1) * sr[from + k];
  }
}

/** Mirrors an index into 0..length-1 without repeating the edge. */
function mirror(index: number, length: number): number {
  if (index < length) return index;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const at = index % period;
  return at < length ? at : period - at;
}

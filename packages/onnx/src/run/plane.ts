import type { TileSize } from './tile-size.js';
import type { TileModel } from './tile-model.js';
import { planVolume, upscaleVolume, type VolumeModel, type VolumePlan } from './volume.js';

/** A plane that is read by rows: [height][width][channels], in [0, 1]. */
export interface PlaneSource {
  readonly width: number;
  readonly height: number;
  readRows(y: number, height: number): Promise<Float32Array>;
}

/** Takes finished SR rows, from the top: one array for each of the model's outputs, used again after the call. */
export type PlaneSink = (y: number, height: number, outputs: readonly Float32Array[]) => Promise<void> | void;

/** A model of planes as one of volumes of one plane. */
export function planesModel(model: TileModel): VolumeModel {
  const { factor, channels, multiple, halo, outputs, bytesPerPixel } = model;
  return {
    channels,
    outputs,
    bytesPerPixel,
    factor: [1, factor, factor],
    multiple: [1, multiple, multiple],
    halo: halo === null ? null : [0, halo, halo],
    run: (tile, [, height, width]) => model.run(tile, height, width),
    reset: () => model.reset(),
    dispose: () => model.dispose(),
  };
}

export function planPlane(
  size: { width: number; height: number },
  model: Pick<TileModel, 'halo' | 'multiple' | 'factor'>,
  tile: TileSize,
): VolumePlan {
  const { halo, multiple, factor } = model;
  return planVolume(
    [1, size.height, size.width],
    {
      factor: [1, factor, factor],
      multiple: [1, multiple, multiple],
      halo: halo === null ? null : [0, halo, halo],
    },
    [1, tile.rows, tile.columns],
  );
}

/**
 * Enlarges a plane tile by tile. Memory holds one row of tiles, whatever the plane's height.
 * @param onTile is called after each tile, with the plane's pixels that are done since the last.
 */
export async function upscalePlane(
  model: TileModel,
  source: PlaneSource,
  sink: PlaneSink,
  plan: VolumePlan,
  onTile: (pixels: number) => void = () => undefined,
): Promise<void> {
  await upscaleVolume(
    planesModel(model),
    { size: [1, source.height, source.width], readRows: (_, y, height) => source.readRows(y, height) },
    ({ y, height }, outputs) => sink(y, height, outputs),
    plan,
    onTile,
  );
}

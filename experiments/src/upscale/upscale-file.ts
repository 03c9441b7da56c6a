import { FailureError, enlargedPixelSize } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import {
  OutOfMemory,
  chooseTile,
  planPlane,
  shortestTile,
  upscalePlane,
  type PlaneSource,
  type TileModel,
  type TileSize,
} from '@lacuna/onnx';
import { eachChannel } from './channels.js';
import { besideOutput } from './jobs.js';
import type { Levels } from './levels.js';
import type { UpscaleProgress } from './progress.js';
import { clearRemains, openRows, planesOf, writtenType, type PlanePlace, type RowsOut } from './rows-out.js';

/** What one file needs besides its model. */
export interface FileJob {
  readonly image: OpenImage;
  readonly output: string;
  readonly levels: Levels;
  /** The channel to take; null for all. */
  readonly channel: number | null;
  /** Written into the file, so that it is known again. */
  readonly software: string;
  /** Bytes for tiles and rows. */
  readonly room: number;
  /** Resident bytes that the process must not pass; null where nobody asked. */
  readonly bound: number | null;
  readonly progress: UpscaleProgress;
}

/**
 * Enlarges one file, plane by plane and tile by tile; under its final name the result appears whole or not at all.
 * @returns paths written, and whether tiles were blended.
 */
export async function upscaleFile(base: TileModel, job: FileJob): Promise<{ written: string[]; blended: boolean }> {
  const { image, channel } = job;
  const channels = channel === null ? image.channels : 1;
  const model = base.channels === 1 ? eachChannel(base, channels) : base;
  clearRemains(job.output);
  const outs: RowsOut[] = [];
  const written = [
    job.output,
    ...(model.outputs > 1 ? [besideOutput(job.output, '-spread', spreadExtension(job.output))] : []),
  ];
  try {
    const { pixelSize } = image;
    const type = writtenType(image.dtype);
    for (const [k, path] of written.entries()) {
      outs.push(
        openRows(path, {
          width: image.width * model.factor,
          height: image.height * model.factor,
          depth: image.depth,
          frames: image.frames,
          channels,
          type: k > 0 ? 'float32' : type,
          channelLayout: image.channelLayout,
          pixelSize: pixelSize ? enlargedPixelSize(pixelSize, model.factor) : null,
          software: job.software,
          dataRange: job.levels.dataRange,
        }),
      );
    }
    const tiles = new Tiles(model, job);
    let blended = false;
    for (const plane of planesOf(image)) blended = (await upscaleOnePlane(model, tiles, job, outs, plane)) || blended;
    for (const out of outs) await out.finish();
    return { written, blended };
  } catch (error) {
    for (const out of outs) await out.abandon();
    throw error;
  }
}

/** The size of tiles: what the bound allows, and less each time memory runs out. */
class Tiles {
  private readonly model: TileModel;
  private readonly job: FileJob;
  private longest = Infinity;

  constructor(model: TileModel, job: FileJob) {
    this.model = model;
    this.job = job;
  }

  get size(): TileSize {
    const { image, room } = this.job;
    return chooseTile(image, this.model, { bytes: room, longest: this.longest });
  }

  /** @throws {FailureError} where tiles cannot become smaller. */
  halve(used: TileSize, reason: OutOfMemory): void {
    const least = shortestTile(this.model.halo, this.model.multiple);
    const { image } = this.job;
    const side = Math.max(Math.min(used.rows, image.height), Math.min(used.columns, image.width));
    if (side <= least)
      throw new FailureError(
        {
          who: image.name,
          got: `no memory for a tile of ${used.columns} x ${used.rows} (${reason.message})`,
          wanted: `room for tiles of at least ${least} x ${least}`,
          remedy: 'allow more with --memory, end other programs or take a smaller model',
        },
        { cause: reason },
      );
    this.longest = Math.max(least, Math.floor(side / 2));
  }
}

/** One plane, again with tiles of half the side whenever memory runs out: rows are written over. */
async function upscaleOnePlane(
  model: TileModel,
  tiles: Tiles,
  job: FileJob,
  outs: readonly RowsOut[],
  plane: PlanePlace,
): Promise<boolean> {
  const { image, levels, progress } = job;
  const { dataRange } = levels;
  const count = image.frames * image.depth;
  const place = count > 1 ? `plane ${plane.t * image.depth + plane.z + 1}/${count}  ` : '';
  const source = normalised(image, plane, job);
  const affines = job.channel === null ? levels.channels : [levels.channels[job.channel]];
  for (;;) {
    const size = tiles.size;
    const plan = planPlane(image, model, size);
    let done = 0;
    try {
      await upscalePlane(
        model,
        source,
        async (y, rows, outputs) => {
          for (const [k, values] of outputs.entries()) {
            await outs[k].writeRows(
              plane,
              y,
              rows,
              k === 0 ? restored(values, affines, dataRange, image.dataRange !== null) : spreadIn(values, affines),
            );
          }
        },
        plan,
        (pixels) => {
          done += pixels * model.channels;
          progress.add(image.name, pixels * model.channels, place);
          if (job.bound !== null) holdBound(job.bound);
        },
      );
      return plan.blended;
    } catch (error) {
      if (!(error instanceof OutOfMemory)) throw error;
      tiles.halve(size, error);
      progress.take(done);
      progress.print(`${image.name}: memory ran out (${error.message}); tiles of half the side from here on`);
      await model.reset();
    }
  }
}

function holdBound(bound: number): void {
  const resident = process.memoryUsage.rss();
  if (resident > bound)
    throw new OutOfMemory(`${Math.round(resident / 2 ** 20)} MB in use of ${Math.round(bound / 2 ** 20)}`);
}

/** Rows of a plane in [0, 1]. */
function normalised(image: OpenImage, { t, z }: PlanePlace, { levels, channel }: FileJob): PlaneSource {
  const { channels } = image;
  return {
    width: image.width,
    height: image.height,
    async readRows(y, height) {
      const rows = await image.readRegion({ t, z, y, height });
      if (channel !== null) {
        const { scale, offset } = levels.channels[channel];
        const out = new Float32Array(rows.length / channels);
        for (let i = 0; i < out.length; i++) out[i] = rows[i * channels + channel] * scale + offset;
        return out;
      }
      for (let c = 0; c < channels; c++) {
        const { scale, offset } = levels.channels[c];
        for (let i = c; i < rows.length; i += channels) rows[i] = rows[i] * scale + offset;
      }
      return rows;
    },
  };
}

/** Back to the numbers of the file; integers stay within what its kind can hold. */
function restored(
  values: Float32Array,
  affines: readonly { scale: number; offset: number }[],
  [low, high]: readonly [number, number],
  bounded: boolean,
): Float32Array {
  const channels = affines.length;
  for (let c = 0; c < channels; c++) {
    const { scale, offset } = affines[c];
    for (let i = c; i < values.length; i += channels) {
      const value = (values[i] - offset) / scale;
      values[i] = bounded ? Math.min(high, Math.max(low, value)) : value;
    }
  }
  return values;
}

/** A standard deviation in the numbers of the file. */
function spreadIn(values: Float32Array, affines: readonly { scale: number }[]): Float32Array {
  const channels = affines.length;
  for (let c = 0; c < channels; c++)
    for (let i = c; i < values.length; i += channels) values[i] = values[i] / Math.abs(affines[c].scale);
  return values;
}

const isPng = (path: string): boolean => /\.png$/i.test(path);
const spreadExtension = (output: string): string | undefined => (isPng(output) ? '.tif' : undefined);

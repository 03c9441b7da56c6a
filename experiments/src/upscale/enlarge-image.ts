import { FailureError } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import {
  OutOfMemory,
  chooseTile,
  chooseVolumeTile,
  planVolume,
  shortestTile,
  upscaleVolume,
  type Axes,
  type TileRoom,
  type VolumeModel,
  type VolumeSource,
} from '@lacuna/onnx';
import { eachChannel } from './channels.js';
import type { Levels } from './levels.js';
import type { PlanePlace } from './plane-places.js';

/** The spread of several models, or the probability of network. */
export type SecondOutput = 'spread' | 'network';

/** Where a job says how far it is. */
export interface EnlargeProgress {
  /** LR pixels that are done, and of which plane or volume. */
  add(name: string, pixels: number, place: string): void;
  /** Pixels that must be made again. */
  take(pixels: number): void;
  print(line: string): void;
}

/** Takes whole rows of a plane, from row `y` on. */
export interface SrRows {
  writeRows(plane: PlanePlace, y: number, rows: number, values: Float32Array): Promise<void> | void;
}

/** An image to enlarge, and what with. */
export interface EnlargeJob {
  readonly image: OpenImage;
  /** Whether the model takes volumes; else the planes of a stack go through it one by one. */
  readonly volumes: boolean;
  readonly levels: Levels;
  /** The channel to take; null for all. */
  readonly channel: number | null;
  /** What the model's second output is, if it has one. A spread by default. */
  readonly second?: SecondOutput;
  /** Bytes for tiles and rows. */
  readonly room: number;
  /** Called after each tile: what it throws ends the job, and {@link OutOfMemory} makes tiles smaller. */
  readonly afterTile?: () => void;
  readonly progress: EnlargeProgress;
}

/** A model for an image: one of a single channel takes each of the image's for itself. */
export const modelFor = (base: VolumeModel, { image, channel }: Pick<EnlargeJob, 'image' | 'channel'>): VolumeModel =>
  base.channels === 1 ? eachChannel(base, channel === null ? image.channels : 1) : base;

/**
 * Enlarges an image, plane by plane or volume by volume, and tile by tile.
 * @param model of {@link modelFor}.
 * @param outs take the rows of each of its outputs, in the numbers of the file.
 * @returns whether tiles were blended.
 */
export async function enlargeImage(model: VolumeModel, job: EnlargeJob, outs: readonly SrRows[]): Promise<boolean> {
  const tiles = new Tiles(model, job);
  let blended = false;
  for (const part of partsOf(job)) blended = (await enlargePart(model, tiles, { job, outs, part })) || blended;
  return blended;
}

/** Planes of one time point that go through the model together. */
interface Part {
  readonly t: number;
  readonly z: number;
  readonly depth: number;
}

/** Every plane of an image, or every volume. */
function partsOf({ image, volumes }: Pick<EnlargeJob, 'image' | 'volumes'>): Part[] {
  const { frames, depth } = image;
  const together = volumes ? depth : 1;
  const parts: Part[] = [];
  for (let t = 0; t < frames; t++) {
    for (let z = 0; z < depth; z += together) parts.push({ t, z, depth: together });
  }
  return parts;
}

/**
 * The largest tiles of an image that fit into `bytes`.
 * @throws {InputError} where not even the smallest fits, with what would.
 */
export function tileOf(
  model: Pick<VolumeModel, 'bytesPerPixel' | 'channels' | 'factor' | 'outputs' | 'halo' | 'multiple'>,
  { image, volumes }: { image: Pick<OpenImage, 'width' | 'height' | 'depth'>; volumes: boolean },
  options: TileRoom,
): Axes {
  if (volumes) return chooseVolumeTile([image.depth, image.height, image.width], model, options);
  const [, factor] = model.factor;
  const [, multiple] = model.multiple;
  const halo = model.halo === null ? null : model.halo[1];
  const { rows, columns } = chooseTile(image, { ...model, factor, multiple, halo }, options);
  return [1, rows, columns];
}

/** The size of tiles: what the bound allows, and less each time memory runs out. */
class Tiles {
  private readonly model: VolumeModel;
  private readonly job: EnlargeJob;
  private longest = Infinity;

  constructor(model: VolumeModel, job: EnlargeJob) {
    this.model = model;
    this.job = job;
  }

  get size(): Axes {
    return tileOf(this.model, this.job, { bytes: this.job.room, longest: this.longest });
  }

  /** @throws {FailureError} where tiles cannot become smaller. */
  halve([depth, rows, columns]: Axes, reason: OutOfMemory): void {
    const { halo, multiple } = this.model;
    const { image, volumes } = this.job;
    const shortest = multiple.map((each, axis) => shortestTile(halo === null ? null : halo[axis], each));
    const least = Math.max(shortest[1], shortest[2]);
    const side = Math.max(
      Math.min(rows, image.height),
      Math.min(columns, image.width),
      // Without a halo the whole depth goes through, whatever the tile.
      volumes && halo !== null ? Math.min(depth, image.depth) : 0,
    );
    if (side <= least)
      throw new FailureError(
        {
          who: image.name,
          got: `no memory for a tile of ${columns} x ${rows}${volumes ? ` x ${depth}` : ''} (${reason.message})`,
          wanted: `room for tiles of at least ${least} x ${least}${volumes ? ` x ${shortest[0]}` : ''}`,
          remedy: 'allow more with --memory, end other programs or take a smaller model',
        },
        { cause: reason },
      );
    this.longest = Math.max(least, Math.floor(side / 2));
  }
}

/** One plane or volume, again with tiles of half the side whenever memory runs out: rows are written over. */
async function enlargePart(
  model: VolumeModel,
  tiles: Tiles,
  { job, outs, part }: { job: EnlargeJob; outs: readonly SrRows[]; part: Part },
): Promise<boolean> {
  const { image, levels, progress } = job;
  const { dataRange } = levels;
  const { t } = part;
  const source = normalised(image, part, job);
  const place = placeText(job, part);
  const affines = job.channel === null ? levels.channels : [levels.channels[job.channel]];
  for (;;) {
    const size = tiles.size;
    const plan = planVolume(source.size, model, size);
    let done = 0;
    try {
      await upscaleVolume(
        model,
        source,
        async ({ z, y, height }, outputs) => {
          for (const [k, values] of outputs.entries()) {
            await outs[k].writeRows(
              { t, z: part.z * model.factor[0] + z },
              y,
              height,
              k === 0
                ? restored(values, affines, dataRange, image.dataRange !== null)
                : secondIn(values, affines, job.second ?? 'spread'),
            );
          }
        },
        plan,
        (pixels) => {
          done += pixels * model.channels;
          progress.add(image.name, pixels * model.channels, place);
          job.afterTile?.();
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

/** Which of several planes or volumes it is. */
function placeText({ image, volumes }: EnlargeJob, { t, z }: Part): string {
  const { frames, depth } = image;
  if (volumes) return frames > 1 ? `time point ${t + 1}/${frames}  ` : '';
  return frames * depth > 1 ? `plane ${t * depth + z + 1}/${frames * depth}  ` : '';
}

/** Rows of a plane or volume in [0, 1]. */
function normalised(image: OpenImage, part: Part, { levels, channel }: EnlargeJob): VolumeSource {
  const { channels } = image;
  return {
    size: [part.depth, image.height, image.width],
    async readRows(z, y, height) {
      const rows = await image.readRegion({ t: part.t, z: part.z + z, y, height });
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

/** What a probability of 1 is in a file of 16 bits. */
export const WHITE = 65_535;

/** A second output in the numbers of its file. */
function secondIn(values: Float32Array, affines: readonly { scale: number }[], kind: SecondOutput): Float32Array {
  if (kind === 'spread') return spreadIn(values, affines);
  for (let i = 0; i < values.length; i++) values[i] = Math.round(values[i] * WHITE);
  return values;
}

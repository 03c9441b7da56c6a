import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FailureError, InputError, createImage, describeShape, enlargedPixelSize } from '@lacuna/core';
import { createTiffStream, writePng, type OpenImage, type SampleType } from '@lacuna/datasets';
import { OutOfMemory, chooseTile, planPlane, shortestTile, upscalePlane, type PlaneSource, type TileModel, type TileSize } from '@lacuna/onnx';
import { eachChannel } from './channels.js';
import { besideOutput } from './jobs.js';
import type { Levels } from './levels.js';
import type { UpscaleProgress } from './progress.js';

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

/** Where rows of one kind go: the image, or the spread beside it. */
interface RowsOut {
  writeRows(z: number, y: number, rows: number, values: Float32Array): Promise<void> | void;
  finish(): Promise<void> | void;
  abandon(): Promise<void> | void;
}

/**
 * Enlarges one file, plane by plane and tile by tile; under its final name the result appears whole or not at all.
 * @returns paths written, and whether tiles were blended.
 */
export async function upscaleFile(base: TileModel, job: FileJob): Promise<{ written: string[]; blended: boolean }> {
  const { image, channel } = job, channels = channel === null ? image.channels : 1;
  const model = base.channels === 1 ? eachChannel(base, channels) : base;
  clearRemains(job.output);
  const outs: RowsOut[] = [], written = [job.output, ...(model.outputs > 1 ? [besideOutput(job.output, '-spread', spreadExtension(job.output))] : [])];
  try {
    for (const [k, path] of written.entries()) outs.push(await openOut(path, job, { factor: model.factor, channels, spread: k > 0 }));
    const tiles = new Tiles(model, job);
    let blended = false;
    for (let z = 0; z < image.depth; z++) blended = (await upscaleOnePlane(model, tiles, job, outs, z)) || blended;
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
    const least = shortestTile(this.model.halo, this.model.multiple), { image } = this.job;
    const side = Math.max(Math.min(used.rows, image.height), Math.min(used.columns, image.width));
    if (side <= least) throw new FailureError({ who: image.name, got: `no memory for a tile of ${used.columns} x ${used.rows} (${reason.message})`, wanted: `room for tiles of at least ${least} x ${least}`, remedy: 'allow more with --memory, end other programs or take a smaller model' }, { cause: reason });
    this.longest = Math.max(least, Math.floor(side / 2));
  }
}

/** One plane, again with tiles of half the side whenever memory runs out: rows are written over. */
async function upscaleOnePlane(model: TileModel, tiles: Tiles, job: FileJob, outs: readonly RowsOut[], z: number): Promise<boolean> {
  const { image, levels, progress } = job, { dataRange } = levels, place = image.depth > 1 ? `plane ${z + 1}/${image.depth}  ` : '';
  const source = normalised(image, z, job), affines = job.channel === null ? levels.channels : [levels.channels[job.channel]!];
  for (;;) {
    const size = tiles.size, plan = planPlane(image, model, size);
    let done = 0;
    try {
      await upscalePlane(model, source, async (y, rows, outputs) => {
        for (const [k, values] of outputs.entries()) {
          await outs[k]!.writeRows(z, y, rows, k === 0 ? restored(values, affines, dataRange, image.dataRange !== null) : spreadIn(values, affines));
        }
      }, plan, (pixels) => {
        done += pixels * model.channels;
        progress.add(image.name, pixels * model.channels, place);
        if (job.bound !== null) holdBound(job.bound);
      });
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
  if (resident > bound) throw new OutOfMemory(`${Math.round(resident / 2 ** 20)} MB in use of ${Math.round(bound / 2 ** 20)}`);
}

/** Rows of a plane in [0, 1]. */
function normalised(image: OpenImage, z: number, { levels, channel }: FileJob): PlaneSource {
  const { channels } = image;
  return {
    width: image.width, height: image.height,
    async readRows(y, height) {
      const rows = await image.readRegion({ z, y, height });
      if (channel !== null) {
        const { scale, offset } = levels.channels[channel]!, out = new Float32Array(rows.length / channels);
        for (let i = 0; i < out.length; i++) out[i] = rows[i * channels + channel]! * scale + offset;
        return out;
      }
      for (let c = 0; c < channels; c++) {
        const { scale, offset } = levels.channels[c]!;
        for (let i = c; i < rows.length; i += channels) rows[i] = rows[i]! * scale + offset;
      }
      return rows;
    },
  };
}

/** Back to the numbers of the file; integers stay within what its kind can hold. */
function restored(values: Float32Array, affines: readonly { scale: number; offset: number }[], [low, high]: readonly [number, number], bounded: boolean): Float32Array {
  const channels = affines.length;
  for (let c = 0; c < channels; c++) {
    const { scale, offset } = affines[c]!;
    for (let i = c; i < values.length; i += channels) {
      const value = (values[i]! - offset) / scale;
      values[i] = bounded ? Math.min(high, Math.max(low, value)) : value;
    }
  }
  return values;
}

/** A standard deviation in the numbers of the file. */
function spreadIn(values: Float32Array, affines: readonly { scale: number }[]): Float32Array {
  const channels = affines.length;
  for (let c = 0; c < channels; c++) for (let i = c; i < values.length; i += channels) values[i] = values[i]! / Math.abs(affines[c]!.scale);
  return values;
}

const isPng = (path: string): boolean => /\.png$/i.test(path);
const spreadExtension = (output: string): string | undefined => (isPng(output) ? '.tif' : undefined);

async function openOut(path: string, job: FileJob, { factor, channels, spread }: { factor: number; channels: number; spread: boolean }): Promise<RowsOut> {
  const { image } = job, width = image.width * factor, height = image.height * factor, type = spread ? 'float32' : writtenType(image.dtype);
  const pixelSize = image.pixelSize ? enlargedPixelSize(image.pixelSize, factor) : null;
  if (isPng(path)) return pngOut(path, { width, height, depth: image.depth, channels, type });
  const bytes = width * height * image.depth * channels * bytesOf[type];
  const stream = createTiffStream(path, {
    width, height, depth: image.depth, channels, type, channelLayout: image.channelLayout, pixelSize, name: basename(path), software: job.software, dataRange: job.levels.dataRange,
    // ImageJ's own description holds for files below 4 GB.
    metadata: /\.ome\.tiff?$/i.test(path) || bytes > 0xf000_0000 ? 'ome' : 'imagej',
  });
  return { writeRows: (z, y, height, values) => stream.writeRegion({ z, y, height }, values), finish: () => stream.finish(), abandon: () => stream.abandon() };
}

const bytesOf: Record<SampleType, number> = { uint8: 1, uint16: 2, int16: 2, float32: 4 };

/** The type of the file itself; 32-bit integers and doubles become floats. */
function writtenType(dtype: OpenImage['dtype']): SampleType {
  return dtype === 'uint8' || dtype === 'uint16' || dtype === 'int16' ? dtype : dtype === 'int8' ? 'int16' : 'float32';
}

/** PNG is written whole: it has no place for rows in turn. */
function pngOut(path: string, { width, height, depth, channels, type }: { width: number; height: number; depth: number; channels: number; type: SampleType }): RowsOut {
  if (depth !== 1 || (channels !== 1 && channels !== 3) || (type !== 'uint8' && type !== 'uint16')) {
    throw new InputError({ who: path, got: `${describeShape({ width, height, depth, channels })}, ${type}`, wanted: 'one plane of 1 or 3 channels, 8 or 16 bits', remedy: 'write a TIFF: end the name in .tif' });
  }
  const data = new Float32Array(width * height * channels);
  return {
    writeRows: (_, y, __, values) => data.set(values, y * width * channels),
    finish: () => writePng(path, createImage({ data, width, height, channels, dataRange: [0, type === 'uint8' ? 255 : 65535], name: basename(path) }), { bits: type === 'uint8' ? 8 : 16 }),
    abandon: () => undefined,
  };
}

/** Removes what killed processes left beside an output. */
function clearRemains(output: string): void {
  const folder = dirname(output);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const match = name.startsWith(`${basename(output)}.`) ? /\.(\d+)\.part$/.exec(name) : null;
    if (match && !isAlive(Number(match[1]))) rmSync(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

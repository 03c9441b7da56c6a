import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FailureError, InputError } from '@lacuna/core';
import { describeDevice, planDevice, type DeviceKind } from './device.js';
import { OutOfMemory, isOutOfMemory, type TileModel } from './tile-model.js';
import type { Axes, VolumeModel } from './volume.js';

/** What must be known of an ONNX file to run it on images in [0, 1]. */
export interface RunDescription {
  readonly name: string;
  readonly factor: number;
  readonly channels: number;
  readonly layout: 'nchw' | 'nhwc';
  /** What the network takes for black and white, and gives: 0..1, 0..255 or -1..1. */
  readonly range: readonly [number, number];
  readonly multiple: number;
  readonly halo: number | null;
  readonly bytesPerPixel: number;
  /** The network has a second output, the probability of network: `run` gives it after the image. One channel alone. */
  readonly networkHead?: boolean;
}

/** The same of a network of volumes. */
export interface VolumeDescription extends Pick<
  RunDescription,
  'name' | 'channels' | 'layout' | 'range' | 'bytesPerPixel' | 'networkHead'
> {
  readonly factor: Axes;
  readonly multiple: Axes;
  readonly halo: Axes | null;
}

/** The same of a network of planes that takes several for one, or enlarges rows and columns differently. */
export interface PlanesDescription extends Pick<RunDescription, 'name' | 'channels' | 'layout' | 'range'> {
  /** Of rows and columns. */
  readonly factor: readonly [number, number];
  /** Planes that come in for one. */
  readonly planes: number;
}

/** A session on planes with their neighbours: [height][width][planes · channels] to [height·f][width·f][channels]. */
export interface PlanesSession {
  readonly device: string;
  /** The plane may be overwritten by the next call. @throws {OutOfMemory} where it is too large for the device. */
  run(tile: Float32Array, size: readonly [number, number]): Promise<Float32Array>;
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

/** A session on a network of volumes. */
export interface VolumeSession extends VolumeModel {
  readonly name: string;
  readonly device: string;
}

/** A session and where it runs. */
export interface SrSession extends TileModel {
  readonly name: string;
  /** One line for people. */
  readonly device: string;
}

/** Options of {@link openSession}. */
export interface SessionOptions {
  readonly device: DeviceKind;
  /** Threads of one op; onnxruntime's own choice by default. */
  readonly threads?: number;
}

/**
 * Opens an ONNX file for inference by onnxruntime-node.
 * @throws {InputError} where the bytes are no model, it is not SR of one image, or the device is not there.
 */
export async function openSession(
  bytes: Uint8Array,
  description: RunDescription,
  options: SessionOptions,
): Promise<SrSession> {
  const { factor } = description;
  const { device, ...runner } = await open(bytes, { ...description, factor: [factor, factor] }, options);
  return {
    ...description,
    ...runner,
    device,
    outputs: description.networkHead ? 2 : 1,
    run: (tile, height, width) => runner.run(tile, [height, width]),
  };
}

/**
 * The same for a network of volumes.
 * @throws {InputError} as {@link openSession}.
 */
export async function openVolumeSession(
  bytes: Uint8Array,
  description: VolumeDescription,
  options: SessionOptions,
): Promise<VolumeSession> {
  const runner = await open(bytes, description, options);
  return { ...description, ...runner, outputs: description.networkHead ? 2 : 1 };
}

/**
 * The same for a network of planes that come with their neighbours.
 * @throws {InputError} as {@link openSession}.
 */
export async function openPlanesSession(
  bytes: Uint8Array,
  description: PlanesDescription,
  options: SessionOptions,
): Promise<PlanesSession> {
  const runner = await open(bytes, description, options);
  return { ...runner, run: async (tile, size) => (await runner.run(tile, size))[0] };
}

/** What running needs to know, for any number of spatial axes. */
interface Network extends Pick<RunDescription, 'name' | 'channels' | 'layout' | 'range' | 'networkHead'> {
  readonly factor: readonly number[];
  /** Planes whose channels come in for those of one; 1 by default. */
  readonly planes?: number;
}

/** A session on tiles of any number of spatial axes. */
interface Runner {
  readonly device: string;
  run(tile: Float32Array, size: readonly number[]): Promise<readonly Float32Array[]>;
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

async function open(bytes: Uint8Array, description: Network, options: SessionOptions): Promise<Runner> {
  const plan = planDevice(options.device);
  const notes = [...plan.notes];
  for (const [i, provider] of plan.candidates.entries()) {
    const create = () =>
      InferenceSession.create(bytes, {
        executionProviders: [provider],
        logSeverityLevel: 3,
        ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      });
    let session: InferenceSession;
    try {
      session = await create();
    } catch (error) {
      const reason = firstLine(error);
      if (provider === 'cpu')
        throw new InputError(
          {
            who: description.name,
            got: `what onnxruntime refuses (${reason})`,
            wanted: 'a whole ONNX model',
            remedy: 'export or copy it again',
          },
          { cause: error },
        );
      if (i === plan.candidates.length - 1)
        throw new InputError(
          { who: `--device ${provider}`, got: reason, wanted: 'a device that works', remedy: 'take --device cpu' },
          { cause: error },
        );
      notes.push(`${provider} does not work here: ${reason}`);
      continue;
    }
    return wrap(session, create, description, describeDevice(provider, notes, options.threads));
  }
  throw new FailureError({ who: description.name, got: 'no device', wanted: 'at least the CPU' });
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 200);

function wrap(
  first: InferenceSession,
  create: () => Promise<InferenceSession>,
  description: Network,
  device: string,
): Runner {
  const {
    factor,
    channels,
    planes = 1,
    layout,
    range: [low, high],
    networkHead = false,
  } = description;
  const channelsIn = channels * planes;
  let session = first;
  let shape = '';
  let output: Tensor | null = null;
  let second: Tensor | null = null;
  const [inputName] = session.inputNames;
  const [outputName, secondName] = session.outputNames;
  const scaled = low !== 0 || high !== 1;
  const dims = (size: readonly number[], count: number) =>
    layout === 'nchw' ? [1, count, ...size] : [1, ...size, count];
  /** The tile as the network takes it; never the caller's own array where numbers are changed. */
  const laidOut = (tile: Float32Array): Float32Array => {
    if (layout === 'nchw' && channelsIn > 1) return toPlanes(tile, channelsIn);
    return scaled ? tile.slice() : tile;
  };
  return {
    device,
    async run(tile, size) {
      const enlarged = size.map((length, axis) => length * factor[axis]);
      const values = laidOut(tile);
      if (scaled) for (let i = 0; i < values.length; i++) values[i] = low + values[i] * (high - low);
      try {
        if (shape !== size.join('x')) {
          output = null;
          second = null;
          const made = () =>
            new Tensor(
              'float32',
              new Float32Array(enlarged.reduce((count, length) => count * length, channels)),
              dims(enlarged, channels),
            );
          output = made();
          // A head stands beside one channel: both outputs are of one size.
          second = networkHead ? made() : null;
          shape = size.join('x');
        }
        // The result goes into an array that is kept: arrays of the runtime's own would pile up until they are
        // collected.
        await session.run(
          { [inputName]: new Tensor('float32', values, dims(size, channelsIn)) },
          { [outputName]: output, ...(networkHead ? { [secondName]: second } : {}) },
        );
      } catch (error) {
        shape = '';
        if (isOutOfMemory(error)) throw new OutOfMemory(firstLine(error), { cause: error });
        throw new FailureError(
          {
            who: description.name,
            got: firstLine(error),
            wanted: `${sides(enlarged)} pixels from ${sides(size)}`,
            remedy: 'check the model with another image or --device cpu',
          },
          { cause: error },
        );
      }
      const sr = output!.data as Float32Array;
      if (scaled) for (let i = 0; i < sr.length; i++) sr[i] = (sr[i] - low) / (high - low);
      const image = layout === 'nchw' && channels > 1 ? toPixels(sr, channels) : sr;
      return second === null ? [image] : [image, second.data as Float32Array];
    },
    async reset() {
      await session.release();
      output = null;
      second = null;
      shape = '';
      session = await create();
    },
    async dispose() {
      await session.release();
    },
  };
}

/** Lengths as people say them, x first. */
const sides = (size: readonly number[]): string => [...size].reverse().join(' x ');

/** Channels last to channels first. */
function toPlanes(pixels: Float32Array, channels: number): Float32Array {
  const count = pixels.length / channels;
  const planes = new Float32Array(pixels.length);
  for (let i = 0; i < count; i++) for (let c = 0; c < channels; c++) planes[c * count + i] = pixels[i * channels + c]!;
  return planes;
}

/** Channels first to channels last. */
function toPixels(planes: Float32Array, channels: number): Float32Array {
  const count = planes.length / channels;
  const pixels = new Float32Array(planes.length);
  for (let i = 0; i < count; i++) for (let c = 0; c < channels; c++) pixels[i * channels + c] = planes[c * count + i]!;
  return pixels;
}

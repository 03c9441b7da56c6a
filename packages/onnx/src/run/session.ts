import { InferenceSession, Tensor } from 'onnxruntime-node';
import { FailureError, InputError } from '@lacuna/core';
import { describeDevice, planDevice, type DeviceKind } from './device.js';
import { createRunner, firstLine, type Network, type Runner, type Runtime } from './runner.js';
import type { TileModel } from './tile-model.js';
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
export interface PlanesDescription extends Pick<
  RunDescription,
  'name' | 'channels' | 'layout' | 'range' | 'networkHead'
> {
  /** Of rows and columns. */
  readonly factor: readonly [number, number];
  /** Planes that come in for one. */
  readonly planes: number;
}

/**
 * A session on planes with their neighbours: [height][width][planes x channels] to [height f][width f][channels], and
 * to the probability of network where the description says that there is a head.
 */
export interface PlanesSession {
  readonly device: string;
  /** The plane may be overwritten by the next call. @throws {OutOfMemory} where it is too large for the device. */
  run(tile: Float32Array, size: readonly [number, number]): Promise<readonly Float32Array[]>;
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
  return open(bytes, description, options);
}

async function open(bytes: Uint8Array, description: Network, options: SessionOptions): Promise<Runner> {
  const plan = planDevice(options.device);
  const notes = [...plan.notes];
  for (const [i, provider] of plan.candidates.entries()) {
    const runtime: Runtime<Tensor> = {
      create: () =>
        InferenceSession.create(bytes, {
          executionProviders: [provider],
          logSeverityLevel: 3,
          ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
        }),
      tensor: (values, dims) => new Tensor('float32', values, dims),
      fillsTensors: true,
    };
    try {
      return await createRunner(runtime, description, describeDevice(provider, notes, options.threads));
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
    }
  }
  throw new FailureError({ who: description.name, got: 'no device', wanted: 'at least the CPU' });
}

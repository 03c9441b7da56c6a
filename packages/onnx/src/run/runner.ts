import { FailureError } from '@lacuna/core';
import { OutOfMemory, isOutOfMemory } from './tile-model.js';

/** What running needs to know of a network, for any number of spatial axes. */
export interface Network {
  readonly name: string;
  readonly factor: readonly number[];
  readonly channels: number;
  /** Planes whose channels come in for those of one; 1 by default. */
  readonly planes?: number;
  readonly layout: 'nchw' | 'nhwc';
  /** What the network takes for black and white, and gives. */
  readonly range: readonly [number, number];
  /** There is a second output, the probability of network. */
  readonly networkHead?: boolean;
}

/** A tensor of a runtime. */
interface RuntimeTensor {
  readonly data: unknown;
}

/** What a session gives, by the names of its outputs. */
type Results = Readonly<Record<string, RuntimeTensor | null>>;

/** A session of a runtime, as far as it is used here. */
interface RuntimeSession<Tensor extends RuntimeTensor> {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>, fetches: Readonly<Record<string, Tensor | null>>): Promise<Results>;
  release(): Promise<void>;
}

/** An onnxruntime: that of Node or that of browsers. */
export interface Runtime<Tensor extends RuntimeTensor = RuntimeTensor> {
  create(): Promise<RuntimeSession<Tensor>>;
  tensor(values: Float32Array, dims: readonly number[]): Tensor;
  /** Results go into tensors that are handed over; in browsers they come in tensors of the runtime's own. */
  readonly fillsTensors: boolean;
}

/** A session on tiles of any number of spatial axes. */
export interface Runner {
  /** One line for people. */
  readonly device: string;
  /**
   * A tile in [0, 1], channels last, to images of the lengths times the factors.
   * @throws {OutOfMemory} where the tile is too large for the device.
   */
  run(tile: Float32Array, size: readonly number[]): Promise<readonly Float32Array[]>;
  reset(): Promise<void>;
  dispose(): Promise<void>;
}

/** The first line of what a runtime or driver says. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 200);

/** A session as one that takes tiles: lays out their values as the network takes them, and turns back what it gives. */
export async function createRunner<Tensor extends RuntimeTensor>(
  runtime: Runtime<Tensor>,
  description: Network,
  device: string,
): Promise<Runner> {
  const {
    factor,
    channels,
    planes = 1,
    layout,
    range: [low, high],
    networkHead = false,
  } = description;
  const channelsIn = channels * planes;
  let session = await runtime.create();
  let shape = '';
  let kept: Record<string, Tensor | null> = {};
  const [inputName] = session.inputNames;
  // A head stands beside one channel: both outputs are of one size.
  const outputNames = session.outputNames.slice(0, networkHead ? 2 : 1);
  const scaled = low !== 0 || high !== 1;
  const dims = (size: readonly number[], count: number) =>
    layout === 'nchw' ? [1, count, ...size] : [1, ...size, count];
  /** The tile as the network takes it; never the caller's own array where numbers are changed. */
  const laidOut = (tile: Float32Array): Float32Array => {
    if (layout === 'nchw' && channelsIn > 1) return toPlanes(tile, channelsIn);
    return scaled ? tile.slice() : tile;
  };
  /** Where results go: arrays that are kept, since the runtime's own would pile up until they are collected. */
  const outputsOf = (enlarged: readonly number[]): Record<string, Tensor | null> => {
    const made = () => {
      const count = enlarged.reduce((values, length) => values * length, channels);
      return runtime.tensor(new Float32Array(count), dims(enlarged, channels));
    };
    return Object.fromEntries(outputNames.map((name) => [name, runtime.fillsTensors ? made() : null]));
  };
  return {
    device,
    async run(tile, size) {
      const enlarged = size.map((length, axis) => length * factor[axis]);
      const values = laidOut(tile);
      if (scaled) for (let i = 0; i < values.length; i++) values[i] = low + values[i] * (high - low);
      let results: Results;
      try {
        if (shape !== size.join('x')) {
          kept = {};
          kept = outputsOf(enlarged);
          shape = size.join('x');
        }
        const given = await session.run({ [inputName]: runtime.tensor(values, dims(size, channelsIn)) }, kept);
        results = runtime.fillsTensors ? kept : given;
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
      const [sr, second] = outputNames.map((name) => results[name]!.data as Float32Array);
      if (scaled) for (let i = 0; i < sr.length; i++) sr[i] = (sr[i] - low) / (high - low);
      const image = layout === 'nchw' && channels > 1 ? toPixels(sr, channels) : sr;
      return networkHead ? [image, second] : [image];
    },
    async reset() {
      await session.release();
      kept = {};
      shape = '';
      session = await runtime.create();
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
  for (let i = 0; i < count; i++) for (let c = 0; c < channels; c++) planes[c * count + i] = pixels[i * channels + c];
  return planes;
}

/** Channels first to channels last. */
function toPixels(planes: Float32Array, channels: number): Float32Array {
  const count = planes.length / channels;
  const pixels = new Float32Array(planes.length);
  for (let i = 0; i < count; i++) for (let c = 0; c < channels; c++) pixels[i * channels + c] = planes[c * count + i];
  return pixels;
}

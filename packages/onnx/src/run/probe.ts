import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '@lacuna/core';
import type { Axes } from './volume.js';

/** What a network of planes does with the size of an image. */
export interface ProbedSize {
  readonly factor: number;
  /** Height and width of an image are multiples of this. */
  readonly multiple: number;
}

/** The same of a network of volumes, by axis. */
export interface ProbedVolume {
  readonly factor: Axes;
  /** Depth, height and width of a volume are multiples of this. */
  readonly multiple: number;
}

/** A network whose layout is known. */
export interface ProbedNetwork {
  readonly name: string;
  /** Whether channels come before the spatial axes or after them. */
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: number;
}

/** Divisors that networks with poolings ask for. */
const MULTIPLES = { 2: [1, 2, 4, 8, 16, 32, 64], 3: [1, 2, 4, 8, 16] } as const;
/** Shortest side of an image that is tried, where its multiple allows. */
const SHORTEST = { 2: 16, 3: 8 } as const;

/**
 * Finds the factor of an ONNX network by running it on small black images, and of which number their sides must be
 * multiples.
 * @throws {InputError} where the bytes are no model, and where no image comes out enlarged by a whole factor of at
 *   least 2.
 */
export async function probeSize(bytes: Uint8Array, network: ProbedNetwork): Promise<ProbedSize> {
  const { factor, multiple } = await probe(bytes, network, {
    rank: 2,
    fits: ([down, across]) => down === across && down >= 2,
    kind: 'image',
    wanted: 'height and width times a whole factor of at least 2, and the channels that came in',
  });
  return { factor: factor[0], multiple };
}

/**
 * The same for a network of volumes, [n,c,d,h,w] or [n,d,h,w,c].
 * @throws {InputError} as {@link probeSize}; an axis may keep its length, but not all of them.
 */
export async function probeVolume(bytes: Uint8Array, network: ProbedNetwork): Promise<ProbedVolume> {
  const { factor, multiple } = await probe(bytes, network, {
    rank: 3,
    fits: (factor) => Math.max(...factor) >= 2,
    kind: 'volume',
    wanted: 'depth, height and width times whole factors, one of them at least 2, and the channels that came in',
  });
  const [z, y, x] = factor;
  return { factor: [z, y, x], multiple };
}

/** What is asked of a network. */
interface Question {
  readonly rank: 2 | 3;
  readonly fits: (factor: readonly number[]) => boolean;
  readonly kind: string;
  readonly wanted: string;
}

async function probe(
  bytes: Uint8Array,
  { name, layout, channels }: ProbedNetwork,
  { rank, fits, kind, wanted }: Question,
): Promise<{ factor: number[]; multiple: number }> {
  const shapeOf = (lengths: readonly number[]) =>
    layout === 'nchw' ? [1, channels, ...lengths] : [1, ...lengths, channels];
  const first = layout === 'nchw' ? 2 : 1;
  const session = await openNetwork(bytes, name);
  let reason = 'nothing';
  try {
    for (const multiple of MULTIPLES[rank]) {
      // Unequal odd multiples: what works for them works for all.
      const shortest = SHORTEST[rank];
      const side = multiple * (multiple < shortest ? 2 * Math.floor(shortest / multiple) + 1 : 1);
      const lengths = Array.from({ length: rank }, (_, axis) => side + 2 * axis * multiple);
      const shape = shapeOf(lengths);
      const values = new Tensor('float32', new Float32Array(shape.reduce((size, length) => size * length, 1)), shape);
      try {
        const { dims } = (await session.run({ [session.inputNames[0]]: values }))[session.outputNames[0]];
        const factor = lengths.map((length, axis) => dims[first + axis] / length);
        const isEnlarged = dims.length === shape.length && factor.every(Number.isInteger) && fits(factor);
        if (isEnlarged && dims[layout === 'nchw' ? 1 : rank + 1] === channels) return { factor, multiple };
        reason = `[${dims.join(',')}] from [${shape.join(',')}]`;
      } catch (error) {
        reason = firstLine(error);
      }
    }
  } finally {
    await session.release();
  }
  throw new InputError({ who: `MODEL ${name}`, got: `a network that is not SR of one ${kind}: ${reason}`, wanted });
}

async function openNetwork(bytes: Uint8Array, name: string): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, { executionProviders: ['cpu'], logSeverityLevel: 4 });
  } catch (error) {
    throw new InputError(
      {
        who: `MODEL ${name}`,
        got: `what onnxruntime refuses (${firstLine(error)})`,
        wanted: 'a whole ONNX model',
        remedy: 'export or copy it again',
      },
      { cause: error },
    );
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 200);

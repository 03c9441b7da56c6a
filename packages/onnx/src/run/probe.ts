import { InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '@lacuna/core';

/** What a network does with the size of an image. */
export interface ProbedSize {
  readonly factor: number;
  /** Height and width of an image are multiples of this. */
  readonly multiple: number;
}

/** Divisors that networks with poolings ask for. */
const MULTIPLES = [1, 2, 4, 8, 16, 32, 64];

/**
 * Finds the factor of an ONNX network by running it on small black images, and of which number their sides must be
 * multiples.
 * @throws {InputError} where the bytes are no model, and where no image comes out enlarged by a whole factor of at
 * least 2.
 */
export async function probeSize(
  bytes: Uint8Array,
  network: { name: string; layout: 'nchw' | 'nhwc'; channels: number },
): Promise<ProbedSize> {
  const { name, layout, channels } = network;
  const planar = layout === 'nchw';
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, { executionProviders: ['cpu'], logSeverityLevel: 4 });
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
  let reason = 'nothing';
  try {
    for (const multiple of MULTIPLES) {
      // Unequal odd multiples: what works for them works for all.
      const height = multiple * (multiple < 16 ? 2 * Math.floor(16 / multiple) + 1 : 1);
      const width = height + 2 * multiple;
      try {
        const values = new Tensor(
          'float32',
          new Float32Array(height * width * channels),
          planar ? [1, channels, height, width] : [1, height, width, channels],
        );
        const result = (await session.run({ [session.inputNames[0]]: values }))[session.outputNames[0]];
        const { dims } = result;
        const factor = (planar ? dims[2] : dims[1]) / height;
        const across = (planar ? dims[3] : dims[2]) / width;
        if (
          dims.length === 4 &&
          factor === across &&
          Number.isInteger(factor) &&
          factor >= 2 &&
          (planar ? dims[1] : dims[3]) === channels
        )
          return { factor, multiple };
        reason = `[${dims.join(',')}] from [${values.dims.join(',')}]`;
      } catch (error) {
        reason = firstLine(error);
      }
    }
  } finally {
    await session.release();
  }
  throw new InputError({
    who: `MODEL ${name}`,
    got: `a network that is not SR of one image: ${reason}`,
    wanted: 'height and width times a whole factor of at least 2, and the channels that came in',
  });
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0].slice(0, 200);

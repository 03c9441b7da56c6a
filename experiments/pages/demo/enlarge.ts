import { createImage, describeShape, type Image } from '@lacuna/core';
import {
  byAxis,
  describeFactor,
  finerPixelSize,
  oneFrame,
  pixelBytes,
  samplesOfBytes,
  type Factors,
  type OpenImage,
  type SampleType,
} from '@lacuna/datasets';
import type { VolumeModel } from '@lacuna/onnx';
import type { DemoModel } from '../../src/demo/demo-model.js';
import { checkImage, pixelSizeNotes } from '../../src/upscale/check-image.js';
import { WHITE, enlargeImage, modelFor, type EnlargeProgress, type SrRows } from '../../src/upscale/enlarge-image.js';
import { chooseLevels, type Levels } from '../../src/upscale/levels.js';
import { writtenType } from '../../src/upscale/written-type.js';
import type { EnlargeChoice } from './protocol.js';

/** An image that was enlarged, and what its network is read with. */
export interface Enlarged {
  /** The time point that was taken. */
  readonly lr: OpenImage;
  /** In the numbers of the file; of one channel, or all that the model takes. */
  readonly sr: Image;
  /** Probability of network at each SR pixel, 0 to 1; null for models without a head. */
  readonly probability: Float32Array | null;
  readonly levels: Levels;
  /** Null where all channels were taken. */
  readonly channel: number | null;
  readonly isInverted: boolean;
  readonly factor: Factors;
  readonly text: string;
  readonly notes: readonly string[];
}

/**
 * Enlarges one time point of an image.
 * @throws {InputError} for images that the model does not take, and levels that do not fit.
 */
export async function enlarge(
  opened: { readonly demo: DemoModel; readonly model: VolumeModel; readonly device: string },
  image: OpenImage,
  { levels: wanted, channel, invert, time, room }: EnlargeChoice,
  progress: EnlargeProgress,
): Promise<Enlarged> {
  const { demo, device } = opened;
  const started = performance.now();
  const lr = image.frames > 1 ? oneFrame(image, time) : image;
  checkImage(lr, demo, { channel });
  const isInverted = invert ?? (demo.inverted && lr.dataRange !== null);
  const shared = demo.run.channels > 1;
  const levels = await chooseLevels(lr, demo.levels, { levels: wanted, invert: isInverted, shared });
  const model = modelFor(opened.model, { image: lr, channel });
  const [z, y, x] = model.factor;
  const size = { width: lr.width * x, height: lr.height * y, depth: lr.depth * z, channels: model.channels };
  const out = memoryRows(size);
  const head = demo.network.head === null ? null : memoryRows(size);
  const job = { image: lr, volumes: demo.volume !== null, levels, channel, second: 'network', room } as const;
  let tiles = 0;
  const afterTile = () => void tiles++;
  const blended = await enlargeImage(model, { ...job, progress, afterTile }, head === null ? [out] : [out, head]);
  const factor = { x, y, z };
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return {
    lr,
    sr: createImage({
      data: asWritten(out.values, writtenType(lr.dtype)),
      ...size,
      dataRange: levels.dataRange,
      pixelSize: lr.pixelSize === null ? null : finerPixelSize(lr.pixelSize, factor),
      name: resultName(lr.name),
    }),
    probability: head === null ? null : head.values.map((value) => value / WHITE),
    levels,
    channel,
    isInverted,
    factor: byAxis(factor),
    text: [
      `${describeShape(size)} (x${describeFactor(factor)}) in ${seconds} s by ${device}`,
      `${tiles} tile${tiles === 1 ? '' : 's'}`,
      levels.description,
    ].join('; '),
    notes: [
      ...pixelSizeNotes(lr, demo),
      ...(lr.depth > 1 && demo.volume === null ? [planewise(lr.depth)] : []),
      ...(isInverted ? ['the network is dark: the image was inverted while it was enlarged'] : []),
      ...(blended ? ['the model looks at the whole image: tiles are blended, and differ a little from the whole'] : []),
    ],
  };
}

/** Values as the file will hold them: the network is that of the image that is saved, as on the command line. */
function asWritten(values: Float32Array, type: SampleType): Float32Array {
  return type === 'float32' ? values : Float32Array.from(samplesOfBytes(pixelBytes(values, type), type));
}

/** `scan.ome.tif` to `scan-sr.ome.tif`. */
function resultName(name: string): string {
  const [, stem, ome = ''] = /^(.*?)(\.ome)?\.[^.]+$/i.exec(name) ?? ['', name];
  return `${stem}-sr${ome.toLowerCase()}.tif`;
}

const planewise = (depth: number): string =>
  `a stack for a model of planes: its ${depth} planes were enlarged one by one, across and down, not along z`;

/** Rows of a result in memory. */
function memoryRows(size: {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
}): SrRows & { readonly values: Float32Array } {
  const row = size.width * size.channels;
  const values = new Float32Array(row * size.height * size.depth);
  return {
    values,
    writeRows: ({ z }, y, _rows, given) => values.set(given, (z * size.height + y) * row),
  };
}

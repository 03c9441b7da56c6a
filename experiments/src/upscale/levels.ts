import { InputError, describeShape } from '@lacuna/core';
import type { OpenImage } from '@lacuna/datasets';
import type { LevelsChoice } from './options.js';
import { planesOf } from './plane-places.js';

/** What a model's training says of intensities. */
export interface TrainingLevels {
  readonly name: string;
  /** The levels that became 0 and 1; null for models that do not say. */
  readonly normalisation: { readonly low: number; readonly high: number } | null;
  readonly dataRange: readonly [number, number] | null;
  /** Percentiles of the training images that those levels were. */
  readonly percentiles: readonly [number, number];
  /** A background was taken away from the training images, which are then signed: raw files have other levels. */
  readonly flattened: boolean;
}

/** value · scale + offset is in [0, 1], channel by channel; the scale is negative where the network is dark. */
export interface Affine {
  readonly scale: number;
  readonly offset: number;
}

/** The levels of one image, and a line that says them, in the numbers of the file, and where they come from. */
export interface Levels {
  readonly channels: readonly Affine[];
  /** Smallest and largest value that the image's kind can hold, or does hold. */
  readonly dataRange: readonly [number, number];
  readonly description: string;
}

/** Values on which percentiles rest; more change nothing. */
const SAMPLES = 2 ** 21;
/** Rows that are read at a time. */
const ROWS = 64;

/**
 * Chooses the levels of an image. `auto` takes the model's where the image has the training images' data range, as
 * scans of one instrument do.
 * @throws {InputError} where they do not fit, with the choices that do; for NaN and infinite pixels.
 */
export async function chooseLevels(
  image: OpenImage,
  training: TrainingLevels,
  options: { levels: LevelsChoice; invert: boolean; shared: boolean },
): Promise<Levels> {
  const { invert, levels } = options;
  const measured = image.dataRange === null || levels === 'percentile' ? await survey(image) : null;
  const dataRange = image.dataRange ?? measured!.range;
  const same = (ends: Ends, origin: string): Levels => ({
    channels: Array.from({ length: image.channels }, () => affineOf(ends, invert)),
    dataRange,
    description: `levels ${endsText(ends)}, ${origin}`,
  });
  const range = { low: dataRange[0], high: dataRange[1] };
  if (typeof levels === 'object') return same(levels, 'as told');
  if (levels === 'range') return same(range, 'the range of the file');
  if (levels === 'percentile')
    return percentileLevels(image, measured!, { percentiles: training.percentiles, dataRange, ...options });
  if (training.normalisation === null) {
    if (levels === 'model')
      throw new InputError({
        who: training.name,
        got: 'a model that does not say its levels',
        wanted: 'levels of the training images',
        remedy: 'choose --levels percentile, range, or two numbers',
      });
    if (image.dataRange === null)
      throw new InputError({
        who: image.name,
        got: `values from ${number(dataRange[0])} to ${number(dataRange[1])} for a model that does not say its levels`,
        wanted: 'a declared range',
        remedy: 'give --levels 0,1 (what becomes black and white) or --levels percentile',
      });
    return same(range, 'the range of the file');
  }
  const reason = levels === 'model' ? null : misfit(image, dataRange, training);
  if (reason !== null)
    throw new InputError({
      who: image.name,
      got: `${describeShape(image)}, ${reason.got}`,
      wanted: reason.wanted,
      remedy:
        'choose --levels percentile (levels from this image, as training took them), model (those of training all ' +
        'the same), range, or two numbers',
    });
  const { low, high } = training.normalisation;
  // Training inverted its images within their data range before it took levels: those are turned back.
  const sum = (training.dataRange ?? dataRange)[0] + (training.dataRange ?? dataRange)[1];
  return same(invert ? { low: sum - high, high: sum - low } : { low, high }, 'of the training images');
}

/** Two levels in the numbers of the file, the lower one first. */
interface Ends {
  readonly low: number;
  readonly high: number;
}

/** The lower level becomes 0 and the higher one 1; where the network is dark, the other way round. */
function affineOf({ low, high }: Ends, invert: boolean): Affine {
  const scale = 1 / (high - low);
  return invert ? { scale: -scale, offset: high * scale } : { scale, offset: -low * scale };
}

const endsText = ({ low, high }: Ends): string => `${number(low)} to ${number(high)}`;

/** Why the model's levels do not fit; null where they do. */
function misfit(
  image: OpenImage,
  [low, high]: readonly [number, number],
  training: TrainingLevels,
): { got: string; wanted: string } | null {
  const { dataRange, normalisation } = training;
  if (dataRange === null || normalisation === null) return null;
  const wanted = `${number(dataRange[0])} to ${number(dataRange[1])}, as in the training images of ${training.name}`;
  if (image.dataRange !== null) {
    if (training.flattened)
      return {
        got: `raw intensities ${number(low)} to ${number(high)}`,
        wanted: `images whose background was taken away, ${wanted}`,
      };
    return low === dataRange[0] && high === dataRange[1]
      ? null
      : { got: `data range ${number(low)} to ${number(high)}`, wanted: `data range ${wanted}` };
  }
  const slack = 0.1 * (dataRange[1] - dataRange[0]);
  if (low < dataRange[0] - slack || high > dataRange[1] + slack)
    return { got: `values from ${number(low)} to ${number(high)}`, wanted: `values within ${wanted}` };
  if (high - low < 0.05 * (normalisation.high - normalisation.low))
    return {
      got: `values from ${number(low)} to ${number(high)}`,
      wanted: `contrast between the levels ${number(normalisation.low)} and ${number(normalisation.high)}`,
    };
  return null;
}

/** What one pass over an image finds. */
interface Survey {
  readonly range: readonly [number, number];
  /** Values of each channel, evenly spread over the image. */
  readonly samples: readonly Float32Array[];
}

/** Reads all rows once: range, finite or not, and evenly spread samples. */
async function survey(image: OpenImage): Promise<Survey> {
  const { width, height, depth, frames, channels, name } = image;
  const pixels = width * height * depth * frames;
  const step = Math.max(1, Math.ceil(pixels / SAMPLES));
  const samples = Array.from({ length: channels }, () => new Float32Array(Math.ceil(pixels / step)));
  let low = Infinity;
  let high = -Infinity;
  let pixel = 0;
  for (const { t, z } of planesOf(image)) {
    for (let y = 0; y < height; y += ROWS) {
      const rows = await image.readRegion({ t, z, y, height: Math.min(ROWS, height - y) });
      for (let i = 0; i < rows.length; i += channels, pixel++) {
        for (let c = 0; c < channels; c++) {
          const value = rows[i + c];
          if (!Number.isFinite(value))
            throw new InputError({
              who: name,
              got: `${value} at x ${pixel % width}, y ${Math.floor(pixel / width) % height}`,
              wanted: 'finite intensities',
            });
          if (value < low) low = value;
          if (value > high) high = value;
          if (pixel % step === 0) samples[c][pixel / step] = value;
        }
      }
    }
  }
  return { range: low < high ? [low, high] : [low, low + 1], samples };
}

function percentileLevels(
  image: OpenImage,
  { samples }: Survey,
  how: {
    percentiles: readonly [number, number];
    dataRange: readonly [number, number];
    shared: boolean;
    invert: boolean;
  },
): Levels {
  const { shared, invert, dataRange } = how;
  const [lowest, highest] = how.percentiles;
  const groups = shared ? [concatenate(samples)] : samples;
  const found = groups.map((values) => {
    const sorted = values.slice().sort();
    const at = (p: number) => sorted[Math.round((p / 100) * (sorted.length - 1))];
    // Of an inverted image the percentiles are those of the inverted values, as in training.
    const ends = invert ? { low: at(100 - highest), high: at(100 - lowest) } : { low: at(lowest), high: at(highest) };
    if (!(ends.high > ends.low))
      throw new InputError({
        who: image.name,
        got: `constant intensities (${number(ends.low)})`,
        wanted: `contrast between the percentiles ${lowest} and ${highest}`,
        remedy: 'choose --levels range or two numbers',
      });
    return ends;
  });
  const ends = found.slice(0, 4).map(endsText).join(', ');
  return {
    channels: Array.from({ length: image.channels }, (_, c) => affineOf(found[shared ? 0 : c], invert)),
    dataRange,
    description: `levels ${ends}, percentiles ${lowest} and ${highest} of this image`,
  };
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const number = (value: number): string => String(Number(value.toPrecision(5)));

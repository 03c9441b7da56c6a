import { InputError, LacunaError, type Image, type PixelSize } from '@lacuna/core';
import { openImage, readFrames } from '@lacuna/datasets';
import {
  describeProtocol,
  evaluate,
  metricOf,
  protocolId,
  type EvaluateOptions,
  type Evaluation,
  type MetricName,
} from '@lacuna/iqa';
import type { ImagePair } from './pairs.js';

/** What `lacuna iqa` measures and how. */
export interface IqaRequest {
  readonly metrics: readonly MetricName[];
  /** L. Left out, it is 255 for images of 8 bits; others need it. */
  readonly dataRange?: number;
  readonly threshold: NonNullable<EvaluateOptions['threshold']>;
  /** Left out, it is what the files say. */
  readonly pixelSize?: PixelSize;
  readonly border: number;
  readonly channel: NonNullable<EvaluateOptions['channel']>;
  readonly smoothing: number;
  readonly tolerance: number;
}

/** Scores of one pair. */
export interface ImageScores {
  readonly name: string;
  readonly volume: boolean;
  /** null where there is none; may be infinite (PSNR of identical images). */
  readonly metrics: Readonly<Partial<Record<MetricName, number | null>>>;
  /** Why a metric has no value, or what is particular about it. */
  readonly remarks: Readonly<Partial<Record<MetricName, string>>>;
  /** What is particular about the pair as a whole. */
  readonly pairRemarks: readonly string[];
  /** The reference's own measure, for metrics that describe one network. */
  readonly reference: Readonly<Partial<Record<MetricName, number | null>>>;
}

/** Scores of all pairs under one protocol. */
export interface IqaResult {
  readonly protocol: Readonly<Record<string, unknown>>;
  readonly pixelSize: PixelSize | null;
  readonly images: readonly ImageScores[];
}

/**
 * Measures every pair, one after the other, so that two images are in memory at a time.
 * @param each is given every pair's evaluation before the next one is read, for what scores do not hold: branches,
 * pictures.
 * @throws {InputError | ShapeError} for files that cannot be read or compared, a data range that nothing tells, pixel
 * sizes that differ.
 */
export async function measurePairs(
  pairs: readonly ImagePair[],
  request: IqaRequest,
  each?: (pair: ImagePair, evaluation: Evaluation, pixelSize: PixelSize | null) => void | Promise<void>,
): Promise<IqaResult> {
  const images: ImageScores[] = [];
  let settled: { options: EvaluateOptions; id: string; from: string } | undefined;
  for await (const { pair, reference, estimate, remarks } of framesOf(pairs)) {
    const options = settle(request, pair, reference, estimate);
    const id = protocolId(options);
    if (settled && settled.id !== id) {
      throw new InputError({
        who: pair.reference,
        got:
          `another pixel size (${sizeText(options.pixelSize)}) than that of ${settled.from} ` +
          `(${sizeText(settled.options.pixelSize)})`,
        wanted: 'images that one protocol measures',
        remedy: 'give --pixel-size',
      });
    }
    settled ??= { options, id, from: pair.name };
    const evaluation = score(pair, reference, estimate, options, request.metrics);
    await each?.(pair, evaluation, options.pixelSize ?? null);
    images.push({
      name: pair.name,
      volume: reference.depth > 1,
      metrics: evaluation.values,
      remarks: evaluation.notes,
      pairRemarks: [...remarks, ...evaluation.remarks],
      reference: evaluation.referenceValues,
    });
  }
  if (!settled) throw new InputError({ who: 'iqa', got: 'no pairs of images', wanted: 'at least one' });
  return {
    protocol: { id: settled.id, ...describeProtocol(settled.options) },
    pixelSize: settled.options.pixelSize ?? null,
    images,
  };
}

/** Two images of one time point, and what their files want to be said. */
interface FramePair {
  readonly pair: ImagePair;
  readonly reference: Image;
  readonly estimate: Image;
  readonly remarks: readonly string[];
}

/** Time points are images of their own: time is not depth. */
async function* framesOf(pairs: readonly ImagePair[]): AsyncGenerator<FramePair> {
  for (const pair of pairs) {
    const references = await readFrames(pair.reference);
    const estimates = await readFrames(pair.estimate);
    const { length } = references;
    if (estimates.length !== length)
      throw new InputError({
        who: pair.estimate,
        got: timePoints(estimates.length),
        wanted: `${timePoints(length)}, as ${pair.reference} has`,
      });
    const ofReference = await notesOf(pair.reference);
    const ofEstimate = (await notesOf(pair.estimate)).filter((note) => !ofReference.includes(note));
    const notes = [...ofReference, ...ofEstimate.map((note) => `estimate: ${note}`)];
    if (length > 1) notes.push(`${timePoints(length)}, each measured by itself`);
    for (const [t, reference] of references.entries()) {
      const single = length === 1 ? pair : { ...pair, name: `${pair.name}[${t}]`, frame: t };
      yield { pair: single, reference, estimate: estimates[t], remarks: t === 0 ? notes : [] };
    }
  }
}

const timePoints = (count: number): string => (count === 1 ? 'one time point' : `${count} time points`);

/** What was assumed in reading a file, a line each. */
async function notesOf(path: string): Promise<string[]> {
  const image = await openImage(path);
  await image.close();
  return [...image.notes];
}

function score(
  pair: ImagePair,
  reference: Image,
  estimate: Image,
  options: EvaluateOptions,
  metrics: readonly MetricName[],
): Evaluation {
  try {
    return evaluate(reference, estimate, { ...options, metrics });
  } catch (error) {
    // The metrics' own errors know sizes and values; which files they came from is known here.
    if (!(error instanceof LacunaError)) throw error;
    throw new LacunaError(
      error.tag,
      { ...error.parts, who: `${pair.estimate} against ${pair.reference}` },
      { exitCode: error.exitCode, cause: error },
    );
  }
}

/** Everything of the protocol, with what the files tell where the request leaves it to them. */
function settle(request: IqaRequest, pair: ImagePair, reference: Image, estimate: Image): EvaluateOptions {
  const { threshold, border, channel, smoothing, tolerance } = request;
  return {
    dataRange: request.dataRange ?? byteRange(pair, reference, estimate),
    threshold,
    border,
    channel,
    smoothing,
    tolerance,
    pixelSize: pixelSizeOf(request, pair, reference),
  };
}

/** 255 for two images of 8 bits. Nothing is guessed for others: 12 bits are often stored in 16. */
function byteRange(pair: ImagePair, reference: Image, estimate: Image): number {
  for (const [path, { dataRange, data }] of [
    [pair.reference, reference],
    [pair.estimate, estimate],
  ] as const) {
    if (dataRange[0] === 0 && dataRange[1] === 255) continue;
    let low = Infinity;
    let high = -Infinity;
    for (const value of data) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    throw new InputError({
      who: path,
      got: `no data range, and intensities from ${rounded(low)} to ${rounded(high)} that are not of 8 bits`,
      wanted: 'the span of intensities that both images are held to',
      remedy: 'give --data-range, for example 1, 4095 or 65535',
    });
  }
  return 255;
}

function pixelSizeOf(request: IqaRequest, pair: ImagePair, image: Image): PixelSize | null {
  const size = request.pixelSize ?? image.pixelSize;
  if (size === null || image.depth === 1) return size && { x: size.x, y: size.y, unit: size.unit };
  if (size.z !== undefined) return size;
  // Metrics of intensities need no distances: they do not ask for one.
  if (request.metrics.every((name) => metricOf(name).needs === 'pixels')) return null;
  throw new InputError({
    who: pair.reference,
    got: `a stack of ${image.depth} planes with a pixel of ${sizeText(size)}`,
    wanted: 'the distance of the planes too',
    remedy: `give --pixel-size ${size.x}${size.unit},${size.y}${size.unit},Z${size.unit}`,
  });
}

function sizeText(size: PixelSize | null | undefined): string {
  if (!size) return 'unknown';
  const lengths = [size.x, size.y, ...(size.z === undefined ? [] : [size.z])];
  return `${lengths.map(rounded).join(' x ')} ${size.unit}`;
}

const rounded = (value: number): number => Number(value.toPrecision(6));

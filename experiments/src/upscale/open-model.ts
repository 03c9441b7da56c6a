import { createHash } from 'node:crypto';
import { InputError, type PixelSize } from '@lacuna/core';
import { byAxis, pairIds, registryEntry, registryIds, type Factor, type PreprocessSpec } from '@lacuna/datasets';
import {
  decodeTensorFile,
  isTensorFile,
  planesIn,
  registeredModelSpec,
  type ModelSpec,
  type Slicing,
} from '@lacuna/models';
import {
  exportModel,
  networkCost,
  probeSize,
  probeVolume,
  readOnnxMetadata,
  readOnnxSignature,
  workingBytesPerPixel,
  type Axes,
  type OnnxMetadata,
  type RunDescription,
  type VolumeDescription,
} from '@lacuna/onnx';
import { loadExtensionsOfTrial } from '../extensions/in-spec.js';
import type { TrainingLevels } from './levels.js';
import type { LocatedModel } from './located-model.js';
import { settingsOfModel, type ModelSettings } from './settings-of-model.js';
import { slicesAxes } from './slices-model.js';

/** A model ready for a session, with what its training says of images. */
export interface UpscaleModel {
  readonly label: string;
  readonly onnx: Uint8Array;
  /** SHA-256 of the file: part of what tells one job's results from another's. */
  readonly digest: string;
  readonly run: RunDescription;
  /** The same by axis of a model of volumes, which cannot run on planes; null for models of planes. */
  readonly volume: VolumeDescription | null;
  /** How volumes are cut for a network of planes that takes them; null where it takes them whole, or planes. */
  readonly slicing: Slicing | null;
  readonly levels: TrainingLevels;
  /** The training images showed a dark network and were inverted. */
  readonly inverted: boolean;
  /** Pixels of the LR images that it was trained to enlarge. */
  readonly lrPixelSize: PixelSize | null;
  readonly spec: ModelSettings | null;
  /** The network's level in normalised images: common to all methods of its sweep. */
  readonly level: number | null;
  /** The model's own level there, chosen on validation. */
  readonly ownLevel: number | null;
  /** The level of the probability that a head gives, and whether it is the model's own; null without a head. */
  readonly headLevel: { readonly level: number; readonly isOwn: boolean } | null;
}

/** What a user says of a network that does not say it itself. */
export interface Declared {
  readonly range: readonly [number, number] | null;
  readonly layout?: 'nchw' | 'nhwc' | null;
  readonly channels?: number | null;
  /** How to say the range. */
  readonly remedy?: string;
}

/** The level of a probability where nobody chose another. */
const EVEN = 0.5;

/** ONNX's number of float32. */
const FLOAT32 = 1;

/**
 * Working memory of a network that does not say its layers: 64 channels, some of them alive together, at both sizes.
 */
const unknownBytesPerPixel = (factor: readonly number[]): number =>
  4 * 64 * (4 + 2 * factor.reduce((product, each) => product * each, 1));

/**
 * Opens what {@link locateModel} found. Checkpoints become ONNX in memory; ONNX files of others must have their range
 * declared.
 * @throws {InputError} for damaged files, networks that are not SR of one image, and those that lack their range.
 */
export async function openModel(found: LocatedModel, options: Declared): Promise<UpscaleModel> {
  const { label } = found;
  if (found.trial !== null) await loadExtensionsOfTrial(found.trial);
  const onnx = isTensorFile(found.bytes) ? exportModel(decodeTensorFile(found.bytes, label)) : found.bytes;
  const digest = createHash('sha256').update(onnx).digest('hex');
  try {
    const own = readOnnxMetadata(onnx);
    return own ? ownModel(label, onnx, digest, own) : await foreignModel(label, onnx, digest, options);
  } catch (error) {
    // Who reads bytes knows no name.
    throw error instanceof InputError && error.parts.who === 'ONNX file'
      ? new InputError({ ...error.parts, who: `MODEL ${label}` }, { cause: error })
      : error;
  }
}

/** The halo of tiles is half of what an SR pixel depends on; there is none where that is the whole image. */
function describeRun(known: Omit<RunDescription, 'halo'>, receptiveField: number | null): RunDescription {
  return { ...known, halo: receptiveField === null ? null : Math.ceil(receptiveField / 2) };
}

function ownModel(label: string, onnx: Uint8Array, digest: string, own: OnnxMetadata): UpscaleModel {
  const { factor, channels, layout, range, multiple, receptiveField } = own;
  const model = own.model === null ? null : (registeredModelSpec().safeParse(JSON.parse(own.model)).data ?? null);
  const spec = own.spec === null ? null : settingsOfModel(own.spec);
  const { invert = false, flatten } = spec === null ? {} : treatment(spec);
  const volume = own.volume || own.slices ? volumeDescription(label, own, model) : null;
  const run = describeRun(
    { name: label, factor, channels, layout, range, multiple, bytesPerPixel: bytesPerPixel(model, own) },
    receptiveField,
  );
  return {
    label,
    onnx,
    digest,
    spec,
    inverted: invert,
    lrPixelSize: own.pixelSize === null ? null : coarser(own.pixelSize, factorOf({ run, volume })),
    level: own.level,
    ownLevel: own.ownLevel ?? null,
    headLevel: own.networkHead ? { level: own.headLevel ?? EVEN, isOwn: own.headLevel != null } : null,
    run,
    volume,
    slicing: own.slices?.slicing ?? null,
    levels: {
      name: label,
      normalisation: own.normalisation,
      dataRange: own.dataRange,
      flattened: flatten !== undefined,
      percentiles: trainingPercentiles(spec),
    },
  };
}

/** What a model that takes volumes needs along each axis. */
function volumeDescription(name: string, own: OnnxMetadata, model: ModelSpec | null): VolumeDescription {
  const { channels, layout, range } = own;
  const { factor, multiple, receptiveField } = (own.volume ?? own.slices)!;
  const halo = receptiveField === null ? null : receptiveField.map((field) => Math.ceil(field / 2));
  return {
    name,
    channels,
    layout,
    range,
    ...(own.slices
      ? slicesAxes({ factor, multiple, halo }, own.slices.slicing)
      : { factor: axes(factor), multiple: axes(multiple), halo: halo && axes(halo) }),
    bytesPerPixel: bytesPerPixel(model, own),
  };
}

const axes = ([z, y, x]: readonly number[]): Axes => [z, y, x];

function bytesPerPixel(
  model: ModelSpec | null,
  { factor, channels, volume, slices, networkHead = false }: OnnxMetadata,
): number {
  const factors = (volume ?? slices)?.factor;
  const planes = slices ? planesIn(slices.slicing) : 1;
  return model === null
    ? unknownBytesPerPixel(factors ?? [factor, factor])
    : workingBytesPerPixel(model, { factor: factors ?? factor, channels, planes, networkHead });
}

/** By how much a model enlarges: a number for planes, by axis for volumes. */
export function factorOf({ run, volume }: Pick<UpscaleModel, 'run' | 'volume'>): Factor {
  if (volume === null) return run.factor;
  const [z, y, x] = volume.factor;
  return { x, y, z };
}

function coarser(pixel: PixelSize, factor: Factor): PixelSize {
  const { x, y, z } = byAxis(factor);
  return { ...pixel, x: pixel.x * x, y: pixel.y * y, ...(pixel.z === undefined ? {} : { z: pixel.z * z }) };
}

/** What training normalised by; the whole range where it took that, and the usual ones where nothing is known. */
function trainingPercentiles(spec: ModelSettings | null): readonly [number, number] {
  if (spec?.normalise.kind === 'percentile') return [spec.normalise.low, spec.normalise.high];
  return spec ? [0, 100] : unknownPercentiles;
}

const unknownPercentiles = [0.5, 99.8] as const;

/** How training treated images before it normalised them: the registry's own ways, then the spec's. */
function treatment({ data }: ModelSettings): PreprocessSpec {
  const entry = [...registryIds, ...pairIds].find((id) => id === data.source);
  return {
    ...(entry === undefined ? {} : registryEntry(entry).defaults),
    ...Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)),
  };
}

/** A network of others: whatever takes one image or volume and gives a larger one. */
async function foreignModel(
  label: string,
  onnx: Uint8Array,
  digest: string,
  declared: Declared,
): Promise<UpscaleModel> {
  const { inputs, outputs, metadata, ...signature } = readOnnxSignature(onnx);
  const [input] = inputs;
  const [output] = outputs;
  const refuse = (got: string, wanted: string, remedy?: string) =>
    new InputError({ who: `MODEL ${label}`, got, wanted, ...(remedy ? { remedy } : {}) });
  if (!input || !output || inputs.length > 1)
    throw refuse(
      `a network of ${inputs.length} inputs and ${outputs.length} outputs`,
      'SR of one image: one input, one output',
    );
  if (input.elementType !== FLOAT32 || output.elementType !== FLOAT32)
    throw refuse('numbers of another type', 'float32 in and out', 'convert its input and output to float32');
  const { length } = input.dims;
  const layout = declared.layout ?? signature.layout;
  const fixedChannels = input.dims.at(layout === 'nhwc' ? -1 : 1);
  const channels = typeof fixedChannels === 'number' ? fixedChannels : (declared.channels ?? null);
  if (layout === null || channels === null || (length !== 4 && length !== 5))
    throw refuse(
      `input ${input.name} of [${input.dims.join(',')}]`,
      'an image, [n,c,h,w] or [n,h,w,c], or a volume, [n,c,d,h,w] or [n,d,h,w,c], with 1, 3 or 4 channels',
    );
  if (declared.channels != null && declared.channels !== channels)
    throw refuse(`a network of ${channels} channel${channels === 1 ? '' : 's'}`, `${declared.channels}, as was said`);
  const fixed = (layout === 'nchw' ? input.dims.slice(2) : input.dims.slice(1, -1)).filter(
    (side) => typeof side === 'number',
  );
  if (fixed.length > 0)
    throw refuse(
      length === 4 ? `images of ${fixed.join(' x ')} px only` : `volumes of ${fixed.join(' x ')} voxels only`,
      length === 4 ? 'dynamic height and width' : 'dynamic depth, height and width',
      'export it with dynamic axes',
    );
  const range = declared.range ?? declaredRange(metadata['range']);
  if (range === null)
    throw refuse(
      'a network that does not declare the range of its numbers',
      'what it takes for black and white',
      declared.remedy ?? 'say it: --range 0,1, --range 0,255 or --range=-1,1',
    );
  const described = await describeForeign(onnx, { name: label, layout, channels, range }, length === 5);
  return {
    label,
    onnx,
    digest,
    spec: null,
    inverted: false,
    lrPixelSize: null,
    level: null,
    ownLevel: null,
    headLevel: null,
    ...described,
    slicing: null,
    levels: { name: label, normalisation: null, dataRange: null, flattened: false, percentiles: unknownPercentiles },
  };
}

/** Factor, multiples and reach of a network of others, found by running it. */
async function describeForeign(
  onnx: Uint8Array,
  known: Pick<RunDescription, 'name' | 'layout' | 'channels' | 'range'>,
  isVolume: boolean,
): Promise<Pick<UpscaleModel, 'run' | 'volume'>> {
  if (!isVolume) {
    const { factor, multiple } = await probeSize(onnx, known);
    const { receptiveField } = await networkCost(onnx, { ...known, factor, multiple });
    const bytesPerPixel = unknownBytesPerPixel([factor, factor]);
    return { run: describeRun({ ...known, factor, multiple, bytesPerPixel }, receptiveField), volume: null };
  }
  const { factor, multiple } = await probeVolume(onnx, known);
  const { receptiveField, receptiveFields } = await networkCost(onnx, { ...known, factor, multiple });
  const bytesPerPixel = unknownBytesPerPixel(factor);
  const halo = receptiveFields && axes(receptiveFields.map((field) => Math.ceil(field / 2)));
  return {
    run: describeRun({ ...known, factor: Math.max(...factor), multiple, bytesPerPixel }, receptiveField),
    volume: { ...known, factor, multiple: [multiple, multiple, multiple], halo, bytesPerPixel },
  };
}

function declaredRange(text: string | undefined): [number, number] | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return Array.isArray(value) &&
      value.length === 2 &&
      value.every((side) => typeof side === 'number') &&
      value[1] > value[0]
      ? (value as [number, number])
      : null;
  } catch {
    return null;
  }
}

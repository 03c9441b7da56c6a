import type { InputError, PixelSize } from '@lacuna/core';
import { parseSlicing, type Slicing } from '@lacuna/models';
import { damaged } from './proto/wire.js';
import type { OnnxModel } from './proto/model.js';

/** Order of an image's axes in a model's input: channels before the spatial axes, or after them. */
export type ImageLayout = 'nchw' | 'nhwc';

/** What a model of volumes says of each spatial axis: z, y, x. */
export interface VolumeMetadata {
  readonly factor: readonly number[];
  /** Lengths of the input must be multiples of these. */
  readonly multiple: readonly number[];
  /** LR voxels behind one SR voxel; null where the model looks at the whole volume. */
  readonly receptiveField: readonly number[] | null;
}

/** What a model of planes says that takes volumes: how they are cut, and what it asks for along rows and columns. */
export interface SlicesMetadata {
  /**
   * The input has the channels of every plane that comes in, plane by plane in their order along the axis; the output
   * those of the middle one.
   */
  readonly slicing: Slicing;
  readonly factor: readonly number[];
  readonly multiple: readonly number[];
  /** LR pixels behind one SR pixel; null where the model looks at the whole plane. */
  readonly receptiveField: readonly number[] | null;
}

/** What a model file of ours says of itself. */
export interface OnnxMetadata {
  readonly name: string;
  /** Whole number by which height and width grow; where axes differ the largest of the factors. */
  readonly factor: number;
  /** Of an image, and of the output. */
  readonly channels: number;
  readonly layout: ImageLayout;
  /** Height and width of the input must be multiples of this; where axes differ the largest of theirs. */
  readonly multiple: number;
  /** Side of the LR square behind one SR pixel; null where the model looks at the whole image. */
  readonly receptiveField: number | null;
  /** What dark and bright are in the network's own numbers. */
  readonly range: readonly [number, number];
  /** The intensities of the training images that became the ends of `range`; null where they are not known. */
  readonly normalisation: { readonly low: number; readonly high: number } | null;
  /** What the training images' kind can hold. */
  readonly dataRange: readonly [number, number] | null;
  /** The network's level in images whose ends are those of `range`. */
  readonly level: number | null;
  /** The model's own level there, the one of largest mean clDice on validation; left out where it is not known. */
  readonly ownLevel?: number | null;
  /** There is a second output, `network`: the probability of network at each SR pixel. */
  readonly networkHead?: boolean;
  /** The level of that probability with the largest mean clDice on validation; left out where it is not known. */
  readonly headLevel?: number | null;
  /** Of the training's HR images. */
  readonly pixelSize: PixelSize | null;
  readonly licence: string | null;
  /** Commit of Lacuna. */
  readonly commit: string | null;
  /** The trial's whole spec, JSON. */
  readonly spec: string | null;
  /** The model's entry of the catalogue with its options, JSON. */
  readonly model: string | null;
  /** The training data in a line. */
  readonly data: string | null;
  /** The axes of a model of volumes; left out for planes. */
  readonly volume?: VolumeMetadata;
  /** The planes of a model that takes volumes by planes with their neighbours, or across another axis than z. */
  readonly slices?: SlicesMetadata;
}

const FORMAT = 'lacuna-onnx-1';

/** `metadata_props` of a file: text by key. */
export function writeMetadata(metadata: OnnxMetadata): { key: string; value: string }[] {
  const {
    name,
    factor,
    channels,
    layout,
    multiple,
    receptiveField,
    range,
    normalisation,
    dataRange,
    level,
    ownLevel,
    networkHead,
    headLevel,
    pixelSize,
    licence,
    commit,
    spec,
    model,
    data,
    volume,
    slices,
  } = metadata;
  const entries: Record<string, string | null> = {
    'lacuna.format': FORMAT,
    name,
    factor: String(factor),
    channels: String(channels),
    layout,
    multiple: String(multiple),
    receptive_field: JSON.stringify(receptiveField),
    range: JSON.stringify(range),
    normalisation: JSON.stringify(normalisation),
    data_range: JSON.stringify(dataRange),
    level: JSON.stringify(level),
    own_level: ownLevel == null ? null : JSON.stringify(ownLevel),
    network_head: networkHead ? 'true' : null,
    head_level: headLevel == null ? null : JSON.stringify(headLevel),
    pixel_size: JSON.stringify(pixelSize),
    licence,
    commit,
    spec,
    model,
    data,
    volume: volume ? JSON.stringify(volume) : null,
    slices: slices ? JSON.stringify(slices) : null,
  };
  return Object.entries(entries)
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .map(([key, value]) => ({ key, value }));
}

/** Text by key of any model. */
export function metadataOf(model: OnnxModel): Record<string, string> {
  return Object.fromEntries((model.metadata ?? []).map(({ key = '', value = '' }) => [key, value]));
}

/**
 * Reads what {@link writeMetadata} wrote; null for a file of another maker.
 * @throws {InputError} where an entry is missing or not what it should be.
 */
export function parseMetadata(text: Readonly<Record<string, string>>): OnnxMetadata | null {
  if (text['lacuna.format'] === undefined) return null;
  if (text['lacuna.format'] !== FORMAT) throw damaged(`format ${text['lacuna.format']}`);
  const wrong = (key: string) =>
    damaged(`metadata ${key} ${text[key] === undefined ? 'missing' : JSON.stringify(text[key])}`);
  const whole = (key: string) => {
    const value = Number(text[key]);
    if (!Number.isInteger(value) || value < 1) throw wrong(key);
    return value;
  };
  const json = (key: string): unknown => {
    try {
      return text[key] === undefined ? null : JSON.parse(text[key]);
    } catch {
      throw wrong(key);
    }
  };
  const pair = (key: string) => {
    const value = json(key);
    if (value === null) return null;
    if (
      !Array.isArray(value) ||
      value.length !== 2 ||
      !value.every((end) => Number.isFinite(end)) ||
      !(value[0] < value[1])
    )
      throw wrong(key);
    return [value[0], value[1]] as [number, number];
  };
  const layout = text['layout'];
  if (layout !== 'nchw' && layout !== 'nhwc') throw wrong('layout');
  const receptiveField = json('receptive_field');
  const normalisation = json('normalisation') as OnnxMetadata['normalisation'];
  if (receptiveField !== null && !(Number.isInteger(receptiveField) && (receptiveField as number) >= 1))
    throw wrong('receptive_field');
  if (
    normalisation !== null &&
    !(
      Number.isFinite(normalisation.low) &&
      Number.isFinite(normalisation.high) &&
      normalisation.high > normalisation.low
    )
  )
    throw wrong('normalisation');
  const range = pair('range');
  if (!range) throw wrong('range');
  const pixelSize = json('pixel_size') as PixelSize | null;
  if (pixelSize !== null && !(pixelSize.x > 0 && pixelSize.y > 0)) throw wrong('pixel_size');
  const finite = (key: string): number | null => {
    const value = json(key);
    if (value !== null && !Number.isFinite(value)) throw wrong(key);
    return value as number | null;
  };
  const own = (key: string) => text[key] ?? null;
  return {
    name: text['name'] ?? 'model',
    factor: whole('factor'),
    channels: whole('channels'),
    layout,
    multiple: whole('multiple'),
    receptiveField: receptiveField as number | null,
    range,
    normalisation,
    dataRange: pair('data_range'),
    level: finite('level'),
    ...(text['own_level'] === undefined ? {} : { ownLevel: finite('own_level') }),
    ...(text['network_head'] === 'true' ? { networkHead: true } : {}),
    ...(text['head_level'] === undefined ? {} : { headLevel: finite('head_level') }),
    pixelSize,
    licence: own('licence'),
    commit: own('commit'),
    spec: own('spec'),
    model: own('model'),
    data: own('data'),
    ...(text['volume'] === undefined ? {} : { volume: parseVolume(json('volume'), () => wrong('volume')) }),
    ...(text['slices'] === undefined ? {} : { slices: parseSlices(json('slices'), () => wrong('slices')) }),
  };
}

function parseVolume(value: unknown, wrong: () => InputError): VolumeMetadata {
  const { factor, multiple, receptiveField } = (value ?? {}) as Partial<VolumeMetadata>;
  if (!isAxes(factor, 3) || !isAxes(multiple, 3) || !(receptiveField === null || isAxes(receptiveField, 3)))
    throw wrong();
  return { factor, multiple, receptiveField };
}

function parseSlices(value: unknown, wrong: () => InputError): SlicesMetadata {
  const { slicing: given, factor, multiple, receptiveField } = (value ?? {}) as Partial<SlicesMetadata>;
  const slicing = parseSlicing(JSON.stringify(given ?? null));
  if (slicing === null || !isAxes(factor, 2) || !isAxes(multiple, 2)) throw wrong();
  if (!(receptiveField === null || isAxes(receptiveField, 2))) throw wrong();
  return { slicing, factor, multiple, receptiveField };
}

/** A whole number of at least 1 for each of so many axes. */
const isAxes = (list: unknown, axes: number): list is number[] =>
  Array.isArray(list) && list.length === axes && list.every((each) => Number.isInteger(each) && each >= 1);

import type { PixelSize } from '@lacuna/core';
import { bytesPerSample, type SampleType } from '../pixel-bytes.js';
import type { Level } from './levels.js';

/** One array of a written OME-Zarr. */
interface WrittenLevel {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** Voxels of the first level that one of this spans. */
  readonly span: Level['span'];
}

/** What the JSON files of a written OME-Zarr say. */
export interface WrittenImage {
  /** Axes of the arrays, from the slowest: `czyx`, `tczyx`. */
  readonly axes: string;
  /** The image itself first. */
  readonly levels: readonly WrittenLevel[];
  readonly type: SampleType;
  readonly pixelSize: PixelSize | null;
  readonly version: '0.4' | '0.5';
  readonly name: string;
  readonly software: string;
}

const units = { nm: 'nanometer', um: 'micrometer', mm: 'millimeter' } as const;
const v2Types: Record<SampleType, string> = { uint8: '|u1', uint16: '<u2', int16: '<i2', float32: '<f4' };
const axisTypes: Record<string, string> = { t: 'time', c: 'channel' };

/** The JSON files beside the chunks, by path: one group with an array for each level, axes and pixel sizes. */
export function metadataFiles(image: WrittenImage): [path: string, text: string][] {
  const { version, software } = image;
  const creator = software === '' ? {} : { _creator: { name: software } };
  const multiscales = [multiscaleOf(image)];
  const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;
  if (version === '0.4')
    return [
      ['.zgroup', json({ zarr_format: 2 })],
      ['.zattrs', json({ multiscales, ...creator })],
      ...image.levels.map((level, k): [string, string] => [`${k}/.zarray`, json(v2Array(image, level))]),
    ];
  const attributes = { ome: { version, multiscales, ...creator } };
  return [
    ['zarr.json', json({ zarr_format: 3, node_type: 'group', attributes })],
    ...image.levels.map((level, k): [string, string] => [`${k}/zarr.json`, json(v3Array(image, level))]),
  ];
}

function multiscaleOf({ axes, levels, pixelSize, version, name }: WrittenImage): object {
  const sizeAlong = (axis: string) => pixelSize?.[axis as 'x' | 'y' | 'z'];
  const described = [...axes].map((axis) => ({
    name: axis,
    type: axisTypes[axis] ?? 'space',
    ...(pixelSize && sizeAlong(axis) !== undefined ? { unit: units[pixelSize.unit] } : {}),
  }));
  const datasets = levels.map(({ span }, k) => {
    const spanAlong = (axis: string) => span[axis as 'x'] ?? 1;
    const scale = [...axes].map((axis) => (sizeAlong(axis) ?? 1) * spanAlong(axis));
    // Positions are those of voxels' centres: that of a block's mean lies between the voxels it is made of.
    const translation = [...axes].map((axis) => ((sizeAlong(axis) ?? 1) * (spanAlong(axis) - 1)) / 2);
    const transformations = [{ type: 'scale', scale }, ...(k > 0 ? [{ type: 'translation', translation }] : [])];
    return { path: String(k), coordinateTransformations: transformations };
  });
  return {
    ...(version === '0.4' ? { version } : {}),
    name,
    axes: described,
    datasets,
    ...(levels.length > 1 ? { type: 'mean' } : {}),
  };
}

function v2Array({ type }: WrittenImage, { shape, chunks }: WrittenLevel): object {
  return {
    zarr_format: 2,
    shape,
    chunks,
    dtype: v2Types[type],
    compressor: { id: 'zstd', level: 1 },
    fill_value: 0,
    order: 'C',
    filters: null,
    dimension_separator: '/',
  };
}

function v3Array({ axes, type }: WrittenImage, { shape, chunks }: WrittenLevel): object {
  const endian = bytesPerSample[type] === 1 ? {} : { configuration: { endian: 'little' } };
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: type,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunks } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: 0,
    codecs: [
      { name: 'bytes', ...endian },
      { name: 'zstd', configuration: { level: 1, checksum: false } },
    ],
    dimension_names: [...axes],
    attributes: {},
  };
}

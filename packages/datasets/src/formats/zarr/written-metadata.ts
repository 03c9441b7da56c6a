import type { PixelSize } from '@lacuna/core';
import { bytesPerSample, type SampleType } from '../pixel-bytes.js';

/** What the JSON files of a written OME-Zarr say. */
export interface WrittenImage {
  /** Axes of the array, from the slowest: `czyx`, `tczyx`. */
  readonly axes: string;
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly type: SampleType;
  readonly pixelSize: PixelSize | null;
  readonly version: '0.4' | '0.5';
  readonly name: string;
  readonly software: string;
}

const units = { nm: 'nanometer', um: 'micrometer', mm: 'millimeter' } as const;
const v2Types: Record<SampleType, string> = { uint8: '|u1', uint16: '<u2', int16: '<i2', float32: '<f4' };
const axisTypes: Record<string, string> = { t: 'time', c: 'channel' };

/** The JSON files beside the chunks, by path: one group with one array, its axes and pixel size. */
export function metadataFiles(image: WrittenImage): [path: string, text: string][] {
  const { version, software } = image;
  const creator = software === '' ? {} : { _creator: { name: software } };
  const multiscales = [multiscaleOf(image)];
  const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;
  if (version === '0.4')
    return [
      ['.zgroup', json({ zarr_format: 2 })],
      ['.zattrs', json({ multiscales, ...creator })],
      ['0/.zarray', json(v2Array(image))],
    ];
  const attributes = { ome: { version, multiscales, ...creator } };
  return [
    ['zarr.json', json({ zarr_format: 3, node_type: 'group', attributes })],
    ['0/zarr.json', json(v3Array(image))],
  ];
}

function multiscaleOf({ axes, pixelSize, version, name }: WrittenImage): object {
  const sizeAlong = (axis: string) => pixelSize?.[axis as 'x' | 'y' | 'z'];
  const described = [...axes].map((axis) => ({
    name: axis,
    type: axisTypes[axis] ?? 'space',
    ...(pixelSize && sizeAlong(axis) !== undefined ? { unit: units[pixelSize.unit] } : {}),
  }));
  const scale = [...axes].map((axis) => sizeAlong(axis) ?? 1);
  return {
    ...(version === '0.4' ? { version } : {}),
    name,
    axes: described,
    datasets: [{ path: '0', coordinateTransformations: [{ type: 'scale', scale }] }],
  };
}

function v2Array({ shape, chunks, type }: WrittenImage): object {
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

function v3Array({ axes, shape, chunks, type }: WrittenImage): object {
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

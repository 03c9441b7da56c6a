import { z } from 'zod';
import { InputError, parseLengthUnit, type LengthUnit, type PixelSize } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import type { StoredType } from '../open-image.js';
import type { ZarrStore } from './store.js';

/** A step of a chunk's way to bytes. */
export interface CodecSpec {
  readonly name: string;
  readonly configuration: Readonly<Record<string, unknown>>;
}

/** One array of a Zarr store. */
export interface ZarrArray {
  readonly prefix: string;
  readonly shape: readonly number[];
  /** Of what lies in one file: a chunk, or a shard of chunks. */
  readonly chunk: readonly number[];
  readonly dtype: StoredType | 'float16';
  readonly little: boolean;
  /** The axes as they lie in a chunk's bytes, from the slowest. */
  readonly order: readonly number[];
  /** From array to bytes, in the order of writing. */
  readonly codecs: readonly CodecSpec[];
  readonly fill: number;
  key(coordinates: readonly number[]): string;
}

/** What OME says of an image: its largest level and how its axes lie. */
export interface OmeImage {
  readonly path: string;
  readonly axes: readonly string[];
  readonly pixelSize: PixelSize | null;
  readonly name: string;
  /** What wrote it (`_creator`), empty where it does not say. */
  readonly software: string;
}

const sizes = z
  .array(
    z
      .int()
      .min(1)
      .max(2 ** 40),
  )
  .min(1)
  .max(8);
const codecs = z
  .array(z.object({ name: z.string(), configuration: z.record(z.string(), z.unknown()).default({}) }))
  .max(16);
const v2Array = z.object({
  shape: sizes,
  chunks: sizes,
  dtype: z.string(),
  order: z.enum(['C', 'F']).default('C'),
  fill_value: z.union([z.number(), z.string(), z.boolean()]).nullish(),
  compressor: z.looseObject({ id: z.string() }).nullable(),
  filters: z.array(z.looseObject({ id: z.string() })).nullish(),
  dimension_separator: z.enum(['.', '/']).default('.'),
});
const v3Array = z.object({
  node_type: z.literal('array'),
  shape: sizes,
  data_type: z.string(),
  chunk_grid: z.object({ name: z.literal('regular'), configuration: z.object({ chunk_shape: sizes }) }),
  chunk_key_encoding: z.object({
    name: z.enum(['default', 'v2']),
    configuration: z.object({ separator: z.enum(['.', '/']).optional() }).optional(),
  }),
  fill_value: z.union([z.number(), z.string(), z.boolean()]),
  codecs,
});
const transform = z.looseObject({ type: z.string(), scale: z.array(z.number()).optional() });
const multiscales = z
  .array(
    z.looseObject({
      name: z.string().optional(),
      axes: z.array(z.union([z.string(), z.looseObject({ name: z.string(), unit: z.string().optional() })])).optional(),
      datasets: z
        .array(z.looseObject({ path: z.string(), coordinateTransformations: z.array(transform).optional() }))
        .min(1),
      coordinateTransformations: z.array(transform).optional(),
    }),
  )
  .min(1);

/** Parsed JSON of a key; undefined where there is no such key. */
function readJson(store: ZarrStore, key: string): unknown {
  const bytes = store.get(key);
  if (!bytes) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw damagedFile(`${store.name}/${key}`, 'OME-Zarr', 'no JSON', error);
  }
}

function checked<T>(store: ZarrStore, key: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damagedFile(`${store.name}/${key}`, 'OME-Zarr', `${issue.path.join('.')}: ${issue.message}`);
}

const attributesOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/**
 * The first image of an OME-Zarr of version 0.4 (Zarr 2) or 0.5 (Zarr 3), also where bioformats2raw put it a folder
 * deeper.
 * @throws {InputError} where there is none.
 */
export function readOme(store: ZarrStore): OmeImage {
  for (const prefix of ['', '0/']) {
    const group = attributesOf(attributesOf(readJson(store, `${prefix}zarr.json`))['attributes']);
    const v2 = attributesOf(readJson(store, `${prefix}.zattrs`));
    const found = attributesOf(group['ome'])['multiscales'] ?? v2['multiscales'];
    if (found === undefined) continue;
    const [first] = checked(store, `${prefix}${v2['multiscales'] ? '.zattrs' : 'zarr.json'}`, multiscales, found);
    const {
      axes,
      datasets: [dataset],
      name = '',
      coordinateTransformations: outer,
    } = first;
    if (/(^|\/)\.\.(\/|$)|^\//.test(dataset.path))
      throw damagedFile(store.name, 'OME-Zarr', `path ${JSON.stringify(dataset.path)}`);
    const names = (axes ?? ['t', 'c', 'z', 'y', 'x']).map((axis) => (typeof axis === 'string' ? axis : axis.name));
    const units = (axes ?? []).map((axis) => (typeof axis === 'string' ? undefined : axis.unit));
    const scale = names.map((_, i) =>
      [...(dataset.coordinateTransformations ?? []), ...(outer ?? [])].reduce(
        (product, step) => product * (step.type === 'scale' ? (step.scale?.[i] ?? 1) : 1),
        1,
      ),
    );
    return {
      path: `${prefix}${dataset.path}`,
      axes: names,
      pixelSize: pixelSizeOf(names, scale, units),
      name,
      software: creatorOf(attributesOf(group['ome'])['_creator'] ?? v2['_creator']),
    };
  }
  throw new InputError({
    who: store.name,
    got: 'a folder without OME metadata (multiscales)',
    wanted: 'an OME-Zarr of version 0.4 or 0.5',
    remedy: 'convert it: bioformats2raw, or napari-ome-zarr',
  });
}

/** As ome-zarr's writers note it. */
function creatorOf(value: unknown): string {
  const { name } = attributesOf(value);
  return typeof name === 'string' ? name : '';
}

/** Zero, negative and missing units count as unknown. */
function pixelSizeOf(
  axes: readonly string[],
  scale: readonly number[],
  units: readonly (string | undefined)[],
): PixelSize | null {
  const along = (axis: string): { value: number; unit: LengthUnit | undefined } => {
    const i = axes.indexOf(axis);
    return {
      value: i < 0 ? NaN : scale[i],
      unit: i < 0 || units[i] === undefined ? undefined : parseLengthUnit(units[i]),
    };
  };
  const x = along('x');
  const y = along('y');
  const depth = along('z');
  const good = (value: number) => value > 0 && Number.isFinite(value);
  if (!x.unit || x.unit !== y.unit || !good(x.value) || !good(y.value)) return null;
  return depth.unit === x.unit && good(depth.value)
    ? { x: x.value, y: y.value, z: depth.value, unit: x.unit }
    : { x: x.value, y: y.value, unit: x.unit };
}

/**
 * The array at a path of the store.
 * @throws {InputError} for types and layouts that are not known.
 */
export function readArray(store: ZarrStore, path: string): ZarrArray {
  const prefix = path === '' ? '' : `${path.replace(/\/+$/, '')}/`;
  const v3 = readJson(store, `${prefix}zarr.json`);
  if (v3 !== undefined) return fromV3(store, prefix, checked(store, `${prefix}zarr.json`, v3Array, v3));
  const v2 = readJson(store, `${prefix}.zarray`);
  if (v2 === undefined) throw damagedFile(store.name, 'OME-Zarr', `no array at ${path}`);
  return fromV2(store, prefix, checked(store, `${prefix}.zarray`, v2Array, v2));
}

function fromV2(
  store: ZarrStore,
  prefix: string,
  {
    shape,
    chunks,
    dtype,
    order,
    fill_value: fill,
    compressor,
    filters,
    dimension_separator: separator,
  }: z.output<typeof v2Array>,
): ZarrArray {
  const match = /^([<>|])([uif])([1248])$/.exec(dtype);
  if (filters && filters.length > 0)
    throw new InputError({
      who: store.name,
      got: `filters ${filters.map(({ id }) => id).join(', ')}`,
      wanted: 'chunks without filters',
      remedy: 'write it again without them',
    });
  const axes = shape.map((_, i) => i);
  return {
    prefix,
    shape,
    chunk: sameRank(store, shape, chunks),
    little: match?.[1] !== '>',
    fill: fillOf(fill),
    order: order === 'F' ? axes.reverse() : axes,
    dtype: knownType(store, match ? `${{ u: 'uint', i: 'int', f: 'float' }[match[2]]}${Number(match[3]) * 8}` : dtype),
    codecs: compressor ? [{ name: compressor.id, configuration: compressor }] : [],
    key: (coordinates) => prefix + coordinates.join(separator),
  };
}

function fromV3(
  store: ZarrStore,
  prefix: string,
  {
    shape,
    data_type: type,
    chunk_grid: grid,
    chunk_key_encoding: encoding,
    fill_value: fill,
    codecs: steps,
  }: z.output<typeof v3Array>,
): ZarrArray {
  let order = shape.map((_, i) => i);
  const rest = [...steps];
  if (rest[0]?.name === 'transpose') {
    const wanted = checked(store, `${prefix}zarr.json`, z.array(z.int()), rest.shift()!.configuration['order']);
    if ([...wanted].sort((a, b) => a - b).some((axis, i) => axis !== i) || wanted.length !== shape.length)
      throw damagedFile(store.name, 'OME-Zarr', `order ${wanted.join()}`);
    order = wanted;
  }
  const bytes = rest.find(({ name }) => name === 'bytes');
  const separator = encoding.configuration?.separator ?? (encoding.name === 'default' ? '/' : '.');
  return {
    prefix,
    shape,
    chunk: sameRank(store, shape, grid.configuration.chunk_shape),
    dtype: knownType(store, type),
    little: bytes?.configuration['endian'] !== 'big',
    order,
    fill: fillOf(fill),
    codecs: rest.filter(({ name }) => name !== 'bytes'),
    key: (coordinates) =>
      prefix + (encoding.name === 'default' ? ['c', ...coordinates].join(separator) : coordinates.join(separator)),
  };
}

function sameRank(store: ZarrStore, shape: readonly number[], chunk: readonly number[]): readonly number[] {
  if (shape.length !== chunk.length)
    throw damagedFile(store.name, 'OME-Zarr', `chunks of ${chunk.length} axes for ${shape.length}`);
  return chunk;
}

function knownType(store: ZarrStore, type: string): ZarrArray['dtype'] {
  const known = ['uint8', 'uint16', 'uint32', 'int8', 'int16', 'int32', 'float16', 'float32', 'float64'] as const;
  const found = known.find((name) => name === type);
  if (!found)
    throw new InputError({
      who: store.name,
      got: `values of type ${type}`,
      wanted: known.join(', '),
      remedy: 'write it again as one of them',
    });
  return found;
}

function fillOf(value: number | string | boolean | null | undefined): number {
  const number =
    value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : value === 'NaN' ? NaN : Number(value ?? 0);
  return Number.isNaN(number) && value !== 'NaN' ? 0 : number;
}

import { z } from 'zod';
import { InputError } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import type { StoredType } from '../open-image.js';
import { requireCodecs } from './codecs.js';
import { checked, readJson } from './json.js';
import type { ZarrStore } from './store.js';

/** What is known of an array before any of its chunks is read. */
export interface ZarrArray {
  /** Key of its metadata, and folder of its chunks. */
  readonly key: string;
  readonly path: string;
  readonly shape: readonly number[];
  /** Of what is decoded as a whole: a chunk, also one inside of a shard. */
  readonly chunk: readonly number[];
  readonly dtype: StoredType | 'float16';
  /** What was never written. */
  readonly fill: number;
  /** Whether the index of a shard lies at its start. */
  readonly indexFirst: boolean;
}

/** Bytes of a decoded chunk at most. */
const LARGEST = 2 ** 30;
const MOST_SIZE = 2 ** 40;
const sizes = z.array(z.int().min(1).max(MOST_SIZE)).min(1).max(8);
// Complex numbers have two, and are refused by their type.
const fillValue = z.union([z.number(), z.string(), z.boolean(), z.array(z.unknown())]).nullish();
const codecs = z
  .array(z.object({ name: z.string(), configuration: z.record(z.string(), z.unknown()).default({}) }))
  .max(16);
const v2Array = z.object({
  shape: sizes,
  chunks: sizes,
  dtype: z.string(),
  order: z.enum(['C', 'F']).default('C'),
  fill_value: fillValue,
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
  fill_value: fillValue,
  codecs,
});
const sharding = z.object({
  chunk_shape: sizes,
  codecs,
  index_codecs: codecs,
  index_location: z.enum(['start', 'end']).default('end'),
});

/**
 * Checks the description of the array at a path of the store: what zarrita believes.
 * @throws {InputError} for types, codecs and layouts that are not known.
 */
export function readArray(store: ZarrStore, path: string): ZarrArray {
  const folder = path.replace(/\/+$/, '');
  const prefix = folder === '' ? '' : `${folder}/`;
  const v3 = readJson(store, `${prefix}zarr.json`);
  if (v3 !== undefined) return fromV3(store, folder, `${prefix}zarr.json`, v3);
  const v2 = readJson(store, `${prefix}.zarray`);
  if (v2 === undefined) throw damagedFile(store.name, 'OME-Zarr', `no array at ${path}`);
  return fromV2(store, folder, `${prefix}.zarray`, v2);
}

function fromV2(store: ZarrStore, path: string, key: string, value: unknown): ZarrArray {
  const { shape, chunks, dtype, fill_value: fill, compressor, filters } = checked(store, key, v2Array, value);
  if (filters && filters.length > 0)
    throw new InputError({
      who: store.name,
      got: `filters ${filters.map(({ id }) => id).join(', ')}`,
      wanted: 'chunks without filters',
      remedy: 'write it again without them',
    });
  requireCodecs(store.name, compressor ? [compressor.id] : []);
  const match = /^[<>|]([uif])([1248])$/.exec(dtype);
  const kinds: Record<string, string> = { u: 'uint', i: 'int', f: 'float' };
  const type = knownType(store, match ? `${kinds[match[1]]}${Number(match[2]) * 8}` : dtype);
  requireChunk(store, shape, chunks, type);
  return { key, path, shape, chunk: chunks, dtype: type, fill: fillOf(fill), indexFirst: false };
}

function fromV3(store: ZarrStore, path: string, key: string, value: unknown): ZarrArray {
  const {
    shape,
    data_type: name,
    chunk_grid: grid,
    fill_value: fill,
    codecs: steps,
  } = checked(store, key, v3Array, value);
  const dtype = knownType(store, name);
  const outer = grid.configuration.chunk_shape;
  const shards = steps.some((step) => step.name === 'sharding_indexed') ? shardsOf(store, key, steps, outer) : null;
  const inner = shards?.codecs ?? steps;
  requireCodecs(
    store.name,
    inner.map((step) => step.name).filter((step) => step !== 'bytes' && step !== 'transpose'),
  );
  requireTransposes(store, key, inner, shape.length);
  const chunk = shards?.chunk_shape ?? outer;
  requireChunk(store, shape, chunk, dtype);
  return { key, path, shape, chunk, dtype, fill: fillOf(fill), indexFirst: shards?.index_location === 'start' };
}

/** Chunks inside of shards (sharding_indexed): an index of offset and length of each, at one end of the file. */
function shardsOf(
  store: ZarrStore,
  key: string,
  steps: z.output<typeof codecs>,
  shard: readonly number[],
): z.output<typeof sharding> {
  if (steps.length > 1)
    throw new InputError({
      who: store.name,
      got: `shards with ${steps.map(({ name }) => name).join(', ')}`,
      wanted: 'codecs inside of the shards',
      remedy: 'write it again without codecs around them',
    });
  const found = checked(store, key, sharding, steps[0].configuration);
  const { chunk_shape: chunk, index_codecs: indexCodecs } = found;
  const counts = shard.map((size, axis) => size / chunk[axis]);
  if (chunk.length !== shard.length || counts.some((count) => !Number.isInteger(count) || count < 1))
    throw damagedFile(store.name, 'OME-Zarr', `chunks of ${chunk.join('x')} in shards of ${shard.join('x')}`);
  if (indexCodecs.some(({ name }) => name !== 'bytes' && name !== 'crc32c'))
    throw new InputError({
      who: store.name,
      got: 'a compressed index of shards',
      wanted: 'a plain one',
      remedy: 'write it again with the index codecs bytes and crc32c',
    });
  const entries = counts.reduce((product, count) => product * count, 1);
  if (!(16 * entries <= LARGEST)) throw damagedFile(store.name, 'OME-Zarr', `${entries} chunks in a shard`);
  return found;
}

function requireTransposes(store: ZarrStore, key: string, steps: z.output<typeof codecs>, rank: number): void {
  for (const { name, configuration } of steps) {
    if (name !== 'transpose') continue;
    const order = checked(store, key, z.array(z.int()), configuration['order']);
    const sorted = [...order].sort((a, b) => a - b);
    if (order.length !== rank || sorted.some((axis, i) => axis !== i))
      throw damagedFile(store.name, 'OME-Zarr', `order ${order.join()}`);
  }
}

function requireChunk(
  store: ZarrStore,
  shape: readonly number[],
  chunk: readonly number[],
  dtype: ZarrArray['dtype'],
): void {
  if (shape.length !== chunk.length)
    throw damagedFile(store.name, 'OME-Zarr', `chunks of ${chunk.length} axes for ${shape.length}`);
  const bytes = (chunk.reduce((product, size) => product * size, 1) * bitsOf(dtype)) / 8;
  if (!(bytes <= LARGEST))
    throw new InputError({
      who: store.name,
      got: `chunks of ${(bytes / 2 ** 30).toFixed(1)} GB`,
      wanted: 'at most 1 GB',
      remedy: 'write it again with smaller chunks',
    });
}

/** Bits of a value. */
export function bitsOf(dtype: ZarrArray['dtype']): number {
  return Number(/\d+$/.exec(dtype)![0]);
}

const knownTypes = [
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'float32',
  'float64',
] as const;

function knownType(store: ZarrStore, type: string): ZarrArray['dtype'] {
  const found = knownTypes.find((name) => name === type);
  if (found) return found;
  throw new InputError({
    who: store.name,
    got: `values of type ${type}`,
    wanted: knownTypes.join(', '),
    remedy: 'write it again as one of them',
  });
}

const spelled: Record<string, number> = { Infinity: Infinity, '-Infinity': -Infinity, NaN: NaN };

function fillOf(value: z.output<typeof fillValue>): number {
  if (typeof value === 'string' && value in spelled) return spelled[value];
  const number = Number(value ?? 0);
  return Number.isNaN(number) ? 0 : number;
}

import type { AbsolutePath, RangeQuery } from 'zarrita';
import { InputError } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import { numbersOf, requireExact } from '../exact-values.js';
import { floatsOfHalves, type Samples } from '../tiff/samples.js';
import type { ZarrArray } from './array-metadata.js';
import { loadZarrita } from './codecs.js';
import type { ZarrStore } from './store.js';

/** Decoded chunks that are kept, in bytes. */
const KEPT = 64 << 20;
/** What a chunk takes besides its values. */
const OVERHEAD = 64;

/** A decoded chunk: values, and how far neighbours along each axis lie apart. */
export interface ZarrChunk {
  readonly values: Samples;
  readonly strides: readonly number[];
}

/** Reads chunks by their place on the grid of chunks; null where only the fill value is. */
export type ReadChunk = (coordinates: readonly number[]) => Promise<ZarrChunk | null>;

/** A chunk that was never written: zarrita would make one full of the fill value. */
class NeverWritten extends Error {}

/**
 * Chunks of an array, decoded by zarrita, the last ones kept (64 MB). Chunks inside of shards are read alone, with one
 * look at the shard's index.
 */
export function chunkReader(store: ZarrStore, array: ZarrArray): ReadChunk {
  const kept = new Map<string, ZarrChunk | null>();
  const values = array.chunk.reduce((product, size) => product * size, 1);
  let bytes = 0;
  let opened: ReturnType<typeof openArray> | undefined;
  return async (coordinates) => {
    const id = coordinates.join();
    const known = kept.get(id);
    if (known !== undefined) return known;
    let chunk: ZarrChunk | null = null;
    try {
      opened ??= openArray(store, array);
      chunk = chunkOf(store.name, await (await opened).getChunk([...coordinates]), values, array);
    } catch (error) {
      if (error instanceof InputError) throw error;
      if (!(error instanceof NeverWritten))
        throw damagedFile(store.name, 'OME-Zarr', `chunk ${id}: ${reason(error)}`, error);
    }
    kept.set(id, chunk);
    bytes += (chunk?.values.byteLength ?? 0) + OVERHEAD;
    for (const [oldest, old] of kept) {
      if (bytes <= KEPT || oldest === id) break;
      kept.delete(oldest);
      bytes -= (old?.values.byteLength ?? 0) + OVERHEAD;
    }
    return chunk;
  };
}

/** What a codec said, below zarrita's own words. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return (cause instanceof Error ? cause.message : message).split('\n')[0];
}

async function openArray(store: ZarrStore, array: ZarrArray) {
  const { open, root } = await loadZarrita();
  const readable = readableOf(store, array);
  const location = array.path === '' ? root(readable) : root(readable).resolve(array.path);
  const version = array.key.endsWith('.zarray') ? open.v2 : open.v3;
  return version(location, { kind: 'array' });
}

/** A store as zarrita takes it. Keys that lead out of it are none. */
function readableOf(store: ZarrStore, { key: metadata, dtype, indexFirst }: ZarrArray) {
  const inside = (key: AbsolutePath): string => {
    if (key.split('/').includes('..')) throw new Error(`a path out of the store: ${key}`);
    return key.slice(1);
  };
  return {
    get(key: AbsolutePath): Uint8Array | undefined {
      const name = inside(key);
      const bytes = store.get(name);
      if (bytes) return name === metadata && dtype === 'float16' ? withHalvesAsIntegers(bytes) : bytes;
      if (name.endsWith('.zattrs')) return undefined;
      throw new NeverWritten();
    },
    getRange(key: AbsolutePath, range: RangeQuery): Uint8Array | undefined {
      const name = inside(key);
      const part =
        'suffixLength' in range
          ? { start: indexFirst ? 0 : -range.suffixLength, length: range.suffixLength }
          : { start: range.offset, length: range.length };
      const bytes = store.get(name, part);
      if (!bytes) throw new NeverWritten();
      if (bytes.length < part.length) throw new Error(`${bytes.length} of ${part.length} bytes of a shard`);
      return bytes;
    },
  };
}

/** Not every Node has arrays of 16-bit floats: they come as integers, and become floats here. */
function withHalvesAsIntegers(bytes: Uint8Array): Uint8Array {
  const json = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  const asIntegers =
    json['dtype'] === undefined
      ? { ...json, data_type: 'uint16', fill_value: 0 }
      : { ...json, dtype: String(json['dtype']).replace('f', 'u'), fill_value: 0 };
  return new TextEncoder().encode(JSON.stringify(asIntegers));
}

function chunkOf(
  who: string,
  { data, stride }: { readonly data: unknown; readonly stride: readonly number[] },
  count: number,
  { dtype }: ZarrArray,
): ZarrChunk {
  const values = samplesOf(who, data, dtype);
  if (values.length < count) throw new Error(`${values.length} of ${count} values of a chunk`);
  requireExact(who, values);
  return { values, strides: stride };
}

function samplesOf(who: string, data: unknown, dtype: ZarrArray['dtype']): Samples {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return numbersOf(who, data);
  return dtype === 'float16' ? floatsOfHalves(data as Uint16Array) : (data as Samples);
}

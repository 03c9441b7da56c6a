import { z } from 'zod';
import { InputError } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import { samplesOf, type Samples } from '../tiff/samples.js';
import { FLOAT, SIGNED, UNSIGNED } from '../tiff/page.js';
import { decodeChunk, requireCodecs } from './codecs.js';
import type { CodecSpec, ZarrArray } from './metadata.js';
import type { ZarrStore } from './store.js';

const KEPT = 64 << 20;
const LARGEST = 2 ** 30;
/** What a shard's index says of a chunk that was never written. */
const MISSING = 2n ** 64n - 1n;

const codecList = z
  .array(z.object({ name: z.string(), configuration: z.record(z.string(), z.unknown()).default({}) }))
  .max(16);
const sharding = z.object({
  chunk_shape: z.array(z.int().min(1)),
  codecs: codecList,
  index_codecs: codecList,
  index_location: z.enum(['start', 'end']).default('end'),
});

/** A decoded chunk, by its place on the grid of chunks; null where only the fill value is. */
export interface ChunkSource {
  readonly chunk: readonly number[];
  readonly strides: readonly number[];
  read(coordinates: readonly number[]): Promise<Samples | null>;
}

/**
 * Chunks of an array, decoded, the last ones kept (64 MB). Chunks inside of shards are read alone, with one look at
 * the shard's index.
 * @throws {InputError} for codecs that are not known.
 */
export function openChunks(store: ZarrStore, array: ZarrArray): ChunkSource {
  const sharded = array.codecs[0]?.name === 'sharding_indexed' ? shardsOf(store, array) : null;
  const chunk = sharded?.chunk ?? array.chunk;
  const codecs = sharded?.codecs ?? array.codecs;
  const little = sharded?.little ?? array.little;
  requireCodecs(store.name, codecs);
  const bits = Number(/\d+$/.exec(array.dtype)![0]);
  const format = array.dtype.startsWith('float') ? FLOAT : array.dtype.startsWith('int') ? SIGNED : UNSIGNED;
  const values = chunk.reduce((product, size) => product * size, 1);
  const length = (values * bits) / 8;
  if (!(length <= LARGEST))
    throw new InputError({
      who: store.name,
      got: `chunks of ${(length / 2 ** 30).toFixed(1)} GB`,
      wanted: 'at most 1 GB',
      remedy: 'write it again with smaller chunks',
    });
  const strides = new Array<number>(chunk.length);
  let stride = 1;
  for (const axis of [...array.order].reverse()) {
    strides[axis] = stride;
    stride *= chunk[axis];
  }
  const kept = new Map<string, Samples | null>();
  let bytes = 0;
  return {
    chunk,
    strides,
    async read(coordinates) {
      const id = coordinates.join();
      const known = kept.get(id);
      if (known !== undefined) return known;
      const stored = sharded ? sharded.bytes(coordinates) : store.get(array.key(coordinates));
      let samples: Samples | null = null;
      if (stored) {
        try {
          const plain = await decodeChunk(stored, codecs, length);
          samples = samplesOf(plain, little, { bits, format, predictor: 1, reversedBits: false }, values, 1);
        } catch (error) {
          throw damagedFile(store.name, 'OME-Zarr', `chunk ${id}: ${(error as Error).message.split('\n')[0]}`, error);
        }
      }
      kept.set(id, samples);
      bytes += (samples?.byteLength ?? 0) + 64;
      for (const [oldest, old] of kept) {
        if (bytes <= KEPT || oldest === id) break;
        kept.delete(oldest);
        bytes -= (old?.byteLength ?? 0) + 64;
      }
      return samples;
    },
  };
}

interface Shards {
  readonly chunk: readonly number[];
  readonly codecs: readonly CodecSpec[];
  readonly little: boolean;
  bytes(coordinates: readonly number[]): Uint8Array | null;
}

/**
 * Chunks inside of shards (Zarr 3, sharding_indexed): an index of offset and length of each, at one end of the file.
 */
function shardsOf(store: ZarrStore, array: ZarrArray): Shards {
  const parsed = sharding.safeParse(array.codecs[0].configuration);
  if (!parsed.success || array.codecs.length > 1)
    throw damagedFile(store.name, 'OME-Zarr', 'shards that are not described');
  const { chunk_shape: chunk, codecs, index_codecs: indexCodecs, index_location: location } = parsed.data;
  const counts = array.chunk.map((size, axis) => size / chunk[axis]);
  if (chunk.length !== array.chunk.length || counts.some((count) => !Number.isInteger(count) || count < 1))
    throw damagedFile(store.name, 'OME-Zarr', `chunks of ${chunk.join('x')} in shards of ${array.chunk.join('x')}`);
  if (indexCodecs.some(({ name }) => name !== 'bytes' && name !== 'crc32c'))
    throw new InputError({
      who: store.name,
      got: 'a compressed index of shards',
      wanted: 'a plain one',
      remedy: 'write it again with the index codecs bytes and crc32c',
    });
  const entries = counts.reduce((product, count) => product * count, 1);
  const checked = indexCodecs.filter(({ name }) => name === 'crc32c').length;
  const length = entries * 16 + 4 * checked;
  if (!(length <= LARGEST)) throw damagedFile(store.name, 'OME-Zarr', `${entries} chunks in a shard`);
  const indices = new Map<string, DataView | null>();
  const indexOf = (key: string): DataView | null => {
    const known = indices.get(key);
    if (known !== undefined) return known;
    const bytes = store.get(key, { start: location === 'end' ? -length : 0, length });
    if (bytes && bytes.length < length) throw damagedFile(store.name, 'OME-Zarr', `shard ${key} without its index`);
    const view = bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (indices.size >= 256) indices.delete([...indices.keys()][0]);
    indices.set(key, view);
    return view;
  };
  return {
    chunk,
    codecs: codecs.filter(({ name }) => name !== 'bytes'),
    little: codecs.find(({ name }) => name === 'bytes')?.configuration['endian'] !== 'big',
    bytes(coordinates) {
      const key = array.key(coordinates.map((value, axis) => Math.floor(value / counts[axis])));
      const index = indexOf(key);
      if (!index) return null;
      const place = coordinates.reduce((sum, value, axis) => sum * counts[axis] + (value % counts[axis]), 0);
      const start = index.getBigUint64(16 * place, true);
      const size = index.getBigUint64(16 * place + 8, true);
      if (start === MISSING && size === MISSING) return null;
      if (start > 2n ** 50n || size > BigInt(2 * LARGEST))
        throw damagedFile(store.name, 'OME-Zarr', `chunk ${coordinates.join()} at byte ${start}`);
      const bytes = store.get(key, { start: Number(start), length: Number(size) });
      if (!bytes || bytes.length < Number(size))
        throw damagedFile(store.name, 'OME-Zarr', `chunk ${coordinates.join()} outside its shard`);
      return bytes;
    },
  };
}

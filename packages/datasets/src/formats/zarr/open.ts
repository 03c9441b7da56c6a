import { InputError } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import { fileName } from '../file-name.js';
import { integerRange, type OpenImage } from '../open-image.js';
import { fullRegion, targetOf, type FullRegion } from '../region.js';
import { bitsOf, readArray, type ZarrArray } from './array-metadata.js';
import { chunkReader, type ReadChunk, type ZarrChunk } from './chunks.js';
import { readOme, type OmeImage } from './ome-metadata.js';
import type { ZarrStore } from './store.js';

/** Chunks of one region at most; more is a description that does not fit its data. */
const MOST_CHUNKS = 1 << 20;

/**
 * Opens the first image of an OME-Zarr (0.4 on Zarr 2, 0.5 on Zarr 3) at its full size: integers of 8 to 64 bits,
 * floats; gzip, zlib, Zstandard, Blosc, LZ4; shards; either order of axes and bytes. Axes are t, c, z, y, x, or fewer
 * of them, in any order.
 * Memory: a region's values and at most 64 MB (or one chunk) of decoded chunks.
 * @throws {InputError} for damaged stores and what is not known.
 */
export function openZarrStore(store: ZarrStore): OpenImage {
  const ome = readOme(store);
  const array = readArray(store, ome.path);
  requireAxes(store, ome, array);
  const size = (name: string) => array.shape[ome.axes.indexOf(name)] ?? 1;
  const dtype = array.dtype === 'float16' ? 'float32' : array.dtype;
  const bits = bitsOf(array.dtype);
  const region = new RegionReader(ome.axes, array, chunkReader(store, array));
  const image: OpenImage = {
    name: fileName(store.name.replace(/[\\/]+$/, '')),
    path: store.name,
    width: size('x'),
    height: size('y'),
    depth: size('z'),
    frames: size('t'),
    channels: size('c'),
    dtype,
    bits,
    dataRange: integerRange(dtype, bits),
    pixelSize: ome.pixelSize,
    axes: ome.axes.join(''),
    channelLayout: size('c') > 1 && ome.axes.at(-1) !== 'c' ? 'pages' : 'interleaved',
    software: ome.software,
    notes: [
      ...ome.notes,
      ...(array.dtype === 'float64' ? ['64-bit floats are read as 32-bit ones: seven digits'] : []),
    ],
    async readRegion(wanted, into) {
      const full = fullRegion(image, wanted);
      region.requireFew(store.name, full);
      const out = targetOf(image, full, into);
      await region.read(full, out);
      return out;
    },
    async close() {},
  };
  return image;
}

function requireAxes(store: ZarrStore, { axes }: OmeImage, { shape }: ZarrArray): void {
  if (shape.length !== axes.length)
    throw damagedFile(store.name, 'OME-Zarr', `${shape.length} axes where ${axes.join('')} are named`);
  const unknown = axes.some((name) => name.length !== 1 || !'tczyx'.includes(name));
  if (unknown || !axes.includes('x') || !axes.includes('y') || new Set(axes).size < axes.length)
    throw new InputError({
      who: store.name,
      got: `axes ${axes.join()}`,
      wanted: 't, c, z, y, x or fewer of them, each once',
      remedy: 'name them so in the metadata, or write it again',
    });
}

/** Copies regions of planes out of chunks. */
class RegionReader {
  private readonly axes: readonly string[];
  private readonly array: ZarrArray;
  private readonly readChunk: ReadChunk;
  private readonly wide: number;
  private readonly high: number;

  constructor(axes: readonly string[], array: ZarrArray, readChunk: ReadChunk) {
    this.axes = axes;
    this.array = array;
    this.readChunk = readChunk;
    this.wide = array.chunk[axes.indexOf('x')];
    this.high = array.chunk[axes.indexOf('y')];
  }

  /** @throws {InputError} for regions of more chunks than any image has in one. */
  requireFew(who: string, { x, y, width, height, take }: FullRegion): void {
    const columns = Math.floor((x + width - 1) / this.wide) - Math.floor(x / this.wide) + 1;
    const rows = Math.floor((y + height - 1) / this.high) - Math.floor(y / this.high) + 1;
    if (columns * rows * take > MOST_CHUNKS)
      throw new InputError({
        who,
        got: `a region of ${columns * rows * take} chunks`,
        wanted: `at most ${MOST_CHUNKS}`,
        remedy: 'read smaller regions, or write it again with larger chunks',
      });
  }

  async read(region: FullRegion, out: Float32Array): Promise<void> {
    const { x, y, z, t, width, height, first, take } = region;
    for (let c = 0; c < take; c++) {
      for (let row = Math.floor(y / this.high); row * this.high < y + height; row++) {
        for (let column = Math.floor(x / this.wide); column * this.wide < x + width; column++) {
          const place = { t, z, c: first + c, y: row * this.high, x: column * this.wide };
          const chunk = await this.readChunk(this.coordinates(place));
          this.copy(chunk, place, region, { out, channel: c });
        }
      }
    }
  }

  /** The chunk that holds a place of the array. */
  private coordinates(place: Readonly<Record<string, number>>): number[] {
    return this.axes.map((name, i) => Math.floor(place[name] / this.array.chunk[i]));
  }

  /** Copies what a chunk, whose corner in the plane is `place`, and a region share. */
  private copy(
    chunk: ZarrChunk | null,
    place: Readonly<Record<'t' | 'c' | 'z' | 'y' | 'x', number>>,
    { x, y, width, height, take }: FullRegion,
    { out, channel }: { readonly out: Float32Array; readonly channel: number },
  ): void {
    const left = Math.max(x, place.x);
    const right = Math.min(x + width, place.x + this.wide);
    const bottom = Math.min(y + height, place.y + this.high);
    const stride = (name: string) => chunk?.strides[this.axes.indexOf(name)] ?? 0;
    const base = this.axes.reduce((sum, name, i) => {
      const at = place[name as 't'] % this.array.chunk[i];
      return sum + at * (chunk?.strides[i] ?? 0);
    }, 0);
    const stepX = stride('x');
    const stepY = stride('y');
    for (let line = Math.max(y, place.y); line < bottom; line++) {
      let to = ((line - y) * width + left - x) * take + channel;
      if (!chunk) {
        for (let i = left; i < right; i++, to += take) out[to] = this.array.fill;
        continue;
      }
      let from = base + (line - place.y) * stepY + (left - place.x) * stepX;
      if (stepX === 1 && take === 1) {
        out.set(chunk.values.subarray(from, from + right - left), to);
        continue;
      }
      for (let i = left; i < right; i++, from += stepX, to += take) out[to] = chunk.values[from];
    }
  }
}

import { basename } from 'node:path';
import { InputError } from '@lacuna/core';
import { damagedFile } from '../byte-source.js';
import { depthAxis, fullRegion, integerRange, targetOf, type OpenImage, type OpenOptions } from '../open-image.js';
import { openChunks } from './chunks.js';
import { readArray, readOme } from './metadata.js';
import { folderStore, type ZarrStore } from './store.js';

/** Chunks of one region at most; more is a description that does not fit its data. */
const MOST_CHUNKS = 1 << 20;

/**
 * Opens the first image of an OME-Zarr (0.4 on Zarr 2, 0.5 on Zarr 3) at its full size: integers of 8, 16 and 32 bits,
 * floats; gzip, zlib, Zstandard, Blosc, LZ4; shards; either order of axes and bytes. Axes are t, c, z, y, x, or fewer
 * of them; either z or t is the depth, or z at the time point that is named. Memory: a region's values and at most 64
 * MB (or one chunk) of decoded chunks.
 * @throws {InputError} for damaged folders and what is not known.
 */
export function openZarr(path: string, options: OpenOptions = {}): OpenImage {
  return openZarrStore(folderStore(path), options);
}

/** {@link openZarr} of any store. */
export function openZarrStore(store: ZarrStore, options: OpenOptions = {}): OpenImage {
  const ome = readOme(store);
  const array = readArray(store, ome.path);
  if (array.shape.length !== ome.axes.length)
    throw damagedFile(store.name, 'OME-Zarr', `${array.shape.length} axes where ${ome.axes.join('')} are named`);
  const axis = (name: string) => ome.axes.indexOf(name);
  const size = (name: string) => (axis(name) < 0 ? 1 : array.shape[axis(name)]);
  if (
    axis('x') < 0 ||
    axis('y') < 0 ||
    new Set(ome.axes).size < ome.axes.length ||
    ome.axes.some((name) => !'tczyx'.includes(name))
  )
    throw new InputError({
      who: store.name,
      got: `axes ${ome.axes.join()}`,
      wanted: 't, c, z, y, x or fewer of them, each once',
    });
  const depth = depthAxis(store.name, { Z: size('z'), T: size('t') }, options.time);
  const deep = depth.axis === 'T' ? 't' : 'z';
  const chunks = openChunks(store, array);
  const dtype = array.dtype === 'float16' ? 'float32' : array.dtype;
  const bits = Number(/\d+$/.exec(array.dtype)![0]);
  const xAxis = axis('x');
  const yAxis = axis('y');
  const stepX = chunks.strides[xAxis];
  const stepY = chunks.strides[yAxis];
  const wide = chunks.chunk[xAxis];
  const high = chunks.chunk[yAxis];
  const image: OpenImage = {
    name: basename(store.name),
    path: store.name,
    width: size('x'),
    height: size('y'),
    depth: size(deep),
    channels: size('c'),
    dtype,
    bits,
    dataRange: integerRange(dtype, bits),
    pixelSize: ome.pixelSize,
    axes: deep === 't' ? 'tyxc' : 'zyxc',
    channelLayout: size('c') > 1 ? 'pages' : 'interleaved',
    software: ome.software,
    async readRegion(region, into) {
      const wanted = fullRegion(image, region);
      const { x, y, z, width, height, first, take } = wanted;
      const right = x + width;
      const bottom = y + height;
      const count =
        (Math.floor((right - 1) / wide) - Math.floor(x / wide) + 1) *
        (Math.floor((bottom - 1) / high) - Math.floor(y / high) + 1) *
        take;
      if (count > MOST_CHUNKS)
        throw new InputError({
          who: store.name,
          got: `a region of ${count} chunks`,
          wanted: `at most ${MOST_CHUNKS}`,
          remedy: 'read smaller regions, or write it again with larger chunks',
        });
      const out = targetOf(image, wanted, into);
      const place = new Array<number>(array.shape.length).fill(0);
      const at = new Array<number>(array.shape.length).fill(0);
      const go = (name: string, value: number) => {
        const i = axis(name);
        if (i < 0) return;
        at[i] = Math.floor(value / chunks.chunk[i]);
        place[i] = (value % chunks.chunk[i]) * chunks.strides[i];
      };
      if (deep === 'z') go('t', depth.time);
      go(deep, z);
      for (let c = 0; c < take; c++) {
        go('c', first + c);
        const base = place.reduce((sum, offset) => sum + offset, 0);
        for (let row = Math.floor(y / high); row * high < bottom; row++) {
          for (let column = Math.floor(x / wide); column * wide < right; column++) {
            at[yAxis] = row;
            at[xAxis] = column;
            const samples = await chunks.read(at);
            const left = Math.max(x, column * wide);
            const end = Math.min(right, (column + 1) * wide);
            for (let line = Math.max(y, row * high); line < Math.min(bottom, (row + 1) * high); line++) {
              let to = ((line - y) * width + left - x) * take + c;
              if (!samples) {
                for (let i = left; i < end; i++, to += take) out[to] = array.fill;
                continue;
              }
              let from = base + (line - row * high) * stepY + (left - column * wide) * stepX;
              if (stepX === 1 && take === 1) out.set(samples.subarray(from, from + end - left), to);
              else for (let i = left; i < end; i++, from += stepX, to += take) out[to] = samples[from]!;
            }
          }
        }
      }
      return out;
    },
    async close() {},
  };
  return image;
}

import { ShapeError, reflectIndex } from '@lacuna/core';
import type { Executable } from '../engine/index.js';
import { sizeMultiples, type ModelSpec } from '../architectures/index.js';
import { factorOf, perAxis, type PerAxis } from '../graph/index.js';
import type { Pixels } from '../pixels.js';
import { tileStarts, type Tile } from './tiles.js';

/** Spatial sizes for which `predict` is compiled so that images of up to `sizes` go through whole. */
export function predictSizes(model: ModelSpec, factor: PerAxis, sizes: readonly number[]): number[] {
  const multiples = sizeMultiples(model, perAxis('predict: factor', factor, sizes.length));
  return sizes.map((length, axis) => Math.ceil(length / multiples[axis]) * multiples[axis]);
}

/** {@link predictSizes} of a plane. */
export function predictSizeFor(
  model: ModelSpec,
  factor: number,
  height: number,
  width: number,
): [height: number, width: number] {
  const [fitHeight, fitWidth] = predictSizes(model, factorOf(factor), [height, width]);
  return [fitHeight, fitWidth];
}

/** How {@link predictImage} cuts an image. Numbers are for every spatial axis, or a list: z, y, x or y, x. */
export interface PredictOptions {
  readonly factor: PerAxis;
  /** Spatial sizes that `predict` is compiled for: two for planes, three for volumes. */
  readonly size: readonly number[];
  /** LR pixels by which tiles overlap at each end: with at least half the receptive field, tiles equal the whole. */
  readonly halo: PerAxis;
  /**
   * The model's multiples ({@link sizeMultiples}): tiles begin there, where pooling has its windows in the whole image.
   */
  readonly multiple?: PerAxis;
  /** Planes that come in as channels and give one; 1 by default. */
  readonly planes?: number;
}

/** One axis of the cut: its tiles, their length, the image's length, and the factor. */
interface Axis {
  readonly tiles: readonly Tile[];
  readonly tile: number;
  readonly length: number;
  readonly factor: number;
}

/**
 * Enlarges an LR plane or volume with the compiled `predict` action.
 * Smaller images are mirrored up to the compiled size; larger ones go through in tiles, of which only the inner part is
 * kept. A model with a head for the network gives that as well.
 * @param lr with the channels of its planes one after another, where several give one.
 * @throws {ShapeError} for a volume where `predict` was compiled for planes.
 */
export async function predictImage(executable: Executable, lr: Pixels, options: PredictOptions): Promise<Pixels> {
  const [alongZ, alongY, alongX] = axesOf(lr, options);
  const { planes = 1 } = options;
  const channels = lr.channels / planes;
  const tile = new Float32Array(alongZ.tile * alongY.tile * alongX.tile * lr.channels);
  const enlarged = (axis: Axis) => axis.length * axis.factor;
  const pixels = enlarged(alongZ) * enlarged(alongY) * enlarged(alongX);
  const out = new Float32Array(pixels * channels);
  let network: Float32Array | null = null;
  for (const slab of alongZ.tiles) {
    for (const row of alongY.tiles) {
      for (const column of alongX.tiles) {
        const place = [
          { axis: alongZ, part: slab },
          { axis: alongY, part: row },
          { axis: alongX, part: column },
        ] as const;
        cutTile(tile, lr.data, place, lr.channels);
        const made = await executable.run('predict', { lr: tile });
        placeTile(out, made['sr'], place, channels);
        if (made['network'] === undefined) continue;
        network ??= new Float32Array(pixels);
        placeTile(network, made['network'], place, 1);
      }
    }
  }
  return {
    data: out,
    width: enlarged(alongX),
    height: enlarged(alongY),
    ...(lr.depth === undefined ? {} : { depth: enlarged(alongZ) }),
    channels,
    ...(network === null ? {} : { network }),
  };
}

/** z, y, x: a plane is a volume with one plane. */
function axesOf(lr: Pixels, { factor, size, halo, multiple = 1 }: PredictOptions): [Axis, Axis, Axis] {
  const rank = size.length;
  const { depth = 1, height, width } = lr;
  if (rank === 2 && depth > 1)
    throw new ShapeError({
      who: 'predict',
      got: `a volume of ${depth} planes for a model of planes`,
      wanted: 'one plane at a time',
    });
  const factors = perAxis('predict: factor', factor, rank);
  const halos = perAxis('predict: halo', halo, rank);
  const multiples = perAxis('predict: multiple', multiple, rank);
  const lengths = [depth, height, width].slice(-rank);
  const axes = lengths.map((length, i): Axis => {
    const tiles = tileStarts(length, size[i], halos[i], multiples[i]);
    return { tiles, tile: size[i], length, factor: factors[i] };
  });
  const single: Axis = { tiles: tileStarts(1, 1, 0), tile: 1, length: 1, factor: 1 };
  return rank === 2 ? [single, axes[0], axes[1]] : [axes[0], axes[1], axes[2]];
}

/** Where a tile lies along z, y and x. */
type Place = readonly [AxisPart, AxisPart, AxisPart];
interface AxisPart {
  readonly axis: Axis;
  readonly part: Tile;
}

/** Copies a tile out of the image; beyond the image it is mirrored without repeating the edge. */
function cutTile(tile: Float32Array, data: Float32Array, place: Place, channels: number): void {
  const [zs, ys, xs] = place.map(({ axis, part }) =>
    Int32Array.from({ length: axis.tile }, (_, i) => reflectIndex(part.start + i, axis.length)),
  );
  const [, { axis: rows }, { axis: columns }] = place;
  let at = 0;
  for (const z of zs) {
    for (const y of ys) {
      const line = (z * rows.length + y) * columns.length;
      for (const x of xs) {
        const from = (line + x) * channels;
        for (let c = 0; c < channels; c++) tile[at++] = data[from + c];
      }
    }
  }
}

/** Copies the part of a tile's result that is kept. */
function placeTile(out: Float32Array, sr: Float32Array, place: Place, channels: number): void {
  const [z, y, x] = place.map(({ axis: { factor, tile, length }, part }) => ({
    from: part.keepFrom * factor,
    to: part.keepTo * factor,
    start: part.start * factor,
    tile: tile * factor,
    length: length * factor,
  }));
  const count = (x.to - x.from) * channels;
  for (let k = z.from; k < z.to; k++) {
    for (let j = y.from; j < y.to; j++) {
      const from = (((k - z.start) * y.tile + (j - y.start)) * x.tile + (x.from - x.start)) * channels;
      const to = ((k * y.length + j) * x.length + x.from) * channels;
      out.set(sr.subarray(from, from + count), to);
    }
  }
}

/** Spatial sizes of an image as a model of `rank` axes sees it. */
export const sizesOf = ({ depth = 1, height, width }: Pixels, rank: number): number[] =>
  rank === 3 ? [depth, height, width] : [height, width];

import { InputError } from '@lacuna/core';
import type { TileModel } from './tile-model.js';
import type { Axes, VolumeModel } from './volume.js';

/**
 * The geometric self-ensemble (Timofte et al. 2016, arXiv:1511.02228): a tile in its eight orientations, each result
 * turned back, and their mean.
 */
export function selfEnsemble(model: TileModel): TileModel {
  const { factor, channels } = model;
  return {
    ...model,
    async run(tile, height, width) {
      const means: Float64Array[] = [];
      for (let orientation = 0; orientation < 8; orientation++) {
        const turned = orient(tile, height, width, channels, orientation);
        const outputs = await model.run(turned.data, turned.height, turned.width);
        outputs.forEach((sr, k) => {
          const mean = (means[k] ??= new Float64Array(sr.length));
          addTurnedBack(mean, sr, { height: height * factor, width: width * factor, channels, orientation });
        });
      }
      return means.map((mean) => Float32Array.from(mean, (sum) => sum / 8));
    },
    reset: () => model.reset(),
    dispose: () => model.dispose(),
  };
}

/**
 * Several models as one: the mean of their results and, as a second plane, their sample standard deviation (divided by
 * n - 1).
 * @throws {InputError} for fewer than two models, and where factors or channels differ.
 */
export function ensemble(models: readonly TileModel[]): TileModel {
  const first = requireAlike(models);
  const halos = models.map(({ halo }) => halo);
  return {
    ...together(models),
    factor: first.factor,
    multiple: models.map(({ multiple }) => multiple).reduce(leastCommonMultiple),
    halo: halos.includes(null) ? null : Math.max(...halos.map(Number)),
    run: (tile, height, width) => meanAndSpread(models.map((model) => () => model.run(tile, height, width))),
  };
}

/** {@link ensemble} of models of volumes. */
export function volumeEnsemble(models: readonly VolumeModel[]): VolumeModel {
  const first = requireAlike(models);
  const halos = models.map(({ halo }) => halo);
  const perAxis = (value: (axis: number) => number): Axes => [value(0), value(1), value(2)];
  return {
    ...together(models),
    factor: first.factor,
    multiple: perAxis((axis) => models.map(({ multiple }) => multiple[axis]).reduce(leastCommonMultiple)),
    halo: halos.includes(null) ? null : perAxis((axis) => Math.max(...halos.map((halo) => halo![axis]))),
    run: (tile, size) => meanAndSpread(models.map((model) => () => model.run(tile, size))),
  };
}

function requireAlike<Model extends TileModel | VolumeModel>(models: readonly Model[]): Model {
  const [first] = models;
  if (!first || models.length < 2)
    throw new InputError({
      who: 'uncertainty',
      got: `${models.length} model`,
      wanted: 'at least two: the spread is between models',
      remedy: 'name models of other seeds',
    });
  for (const { factor, channels } of models) {
    if (String(factor) !== String(first.factor) || channels !== first.channels)
      throw new InputError({
        who: 'uncertainty',
        got:
          `models of factor ${String(first.factor)}, ${first.channels} channels ` +
          `and factor ${String(factor)}, ${channels} channels`,
        wanted: 'models of one factor and number of channels',
      });
  }
  return first;
}

/** What does not depend on the number of axes. */
function together(models: readonly (TileModel | VolumeModel)[]) {
  return {
    channels: models[0].channels,
    outputs: 2,
    bytesPerPixel: models.reduce((sum, { bytesPerPixel }) => sum + bytesPerPixel, 0),
    async reset() {
      for (const model of models) await model.reset();
    },
    async dispose() {
      for (const model of models) await model.dispose();
    },
  };
}

/** Mean and sample standard deviation of what the runs give, one after the other. */
async function meanAndSpread(runs: readonly (() => Promise<readonly Float32Array[]>)[]): Promise<Float32Array[]> {
  let mean = new Float64Array(0);
  let squares = new Float64Array(0);
  for (const [i, run] of runs.entries()) {
    const [sr] = await run();
    if (i === 0) {
      mean = new Float64Array(sr.length);
      squares = new Float64Array(sr.length);
    }
    // Welford's update: differences stay exact where models agree.
    for (let k = 0; k < sr.length; k++) {
      const distance = sr[k] - mean[k];
      mean[k] += distance / (i + 1);
      squares[k] += distance * (sr[k] - mean[k]);
    }
  }
  return [Float32Array.from(mean), Float32Array.from(squares, (sum) => Math.sqrt(sum / (runs.length - 1)))];
}

function leastCommonMultiple(a: number, b: number): number {
  const common = (m: number, n: number): number => (n === 0 ? m : common(n, m % n));
  return (a * b) / common(a, b);
}

/** Orientations 0 to 7: bit 0 mirrors columns, bit 1 mirrors rows, bit 2 then swaps the axes. */
function orient(
  tile: Float32Array,
  height: number,
  width: number,
  channels: number,
  orientation: number,
): { data: Float32Array; height: number; width: number } {
  const swap = (orientation & 4) !== 0;
  const data = new Float32Array(tile.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = turnedIndex(y, x, height, width, orientation) * channels;
      for (let c = 0; c < channels; c++) data[from + c] = tile[(y * width + x) * channels + c];
    }
  }
  return swap ? { data, height: width, width: height } : { data, height, width };
}

function addTurnedBack(
  sum: Float64Array,
  sr: Float32Array,
  image: { height: number; width: number; channels: number; orientation: number },
): void {
  const { height, width, channels, orientation } = image;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = turnedIndex(y, x, height, width, orientation) * channels;
      for (let c = 0; c < channels; c++) sum[(y * width + x) * channels + c] += sr[from + c];
    }
  }
}

/** Where pixel (y, x) of an upright image lies in the turned one. */
function turnedIndex(y: number, x: number, height: number, width: number, orientation: number): number {
  const column = orientation & 1 ? width - 1 - x : x;
  const row = orientation & 2 ? height - 1 - y : y;
  return orientation & 4 ? column * height + row : row * width + column;
}

import { keysCubic } from '@lacuna/core';
import { sizes, type Axis, type Grid } from './grid.js';
import { BLOCK, openTapLines, type AxisTaps, type TapLines } from './tap-lines.js';

/** A Gaussian at each place, and how it changes: with the place, and with its variance. */
export interface GaussianTaps {
  readonly value: AxisTaps;
  /** Derivative to the place, per voxel. */
  readonly slope: AxisTaps;
  /** Derivative to the variance, per voxel². */
  readonly spread: AxisTaps;
}

/** Gaussians of the given sigma (voxels) about places between voxels, cut at 4 sigma, each of sum 1. */
export function gaussianTaps(places: Float64Array, sigma: number): GaussianTaps {
  const reach = Math.ceil(4 * sigma);
  const count = 2 * reach + 2;
  const variance = sigma * sigma;
  const from = new Int32Array(places.length);
  const blank = () => new Float64Array(places.length * count);
  const [value, slope, spread] = [blank(), blank(), blank()];
  places.forEach((place, i) => {
    const first = Math.floor(place) - reach;
    from[i] = first;
    const weight = (k: number) => Math.exp(-((first + k - place) ** 2) / (2 * variance));
    let sum = 0;
    let slopes = 0;
    let spreads = 0;
    for (let k = 0; k < count; k++) {
      const far = first + k - place;
      sum += weight(k);
      slopes += (weight(k) * far) / variance;
      spreads += (weight(k) * far * far) / (2 * variance * variance);
    }
    for (let k = 0; k < count; k++) {
      const far = first + k - place;
      const share = weight(k) / sum;
      // The derivatives of what has sum 1, whose own sum is 0.
      value[i * count + k] = share;
      slope[i * count + k] = share * (far / variance - slopes / sum);
      spread[i * count + k] = share * ((far * far) / (2 * variance * variance) - spreads / sum);
    }
  });
  return {
    value: { from, weights: value, count },
    slope: { from, weights: slope, count },
    spread: { from, weights: spread, count },
  };
}

/** Keys' cubic at places between voxels; at whole places the voxel itself. */
export function cubicTaps(places: Float64Array): AxisTaps {
  const from = Int32Array.from(places, (place) => Math.floor(place) - 1);
  const weights = new Float64Array(places.length * 4);
  places.forEach((place, i) => {
    for (let k = 0; k < 4; k++) weights[i * 4 + k] = keysCubic(place - (from[i] + k));
  });
  return { from, weights, count: 4 };
}

/** Applies taps along one axis; outside the volume its edge is repeated. Sums in float64. */
export function sampleAxis(grid: Grid, axis: Axis, taps: AxisTaps): Grid {
  return sampleAxisBy(grid, axis, [taps])[0];
}

/** The same for several taps of the same places, by which the volume is read once. */
export function sampleAxisBy(grid: Grid, axis: Axis, each: readonly AxisTaps[]): Grid[] {
  const lines = openTapLines(each, sizes(grid)[axis]);
  return axis === 'x' ? sampleRows(grid, lines) : sampleLines(grid, axis, lines);
}

/** Along y each plane by itself, along z all planes at once: lines of neighbours are copied as they lie. */
function sampleLines(grid: Grid, axis: 'y' | 'z', { indices, places, input, outputs, sum }: TapLines): Grid[] {
  const { data, width, height, depth } = grid;
  const [parts, length, line] = axis === 'y' ? [depth, height, width] : [1, depth, width * height];
  const results = outputs.map(() => new Float32Array(parts * places * line));
  for (let part = 0; part < parts; part++)
    for (let column = 0; column < line; column += BLOCK) {
      const count = Math.min(BLOCK, line - column);
      for (let i = 0; i < indices.length; i++) {
        const at = (part * length + indices[i]) * line + column;
        input.set(data.subarray(at, at + count), i * BLOCK);
      }
      sum();
      results.forEach((result, one) => {
        for (let i = 0; i < places; i++)
          result.set(outputs[one].subarray(i * BLOCK, i * BLOCK + count), (part * places + i) * line + column);
      });
    }
  const side = axis === 'y' ? 'height' : 'depth';
  return results.map((result) => ({ ...grid, data: result, [side]: places }));
}

/** Rows side by side: each is a column of lines. */
function sampleRows(grid: Grid, { indices, places, input, outputs, sum }: TapLines): Grid[] {
  const { data, width, height, depth } = grid;
  const rows = height * depth;
  const results = outputs.map(() => new Float32Array(places * rows));
  for (let first = 0; first < rows; first += BLOCK) {
    const count = Math.min(BLOCK, rows - first);
    for (let i = 0; i < indices.length; i++)
      for (let row = 0, at = first * width + indices[i]; row < count; row++, at += width)
        input[i * BLOCK + row] = data[at];
    sum();
    results.forEach((result, one) => {
      const output = outputs[one];
      for (let row = 0, at = first * places; row < count; row++)
        for (let i = 0; i < places; i++) result[at++] = output[i * BLOCK + row];
    });
  }
  return results.map((result) => ({ data: result, width: places, height, depth }));
}

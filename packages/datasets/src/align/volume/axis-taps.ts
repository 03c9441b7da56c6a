import { clampIndex, keysCubic } from '@lacuna/core';
import type { Axis, Grid } from './grid.js';

/** Outputs at places along an axis: output i is the sum over k of weights[i · count + k] · input[from[i] + k]. */
export interface AxisTaps {
  readonly from: Int32Array;
  readonly weights: Float64Array;
  readonly count: number;
}

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
  if (axis === 'x') return sampleRows(grid, taps);
  const { data: input, width, height, depth } = grid;
  // Along y each plane by itself, along z all planes at once: lines of that many neighbours are summed.
  const [blocks, length, line] = axis === 'y' ? [depth, height, width] : [1, depth, width * height];
  const places = taps.from.length;
  const data = new Float32Array(blocks * places * line);
  const sums = new Float64Array(line);
  for (let block = 0; block < blocks; block++) {
    const startOf = (index: number) => (block * length + clampIndex(index, length)) * line;
    for (let i = 0; i < places; i++) {
      sums.fill(0);
      // Two lines at a time: the sums are read and written half as often.
      for (let k = 0; k < taps.count; k += 2) {
        const first = taps.weights[i * taps.count + k];
        const second = k + 1 < taps.count ? taps.weights[i * taps.count + k + 1] : 0;
        if (first === 0 && second === 0) continue;
        const at = startOf(taps.from[i] + k);
        const next = startOf(taps.from[i] + k + 1);
        for (let n = 0; n < line; n++) sums[n] = sums[n] + first * input[at + n] + second * input[next + n];
      }
      data.set(sums, (block * places + i) * line);
    }
  }
  return axis === 'y' ? { ...grid, data, height: places } : { ...grid, data, depth: places };
}

/** Four rows side by side: each sum waits for its last addition, and four of them for one another's. */
function sampleRows({ data: input, width, height, depth }: Grid, taps: AxisTaps): Grid {
  const { from, weights, count } = taps;
  const places = from.length;
  const rows = height * depth;
  const data = new Float32Array(places * rows);
  for (let row = 0; row < rows; row += 4) {
    // Where fewer are left the last is summed again.
    const [a, b, c, d] = [row, row + 1, row + 2, row + 3].map((one) => Math.min(one, rows - 1));
    for (let i = 0; i < places; i++) {
      const first = from[i];
      const isInside = first >= 0 && first + count <= width;
      let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
      for (let k = 0; k < count; k++) {
        const weight = weights[i * count + k];
        const at = isInside ? first + k : clampIndex(first + k, width);
        sumA += weight * input[a * width + at];
        sumB += weight * input[b * width + at];
        sumC += weight * input[c * width + at];
        sumD += weight * input[d * width + at];
      }
      data[a * places + i] = sumA;
      data[b * places + i] = sumB;
      data[c * places + i] = sumC;
      data[d * places + i] = sumD;
    }
  }
  return { data, width: places, height, depth };
}

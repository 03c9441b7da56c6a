import { phaseCorrelation, type Plane } from '../phase-correlation.js';
import { blurredVolume } from './blurred.js';
import { sizes, type Grid } from './grid.js';
import { alignedVolume, lrPlaces, type VolumeTransform } from './transform.js';

/**
 * A first guess of the shift, to about an LR voxel: phase correlation and plain correlation of the mean planes along z
 * and along y; the better of these and of none.
 * @param binned the fine volume on LR voxels.
 */
export function firstShift(lr: Grid, binned: Grid): VolumeTransform {
  const sampled = (transform: VolumeTransform): Grid =>
    blurredVolume(binned, lrPlaces(transform, lr, { x: 1, y: 1, z: 1 }), { x: 0.7, y: 0.7, z: 0.7 });
  const still = sampled(alignedVolume);
  const guesses = (['phase', 'none'] as const).map((normalisation) => {
    const shiftOf = (axis: 'y' | 'z') =>
      phaseCorrelation(windowedMean(lr, axis), windowedMean(still, axis), { upsample: 10, normalisation });
    const inPlane = shiftOf('z');
    const upright = shiftOf('y');
    return { ...alignedVolume, shift: { x: -inPlane.x, y: -inPlane.y, z: -upright.y } };
  });
  return [alignedVolume, ...guesses]
    .map((guess) => ({ guess, score: correlation(lr.data, sampled(guess).data) }))
    .reduce((best, one) => (one.score > best.score ? one : best)).guess;
}

/** The mean along an axis, without its own mean, under a Hann window: its edges would correlate with themselves. */
function windowedMean(grid: Grid, along: 'y' | 'z'): Plane {
  const { x: width, y, z } = sizes(grid);
  const height = along === 'z' ? y : z;
  const data = new Float64Array(width * height);
  grid.data.forEach((value, i) => {
    const row = Math.floor(i / width);
    const v = along === 'z' ? row % y : Math.floor(row / y);
    data[v * width + (i % width)] += value;
  });
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const hann = (i: number, length: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length);
  return {
    data: data.map((value, i) => (value - mean) * hann(i % width, width) * hann(Math.floor(i / width), height)),
    width,
    height,
  };
}

function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanA = mean(a);
  const meanB = mean(b);
  let [both, squareA, squareB] = [0, 0, 0];
  a.forEach((value, i) => {
    const p = value - meanA;
    const q = b[i] - meanB;
    both += p * q;
    squareA += p * p;
    squareB += q * q;
  });
  return squareA > 0 && squareB > 0 ? both / Math.sqrt(squareA * squareB) : 0;
}

import { InputError, describeShape, mirrorIndex } from '@lacuna/core';
import { requireDataRange, requireFinite, requireOneChannel, type Intensities } from '../intensities.js';
import { gaussianWeights } from '../pixel/gaussian.js';
import type { Float64Plane } from '../pixel/planes.js';
import { fitGaussian, gammaFunction } from './gaussian-fit.js';
import { NIQE_FEATURES, pristineModel } from './niqe-model.js';
import { applySymmetric, eigenSymmetric, moments } from '../symmetric-matrix.js';

const BLOCK = 96;
const RADIUS = 3;
const SHIFTS = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
] as const;

/**
 * The 36 features of each block of 96 x 96 px (18 at full size, 18 at half): parameters of asymmetric generalised
 * Gaussians fitted to (I - μ) / (σ + 1) and to its products with itself one pixel on, along rows, columns and both
 * diagonals; intensities on 0-255, rounded.
 * @returns one row a block, columns of blocks first; a row may hold NaN where a block is flat.
 * @throws {InputError} for volumes and images below 96 x 96.
 */
export function niqeFeatures(image: Intensities, { dataRange }: { dataRange: number }): Float64Array[] {
  requireDataRange('niqe', dataRange);
  requireFinite('niqe', 'image', image);
  requireOneChannel('niqe', image);
  const across = Math.floor(image.width / BLOCK);
  const down = Math.floor(image.height / BLOCK);
  if (image.depth !== 1 || across < 1 || down < 1)
    throw new InputError({ who: 'niqe', got: describeShape(image), wanted: `a plane of at least ${BLOCK} x ${BLOCK}` });
  const width = across * BLOCK;
  const height = down * BLOCK;
  const data = new Float64Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data[y * width + x] = roundEven((image.data[y * image.width + x] * 255) / dataRange);
  const full: Float64Plane = { data, width, height };
  const rows = Array.from({ length: across * down }, () => new Float64Array(NIQE_FEATURES));
  [full, halfSize(full)].forEach((plane, scale) => {
    const normal = normalise(plane);
    const side = BLOCK >> scale;
    rows.forEach((row, k) =>
      row.set(
        blockFeatures(cutBlock(normal, Math.floor(k / down) * side, (k % down) * side, side), side),
        (scale * NIQE_FEATURES) / 2,
      ),
    );
  });
  return rows;
}

/**
 * Natural image quality evaluator, NIQE (Mittal et al. 2013, doi 10.1109/LSP.2012.2227726): the distance of the image's
 * features from those of pristine natural images, sqrt((μ1 - μ2)ᵀ ((Σ1 + Σ2) / 2)⁺ (μ1 - μ2)); lower is more like them.
 * The published model, as BasicSR uses it.
 *
 * A prior of photographs, not validated on microscopy: of use to compare images of one kind, never as their quality.
 * @returns null where fewer than two blocks have texture.
 * @throws {InputError} for volumes and images below 96 x 96.
 */
export function niqe(image: Intensities, options: { dataRange: number }): number | null {
  const rows = niqeFeatures(image, options);
  const whole = rows.filter((row) => row.every((v) => !Number.isNaN(v)));
  if (whole.length < 2) return null;
  const n = NIQE_FEATURES;
  const pristine = pristineModel();
  const { covariance } = moments(whole);
  const difference = Float64Array.from({ length: n }, (_, i) => {
    const values = rows.map((row) => row[i]).filter((v) => !Number.isNaN(v));
    return pristine.mean[i] - values.reduce((sum, v) => sum + v, 0) / values.length;
  });
  const eigen = eigenSymmetric(
    covariance.map((v, i) => (v + pristine.covariance[i]) / 2),
    n,
  );
  const smallest = 1e-15 * Math.max(...eigen.values.map(Math.abs));
  const inverse = applySymmetric(eigen, (value) => (Math.abs(value) > smallest ? 1 / value : 0));
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += difference[i] * inverse[i * n + j] * difference[j];
  return Math.sqrt(Math.max(0, sum));
}

/** Half to even, as NumPy rounds. */
function roundEven(v: number): number {
  const floor = Math.floor(v);
  return v - floor === 0.5 ? floor + (floor & 1) : Math.round(v);
}

function blockFeatures(block: Float64Array, side: number): number[] {
  const { shape, left, right } = fitGaussian(block);
  const out = [shape, (left + right) / 2];
  const products = new Float64Array(block.length);
  for (const [dy, dx] of SHIFTS) {
    for (let y = 0; y < side; y++) {
      // Blocks wrap around.
      const above = ((y - dy + side) % side) * side;
      for (let x = 0; x < side; x++)
        products[y * side + x] = block[y * side + x] * block[above + ((x - dx + side) % side)];
    }
    const fit = fitGaussian(products);
    out.push(
      fit.shape,
      (fit.right - fit.left) * (gammaFunction(2 / fit.shape) / gammaFunction(1 / fit.shape)),
      fit.left,
      fit.right,
    );
  }
  return out;
}

function cutBlock({ data, width }: Float64Plane, x: number, y: number, side: number): Float64Array {
  const out = new Float64Array(side * side);
  for (let j = 0; j < side; j++) out.set(data.subarray((y + j) * width + x, (y + j) * width + x + side), j * side);
  return out;
}

/** (I - μ) / (σ + 1), μ and σ under a Gaussian of 7 x 7 px and σ 7/6; edge pixels repeated. */
function normalise({ data, width, height }: Float64Plane): Float64Plane {
  const weights = gaussianWeights(7 / 6, RADIUS);
  const blur = (plane: Float64Array): Float64Array => {
    const rows = new Float64Array(plane.length);
    const out = new Float64Array(plane.length);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = -RADIUS; k <= RADIUS; k++)
          sum += weights[k + RADIUS] * plane[y * width + Math.min(width - 1, Math.max(0, x + k))];
        rows[y * width + x] = sum;
      }
    for (let y = 0; y < height; y++)
      for (let k = -RADIUS; k <= RADIUS; k++) {
        const from = Math.min(height - 1, Math.max(0, y + k)) * width;
        const weight = weights[k + RADIUS];
        for (let x = 0; x < width; x++) out[y * width + x] += weight * rows[from + x];
      }
    return out;
  };
  const mean = blur(data);
  const squares = blur(data.map((v) => v * v));
  return {
    data: data.map((v, i) => (v - mean[i]) / (Math.sqrt(Math.abs(squares[i] - mean[i] * mean[i])) + 1)),
    width,
    height,
  };
}

/** MATLAB's antialiased bicubic at one half: eight taps at ±.5, ±1.5, ±2.5, ±3.5 px, edges mirrored. Even sizes. */
function halfSize(plane: Float64Plane): Float64Plane {
  const cubic = (x: number) => (x <= 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2);
  const raw = [3.5, 2.5, 1.5, 0.5, 0.5, 1.5, 2.5, 3.5].map((d) => cubic(d / 2));
  const total = raw.reduce((a, b) => a + b);
  const weights = raw.map((w) => w / total);
  const { data, width, height } = plane;
  const w = width / 2;
  const h = height / 2;
  const columns = new Float64Array(width * h);
  const out = new Float64Array(w * h);
  for (let y = 0; y < h; y++)
    for (let k = 0; k < 8; k++) {
      const from = mirrorIndex(2 * y - 3 + k, height) * width;
      for (let x = 0; x < width; x++) columns[y * width + x] += weights[k] * data[from + x];
    }
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += weights[k] * columns[y * width + mirrorIndex(2 * x - 3 + k, width)];
      out[y * w + x] = sum;
    }
  return { data: out, width: w, height: h };
}

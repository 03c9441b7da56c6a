import { ShapeError } from '@lacuna/core';
import { formatShape, sizeOf } from '../graph/index.js';

/** What a filter answers to, of bright lines through its field in all directions. */
export interface LineSelectivity {
  /** 0 where lines of all directions are answered alike, 1 where those of one alone are. */
  readonly selectivity: number;
  /** Of the lines that are answered most: a unit vector in space without a sign, as y, x or z, y, x. */
  readonly direction: readonly number[];
  /** Σ K(p) K(-p) / Σ K²: 1 of an even filter (lines, spots), -1 of an odd one (edges). */
  readonly symmetry: number;
  /** |Σ K| / Σ |K|: 1 of a filter that averages, 0 of one that an even field leaves without an answer. */
  readonly average: number;
}

/** Directions that are tried: a plane's every 5°, a volume's evenly on the half sphere. */
const DIRECTIONS = { plane: 36, volume: 48 };
/** Sigma of a line's Gaussian profile, pixels along x: a branch of the width of a coarse pixel. */
const LINE_SIGMA = 0.5;
/** Exponent below which a line is dark: four sigma from it. */
const DARK = -8;
/** Distance between lines of one direction, pixels along x. */
const OFFSET = 0.5;

/**
 * How the filters of one layer answer to lines. The answer R to a direction d is the energy (square) of a filter's
 * largest response to parallel bright lines of Gaussian profile that cross its field. With T = Σ R d dᵀ / Σ R and its
 * largest eigenvalue λ, in n dimensions
 *
 *     selectivity = (n λ - 1) / (n - 1)
 *
 * which in the plane is |Σ R exp(2iθ)| / Σ R, one less the circular variance of orientation tuning (Mazurek, Kager and
 * Van Hooser 2014, doi:10.3389/fncir.2014.00092).
 * @param weights [spatial, 1, filters], as the layer holds them. @param shape the same, two or three spatial axes.
 * @param spacing of the filter's pixels along its spatial axes, in any unit: directions are those of space.
 * @returns one for each filter; of a filter of zeros selectivity, symmetry and average are 0.
 * @throws {ShapeError} for weights of another shape, more than one input channel, and a spacing of other axes.
 */
export function lineSelectivity(
  weights: Float32Array,
  shape: readonly number[],
  spacing: readonly number[],
): LineSelectivity[] {
  const sides = shape.slice(0, -2);
  const [inputs, count] = shape.slice(-2);
  const rank = sides.length;
  if ((rank !== 2 && rank !== 3) || inputs !== 1 || sizeOf(shape) !== weights.length || spacing.length !== rank)
    throw new ShapeError({
      who: 'lineSelectivity',
      got: `${weights.length} weights of ${formatShape(shape)}, spacing along ${spacing.length} axes`,
      wanted: 'filters of one channel, [spatial, 1, filters], and a spacing for each of two or three spatial axes',
    });
  const places = placesOf(sides, spacing);
  const directions = rank === 2 ? planarDirections() : spatialDirections();
  const answers = directions.map((direction) =>
    answersTo(direction, { weights, count, places, unit: spacing[rank - 1] }),
  );
  return Array.from({ length: count }, (_, k) => {
    const filter = Float64Array.from(places, (__, p) => weights[p * count + k]);
    const tuning = answers.map((each) => each[k]);
    return { ...tuned(tuning, directions), ...momentsOf(filter) };
  });
}

/** Places of a filter's pixels about its middle, in units of the spacing; x last. */
function placesOf(sides: readonly number[], spacing: readonly number[]): number[][] {
  return Array.from({ length: sizeOf(sides) }, (_, index) => {
    let rest = index;
    const place = new Array<number>(sides.length);
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      place[axis] = ((rest % sides[axis]) - (sides[axis] - 1) / 2) * spacing[axis];
      rest = Math.floor(rest / sides[axis]);
    }
    return place;
  });
}

/** Half a turn, as (y, x). */
const planarDirections = (): number[][] =>
  Array.from({ length: DIRECTIONS.plane }, (_, i) => {
    const angle = (i * Math.PI) / DIRECTIONS.plane;
    return [Math.sin(angle), Math.cos(angle)];
  });

/** Points of a Fibonacci lattice on the half sphere, as (z, y, x). */
function spatialDirections(): number[][] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: DIRECTIONS.volume }, (_, i) => {
    const z = (i + 0.5) / DIRECTIONS.volume;
    const ring = Math.sqrt(1 - z * z);
    return [z, ring * Math.sin(golden * i), ring * Math.cos(golden * i)];
  });
}

/** By filter: energy of its largest response to parallel lines of one direction. */
function answersTo(
  direction: readonly number[],
  {
    weights,
    count,
    places,
    unit,
  }: {
    readonly weights: Float32Array;
    readonly count: number;
    readonly places: readonly (readonly number[])[];
    readonly unit: number;
  },
): Float64Array {
  const [first, second] = acrossOf(direction);
  const along = (axis: readonly number[] | undefined) =>
    Float64Array.from(places, (place) => (axis === undefined ? 0 : dot(place, axis)));
  const [us, vs] = [along(first), along(second)];
  const reach = Math.max(...places.map((place) => Math.hypot(...place)));
  const step = OFFSET * unit;
  const steps = Math.ceil(reach / step);
  const last = second === undefined ? 0 : steps;
  const exponent = -0.5 / (LINE_SIGMA * unit) ** 2;
  const largest = new Float64Array(count);
  const responses = new Float64Array(count);
  for (let j = -last; j <= last; j++) {
    for (let i = -steps; i <= steps; i++) {
      if ((i * i + j * j) * step * step > reach * reach) continue;
      responses.fill(0);
      for (let p = 0; p < us.length; p++) {
        const power = exponent * ((us[p] - i * step) ** 2 + (vs[p] - j * step) ** 2);
        if (power < DARK) continue;
        const bright = Math.exp(power);
        for (let k = 0; k < count; k++) responses[k] += bright * weights[p * count + k];
      }
      for (let k = 0; k < count; k++) largest[k] = Math.max(largest[k], responses[k] ** 2);
    }
  }
  return largest;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** Unit vectors across a direction: one in the plane, two in space. */
function acrossOf(direction: readonly number[]): number[][] {
  if (direction.length === 2) return [[-direction[1], direction[0]]];
  const [z, y, x] = direction;
  // Across the axis along which the direction goes least, so that the product is not short.
  const least = [z, y, x].reduce((best, value, i, all) => (Math.abs(value) < Math.abs(all[best]) ? i : best), 0);
  const axis = [0, 1, 2].map((i) => (i === least ? 1 : 0));
  const first = unitVector(cross(direction, axis));
  return [first, cross(direction, first)];
}

const cross = ([a, b, c]: readonly number[], [d, e, f]: readonly number[]): number[] => [
  b * f - c * e,
  c * d - a * f,
  a * e - b * d,
];

function unitVector(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Squarings of a matrix of trace 1, after which one column of it is its main axis. */
const SQUARINGS = 12;

function tuned(
  answers: readonly number[],
  directions: readonly (readonly number[])[],
): Pick<LineSelectivity, 'selectivity' | 'direction'> {
  const n = directions[0].length;
  const total = answers.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return { selectivity: 0, direction: directions[0] };
  const tensor = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (__, j) =>
      directions.reduce((sum, direction, k) => sum + (answers[k] * direction[i] * direction[j]) / total, 0),
    ),
  );
  let power = tensor;
  for (let k = 0; k < SQUARINGS; k++) power = squaredToTrace(power);
  const direction = unitVector(power.reduce((a, b) => (Math.hypot(...b) > Math.hypot(...a) ? b : a)));
  const largest = dot(
    direction,
    tensor.map((row) => dot(row, direction)),
  );
  return { selectivity: Math.max(0, (n * largest - 1) / (n - 1)), direction };
}

/** The square of a symmetric matrix over its trace. */
function squaredToTrace(matrix: readonly (readonly number[])[]): number[][] {
  const square = matrix.map((row) => matrix.map((column) => dot(row, column)));
  const trace = square.reduce((sum, row, i) => sum + row[i], 0);
  return square.map((row) => row.map((value) => value / trace));
}

/** The pixel across the middle from pixel p of n is n - 1 - p. */
function momentsOf(filter: Float64Array): Pick<LineSelectivity, 'symmetry' | 'average'> {
  let mirrored = 0;
  let energy = 0;
  let sum = 0;
  let magnitude = 0;
  filter.forEach((value, p) => {
    mirrored += value * filter[filter.length - 1 - p];
    energy += value * value;
    sum += value;
    magnitude += Math.abs(value);
  });
  if (!(energy > 0)) return { symmetry: 0, average: 0 };
  return { symmetry: mirrored / energy, average: Math.abs(sum) / magnitude };
}

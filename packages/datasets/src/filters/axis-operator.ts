import { ShapeError, clampIndex, mirrorIndex, type Image } from '@lacuna/core';
import { Layout } from '@lacuna/core/wasm';
import { COLUMNS, axisKernel } from './kernels/sum-rows.js';
import type { FilterKernel } from './separable.js';

/**
 * A linear map along one axis: out[i] = sum over k of weight[i·count + k] · in[index[i·count + k]].
 * What lies outside the image has been folded into its indices, so that the map and its adjoint are exact at the edges
 * too.
 */
export interface AxisOperator {
  readonly length: number;
  readonly outLength: number;
  /** Taps of each output. */
  readonly count: number;
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/** One operator for each axis that changes; the others stay. */
export interface AxisOperators {
  readonly x?: AxisOperator | undefined;
  readonly y?: AxisOperator | undefined;
  readonly z?: AxisOperator | undefined;
}

/** What lies outside an image: its edge repeated (a a | a b c), or the image mirrored about its edge (b a | a b c). */
export type Edge = 'repeat' | 'mirror';

/** A kernel at every `stride`-th place. */
export function kernelOperator(
  { kernel, offset }: FilterKernel,
  length: number,
  stride = 1,
  edge: Edge = 'repeat',
): AxisOperator {
  const outLength = Math.floor(length / stride);
  const count = kernel.length;
  const index = new Int32Array(outLength * count);
  const weight = new Float64Array(outLength * count);
  const inside = edge === 'repeat' ? clampIndex : mirrorIndex;
  for (let i = 0; i < outLength; i++) {
    for (let k = 0; k < count; k++) {
      const at = i * stride + offset + k;
      index[i * count + k] = inside(at, length);
      weight[i * count + k] = kernel[k];
    }
  }
  return { length, outLength, count, index, weight };
}

/** Outputs `from` to `to` of an operator, as an operator of their own on the inputs `first` to `end` that they read. */
export function operatorPart(
  { count, index, weight }: AxisOperator,
  from: number,
  to: number,
): { operator: AxisOperator; first: number; end: number } {
  const taps = index.subarray(from * count, to * count);
  let first = Infinity;
  let last = -Infinity;
  for (const at of taps) {
    if (at < first) first = at;
    if (at > last) last = at;
  }
  return {
    operator: {
      length: last + 1 - first,
      outLength: to - from,
      count,
      index: taps.map((at) => at - first),
      weight: weight.subarray(from * count, to * count),
    },
    first,
    end: last + 1,
  };
}

/**
 * Applies an operator along each given axis: z, then y, then x; sums in float64. Whole rows are added where the axis
 * is not x, so that memory is read in order.
 * @throws {ShapeError} if an operator was made for another length.
 */
export function applyAxes(image: Image, operators: AxisOperators): Image {
  return mapAxes(image, operators, 'length', 'outLength', (operator, from, to, outer, inner) => {
    for (let o = 0; o < outer; o++) {
      if (inner === 1) filterRow(operator, from, o * operator.length, to, o * operator.outLength);
      else
        for (let c = 0; c < inner; c += BLOCK)
          addRows(
            operator,
            { data: from, start: o * operator.length * inner + c },
            { data: to, start: o * operator.outLength * inner + c },
            { stride: inner, columns: Math.min(BLOCK, inner - c) },
          );
    }
  });
}

/** The rows of one block of columns, one for each tap, stay in the nearer caches. */
const BLOCK = 1024;

function filterRow(
  { outLength, count, index, weight }: AxisOperator,
  from: Float32Array,
  source: number,
  to: Float32Array,
  target: number,
): void {
  for (let i = 0; i < outLength; i++) {
    const tap = i * count;
    const first = index[tap];
    const last = index[tap + count - 1];
    const four = tap + 4 * count;
    if (i + 3 < outLength && last - first === count - 1 && index[four - 1] - index[four - count] === count - 1) {
      // Four sums do not wait for one another.
      const tap1 = tap + count;
      const tap2 = tap1 + count;
      const tap3 = tap2 + count;
      const at0 = source + first;
      const at1 = source + index[tap1];
      const at2 = source + index[tap2];
      const at3 = source + index[tap3];
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let k = 0; k < count; k++) {
        sum0 += weight[tap + k] * from[at0 + k];
        sum1 += weight[tap1 + k] * from[at1 + k];
        sum2 += weight[tap2 + k] * from[at2 + k];
        sum3 += weight[tap3 + k] * from[at3 + k];
      }
      to[target + i] = sum0;
      to[target + i + 1] = sum1;
      to[target + i + 2] = sum2;
      to[target + i + 3] = sum3;
      i += 3;
      continue;
    }
    let sum = 0;
    // Away from the edges the taps lie in a row, and their indices need not be read.
    if (last - first === count - 1)
      for (let k = 0, at = source + first; k < count; k++) sum += weight[tap + k] * from[at + k];
    else for (let k = 0; k < count; k++) sum += weight[tap + k] * from[source + index[tap + k]];
    to[target + i] = sum;
  }
}

/** Values from a place of an array on. */
interface Values {
  readonly data: Float32Array;
  readonly start: number;
}

/** Sums rows of so many columns, `stride` values apart, with an operator's weights. */
function addRows(
  { outLength, count, index, weight }: AxisOperator,
  from: Values,
  to: Values,
  { stride, columns }: { readonly stride: number; readonly columns: number },
): void {
  const layout = new Layout();
  const pitch = 4 * Math.ceil(columns / COLUMNS) * COLUMNS;
  const rows = layout.take(pitch * count);
  const weights = layout.take(8 * count);
  const out = layout.take(pitch);
  const { functions, buffer } = axisKernel().reserve(layout.bytes);
  const values = new Float32Array(buffer);
  const numbers = new Float64Array(buffer, weights, count);
  const result = new Float32Array(buffer, out, columns);
  for (let i = 0; i < outLength; i++) {
    for (let k = 0, tap = i * count; k < count; k++, tap++) {
      const row = from.start + index[tap] * stride;
      numbers[k] = weight[tap];
      values.set(from.data.subarray(row, row + columns), (rows + k * pitch) / 4);
    }
    functions.sumRows(rows, pitch, weights, count, out, pitch / 4);
    to.data.set(result, to.start + i * stride);
  }
}

/**
 * The adjoint of {@link applyAxes}, from the coarse grid to the fine: <A x, y> = <x, A' y> for all x and y, edges
 * included. It is the gradient of sums over A x, and what back-projection and the consistency loss send back.
 */
export function adjointAxes(image: Image, operators: AxisOperators): Image {
  return mapAxes(image, operators, 'outLength', 'length', (operator, from, to, outer, inner) => {
    const { length, outLength, count, index, weight } = operator;
    const total = new Float64Array(length * inner);
    for (let o = 0; o < outer; o++) {
      total.fill(0);
      for (let i = 0; i < outLength; i++) {
        const source = (o * outLength + i) * inner;
        for (let k = 0; k < count; k++) {
          const w = weight[i * count + k];
          const target = index[i * count + k] * inner;
          for (let c = 0; c < inner; c++) total[target + c] += w * from[source + c];
        }
      }
      to.set(total, o * length * inner);
    }
  });
}

function mapAxes(
  image: Image,
  operators: AxisOperators,
  before: 'length' | 'outLength',
  after: 'length' | 'outLength',
  run: (operator: AxisOperator, from: Float32Array, to: Float32Array, outer: number, inner: number) => void,
): Image {
  let { data } = image;
  const size = { x: image.width, y: image.height, z: image.depth };
  for (const axis of ['z', 'y', 'x'] as const) {
    const operator = operators[axis];
    if (!operator) continue;
    if (operator[before] !== size[axis])
      throw new ShapeError({
        who: `filter of ${image.name}`,
        got: `${size[axis]} px along ${axis}`,
        wanted: `${operator[before]}`,
      });
    const inner = image.channels * { x: 1, y: size.x, z: size.x * size.y }[axis];
    const outer = (size.x * size.y * size.z * image.channels) / inner / size[axis];
    const to = new Float32Array(outer * operator[after] * inner);
    run(operator, data, to, outer, inner);
    data = to;
    size[axis] = operator[after];
  }
  return { ...image, data, width: size.x, height: size.y, depth: size.z };
}

import { sizeOf } from '@lacuna/models';
import type { OnnxTensor } from './model.js';
import { damaged } from './wire.js';

/** ONNX's numbers of element types. */
export const dataTypes = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
} as const;

/** A float32 tensor. */
export function floatTensor(name: string, dims: readonly number[], values: Float32Array): OnnxTensor {
  return {
    name,
    dims,
    dataType: dataTypes.float,
    rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/** The same as float16, rounded to nearest; what lies beyond 65504 becomes infinite. */
export function halfTensor(name: string, dims: readonly number[], values: Float32Array): OnnxTensor {
  const halves = Uint16Array.from(values, toHalf);
  return { name, dims, dataType: dataTypes.float16, rawData: new Uint8Array(halves.buffer) };
}

/** Axes, sizes, paddings. */
export function intTensor(name: string, dims: readonly number[], values: readonly number[]): OnnxTensor {
  const longs = BigInt64Array.from(values, BigInt);
  return { name, dims, dataType: dataTypes.int64, rawData: new Uint8Array(longs.buffer) };
}

/**
 * A tensor's values, whichever field and type hold them.
 * @throws {InputError} for a type that is no number, data in another file, or a count that its sizes contradict.
 */
export function tensorValues(tensor: OnnxTensor): { dims: readonly number[]; values: Float64Array | Float32Array } {
  const { dims = [], dataType = 0, name = 'a constant' } = tensor;
  if (dims.some((length) => !Number.isSafeInteger(length) || length < 0))
    throw damaged(`${name} of size ${dims.join(' x ')}`);
  if (tensor.dataLocation === 1) throw damaged(`${name} with its data in another file`);
  const count = sizeOf(dims);
  const raw = tensor.rawData;
  const values = raw ? fromRaw(raw, dataType, name) : fromFields(tensor, dataType, name);
  if (values.length !== count)
    throw damaged(`${name} with ${values.length} values for ${dims.join(' x ') || 'a single number'}`);
  return { dims, values };
}

function fromRaw(raw: Uint8Array, dataType: number, name: string): Float64Array | Float32Array {
  const width = { 1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8 }[dataType];
  if (width === undefined) throw damaged(`${name} of type ${dataType}`);
  if (raw.length % width !== 0) throw damaged(`${name} of ${raw.length} bytes`);
  // A copy: typed arrays want their data aligned, files do not align it. (`slice` of a Buffer is none.)
  const bytes = new Uint8Array(raw).buffer;
  switch (dataType) {
    case dataTypes.float:
      return new Float32Array(bytes);
    case dataTypes.double:
      return new Float64Array(bytes);
    case dataTypes.float16:
      return Float32Array.from(new Uint16Array(bytes), fromHalf);
    case dataTypes.int64:
      return Float64Array.from(new BigInt64Array(bytes), Number);
    case dataTypes.int32:
      return Float64Array.from(new Int32Array(bytes));
    case dataTypes.int16:
      return Float64Array.from(new Int16Array(bytes));
    case dataTypes.int8:
      return Float64Array.from(new Int8Array(bytes));
    case dataTypes.uint16:
      return Float64Array.from(new Uint16Array(bytes));
    default:
      return Float64Array.from(new Uint8Array(bytes));
  }
}

function fromFields(tensor: OnnxTensor, dataType: number, name: string): Float64Array | Float32Array {
  switch (dataType) {
    case dataTypes.float:
      return Float32Array.from(tensor.floatData ?? []);
    case dataTypes.double:
      return Float64Array.from(tensor.doubleData ?? []);
    case dataTypes.int64:
      return Float64Array.from(tensor.int64Data ?? []);
    case dataTypes.float16:
      return Float32Array.from(tensor.int32Data ?? [], fromHalf);
    case dataTypes.int32:
    case dataTypes.int16:
    case dataTypes.int8:
    case dataTypes.uint16:
    case dataTypes.uint8:
    case dataTypes.bool:
      return Float64Array.from(tensor.int32Data ?? []);
    default:
      throw damaged(`${name} of type ${dataType}`);
  }
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** float32 to the bits of float16 (IEEE 754 binary16), ties to even. */
export function toHalf(value: number): number {
  single[0] = value;
  const word = bits[0];
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | 0x7c00 | (magnitude > 0x7f800000 ? 0x200 : 0);
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14 steps are 2^-24: rounded as multiples of it.
    const steps = Math.abs(value) * 2 ** 24;
    const floor = Math.floor(steps);
    const rest = steps - floor;
    return sign | (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The number that float16 bits stand for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

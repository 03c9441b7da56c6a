import { join, sleb128, uleb128, type Code } from './code.js';

/** Instructions by name, typed by what they take and leave (WebAssembly core specification 2.0, section 5.4). */
type I32 = Code<'i32'>;
type I64 = Code<'i64'>;
type F64 = Code<'f64'>;
type V128 = Code<'v128'>;
type Step = Code<'nothing'>;

const vector = (opcode: number): number[] => [0xfd, ...uleb128(opcode)];
/** Address with an offset; no alignment is promised. */
const place = (offset: number): number[] => [0, ...uleb128(offset)];
const i32Binary =
  (opcode: number) =>
  (a: I32, b: I32): I32 =>
    join('i32', a, b, opcode);
const i64Binary =
  (opcode: number) =>
  (a: I64, b: I64): I64 =>
    join('i64', a, b, opcode);
const f64Binary =
  (opcode: number) =>
  (a: F64, b: F64): F64 =>
    join('f64', a, b, opcode);
const vectorUnary =
  (opcode: number) =>
  (a: V128): V128 =>
    join('v128', a, ...vector(opcode));
const vectorBinary =
  (opcode: number) =>
  (a: V128, b: V128): V128 =>
    join('v128', a, b, ...vector(opcode));
const vectorLoad =
  (opcode: number) =>
  (address: I32, offset = 0): V128 =>
    join('v128', address, ...vector(opcode), ...place(offset));

export const i32 = {
  const: (value: number): I32 => join('i32', 0x41, ...sleb128(value)),
  add: i32Binary(0x6a),
  sub: i32Binary(0x6b),
  mul: i32Binary(0x6c),
  remainder: i32Binary(0x70),
  and: i32Binary(0x71),
  or: i32Binary(0x72),
  shiftLeft: i32Binary(0x74),
  shiftRight: i32Binary(0x76),
  /** Signed. */
  lt_s: i32Binary(0x48),
  ge_s: i32Binary(0x4e),
  equal: i32Binary(0x46),
  notEqual: i32Binary(0x47),
  isZero: (a: I32): I32 => join('i32', a, 0x45),
  /** Index of the lowest set bit. */
  lowestBit: (a: I32): I32 => join('i32', a, 0x68),
  xor: i32Binary(0x73),
  /** `a` where the condition is not 0, else `b`; both are computed. */
  select: (a: I32, b: I32, condition: I32): I32 => join('i32', a, b, condition, 0x1b),
  load: (address: I32, offset = 0): I32 => join('i32', address, 0x28, ...place(offset)),
  store: (address: I32, value: I32, offset = 0): Step => join('nothing', address, value, 0x36, ...place(offset)),
  load16: (address: I32, offset = 0): I32 => join('i32', address, 0x2f, ...place(offset)),
  store16: (address: I32, value: I32, offset = 0): Step => join('nothing', address, value, 0x3b, ...place(offset)),
  load8: (address: I32, offset = 0): I32 => join('i32', address, 0x2d, ...place(offset)),
  store8: (address: I32, value: I32, offset = 0): Step => join('nothing', address, value, 0x3a, ...place(offset)),
  rotateLeft: i32Binary(0x77),
  /** The lower 32 bits. */
  wrap: (a: I64): I32 => join('i32', a, 0xa7),
};

export const i64 = {
  const: (value: number): I64 => join('i64', 0x42, ...sleb128(value)),
  and: i64Binary(0x83),
  or: i64Binary(0x84),
  /** The distance counts modulo 64. */
  shiftLeft: i64Binary(0x86),
  shiftRight: i64Binary(0x88),
  /** A number of 32 bits, taken as natural. */
  extend: (a: I32): I64 => join('i64', a, 0xad),
  load: (address: I32, offset = 0): I64 => join('i64', address, 0x29, ...place(offset)),
  store: (address: I32, value: I64, offset = 0): Step => join('nothing', address, value, 0x37, ...place(offset)),
};

/** Whole stretches of memory. */
export const memory = {
  /** As if through a copy of its own: stretches may overlap. */
  copy: (to: I32, from: I32, count: I32): Step => join('nothing', to, from, count, 0xfc, 0x0a, 0, 0),
  fill: (to: I32, byte: I32, count: I32): Step => join('nothing', to, byte, count, 0xfc, 0x0b, 0),
};

export const f64 = {
  load: (address: I32, offset = 0): F64 => join('f64', address, 0x2b, ...place(offset)),
  store: (address: I32, value: F64, offset = 0): Step => join('nothing', address, value, 0x39, ...place(offset)),
  add: f64Binary(0xa0),
};

export const v128 = {
  load: vectorLoad(0x00),
  /** The lower half from memory, the upper half 0. */
  load64: vectorLoad(0x5d),
  loadSplat64: vectorLoad(0x0a),
  loadSplat16: vectorLoad(0x08),
  store: (address: I32, value: V128, offset = 0): Step =>
    join('nothing', address, value, ...vector(0x0b), ...place(offset)),
  bytes: (values: readonly number[]): V128 => join('v128', ...vector(0x0c), ...values),
  not: vectorUnary(0x4d),
  and: vectorBinary(0x4e),
  /** a and not b. */
  andNot: vectorBinary(0x4f),
  or: vectorBinary(0x50),
  xor: vectorBinary(0x51),
  /** Bits of `a` where `mask` is 1, of `b` where it is 0. */
  select: (a: V128, b: V128, mask: V128): V128 => join('v128', a, b, mask, ...vector(0x52)),
  any: (a: V128): I32 => join('i32', a, ...vector(0x53)),
  /** Sixteen bytes out of the 32 of `a` and `b`. */
  shuffle: (a: V128, b: V128, from: readonly number[]): V128 => join('v128', a, b, ...vector(0x0d), ...from),
};

export const i8x16 = {
  splat: (a: I32): V128 => join('v128', a, ...vector(0x0f)),
  add: vectorBinary(0x6e),
  notEqual: vectorBinary(0x24),
  equal: vectorBinary(0x23),
  negate: vectorUnary(0x61),
  /** The highest bit of each byte. */
  bitmask: (a: V128): I32 => join('i32', a, ...vector(0x64)),
};

/** Signed 16 bits of the lower or upper eight signed bytes. */
export const i16x8 = {
  extendLow: vectorUnary(0x87),
  extendHigh: vectorUnary(0x88),
  /** Unsigned 16 bits of the lower or upper eight unsigned bytes. */
  extendLowUnsigned: vectorUnary(0x89),
  extendHighUnsigned: vectorUnary(0x8a),
  add: vectorBinary(0x8e),
  /** Sums of neighbours among sixteen unsigned bytes. */
  addPairs: vectorUnary(0x7d),
};

export const i32x4 = {
  splat: (a: I32): V128 => join('v128', a, ...vector(0x11)),
  add: vectorBinary(0xae),
  min: vectorBinary(0xb6),
  /** Signed 32 bits of the lower or upper four signed 16 bits. */
  extendLow: vectorUnary(0xa7),
  extendHigh: vectorUnary(0xa8),
  /** Sums of neighbours among eight unsigned 16 bits. */
  addPairs: vectorUnary(0x7f),
  /** Sums of the products of neighbours among eight signed 16 bits. */
  dot: vectorBinary(0xba),
  lane: (a: V128, lane: 0 | 1 | 2 | 3): I32 => join('i32', a, ...vector(0x1b), lane),
};

export const i64x2 = {
  sub: vectorBinary(0xd1),
  /** Products of 64 bits of the two lower or upper unsigned 32-bit numbers. */
  multiplyLow: vectorBinary(0xde),
  multiplyHigh: vectorBinary(0xdf),
  shiftLeft: (a: V128, by: number): V128 => join('v128', a, i32.const(by), ...vector(0xcb)),
  shiftRight: (a: V128, by: number): V128 => join('v128', a, i32.const(by), ...vector(0xcd)),
};

export const f64x2 = {
  add: vectorBinary(0xf0),
  sub: vectorBinary(0xf1),
  mul: vectorBinary(0xf2),
  div: vectorBinary(0xf3),
  sqrt: vectorUnary(0xef),
  lt: vectorBinary(0x49),
  /** b where it is below a, else a. */
  lesser: vectorBinary(0xf6),
  /** The two lower whole numbers as doubles. */
  convert: vectorUnary(0xfe),
  splat: (value: number): V128 => {
    const bytes = [...new Uint8Array(Float64Array.of(value, value).buffer)];
    return v128.bytes(bytes);
  },
  /** The two lower floats as doubles. */
  promote: vectorUnary(0x5f),
  /** The two doubles as floats in the lower half; the upper half 0. */
  demote: vectorUnary(0x5e),
  lane: (a: V128, lane: 0 | 1): F64 => join('f64', a, ...vector(0x21), lane),
};

/**
 * A small typed writer of WebAssembly: kernels are written at run time, without a build step or a binary in the
 * repository.
 */
export { TYPE_BYTES, join, sleb128, uleb128, type Code, type ValueType } from './code.js';
export { Kernel } from './kernel.js';
export { FIRST_PLACE, Layout } from './layout.js';
export {
  FunctionWriter,
  ModuleWriter,
  br,
  br_if,
  countUp,
  either,
  loop,
  repeatWhile,
  when,
  type Local,
} from './module.js';
export { f64, f64x2, i16x8, i32, i32x4, i64, i64x2, i8x16, memory, v128 } from './operators.js';

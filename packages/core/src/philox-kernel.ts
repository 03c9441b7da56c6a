import { FIRST_PLACE, Kernel, ModuleWriter, countUp, i32, i32x4, i64x2, v128, type Code } from './wasm/index.js';

/** Many Philox blocks at once. */
interface PhiloxKernel {
  /**
   * Blocks of the counters (low + i, high, 0, 0), four at a time, to `to`; the sum must not pass 2^32. `count` is a
   * multiple of 4.
   */
  blocks(low: number, high: number, key0: number, key1: number, count: number, to: number): void;
}

type V128 = Code<'v128'>;

const MUL0 = 0xd2511f53;
const MUL1 = 0xcd9e8d57;
const WEYL0 = 0x9e3779b9;
const WEYL1 = 0xbb67ae85;
const word = (index: number) => [4 * index, 4 * index + 1, 4 * index + 2, 4 * index + 3];
const words = (...indices: readonly number[]) => indices.flatMap(word);
const splat = (value: number): V128 => i32x4.splat(i32.const(value | 0));

let kernel: Kernel<PhiloxKernel> | undefined;

/** Each vector holds one word of four blocks; a round multiplies all four. */
function philoxKernel(): Kernel<PhiloxKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  module.add('blocks', 6, (writer) => {
    const [low, high, key0, key1, count, to] = writer.parameters;
    const block = writer.local('i32');
    const at = writer.local('i32');
    const [c0, c1, c2, c3, k0, k1, even, odd] = Array.from({ length: 8 }, () => writer.local('v128'));
    const product = (a: V128, b: number) => [
      even.set(i64x2.multiplyLow(a, splat(b))),
      odd.set(i64x2.multiplyHigh(a, splat(b))),
    ];
    const lows = v128.shuffle(even.get, odd.get, words(0, 2, 4, 6));
    const highs = v128.shuffle(even.get, odd.get, words(1, 3, 5, 7));
    const first = writer.local('v128');
    const second = writer.local('v128');
    const round = [
      ...product(c0.get, MUL0),
      first.set(v128.xor(v128.xor(highs, c3.get), k1.get)),
      c3.set(lows),
      ...product(c2.get, MUL1),
      second.set(v128.xor(v128.xor(highs, c1.get), k0.get)),
      c1.set(lows),
      c0.set(second.get),
      c2.set(first.get),
      k0.set(i32x4.add(k0.get, splat(WEYL0))),
      k1.set(i32x4.add(k1.get, splat(WEYL1))),
    ];
    /** Pairs of words of two vectors, then pairs of those: a transposition of four by four. */
    const pairs = (a: V128, b: V128, upper: boolean) =>
      v128.shuffle(a, b, upper ? words(2, 6, 3, 7) : words(0, 4, 1, 5));
    const halves = (a: V128, b: V128, upper: boolean) =>
      v128.shuffle(a, b, upper ? words(2, 3, 6, 7) : words(0, 1, 4, 5));
    return {
      body: [
        at.set(to.get),
        countUp(block, count.get, 4, [
          c0.set(
            i32x4.add(
              i32x4.splat(i32.add(low.get, block.get)),
              v128.bytes([0, 1, 2, 3].flatMap((lane) => [lane, 0, 0, 0])),
            ),
          ),
          c1.set(i32x4.splat(high.get)),
          c2.set(splat(0)),
          c3.set(splat(0)),
          k0.set(i32x4.splat(key0.get)),
          k1.set(i32x4.splat(key1.get)),
          ...Array.from({ length: 10 }, () => round).flat(),
          even.set(pairs(c0.get, c1.get, false)),
          odd.set(pairs(c2.get, c3.get, false)),
          first.set(pairs(c0.get, c1.get, true)),
          second.set(pairs(c2.get, c3.get, true)),
          v128.store(at.get, halves(even.get, odd.get, false)),
          v128.store(at.get, halves(even.get, odd.get, true), 16),
          v128.store(at.get, halves(first.get, second.get, false), 32),
          v128.store(at.get, halves(first.get, second.get, true), 48),
          at.set(i32.add(at.get, i32.const(64))),
        ]),
      ],
    };
  });
  return (kernel = new Kernel<PhiloxKernel>(module));
}

/**
 * Words of `count` Philox 4x32-10 blocks from block number `first` on into `out`; a multiple of 4, all below the same
 * multiple of 2^32.
 */
export function philoxBlocks(first: number, key: readonly [number, number], count: number, out: Uint32Array): void {
  const { functions, buffer } = philoxKernel().reserve(FIRST_PLACE + 16 * count);
  functions.blocks(first | 0, Math.floor(first / 4294967296) | 0, key[0], key[1], count, FIRST_PLACE);
  out.set(new Uint32Array(buffer, FIRST_PLACE, 4 * count));
}

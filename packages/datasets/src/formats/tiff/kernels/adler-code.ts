import { countUp, i16x8, i32, i32x4, repeatWhile, v128, type Code, type ModuleWriter } from '@lacuna/core/wasm';

type I32 = Code<'i32'>;

/** Bytes whose sums stay below 2^32 without a division between. */
const PIECE = 2048;
const PRIME = 65521;

const halves = (values: readonly number[]): Code<'v128'> =>
  v128.bytes([...new Uint8Array(Int16Array.from(values).buffer)]);

/**
 * Adds `adler(from, end)`: Adler-32 (RFC 1950, section 8.2) of bytes, sixteen at a time.
 * @returns its call.
 */
export function addAdler(module: ModuleWriter): (...values: readonly I32[]) => I32 {
  return module.add('adler', 2, (writer, from, end) => {
    const a = writer.local('i32');
    const b = writer.local('i32');
    const at = writer.local('i32');
    const stop = writer.local('i32');
    const bytes = writer.local('v128');
    const sums = writer.local('v128');
    const before = writer.local('v128');
    const weighted = writer.local('v128');
    const total = (v: Code<'v128'>): I32 =>
      i32.add(i32.add(i32x4.lane(v, 0), i32x4.lane(v, 1)), i32.add(i32x4.lane(v, 2), i32x4.lane(v, 3)));
    const zero = v128.bytes(new Array<number>(16).fill(0));
    const fold = (value: I32): I32 => i32.remainder(value, i32.const(PRIME));
    return {
      body: [
        a.set(i32.const(1)),
        at.set(from.get),
        repeatWhile(i32.ge_s(i32.sub(end.get, at.get), i32.const(16)), [
          stop.set(i32.and(i32.sub(end.get, at.get), i32.const(-16))),
          stop.set(i32.add(at.get, i32.select(i32.const(PIECE), stop.get, i32.lt_s(i32.const(PIECE), stop.get)))),
          sums.set(zero),
          before.set(zero),
          weighted.set(zero),
          // Each of the bytes of this piece counts `a` once in `b`.
          b.set(i32.add(b.get, i32.mul(a.get, i32.sub(stop.get, at.get)))),
          countUp(at, stop.get, 16, [
            bytes.set(v128.load(at.get)),
            before.set(i32x4.add(before.get, sums.get)),
            sums.set(i32x4.add(sums.get, i32x4.addPairs(i16x8.addPairs(bytes.get)))),
            weighted.set(
              i32x4.add(
                weighted.get,
                i32x4.add(
                  i32x4.dot(i16x8.extendLowUnsigned(bytes.get), halves([16, 15, 14, 13, 12, 11, 10, 9])),
                  i32x4.dot(i16x8.extendHighUnsigned(bytes.get), halves([8, 7, 6, 5, 4, 3, 2, 1])),
                ),
              ),
            ),
          ]),
          a.set(fold(i32.add(a.get, total(sums.get)))),
          b.set(fold(i32.add(b.get, i32.add(i32.shiftLeft(total(before.get), i32.const(4)), total(weighted.get))))),
        ]),
        countUp(at, end.get, 1, [a.set(i32.add(a.get, i32.load8(at.get))), b.set(i32.add(b.get, a.get))]),
        a.set(fold(a.get)),
        b.set(fold(b.get)),
      ],
      result: i32.or(i32.shiftLeft(b.get, i32.const(16)), a.get),
    };
  });
}

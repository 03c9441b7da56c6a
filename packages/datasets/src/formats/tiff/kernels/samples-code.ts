import { countUp, i16x8, i32, i8x16, v128, when, type Code, type ModuleWriter } from '@lacuna/core/wasm';

type I32 = Code<'i32'>;
type V128 = Code<'v128'>;
type Statement = Code<'nothing'>;

/** Bytes that steps of these functions may read and write beyond what they are given. */
export const SAMPLES_MARGIN = 64;

const zero = v128.bytes(new Array<number>(16).fill(0));
/** The lanes of a vector, moved up by so many bytes; zeros come in from below. */
const movedUp = (v: V128, by: number): V128 =>
  v128.shuffle(
    zero,
    v,
    Array.from({ length: 16 }, (_, i) => 16 - by + i),
  );

/**
 * Adds what restores stored samples in place: `swap16(from, end)` and `swap32(from, end)` turn the order of bytes,
 * `sum8(row, end)` and `sum16(row, end)` undo differences along a row.
 */
export function addSamples(module: ModuleWriter): void {
  const swap = (name: string, size: number) =>
    module.add(name, 2, (writer, from, end) => {
      const at = writer.local('i32');
      return {
        body: [
          at.set(from.get),
          countUp(at, end.get, 16, [
            v128.store(
              at.get,
              v128.shuffle(
                v128.load(at.get),
                zero,
                Array.from({ length: 16 }, (_, i) => i ^ (size - 1)),
              ),
            ),
          ]),
        ],
      };
    });
  swap('swap16', 2);
  swap('swap32', 4);

  /** Sums up to each lane by doubling; the last sum is carried on in all lanes. */
  const sum = (name: string, size: 1 | 2) =>
    module.add(name, 2, (writer, row, end) => {
      const at = writer.local('i32');
      const value = writer.local('v128');
      const carry = writer.local('v128');
      const lanes = size === 1 ? i8x16 : i16x8;
      const last = Array.from({ length: 16 }, (_, i) => 16 - size + (i % size));
      const steps: Statement[] = [];
      for (let by = size as number; by < 16; by *= 2)
        steps.push(value.set(lanes.add(value.get, movedUp(value.get, by))));
      const load = size === 1 ? (a: I32) => i32.load8(a) : (a: I32) => i32.load16(a);
      const store = size === 1 ? i32.store8 : i32.store16;
      const first = writer.local('i32');
      return {
        body: [
          at.set(row.get),
          carry.set(zero),
          countUp(at, i32.sub(end.get, i32.const(15)), 16, [
            value.set(v128.load(at.get)),
            ...steps,
            value.set(lanes.add(value.get, carry.get)),
            v128.store(at.get, value.get),
            carry.set(v128.shuffle(value.get, zero, last)),
          ]),
          // What is left of the row, one by one: the next row must stay as it is.
          when(i32.lt_s(row.get, at.get), [first.set(load(i32.sub(at.get, i32.const(size))))]),
          countUp(at, end.get, size, [first.set(i32.add(first.get, load(at.get))), store(at.get, first.get)]),
        ],
      };
    });
  sum('sum8', 1);
  sum('sum16', 2);
}

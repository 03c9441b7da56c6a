import { br, br_if, loop, countUp, either, i32, i64, when, type Code, type ModuleWriter } from '@lacuna/core/wasm';

type I32 = Code<'i32'>;

const CLEAR = 256;
const END = 257;
const FIRST = 258;
const MOST = 4096;

/** Bytes of scratch: where each string begins and how long it is, and every byte once, as the strings of one byte. */
export const LZW_SCRATCH = 8 * MOST + 256 + 16;
/**
 * Room that must follow the source, and the output (which may be written: the longest string, and what a copy goes
 * beyond its end).
 */
export const LZW_MARGIN = MOST + 64;

/**
 * Adds `lzw(source, end, to, length, scratch)`: undoes TIFF's LZW, codes of 9 to 12 bits, the highest bit first, each
 * change of width one code early (TIFF 6.0, section 13). What comes after `length` bytes is not decoded.
 * @returns bytes written; fewer than `length` where the stream ends early or a code names nothing.
 */
export function addLzw(module: ModuleWriter): void {
  module.add('lzw', 5, (writer, ...parameters) => {
    const [source, end, to, length, scratch] = parameters;
    const out = writer.local('i32');
    const limit = writer.local('i32');
    const at = writer.local('i32');
    const bit = writer.local('i32');
    const i = writer.local('i32');
    const code = writer.local('i32');
    const next = writer.local('i32');
    const width = writer.local('i32');
    const full = writer.local('i32');
    const entry = writer.local('i32');
    const from = writer.local('i32');
    const count = writer.local('i32');
    const word = writer.local('i32');
    const bytes = i32.add(scratch.get, i32.const(8 * MOST));
    const place = (index: I32): I32 => i32.add(scratch.get, i32.shiftLeft(index, i32.const(3)));
    const swapped = i32.or(
      i32.and(i32.rotateLeft(word.get, i32.const(8)), i32.const(0x00ff00ff)),
      i32.and(i32.rotateLeft(word.get, i32.const(24)), i32.const(0xff00ff00 | 0)),
    );
    const clear = [next.set(i32.const(FIRST)), width.set(i32.const(9)), full.set(i32.const(512))];
    return {
      body: [
        countUp(i, i32.const(256), 1, [
          i32.store8(i32.add(bytes, i.get), i.get),
          i32.store(place(i.get), i32.add(bytes, i.get)),
          i32.store(place(i.get), i32.const(1), 4),
        ]),
        out.set(to.get),
        limit.set(i32.add(to.get, length.get)),
        at.set(source.get),
        ...clear,
        loop([
          br_if(i32.ge_s(out.get, limit.get), 1),
          when(i32.lt_s(i32.sub(end.get, at.get), i32.const(3)), [
            when(i32.lt_s(i32.sub(i32.shiftLeft(i32.sub(end.get, at.get), i32.const(3)), bit.get), width.get), [br(3)]),
          ]),
          word.set(i32.load(at.get)),
          code.set(i32.shiftRight(i32.shiftLeft(swapped, bit.get), i32.sub(i32.const(32), width.get))),
          bit.set(i32.add(bit.get, width.get)),
          at.set(i32.add(at.get, i32.shiftRight(bit.get, i32.const(3)))),
          bit.set(i32.and(bit.get, i32.const(7))),
          either(
            i32.equal(i32.and(code.get, i32.const(-2)), i32.const(CLEAR)),
            [when(i32.equal(code.get, i32.const(END)), [br(3)]), ...clear],
            [
              br_if(i32.ge_s(code.get, next.get), 2),
              entry.set(place(code.get)),
              from.set(i32.load(entry.get)),
              count.set(i32.load(entry.get, 4)),
              // The string that ends now begins where this one is put, and has one byte more, the first of the string
              // after it.
              when(i32.lt_s(next.get, i32.const(MOST)), [
                i32.store(place(next.get), out.get),
                i32.store(place(next.get), i32.add(count.get, i32.const(1)), 4),
              ]),
              i64.store(out.get, i64.load(from.get)),
              when(i32.lt_s(i32.const(8), count.get), [
                i.set(i32.const(8)),
                countUp(i, count.get, 8, [i64.store(i32.add(out.get, i.get), i64.load(i32.add(from.get, i.get)))]),
              ]),
              // The string made in the step before: its last byte is the first one of what is put out here.
              when(i32.equal(code.get, i32.sub(next.get, i32.const(1))), [
                i32.store8(i32.add(out.get, i32.sub(count.get, i32.const(1))), i32.load8(out.get)),
              ]),
              out.set(i32.add(out.get, count.get)),
              // One beyond a full table, where the string made in the step before is none.
              when(i32.ge_s(i32.const(MOST), next.get), [
                next.set(i32.add(next.get, i32.const(1))),
                when(i32.and(i32.ge_s(next.get, full.get), i32.lt_s(width.get, i32.const(12))), [
                  width.set(i32.add(width.get, i32.const(1))),
                  full.set(i32.shiftLeft(full.get, i32.const(1))),
                ]),
              ]),
            ],
          ),
        ]),
      ],
      result: i32.select(length.get, i32.sub(out.get, to.get), i32.ge_s(out.get, limit.get)),
    };
  });
}

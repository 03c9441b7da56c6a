import {
  br,
  br_if,
  loop,
  countUp,
  either,
  i32,
  i64,
  i8x16,
  memory,
  repeatWhile,
  v128,
  when,
  type Code,
  type ModuleWriter,
} from '@lacuna/core/wasm';
import { addAdler } from './adler-code.js';
import {
  END,
  FURTHER,
  LITERALS,
  NONE,
  ONE_LITERAL,
  PREFIX_SCRATCH,
  SINGLE,
  SPECIAL,
  addPairLiterals,
  addPrefixTable,
  tableEntries,
} from './prefix-code.js';

type I32 = Code<'i32'>;
type Statement = Code<'nothing'>;

/**
 * Bits of the tables' indices: of literals and lengths, of distances, and of the code that code lengths are written in
 * (at most 7 bits).
 */
const LITERAL_BITS = 11;
const DISTANCE_BITS = 9;
const LENGTH_BITS = 7;
const LITERALS_COUNT = 288;
const DISTANCES_COUNT = 32;
const LENGTHS_COUNT = 19;

/** Where the scratch holds what, in bytes. */
const place = (() => {
  let end = 0;
  const take = (bytes: number): number => (end += bytes) - bytes;
  const places = {
    literalKinds: take(4 * LITERALS_COUNT),
    distanceKinds: take(4 * DISTANCES_COUNT),
    lengthKinds: take(4 * LENGTHS_COUNT),
    lengthOrder: take(32),
    lengths: take(LITERALS_COUNT + DISTANCES_COUNT + 256),
    build: take(PREFIX_SCRATCH),
    literals: take(4 * tableEntries(LITERAL_BITS, LITERALS_COUNT)),
    distances: take(4 * tableEntries(DISTANCE_BITS, DISTANCES_COUNT)),
  };
  return { ...places, end };
})();

/** Bytes of scratch; {@link inflateConstants} go to its beginning. */
export const INFLATE_SCRATCH = place.end;
/** Room that must follow the source (its bytes do not matter), and the output (it may be written). */
export const INFLATE_MARGIN = 320;

/** What the function gives back instead of a number of bytes. */
export const CUT = -1;
export const BROKEN = -2;
export const CHECKSUM = -3;

/**
 * What symbols mean (RFC 1951, section 3.2.5), and in which order the lengths of the code for code lengths come
 * (3.2.7).
 */
export const inflateConstants: Int32Array = (() => {
  const literal = (byte: number) => ONE_LITERAL | (byte << 8);
  const invalid = SPECIAL;
  const based = (base: number, extra: number) => (base << 16) | (extra << 8);
  const literals = Array.from({ length: LITERALS_COUNT }, (_, symbol) => {
    if (symbol < 256) return literal(symbol);
    if (symbol === 256) return SPECIAL | END;
    const i = symbol - 257;
    const extra = i < 8 ? 0 : (i >> 2) - 1;
    if (i > 28) return invalid;
    return i === 28 ? based(258, 0) : based(3 + (i < 8 ? i : (4 + (i & 3)) << extra), extra);
  });
  const distances = Array.from({ length: DISTANCES_COUNT }, (_, i) => {
    const extra = i < 4 ? 0 : (i >> 1) - 1;
    return i > 29 ? invalid : based(1 + (i < 4 ? i : (2 + (i & 1)) << extra), extra);
  });
  // Lengths 0 to 15 stand for themselves; 16, 17 and 18 repeat.
  const lengths = Array.from({ length: LENGTHS_COUNT }, (_, i) =>
    i < 16 ? based(i, 0) : i === 16 ? based(i, 2) : based(i, i === 17 ? 3 : 7),
  );
  const order = new Int32Array(
    Uint8Array.from([
      16,
      17,
      18,
      0,
      8,
      7,
      9,
      6,
      10,
      5,
      11,
      4,
      12,
      3,
      13,
      2,
      14,
      1,
      15,
      ...new Array<number>(13).fill(0),
    ]).buffer,
  );
  return Int32Array.from([...literals, ...distances, ...lengths, ...order]);
})();

/**
 * Adds `inflate(source, end, to, length, scratch)`: undoes a zlib stream (RFC 1950, 1951) from `source` to `end` into
 * `to`. It stops early where the stream holds more than `length` bytes; the checksum is then not looked at.
 * @returns bytes written, at most `length`, or a negative number that says what is wrong.
 */
export function addInflate(module: ModuleWriter): void {
  const table = addPrefixTable(module);
  const pair = addPairLiterals(module);
  const adler = addAdler(module);
  module.add('inflate', 5, (writer, source, end, to, length, scratch) => {
    // What was read and not used: `have` bits in `bits`, the next one lowest. Bits above them are right as well, or 0.
    const bits = writer.local('i64');
    const have = writer.local('i32');
    const from = writer.local('i32');
    const out = writer.local('i32');
    const limit = writer.local('i32');
    const entry = writer.local('i32');
    const count = writer.local('i32');
    const distance = writer.local('i32');
    const last = writer.local('i32');
    const kind = writer.local('i32');
    const status = writer.local('i32');
    const i = writer.local('i32');
    const back = writer.local('i32');
    const stop = writer.local('i32');
    const literalCount = writer.local('i32');
    const distanceCount = writer.local('i32');
    const left = writer.local('i32');
    const low = i32.wrap(bits.get);
    const at = (offset: number): I32 => i32.add(scratch.get, i32.const(offset));
    const ones = (n: I32): I32 => i32.sub(i32.shiftLeft(i32.const(1), n), i32.const(1));
    const word = (index: I32): I32 => i32.shiftLeft(index, i32.const(2));
    /** At least 56 bits. */
    const refill: readonly Statement[] = [
      bits.set(i64.or(bits.get, i64.shiftLeft(i64.load(from.get), i64.extend(have.get)))),
      from.set(i32.add(from.get, i32.shiftRight(i32.sub(i32.const(63), have.get), i32.const(3)))),
      have.set(i32.or(have.get, i32.const(56))),
    ];
    const drop = (n: I32): readonly Statement[] => [
      bits.set(i64.shiftRight(bits.get, i64.extend(n))),
      have.set(i32.sub(have.get, n)),
    ];
    const dropCode = drop(i32.and(entry.get, i32.const(0x3f)));
    const lookUp = (offset: number, indexBits: number): Statement =>
      entry.set(i32.load(i32.add(scratch.get, word(i32.and(low, i32.const((1 << indexBits) - 1)))), offset));
    const further = (offset: number, indexBits: number): Statement =>
      entry.set(
        i32.load(
          i32.add(
            scratch.get,
            word(
              i32.add(
                i32.shiftRight(entry.get, i32.const(16)),
                i32.and(i32.shiftRight(low, i32.const(indexBits)), i32.const((1 << (15 - indexBits)) - 1)),
              ),
            ),
          ),
          offset,
        ),
      );
    const isLiteral = i32.and(entry.get, i32.const(LITERALS));
    const isSpecial = i32.and(entry.get, i32.const(SPECIAL));
    const goesOn = i32.and(entry.get, i32.const(FURTHER));
    const put: readonly Statement[] = [
      ...dropCode,
      i32.store16(out.get, i32.shiftRight(entry.get, i32.const(8))),
      out.set(i32.add(out.get, i32.and(i32.shiftRight(entry.get, i32.const(6)), i32.const(3)))),
    ];
    /** The base of the entry and its extra bits, into a variable. */
    const extended = (into: { set(value: I32): Statement }): readonly Statement[] => [
      ...dropCode,
      kind.set(i32.and(i32.shiftRight(entry.get, i32.const(8)), i32.const(0x1f))),
      into.set(i32.add(i32.shiftRight(entry.get, i32.const(16)), i32.and(low, ones(kind.get)))),
      ...drop(kind.get),
    ];
    const fail = (code: number, within: number): readonly Statement[] => [status.set(i32.const(code)), br(within + 1)];
    const overrun = i32.lt_s(i32.add(end.get, i32.const(8)), from.get);

    const copyMatch: readonly Statement[] = [
      back.set(i32.sub(out.get, distance.get)),
      stop.set(i32.add(out.get, count.get)),
      either(
        i32.ge_s(distance.get, i32.const(16)),
        [
          loop([
            v128.store(out.get, v128.load(back.get)),
            out.set(i32.add(out.get, i32.const(16))),
            back.set(i32.add(back.get, i32.const(16))),
            br_if(i32.ge_s(out.get, stop.get), 1),
          ]),
        ],
        [
          either(
            i32.equal(distance.get, i32.const(1)),
            [
              loop([
                v128.store(out.get, i8x16.splat(i32.load8(back.get))),
                out.set(i32.add(out.get, i32.const(16))),
                br_if(i32.ge_s(out.get, stop.get), 1),
              ]),
            ],
            [
              loop([
                i32.store8(out.get, i32.load8(back.get)),
                out.set(i32.add(out.get, i32.const(1))),
                back.set(i32.add(back.get, i32.const(1))),
                br_if(i32.ge_s(out.get, stop.get), 1),
              ]),
            ],
          ),
        ],
      ),
      out.set(stop.get),
    ];

    /** Literals and copies up to the block's end. */
    const symbols: Statement = loop([
      br_if(i32.lt_s(limit.get, out.get), 1),
      when(overrun, fail(CUT, 1)),
      ...refill,
      lookUp(place.literals, LITERAL_BITS),
      // Four codes of at most 11 bits out of 56.
      when(isLiteral, [
        ...put,
        lookUp(place.literals, LITERAL_BITS),
        when(isLiteral, [
          ...put,
          lookUp(place.literals, LITERAL_BITS),
          when(isLiteral, [...put, lookUp(place.literals, LITERAL_BITS), when(isLiteral, [...put, br(4)])]),
        ]),
      ]),
      when(isSpecial, [
        when(goesOn, [further(place.literals, LITERAL_BITS), when(isLiteral, [...put, br(3)])]),
        when(isSpecial, [
          either(i32.and(entry.get, i32.const(END)), [...dropCode], [status.set(i32.const(BROKEN))]),
          br(3),
        ]),
      ]),
      ...extended(count),
      ...refill,
      lookUp(place.distances, DISTANCE_BITS),
      when(isSpecial, [when(goesOn, [further(place.distances, DISTANCE_BITS)]), when(isSpecial, fail(BROKEN, 2))]),
      ...extended(distance),
      when(i32.lt_s(i32.sub(out.get, to.get), distance.get), fail(BROKEN, 1)),
      ...copyMatch,
    ]);

    /** Back to the byte after the last one that was used. */
    const align: readonly Statement[] = [
      from.set(i32.sub(from.get, i32.shiftRight(have.get, i32.const(3)))),
      bits.set(i64.const(0)),
      have.set(i32.const(0)),
    ];
    const stored: readonly Statement[] = [
      ...align,
      either(
        i32.lt_s(end.get, i32.add(from.get, i32.const(4))),
        [status.set(i32.const(CUT))],
        [
          count.set(i32.load16(from.get)),
          either(
            i32.notEqual(i32.xor(count.get, i32.load16(from.get, 2)), i32.const(0xffff)),
            [status.set(i32.const(BROKEN))],
            [
              from.set(i32.add(from.get, i32.const(4))),
              either(
                i32.lt_s(end.get, i32.add(from.get, count.get)),
                [status.set(i32.const(CUT))],
                [
                  // One byte beyond the limit says that there is more.
                  i.set(i32.add(i32.sub(limit.get, out.get), i32.const(1))),
                  memory.copy(out.get, from.get, i32.select(i.get, count.get, i32.lt_s(i.get, count.get))),
                  out.set(i32.add(out.get, i32.select(i.get, count.get, i32.lt_s(i.get, count.get)))),
                  from.set(i32.add(from.get, count.get)),
                ],
              ),
            ],
          ),
        ],
      ),
    ];

    const lengthAt = (index: I32): I32 => i32.add(at(place.lengths), index);
    const exact = (left: I32): I32 => i32.isZero(left);
    /** One code alone may have a bit to itself; no code at all does no harm until it is used. */
    const usable = (left: I32): I32 =>
      i32.or(
        i32.or(exact(left), i32.equal(left, i32.const(NONE))),
        i32.and(i32.equal(left, i32.const(SINGLE)), i32.equal(i32.load(at(place.build + 4)), i32.const(1))),
      );
    const makeTables: readonly Statement[] = [
      i.set(
        table(
          lengthAt(i32.const(0)),
          literalCount.get,
          at(place.literalKinds),
          at(place.literals),
          i32.const(LITERAL_BITS),
          at(place.build),
        ),
      ),
      when(i32.isZero(usable(i.get)), [status.set(i32.const(BROKEN))]),
      pair(at(place.literals), i32.const(LITERAL_BITS)),
      i.set(
        table(
          lengthAt(literalCount.get),
          distanceCount.get,
          at(place.distanceKinds),
          at(place.distances),
          i32.const(DISTANCE_BITS),
          at(place.build),
        ),
      ),
      when(i32.isZero(usable(i.get)), [status.set(i32.const(BROKEN))]),
    ];
    const fixed: readonly Statement[] = [
      memory.fill(lengthAt(i32.const(0)), i32.const(8), i32.const(144)),
      memory.fill(lengthAt(i32.const(144)), i32.const(9), i32.const(112)),
      memory.fill(lengthAt(i32.const(256)), i32.const(7), i32.const(24)),
      memory.fill(lengthAt(i32.const(280)), i32.const(8), i32.const(8)),
      memory.fill(lengthAt(i32.const(288)), i32.const(5), i32.const(32)),
      literalCount.set(i32.const(LITERALS_COUNT)),
      distanceCount.set(i32.const(DISTANCES_COUNT)),
      ...makeTables,
    ];
    const field = (n: number, base: number): I32 => i32.add(i32.and(low, i32.const((1 << n) - 1)), i32.const(base));
    const dynamic: readonly Statement[] = [
      ...refill,
      literalCount.set(field(5, 257)),
      ...drop(i32.const(5)),
      distanceCount.set(field(5, 1)),
      ...drop(i32.const(5)),
      count.set(field(4, 4)),
      ...drop(i32.const(4)),
      memory.fill(at(place.lengths), i32.const(0), i32.const(LENGTHS_COUNT)),
      i.set(i32.const(0)),
      countUp(i, count.get, 1, [
        ...refill,
        i32.store8(lengthAt(i32.load8(i32.add(scratch.get, i.get), place.lengthOrder)), i32.and(low, i32.const(7))),
        ...drop(i32.const(3)),
      ]),
      i.set(
        table(
          lengthAt(i32.const(0)),
          i32.const(LENGTHS_COUNT),
          at(place.lengthKinds),
          at(place.distances),
          i32.const(LENGTH_BITS),
          at(place.build),
        ),
      ),
      when(i32.isZero(i32.or(exact(i.get), i32.equal(i.get, i32.const(NONE)))), [status.set(i32.const(BROKEN))]),
      stop.set(i32.add(literalCount.get, distanceCount.get)),
      when(i32.or(i32.lt_s(i32.const(286), literalCount.get), i32.lt_s(i32.const(30), distanceCount.get)), [
        status.set(i32.const(BROKEN)),
      ]),
      i.set(i32.const(0)),
      loop([
        br_if(i32.or(i32.notEqual(status.get, i32.const(0)), i32.ge_s(i.get, stop.get)), 1),
        when(overrun, fail(CUT, 1)),
        ...refill,
        lookUp(place.distances, LENGTH_BITS),
        when(isSpecial, fail(BROKEN, 1)),
        back.set(i32.shiftRight(entry.get, i32.const(16))),
        ...extended(count),
        either(
          i32.lt_s(back.get, i32.const(16)),
          [i32.store8(lengthAt(i.get), back.get), i.set(i32.add(i.get, i32.const(1)))],
          [
            // `count` is the symbol and its extra bits: 3 or more times the last length (16), 3 or more zeros (17), 11
            // or more zeros (18).
            count.set(
              i32.add(
                i32.sub(count.get, back.get),
                i32.select(i32.const(11), i32.const(3), i32.equal(back.get, i32.const(18))),
              ),
            ),
            when(
              i32.or(
                i32.lt_s(stop.get, i32.add(i.get, count.get)),
                i32.and(i32.equal(back.get, i32.const(16)), i32.isZero(i.get)),
              ),
              fail(BROKEN, 2),
            ),
            memory.fill(
              lengthAt(i.get),
              i32.select(
                i32.load8(lengthAt(i32.sub(i.get, i32.const(1)))),
                i32.const(0),
                i32.equal(back.get, i32.const(16)),
              ),
              count.get,
            ),
            i.set(i32.add(i.get, count.get)),
          ],
        ),
      ]),
      when(i32.isZero(status.get), [
        // A block that cannot end.
        either(i32.isZero(i32.load8(lengthAt(i32.const(256)))), [status.set(i32.const(BROKEN))], makeTables),
      ]),
    ];

    const block: readonly Statement[] = [
      ...refill,
      last.set(i32.and(low, i32.const(1))),
      kind.set(i32.and(i32.shiftRight(low, i32.const(1)), i32.const(3))),
      ...drop(i32.const(3)),
      either(i32.isZero(kind.get), stored, [
        either(i32.equal(kind.get, i32.const(1)), fixed, [
          either(i32.equal(kind.get, i32.const(2)), dynamic, [status.set(i32.const(BROKEN))]),
        ]),
        when(i32.isZero(status.get), [symbols]),
      ]),
    ];
    const big = (offset: number): I32 =>
      i32.or(i32.shiftLeft(i32.load8(from.get, offset), i32.const(8)), i32.load8(from.get, offset + 1));
    return {
      body: [
        limit.set(i32.add(to.get, length.get)),
        out.set(to.get),
        from.set(i32.add(source.get, i32.const(2))),
        // Deflate with a window of at most 32 KiB, no preset dictionary, and a header that can be divided by 31.
        when(i32.lt_s(end.get, from.get), [status.set(i32.const(CUT))]),
        when(i32.isZero(status.get), [
          kind.set(i32.load8(source.get)),
          count.set(i32.load8(source.get, 1)),
          when(
            i32.or(
              i32.or(i32.notEqual(i32.and(kind.get, i32.const(15)), i32.const(8)), i32.lt_s(i32.const(0x7f), kind.get)),
              i32.or(
                i32.and(count.get, i32.const(0x20)),
                i32.remainder(i32.add(i32.shiftLeft(kind.get, i32.const(8)), count.get), i32.const(31)),
              ),
            ),
            [status.set(i32.const(BROKEN))],
          ),
        ]),
        repeatWhile(i32.and(i32.isZero(status.get), i32.isZero(last.get)), [
          either(overrun, [status.set(i32.const(CUT))], block),
          when(i32.lt_s(limit.get, out.get), [last.set(i32.const(1))]),
        ]),
        // What goes beyond the end was made of what follows the stream: codes, and one that cannot be (its bits are
        // still there).
        left.set(i32.add(i32.sub(end.get, from.get), i32.shiftRight(have.get, i32.const(3)))),
        when(
          i32.or(
            i32.lt_s(left.get, i32.const(0)),
            i32.and(i32.equal(status.get, i32.const(BROKEN)), i32.lt_s(left.get, i32.const(2))),
          ),
          [status.set(i32.const(CUT))],
        ),
        when(i32.and(i32.isZero(status.get), i32.ge_s(limit.get, out.get)), [
          ...align,
          either(
            i32.lt_s(end.get, i32.add(from.get, i32.const(4))),
            [status.set(i32.const(CUT))],
            [
              when(i32.notEqual(adler(to.get, out.get), i32.or(i32.shiftLeft(big(0), i32.const(16)), big(2))), [
                status.set(i32.const(CHECKSUM)),
              ]),
            ],
          ),
        ]),
      ],
      result: i32.select(
        i32.select(length.get, i32.sub(out.get, to.get), i32.lt_s(limit.get, out.get)),
        status.get,
        i32.isZero(status.get),
      ),
    };
  });
}

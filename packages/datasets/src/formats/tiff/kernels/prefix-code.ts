import {
  br_if,
  loop,
  countUp,
  either,
  i32,
  memory,
  repeatWhile,
  when,
  type Code,
  type ModuleWriter,
} from '@lacuna/core/wasm';

type I32 = Code<'i32'>;
type Statement = Code<'nothing'>;

/**
 * Entries of decoding tables, 32 bits each: bits 0 to 5 are the length of the code, 6 and 7 how many literals it
 * stands for (the first in bits 8 to 15, the second in 16 to 23). With none: bits 8 to 12 are how many extra bits
 * follow, 16 to 31 what they are added to; bit 13 marks the rest, told apart by {@link END} and {@link FURTHER} in
 * bits 8 and 9.
 */
export const ONE_LITERAL = 0x40;
export const LITERALS = 0xc0;
export const SPECIAL = 0x2000;
export const END = 0x100;
/** Codes longer than the table's index go on in a second table, whose place is in bits 16 to 31. */
export const FURTHER = 0x200;
/** An index that no code has: every byte of it is the same, so that a table is emptied by filling. */
const NO_CODE = 0x20;

/** Codes have at most this many bits (RFC 1951, section 3.2.7). */
const LONGEST = 15;
/**
 * What {@link addPrefixTable}'s function returns for too many codes; for exact ones it is 0, for a single code of one
 * bit {@link SINGLE}, for none {@link NONE}.
 */
export const OVERFULL = -1;
export const SINGLE = 1 << (LONGEST - 1);
export const NONE = 1 << LONGEST;

/** Bytes of scratch: counts and next codes by length. */
export const PREFIX_SCRATCH = 2 * 4 * (LONGEST + 1);

/** Entries of a table with its second tables at most. */
export function tableEntries(indexBits: number, symbols: number): number {
  return (1 << indexBits) + (symbols << (LONGEST - indexBits));
}

const word = (index: I32): I32 => i32.shiftLeft(index, i32.const(2));

/**
 * Adds `table(lengths, count, kinds, table, indexBits, scratch)`: makes a decoding table of code lengths (a byte each;
 * RFC 1951, section 3.2.2). `kinds` holds each symbol's entry without the length of its code. The table's index is the
 * next `indexBits` bits, the first one lowest.
 * @returns its call; the result is how many codes of 15 bits more would fit, or {@link OVERFULL}.
 */
export function addPrefixTable(module: ModuleWriter): (...values: readonly I32[]) => I32 {
  return module.add('prefixTable', 6, (writer, lengths, count, kinds, table, indexBits, scratch) => {
    const i = writer.local('i32');
    const length = writer.local('i32');
    const code = writer.local('i32');
    const left = writer.local('i32');
    const entry = writer.local('i32');
    const at = writer.local('i32');
    const step = writer.local('i32');
    const end = writer.local('i32');
    const free = writer.local('i32');
    const rest = writer.local('i32');
    const counts = (index: I32) => i32.add(scratch.get, word(index));
    const next = (index: I32) => i32.add(counts(index), i32.const(4 * (LONGEST + 1)));
    const bump = (place: I32): Statement => i32.store(place, i32.add(i32.load(place), i32.const(1)));
    const lengthOf = i32.load8(i32.add(lengths.get, i.get));
    const tableAt = (index: I32) => i32.add(table.get, word(index));
    /** Writes the entry at every index that begins with the code. */
    const spread: readonly Statement[] = [
      loop([
        i32.store(tableAt(at.get), entry.get),
        at.set(i32.add(at.get, step.get)),
        br_if(i32.ge_s(at.get, end.get), 1),
      ]),
    ];
    const swapBits = (by: number, mask: number): Statement =>
      code.set(
        i32.or(
          i32.and(i32.shiftRight(code.get, i32.const(by)), i32.const(mask)),
          i32.shiftLeft(i32.and(code.get, i32.const(mask)), i32.const(by)),
        ),
      );
    return {
      body: [
        memory.fill(scratch.get, i32.const(0), i32.const(4 * (LONGEST + 1))),
        i.set(i32.const(0)),
        countUp(i, count.get, 1, [bump(counts(lengthOf))]),
        i32.store(scratch.get, i32.const(0)),
        left.set(i32.const(1)),
        length.set(i32.const(1)),
        countUp(length, i32.const(LONGEST + 1), 1, [
          left.set(i32.sub(i32.shiftLeft(left.get, i32.const(1)), i32.load(counts(length.get)))),
          when(i32.lt_s(left.get, i32.const(0)), [left.set(i32.const(-(1 << 20)))]),
        ]),
        either(
          i32.lt_s(left.get, i32.const(0)),
          [left.set(i32.const(OVERFULL))],
          [
            code.set(i32.const(0)),
            length.set(i32.const(1)),
            countUp(length, i32.const(LONGEST + 1), 1, [
              code.set(
                i32.shiftLeft(i32.add(code.get, i32.load(counts(i32.sub(length.get, i32.const(1))))), i32.const(1)),
              ),
              i32.store(next(length.get), code.get),
            ]),
            free.set(i32.shiftLeft(i32.const(1), indexBits.get)),
            memory.fill(table.get, i32.const(NO_CODE), word(free.get)),
            i.set(i32.const(0)),
            countUp(i, count.get, 1, [
              length.set(lengthOf),
              when(length.get, [
                code.set(i32.load(next(length.get))),
                bump(next(length.get)),
                swapBits(1, 0x5555),
                swapBits(2, 0x3333),
                swapBits(4, 0x0f0f),
                swapBits(8, 0x00ff),
                code.set(i32.shiftRight(code.get, i32.sub(i32.const(16), length.get))),
                entry.set(i32.or(i32.load(i32.add(kinds.get, word(i.get))), length.get)),
                rest.set(i32.sub(length.get, indexBits.get)),
                either(
                  i32.lt_s(rest.get, i32.const(1)),
                  [
                    at.set(code.get),
                    step.set(i32.shiftLeft(i32.const(1), length.get)),
                    end.set(i32.shiftLeft(i32.const(1), indexBits.get)),
                    ...spread,
                  ],
                  [
                    at.set(i32.and(code.get, i32.sub(i32.shiftLeft(i32.const(1), indexBits.get), i32.const(1)))),
                    end.set(i32.shiftLeft(i32.const(1), i32.sub(i32.const(LONGEST), indexBits.get))),
                    when(i32.equal(i32.load(tableAt(at.get)), i32.const(NO_CODE * 0x01010101)), [
                      i32.store(
                        tableAt(at.get),
                        i32.or(i32.const(SPECIAL | FURTHER), i32.shiftLeft(free.get, i32.const(16))),
                      ),
                      memory.fill(tableAt(free.get), i32.const(NO_CODE), word(end.get)),
                      free.set(i32.add(free.get, end.get)),
                    ]),
                    at.set(i32.shiftRight(i32.load(tableAt(at.get)), i32.const(16))),
                    end.set(i32.add(at.get, end.get)),
                    at.set(i32.add(at.get, i32.shiftRight(code.get, indexBits.get))),
                    step.set(i32.shiftLeft(i32.const(1), rest.get)),
                    ...spread,
                  ],
                ),
              ]),
            ]),
          ],
        ),
      ],
      result: left.get,
    };
  });
}

/**
 * Adds `pairLiterals(table, indexBits)`: where the bits of an index hold two literals, its entry becomes one for both.
 * @returns its call.
 */
export function addPairLiterals(module: ModuleWriter): (...values: readonly I32[]) => Statement {
  return module.add('pairLiterals', 2, (writer, table, indexBits) => {
    const i = writer.local('i32');
    const first = writer.local('i32');
    const second = writer.local('i32');
    const length = writer.local('i32');
    const at = (index: I32) => i32.add(table.get, word(index));
    const isOne = (entry: I32) => i32.equal(i32.and(entry, i32.const(LITERALS)), i32.const(ONE_LITERAL));
    return {
      body: [
        i.set(i32.shiftLeft(i32.const(1), indexBits.get)),
        // From the end: what is looked up lies further down, and is not yet a pair.
        repeatWhile(i.get, [
          i.set(i32.sub(i.get, i32.const(1))),
          first.set(i32.load(at(i.get))),
          when(isOne(first.get), [
            length.set(i32.and(first.get, i32.const(0x3f))),
            second.set(i32.load(at(i32.shiftRight(i.get, length.get)))),
            length.set(i32.add(length.get, i32.and(second.get, i32.const(0x3f)))),
            when(i32.and(isOne(second.get), i32.lt_s(length.get, i32.add(indexBits.get, i32.const(1)))), [
              i32.store(
                at(i.get),
                i32.or(
                  i32.or(length.get, i32.const(2 * ONE_LITERAL)),
                  i32.or(
                    i32.and(first.get, i32.const(0xff00)),
                    i32.shiftLeft(i32.and(second.get, i32.const(0xff00)), i32.const(8)),
                  ),
                ),
              ),
            ]),
          ]),
        ]),
      ],
    };
  });
}

import {
  Kernel,
  ModuleWriter,
  countUp,
  i32,
  i32x4,
  i64x2,
  i8x16,
  join,
  v128,
  when,
  type Code,
  type FunctionWriter,
} from '@lacuna/core/wasm';
import { decisionDiagram, type Decision } from './decision-diagram.js';

/** Pixels of one vector, a bit each. */
export const LANES = 128;

/** Packs and unpacks rows of bits, and thins one row by half an iteration. Addresses are in bytes. */
export interface ThinKernel {
  /** Sixteen bytes a step become sixteen bits. */
  pack(bytes: number, bits: number, count: number): void;
  unpack(bits: number, bytes: number, count: number): void;
  /**
   * Deletes from the row at `row` what the half's rule deletes. `above` holds the row above as it was before this half,
   * `save` takes this row as it was; `stamps` says for each vector when a pixel in it or beside it went last.
   * @returns how many vectors changed.
   */
  first(
    row: number,
    above: number,
    save: number,
    stamps: number,
    vectors: number,
    stride: number,
    stampStride: number,
    now: number,
  ): number;
  second(
    row: number,
    above: number,
    save: number,
    stamps: number,
    vectors: number,
    stride: number,
    stampStride: number,
    now: number,
  ): number;
}

/**
 * Thinning of 128 pixels at once: the rule, a table over the eight neighbours, is made into a decision diagram whose
 * nodes are one bitwise selection each. All pixels of a half iteration are judged by the same state, so the result is
 * the table's own.
 * @param rules deletable neighbourhoods (bits NW 1, N 2, NE 4, E 8, SE 16, S 32, SW 64, W 128) of each half, with the
 * order of their diagram.
 */
export function makeThinKernel(rules: { readonly first: ThinRule; readonly second: ThinRule }): Kernel<ThinKernel> {
  const module = new ModuleWriter();
  addPacking(module);
  addHalf(module, 'first', rules.first);
  addHalf(module, 'second', rules.second);
  return new Kernel<ThinKernel>(module);
}

/** Neighbourhoods, and the order in which their bits are asked. */
export interface ThinRule {
  readonly deletable: readonly number[];
  readonly order: readonly number[];
}

function addPacking(module: ModuleWriter): void {
  const zero = v128.bytes(new Array<number>(16).fill(0));
  module.add('pack', 3, (writer, bytes, bits, count) => {
    const i = writer.local('i32');
    return {
      body: [
        i.set(i32.const(0)),
        countUp(i, count.get, 16, [
          i32.store16(
            i32.add(bits.get, i32.shiftRight(i.get, i32.const(3))),
            i8x16.bitmask(i8x16.notEqual(v128.load(i32.add(bytes.get, i.get)), zero)),
          ),
        ]),
      ],
    };
  });
  module.add('unpack', 3, (writer, bits, bytes, count) => {
    const i = writer.local('i32');
    const byteOfLane = v128.bytes([1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128]);
    const two = v128.loadSplat16(i32.add(bits.get, i32.shiftRight(i.get, i32.const(3))));
    const spread = v128.shuffle(two, two, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
    const one = v128.bytes(new Array<number>(16).fill(1));
    return {
      body: [
        i.set(i32.const(0)),
        countUp(i, count.get, 16, [
          v128.store(i32.add(bytes.get, i.get), v128.and(i8x16.equal(v128.and(spread, byteOfLane), byteOfLane), one)),
        ]),
      ],
    };
  });
}

function addHalf(module: ModuleWriter, name: 'first' | 'second', rule: ThinRule): void {
  module.add(name, 8, (writer, ...parameters) => {
    const [row, above, save, stamps, vectors, stride, stampStride, now] = parameters;
    const v = writer.local('i32');
    const at = writer.local('i32');
    const stamp = writer.local('i32');
    const changed = writer.local('i32');
    const here = writer.local('v128');
    const before = writer.local('v128');
    const gone = writer.local('v128');
    const address = i32.add(row.get, at.get);
    const judged = judge(writer, rule, {
      north: i32.add(above.get, at.get),
      middle: address,
      south: i32.add(address, stride.get),
      here: here.get,
      before: before.get,
    });
    const mark = (shift: Code<'i32'>) => v128.store(shift, i32x4.splat(now.get));
    return {
      body: [
        changed.set(i32.const(0)),
        before.set(v128.bytes(new Array<number>(16).fill(0))),
        v.set(i32.const(0)),
        countUp(v, vectors.get, 1, [
          at.set(i32.shiftLeft(v.get, i32.const(4))),
          here.set(v128.load(address)),
          v128.store(i32.add(save.get, at.get), here.get),
          stamp.set(i32.add(stamps.get, i32.shiftLeft(v.get, i32.const(2)))),
          // Both halves have seen what changed longer ago.
          when(i32.ge_s(i32.load(stamp.get), i32.sub(now.get, i32.const(2))), [
            ...judged.statements,
            gone.set(v128.and(here.get, judged.value)),
            when(v128.any(gone.get), [
              v128.store(address, v128.andNot(here.get, gone.get)),
              // Three vectors of three rows, and one more that costs nothing.
              stamp.set(i32.sub(stamp.get, i32.const(4))),
              mark(stamp.get),
              mark(i32.sub(stamp.get, stampStride.get)),
              mark(i32.add(stamp.get, stampStride.get)),
              changed.set(i32.add(changed.get, i32.const(1))),
            ]),
          ]),
          before.set(here.get),
        ]),
      ],
      result: changed.get,
    };
  });
}

/** Addresses of three vectors, one above the other; the middle one, and the one before it in its row. */
interface Surroundings {
  readonly north: Code<'i32'>;
  readonly middle: Code<'i32'>;
  readonly south: Code<'i32'>;
  readonly here: Code<'v128'>;
  readonly before: Code<'v128'>;
}

/** The eight neighbours of 128 pixels, and what the rule says of them. */
function judge(
  writer: FunctionWriter,
  rule: ThinRule,
  { north, middle, south, here, before }: Surroundings,
): { statements: readonly Code<'nothing'>[]; value: Code<'v128'> } {
  const statements: Code<'nothing'>[] = [];
  const keep = (value: Code<'v128'>) => {
    const local = writer.local('v128');
    statements.push(local.set(value));
    return local.get;
  };
  // Bits move across the middle of a vector and from its neighbours: eight bytes to either side hold them.
  const western = (self: Code<'v128'>, eightBefore: Code<'v128'>) =>
    keep(v128.or(i64x2.shiftLeft(self, 1), i64x2.shiftRight(eightBefore, 63)));
  const eastern = (self: Code<'v128'>, eightAfter: Code<'v128'>) =>
    keep(v128.or(i64x2.shiftRight(self, 1), i64x2.shiftLeft(eightAfter, 63)));
  const eightBefore = (address: Code<'i32'>) => v128.load(i32.sub(address, i32.const(8)));
  const n = keep(v128.load(north));
  const s = keep(v128.load(south));
  const w = western(here, v128.shuffle(before, here, [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]));
  const e = eastern(here, v128.load(middle, 8));
  const nw = western(n, eightBefore(north));
  const ne = eastern(n, v128.load(north, 8));
  const sw = western(s, eightBefore(south));
  const se = eastern(s, v128.load(south, 8));
  const neighbours = [nw, n, ne, e, se, s, sw, w];
  const { nodes, root } = decisionDiagram(new Set(rule.deletable), rule.order);
  const values: Code<'v128'>[] = [];
  const valueOf = (decision: Decision) => values[decision as number];
  for (const { bit, low, high } of nodes) {
    const x = neighbours[bit];
    if (low === false) values.push(keep(high === true ? x : v128.and(x, valueOf(high))));
    else if (high === false) values.push(keep(low === true ? v128.not(x) : v128.andNot(valueOf(low), x)));
    else if (high === true) values.push(keep(v128.or(x, valueOf(low))));
    else if (low === true) values.push(keep(v128.or(v128.not(x), valueOf(high))));
    else values.push(keep(v128.select(valueOf(high), valueOf(low), x)));
  }
  return { statements, value: join('v128', valueOf(root)) };
}

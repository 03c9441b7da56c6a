import {
  Kernel,
  ModuleWriter,
  countUp,
  i32,
  i32x4,
  i8x16,
  repeatWhile,
  v128,
  when,
  type Code,
  type Local,
} from '@lacuna/core/wasm';

/**
 * Bytes of a run's record: first column, column after the last, address of an earlier run of the same component or its
 * own, label.
 */
export const RECORD = 16;
/** What `scan` and `paint` may read or write beyond a row's end. */
export const SLACK = 64;
const START = 0;
const END = 4;
const PARENT = 8;
const LABEL = 12;
/** Columns of the record that closes each row's runs: beyond every pixel. */
const BEYOND = 0x7fffffff;

/**
 * Horizontal runs of a mask, joined to components. Addresses are in bytes; each row's runs end with a record that is
 * none.
 */
export interface ComponentKernel {
  /**
   * Finds the runs of some rows, and joins each with those that it touches in rows above and in the plane before.
   * @param bytes the rows' pixels, 0 or 1. @param invert 0 for runs of 1, -1 for runs of 0. @param to where records go.
   * @param pointers the address of each row's first record, a word each. @param row the first row's index in the image.
   * @param reach 1 where corners touch, else 0.
   * @returns the address after the last record.
   */
  scan(
    bytes: number,
    width: number,
    invert: number,
    rows: number,
    to: number,
    pointers: number,
    row: number,
    height: number,
    reach: number,
  ): number;
  /**
   * Numbers the components by their first runs, and writes the pixels of each, a word for each number from 0 on, to
   * `sizes`.
   * @returns how many there are.
   */
  label(from: number, end: number, sizes: number): number;
  /** Writes some rows' labels, a word a pixel. @returns the address of the next row's first record. */
  paint(record: number, out: number, width: number, rows: number): number;
}

let kernel: Kernel<ComponentKernel> | undefined;

export function componentKernel(): Kernel<ComponentKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  const joinRows = addJoin(module);
  addScan(module, joinRows);
  module.add('label', 3, (writer, record, end, sizes) => {
    const count = writer.local('i32');
    const parent = writer.local('i32');
    const label = writer.local('i32');
    const size = writer.local('i32');
    const sizeOf = (index: Code<'i32'>) => i32.add(sizes.get, i32.shiftLeft(index, i32.const(2)));
    return {
      body: [
        i32.store(sizes.get, i32.const(0)),
        countUp(record, end.get, RECORD, [
          parent.set(i32.load(record.get, PARENT)),
          // The record that closes a row is its own parent too: of label 0, and empty.
          label.set(i32.load(parent.get, LABEL)),
          when(
            i32.and(i32.equal(parent.get, record.get), i32.notEqual(i32.load(record.get, START), i32.const(BEYOND))),
            [
              count.set(i32.add(count.get, i32.const(1))),
              label.set(count.get),
              i32.store(sizeOf(label.get), i32.const(0)),
            ],
          ),
          // Whoever points here comes later.
          i32.store(record.get, label.get, LABEL),
          size.set(sizeOf(label.get)),
          i32.store(
            size.get,
            i32.add(i32.load(size.get), i32.sub(i32.load(record.get, END), i32.load(record.get, START))),
          ),
        ]),
      ],
      result: count.get,
    };
  });
  module.add('paint', 4, (writer, record, out, width, rows) => {
    const n = writer.local('i32');
    const at = writer.local('i32');
    const stop = writer.local('i32');
    const value = writer.local('v128');
    const zero = v128.bytes(new Array<number>(16).fill(0));
    /**
     * Beyond the end too: what comes next is written afterwards. Most runs are short: the first twelve without asking.
     */
    const fill = (end: Code<'i32'>, what: Code<'v128'>) => [
      stop.set(end),
      ...[0, 16, 32].map((offset) => v128.store(at.get, what, offset)),
      at.set(i32.add(at.get, i32.const(48))),
      countUp(at, stop.get, 16, [v128.store(at.get, what)]),
      at.set(stop.get),
    ];
    const placeOf = (column: Code<'i32'>) => i32.add(out.get, i32.shiftLeft(column, i32.const(2)));
    return {
      body: [
        at.set(out.get),
        countUp(n, rows.get, 1, [
          repeatWhile(i32.notEqual(i32.load(record.get, START), i32.const(BEYOND)), [
            ...fill(placeOf(i32.load(record.get, START)), zero),
            value.set(i32x4.splat(i32.load(record.get, LABEL))),
            ...fill(placeOf(i32.load(record.get, END)), value.get),
            record.set(i32.add(record.get, i32.const(RECORD))),
          ]),
          ...fill(placeOf(width.get), zero),
          out.set(at.get),
          record.set(i32.add(record.get, i32.const(RECORD))),
        ]),
      ],
      result: record.get,
    };
  });
  return (kernel = new Kernel<ComponentKernel>(module));
}

/**
 * Joins the runs of two rows that touch. Both are sorted: the first that a run may touch lies no earlier than its
 * predecessor's.
 */
function addJoin(module: ModuleWriter) {
  return module.add('joinRows', 4, (writer, a, endA, b, reach) => {
    const low = writer.local('i32');
    const high = writer.local('i32');
    const c = writer.local('i32');
    const p = writer.local('i32');
    const q = writer.local('i32');
    const up = writer.local('i32');
    const next = (at: Local<'i32'>) => at.set(i32.add(at.get, i32.const(RECORD)));
    /** To the earliest run that is known, every other one on the way skipped from then on. */
    const climb = (at: Local<'i32'>) => [
      up.set(i32.load(at.get, PARENT)),
      repeatWhile(i32.notEqual(up.get, at.get), [
        i32.store(at.get, i32.load(up.get, PARENT), PARENT),
        at.set(i32.load(at.get, PARENT)),
        up.set(i32.load(at.get, PARENT)),
      ]),
    ];
    return {
      body: [
        countUp(a, endA.get, RECORD, [
          low.set(i32.sub(i32.load(a.get, START), reach.get)),
          high.set(i32.add(i32.load(a.get, END), reach.get)),
          repeatWhile(i32.ge_s(low.get, i32.load(b.get, END)), [next(b)]),
          c.set(b.get),
          repeatWhile(i32.lt_s(i32.load(c.get, START), high.get), [
            p.set(i32.load(a.get, PARENT)),
            q.set(i32.load(c.get, PARENT)),
            // Most runs that touch are one already.
            when(i32.notEqual(p.get, q.get), [
              ...climb(p),
              ...climb(q),
              up.set(i32.select(p.get, q.get, i32.lt_s(p.get, q.get))),
              i32.store(p.get, up.get, PARENT),
              i32.store(q.get, up.get, PARENT),
              i32.store(a.get, up.get, PARENT),
              i32.store(c.get, up.get, PARENT),
            ]),
            next(c),
          ]),
        ]),
      ],
    };
  });
}

function addScan(module: ModuleWriter, joinRows: ReturnType<ModuleWriter['add']>): void {
  module.add('scan', 9, (writer, ...parameters) => {
    const [bytes, width, invert, rows, to, pointers, row, height, reach] = parameters;
    const n = writer.local('i32');
    const y = writer.local('i32');
    const x = writer.local('i32');
    const first = writer.local('i32');
    const pointer = writer.local('i32');
    const bits = writer.local('i32');
    const before = writer.local('i32');
    const changes = writer.local('i32');
    const step = writer.local('i32');
    const left = writer.local('i32');
    const zero = v128.bytes(new Array<number>(16).fill(0));
    const one = i32.const(1);
    const sixteen = (offset: number) =>
      i8x16.bitmask(i8x16.notEqual(v128.load(i32.add(bytes.get, x.get), offset), zero));
    const joinWith = (rowsBack: Code<'i32'>) =>
      joinRows(first.get, to.get, i32.load(i32.sub(pointer.get, i32.shiftLeft(rowsBack, i32.const(2)))), reach.get);
    return {
      body: [
        y.set(i32.remainder(row.get, height.get)),
        countUp(n, rows.get, 1, [
          first.set(to.get),
          pointer.set(i32.add(pointers.get, i32.shiftLeft(row.get, i32.const(2)))),
          i32.store(pointer.get, first.get),
          before.set(i32.const(0)),
          // From a run's start to its end, and on to the next record's start.
          step.set(i32.const(END)),
          x.set(i32.const(0)),
          countUp(x, width.get, 32, [
            bits.set(i32.xor(invert.get, i32.or(sixteen(0), i32.shiftLeft(sixteen(16), i32.const(16))))),
            left.set(i32.sub(width.get, x.get)),
            when(i32.lt_s(left.get, i32.const(32)), [
              bits.set(i32.and(bits.get, i32.sub(i32.shiftLeft(one, left.get), one))),
            ]),
            // A set bit is a pixel unlike the one before it: runs begin and end in turn.
            changes.set(i32.xor(bits.get, i32.or(i32.shiftLeft(bits.get, one), before.get))),
            before.set(i32.shiftRight(bits.get, i32.const(31))),
            repeatWhile(changes.get, [
              i32.store(to.get, i32.add(x.get, i32.lowestBit(changes.get))),
              to.set(i32.add(to.get, step.get)),
              step.set(i32.sub(i32.const(RECORD), step.get)),
              changes.set(i32.and(changes.get, i32.sub(changes.get, one))),
            ]),
          ]),
          when(i32.notEqual(step.get, i32.const(END)), [
            i32.store(to.get, width.get),
            to.set(i32.add(to.get, step.get)),
          ]),
          i32.store(to.get, i32.const(BEYOND), START),
          i32.store(to.get, i32.const(BEYOND), END),
          i32.store(to.get, to.get, PARENT),
          i32.store(to.get, i32.const(0), LABEL),
          x.set(first.get),
          countUp(x, to.get, RECORD, [i32.store(x.get, x.get, PARENT)]),
          when(i32.lt_s(i32.const(0), y.get), [joinWith(one)]),
          when(i32.ge_s(row.get, height.get), [
            joinWith(height.get),
            when(reach.get, [
              when(i32.lt_s(i32.const(0), y.get), [joinWith(i32.add(height.get, one))]),
              when(i32.lt_s(i32.add(y.get, one), height.get), [joinWith(i32.sub(height.get, one))]),
            ]),
          ]),
          to.set(i32.add(to.get, i32.const(RECORD))),
          bytes.set(i32.add(bytes.get, width.get)),
          row.set(i32.add(row.get, one)),
          y.set(i32.add(y.get, one)),
          when(i32.equal(y.get, height.get), [y.set(i32.const(0))]),
        ]),
      ],
      result: to.get,
    };
  });
}

import { describe, expect, it } from 'vitest';
import { sleb128, uleb128, type Code } from '../src/wasm/code.js';
import { Kernel } from '../src/wasm/kernel.js';
import { Layout } from '../src/wasm/layout.js';
import { ModuleWriter, br, countUp, either, loop, repeatWhile, when } from '../src/wasm/module.js';
import { i16x8, i32, i32x4, i64, i8x16, memory, v128 } from '../src/wasm/operators.js';

describe('binary numbers', () => {
  it.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [624485, [0xe5, 0x8e, 0x26]],
  ] as const)('unsigned %i', (value, bytes) => expect(uleb128(value)).toEqual(bytes));
  it.each([
    [0, [0]],
    [63, [63]],
    [64, [0xc0, 0]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
  ] as const)('signed %i', (value, bytes) => expect(sleb128(value)).toEqual(bytes));
  it('constants of every size come back', () => {
    for (const value of [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)]) {
      const module = new ModuleWriter();
      module.add('value', 0, () => ({ body: [], result: i32.const(value) }));
      expect(new Kernel<{ value(): number }>(module).reserve(1).functions.value()).toBe(value);
    }
  });
});

describe('functions', () => {
  const module = new ModuleWriter();
  module.add('sumOfOdd', 1, (writer, end) => {
    const i = writer.local('i32');
    const sum = writer.local('i32');
    return {
      body: [
        sum.set(i32.const(0)),
        i.set(i32.const(0)),
        countUp(i, end.get, 1, [when(i32.and(i.get, i32.const(1)), [sum.set(i32.add(sum.get, i.get))])]),
      ],
      result: sum.get,
    };
  });
  module.add('first', 1, (_, at) => ({ body: [], result: i32.load(at.get) }));
  const kernel = new Kernel<{ sumOfOdd(end: number): number; first(at: number): number }>(module);

  it('loops and conditions', () => {
    const { sumOfOdd } = kernel.reserve(1).functions;
    expect([0, 1, 2, 10].map((end) => sumOfOdd(end))).toEqual([0, 0, 1, 25]);
  });

  it('loops with a condition, choices, and calls of functions written before', () => {
    const module = new ModuleWriter();
    const put = module.add('put', 2, (_, at, value) => ({
      body: [i32.store(at.get, i32.select(value.get, i32.const(-7), i32.notEqual(value.get, i32.const(3))))],
    }));
    // One turn for each set bit, which it writes down.
    module.add('bits', 2, (writer, value, at) => {
      const count = writer.local('i32');
      return {
        body: [
          repeatWhile(value.get, [
            put(i32.add(at.get, i32.shiftLeft(count.get, i32.const(2))), i32.lowestBit(value.get)),
            value.set(i32.and(value.get, i32.sub(value.get, i32.const(1)))),
            count.set(i32.add(count.get, i32.const(1))),
          ]),
        ],
        result: i32.xor(count.get, i32.remainder(i32.const(7), i32.const(4))),
      };
    });
    const { functions, buffer } = new Kernel<{ bits(value: number, at: number): number }>(module).reserve(64);
    expect(functions.bits(0b1000_0000_0000_1010, 16)).toBe(3 ^ 3);
    expect([...new Int32Array(buffer, 16, 4)]).toEqual([1, -7, 15, 0]);
    expect(functions.bits(0, 16)).toBe(3);
  });

  it('memory grows with what is asked for, and holds what the buffer was given', () => {
    const { functions, buffer } = kernel.reserve(300_000);
    expect(buffer.byteLength).toBeGreaterThanOrEqual(300_000);
    new Int32Array(buffer)[70_000] = 42;
    expect(functions.first(280_000)).toBe(42);
    // A large memory is not kept for small calls.
    kernel.reserve(2 ** 26 + 1);
    expect(kernel.reserve(1).buffer.byteLength).toBeLessThan(2 ** 26);
  });

  it('places lie one after the other at multiples of 16', () => {
    const layout = new Layout();
    expect([layout.take(1), layout.take(17), layout.take(16)]).toEqual([64, 80, 112]);
    expect(layout.bytes).toBe(128);
  });
});

describe('instructions', () => {
  /** What a function of up to two whole numbers gives for them, with 16 bytes at 64 and 16 more at 80. */
  function run(
    write: (a: Code<'i32'>, b: Code<'i32'>) => Code<'i32'>,
    a = 0,
    b = 0,
    bytes: readonly number[] = [],
  ): number {
    const module = new ModuleWriter();
    module.add('run', 2, (_, x, y) => ({ body: [], result: write(x.get, y.get) }));
    const { functions, buffer } = new Kernel<{ run(a: number, b: number): number }>(module).reserve(128);
    new Uint8Array(buffer, 64).set(bytes);
    return functions.run(a, b);
  }
  /** What sixteen bytes become. */
  function lanes(
    write: (first: Code<'v128'>, second: Code<'v128'>) => Code<'v128'>,
    first: ArrayBufferView,
    second: ArrayBufferView = first,
  ): ArrayBuffer {
    const module = new ModuleWriter();
    module.add('run', 0, () => ({
      body: [v128.store(i32.const(96), write(v128.load(i32.const(64)), v128.load(i32.const(80))))],
    }));
    const { functions, buffer } = new Kernel<{ run(): void }>(module).reserve(128);
    new Uint8Array(buffer, 64).set(new Uint8Array(first.buffer));
    new Uint8Array(buffer, 80).set(new Uint8Array(second.buffer));
    functions.run();
    return buffer.slice(96, 112);
  }
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => 250 + i * 37);
  const shorts = Int16Array.from([0, 1, -1, 300, -300, 32767, -32768, 5]);

  it('bytes, turns, and 64 bits', () => {
    expect(run((a) => i32.load8(a, 1), 64, 0, [1, 255])).toBe(255);
    expect(run((a) => i32.rotateLeft(a, i32.const(8)), 0x12345678)).toBe(0x34567812);
    const wide = (a: Code<'i32'>, b: Code<'i32'>) => i64.or(i64.shiftLeft(i64.extend(a), i64.const(32)), i64.extend(b));
    expect(run((a, b) => i32.wrap(i64.shiftRight(wide(a, b), i64.const(28))), 0x12345678, -2)).toBe(0x2345678f);
    expect(
      run(
        (a, b) => i32.wrap(i64.shiftRight(i64.and(wide(a, b), i64.load(i32.const(64))), i64.const(32))),
        -1,
        0,
        [0, 0, 0, 0, 1, 2, 3, 4],
      ),
    ).toBe(0x04030201);
  });

  it('stretches of memory', () => {
    const module = new ModuleWriter();
    module.add('run', 0, () => ({
      body: [
        memory.fill(i32.const(64), i32.const(7), i32.const(3)),
        i32.store8(i32.const(66), i32.const(263 + 2)),
        memory.copy(i32.const(65), i32.const(64), i32.const(3)),
        i64.store(i32.const(72), i64.load(i32.const(64))),
      ],
    }));
    const { functions, buffer } = new Kernel<{ run(): void }>(module).reserve(128);
    functions.run();
    expect([...new Uint8Array(buffer, 64, 16)]).toEqual([7, 7, 7, 9, 0, 0, 0, 0, 7, 7, 7, 9, 0, 0, 0, 0]);
  });

  it('lanes of 8, 16 and 32 bits', () => {
    const u8 = (v: ArrayBuffer) => [...new Uint8Array(v)];
    const i16 = (v: ArrayBuffer) => [...new Int16Array(v)];
    const i32s = (v: ArrayBuffer) => [...new Int32Array(v)];
    expect(u8(lanes((a, b) => i8x16.add(a, b), bytes))).toEqual([...bytes].map((v) => (2 * v) & 255));
    expect(u8(lanes(() => i8x16.splat(i32.const(-2)), bytes))).toEqual(new Array(16).fill(254));
    expect(i16(lanes((a, b) => i16x8.add(a, b), shorts))).toEqual([...shorts.map((v) => 2 * v)]);
    expect(i16(lanes((a) => i16x8.extendLowUnsigned(a), bytes))).toEqual([...bytes.subarray(0, 8)]);
    expect(i16(lanes((a) => i16x8.extendHighUnsigned(a), bytes))).toEqual([...bytes.subarray(8)]);
    expect(i16(lanes((a) => i16x8.addPairs(a), bytes))).toEqual(
      Array.from({ length: 8 }, (_, i) => bytes[2 * i] + bytes[2 * i + 1]),
    );
    const unsigned = new Uint16Array(shorts.buffer);
    expect(i32s(lanes((a) => i32x4.addPairs(a), shorts))).toEqual(
      Array.from({ length: 4 }, (_, i) => unsigned[2 * i] + unsigned[2 * i + 1]),
    );
    const others = shorts.map((_, i) => (i & 1 ? 3 : -7));
    expect(i32s(lanes((a, b) => i32x4.dot(a, b), shorts, others))).toEqual(
      Array.from({ length: 4 }, (_, i) => shorts[2 * i] * others[2 * i] + shorts[2 * i + 1] * others[2 * i + 1]),
    );
    expect(
      [0, 1, 2, 3].map((lane) =>
        run(
          () => i32x4.lane(v128.load(i32.const(64)), lane as 0),
          0,
          0,
          [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 255, 255, 255, 255],
        ),
      ),
    ).toEqual([1, 2, 3, -1]);
  });

  it('loops that are left and begun anew from within', () => {
    const module = new ModuleWriter();
    // The sum of what is odd, up to the first number that 7 divides.
    module.add('run', 1, (writer, start) => {
      const sum = writer.local('i32');
      const i = writer.local('i32');
      return {
        body: [
          i.set(start.get),
          loop([
            i.set(i32.add(i.get, i32.const(1))),
            either(
              i32.isZero(i32.remainder(i.get, i32.const(7))),
              [br(2)],
              [when(i32.isZero(i32.and(i.get, i32.const(1))), [br(2)])],
            ),
            sum.set(i32.add(sum.get, i.get)),
          ]),
        ],
        result: sum.get,
      };
    });
    // A call that leaves a value is one.
    const called = new ModuleWriter();
    const add = called.add('add', 2, (_, a, b) => ({ body: [], result: i32.add(a.get, b.get) }));
    called.add('run', 1, (_, a) => ({ body: [], result: add(add(a.get, a.get), i32.const(1)) }));
    const run = (writer: ModuleWriter) => new Kernel<{ run(a: number): number }>(writer).reserve(1).functions.run;
    expect([0, 7, 8, 13].map(run(module))).toEqual([1 + 3 + 5, 9 + 11 + 13, 9 + 11 + 13, 0]);
    expect(run(called)(20)).toBe(41);
  });
});

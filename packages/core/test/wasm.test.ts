import { describe, expect, it } from 'vitest';
import { natural, whole } from '../src/wasm/code.js';
import { Kernel } from '../src/wasm/kernel.js';
import { Layout } from '../src/wasm/layout.js';
import { ModuleWriter, countUp, repeatWhile, when } from '../src/wasm/module.js';
import { i32 } from '../src/wasm/operators.js';

describe('binary numbers', () => {
  it.each([[0, [0]], [127, [0x7f]], [128, [0x80, 1]], [624485, [0xe5, 0x8e, 0x26]]] as const)('natural %i', (value, bytes) => expect(natural(value)).toEqual(bytes));
  it.each([[0, [0]], [63, [63]], [64, [0xc0, 0]], [-64, [0x40]], [-65, [0xbf, 0x7f]], [-123456, [0xc0, 0xbb, 0x78]]] as const)('whole %i', (value, bytes) => expect(whole(value)).toEqual(bytes));
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
    const i = writer.local('i32'), sum = writer.local('i32');
    return { body: [sum.set(i32.const(0)), i.set(i32.const(0)), countUp(i, end.get, 1, [when(i32.and(i.get, i32.const(1)), [sum.set(i32.add(sum.get, i.get))])])], result: sum.get };
  });
  module.add('first', 1, (_, at) => ({ body: [], result: i32.load(at.get) }));
  const kernel = new Kernel<{ sumOfOdd(end: number): number; first(at: number): number }>(module);

  it('loops and conditions', () => {
    const { sumOfOdd } = kernel.reserve(1).functions;
    expect([0, 1, 2, 10].map((end) => sumOfOdd(end))).toEqual([0, 0, 1, 25]);
  });

  it('loops with a condition, choices, and calls of functions written before', () => {
    const module = new ModuleWriter();
    const put = module.add('put', 2, (_, at, value) => ({ body: [i32.store(at.get, i32.select(value.get, i32.const(-7), i32.notEqual(value.get, i32.const(3))))] }));
    // One turn for each set bit, which it writes down.
    module.add('bits', 2, (writer, value, at) => {
      const count = writer.local('i32');
      return { body: [
        repeatWhile(value.get, [
          put(i32.add(at.get, i32.shiftLeft(count.get, i32.const(2))), i32.lowestBit(value.get)),
          value.set(i32.and(value.get, i32.sub(value.get, i32.const(1)))),
          count.set(i32.add(count.get, i32.const(1))),
        ]),
      ], result: i32.xor(count.get, i32.remainder(i32.const(7), i32.const(4))) };
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

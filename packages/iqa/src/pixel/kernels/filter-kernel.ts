import { Kernel, ModuleWriter, countUp, f64x2, i32, v128, type Code, type FunctionWriter } from '@lacuna/core/wasm';

/** Pixels that one step handles: rows are read and written up to the next multiple. */
export const STEP = 8;

/** Correlation with symmetric weights (the middle one first), in float64. Addresses are in bytes. */
export interface FilterKernel {
  /** float32 to float64. */
  promote(from: number, to: number, count: number): void;
  /** One row: `from` begins `radius` pixels before the first of `count` results. */
  across(from: number, to: number, count: number, weights: number, radius: number): void;
  /** One row from 2 radius + 1 rows, whose addresses stand at `rows`. */
  down(rows: number, to: number, count: number, weights: number, radius: number): void;
}

let kernel: Kernel<FilterKernel> | undefined;

export function filterKernel(): Kernel<FilterKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  addPromotion(module);
  module.add('across', 5, (writer, ...parameters) => {
    const [from, to, count, weights, radius] = parameters;
    const x = writer.local('i32');
    const centre = writer.local('i32');
    const left = writer.local('i32');
    const right = writer.local('i32');
    const { start, add, finish, k } = weightedSums(writer, weights.get);
    return {
      body: [
        x.set(i32.const(0)),
        countUp(x, count.get, STEP, [
          centre.set(i32.add(from.get, i32.shiftLeft(i32.add(x.get, radius.get), i32.const(3)))),
          ...start(centre.get),
          left.set(centre.get),
          right.set(centre.get),
          countUp(k, i32.add(radius.get, i32.const(1)), 1, [
            left.set(i32.sub(left.get, i32.const(8))),
            right.set(i32.add(right.get, i32.const(8))),
            ...add(left.get, right.get),
          ]),
          ...finish(i32.add(to.get, i32.shiftLeft(x.get, i32.const(3)))),
        ]),
      ],
    };
  });
  module.add('down', 5, (writer, ...parameters) => {
    const [rows, to, count, weights, radius] = parameters;
    const x = writer.local('i32');
    const offset = writer.local('i32');
    const above = writer.local('i32');
    const below = writer.local('i32');
    const middle = writer.local('i32');
    const { start, add, finish, k } = weightedSums(writer, weights.get);
    const fourTimes = (value: Code<'i32'>) => i32.shiftLeft(value, i32.const(2));
    return {
      body: [
        middle.set(i32.add(rows.get, fourTimes(radius.get))),
        x.set(i32.const(0)),
        countUp(x, count.get, STEP, [
          offset.set(i32.shiftLeft(x.get, i32.const(3))),
          ...start(i32.add(i32.load(middle.get), offset.get)),
          countUp(k, i32.add(radius.get, i32.const(1)), 1, [
            above.set(i32.add(i32.load(i32.sub(middle.get, fourTimes(k.get))), offset.get)),
            below.set(i32.add(i32.load(i32.add(middle.get, fourTimes(k.get))), offset.get)),
            ...add(above.get, below.get),
          ]),
          ...finish(i32.add(to.get, offset.get)),
        ]),
      ],
    };
  });
  return (kernel = new Kernel<FilterKernel>(module));
}

/** Adds `promote` to a module. */
export function addPromotion(module: ModuleWriter): void {
  module.add('promote', 3, (writer, from, to, count) => {
    const x = writer.local('i32');
    const source = i32.add(from.get, i32.shiftLeft(x.get, i32.const(2)));
    const target = i32.add(to.get, i32.shiftLeft(x.get, i32.const(3)));
    return {
      body: [
        x.set(i32.const(0)),
        countUp(x, count.get, 4, [
          v128.store(target, f64x2.promote(v128.load64(source))),
          v128.store(target, f64x2.promote(v128.load64(source, 8)), 16),
        ]),
      ],
    };
  });
}

/** Sums of eight pixels, in four vectors: w0 p, then + wk (p + q) for k from 1 on. */
function weightedSums(writer: FunctionWriter, weights: Code<'i32'>) {
  const sums = [0, 16, 32, 48].map((offset) => ({ offset, local: writer.local('v128') }));
  const weight = writer.local('v128');
  const k = writer.local('i32');
  return {
    k,
    start: (address: Code<'i32'>) => [
      weight.set(v128.loadSplat64(weights)),
      ...sums.map(({ local, offset }) => local.set(f64x2.mul(weight.get, v128.load(address, offset)))),
      k.set(i32.const(1)),
    ],
    add: (p: Code<'i32'>, q: Code<'i32'>) => [
      weight.set(v128.loadSplat64(i32.add(weights, i32.shiftLeft(k.get, i32.const(3))))),
      ...sums.map(({ local, offset }) =>
        local.set(f64x2.add(local.get, f64x2.mul(weight.get, f64x2.add(v128.load(p, offset), v128.load(q, offset))))),
      ),
    ],
    finish: (address: Code<'i32'>) => sums.map(({ local, offset }) => v128.store(address, local.get, offset)),
  };
}

import { Kernel, ModuleWriter, countUp, f64x2, i32, v128, when, type Code } from '@lacuna/core/wasm';

/** Columns that are summed at once. */
export const COLUMNS = 4;

/** Addresses in bytes. */
interface AxisKernel {
  /**
   * Sums rows of float32, `pitch` bytes apart, times their weights (float64), in float64; pairs of rows are added to
   * each other first. Writes float32. `columns` is a multiple of {@link COLUMNS}.
   */
  sumRows(rows: number, pitch: number, weights: number, count: number, to: number, columns: number): void;
}

let kernel: Kernel<AxisKernel> | undefined;

export function axisKernel(): Kernel<AxisKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  module.add('sumRows', 6, (writer, ...parameters) => {
    const [rows, pitch, weights, count, to, columns] = parameters;
    const c = writer.local('i32');
    const k = writer.local('i32');
    const row = writer.local('i32');
    const weight = writer.local('i32');
    const low = writer.local('v128');
    const high = writer.local('v128');
    const first = writer.local('v128');
    const second = writer.local('v128');
    const next = i32.add(row.get, pitch.get);
    const values = (address: Code<'i32'>, offset: number) => f64x2.promote(v128.load64(address, offset));
    return {
      body: [
        countUp(c, i32.shiftLeft(columns.get, i32.const(2)), 4 * COLUMNS, [
          row.set(i32.add(rows.get, c.get)),
          weight.set(weights.get),
          low.set(f64x2.splat(0)),
          high.set(f64x2.splat(0)),
          k.set(i32.const(0)),
          countUp(k, i32.sub(count.get, i32.const(1)), 2, [
            first.set(v128.loadSplat64(weight.get)),
            second.set(v128.loadSplat64(weight.get, 8)),
            low.set(
              f64x2.add(
                low.get,
                f64x2.add(f64x2.mul(first.get, values(row.get, 0)), f64x2.mul(second.get, values(next, 0))),
              ),
            ),
            high.set(
              f64x2.add(
                high.get,
                f64x2.add(f64x2.mul(first.get, values(row.get, 8)), f64x2.mul(second.get, values(next, 8))),
              ),
            ),
            row.set(i32.add(next, pitch.get)),
            weight.set(i32.add(weight.get, i32.const(16))),
          ]),
          when(i32.and(count.get, i32.const(1)), [
            first.set(v128.loadSplat64(weight.get)),
            low.set(f64x2.add(low.get, f64x2.mul(first.get, values(row.get, 0)))),
            high.set(f64x2.add(high.get, f64x2.mul(first.get, values(row.get, 8)))),
          ]),
          v128.store(
            i32.add(to.get, c.get),
            v128.shuffle(
              f64x2.demote(low.get),
              f64x2.demote(high.get),
              [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
            ),
          ),
        ]),
      ],
    };
  });
  return (kernel = new Kernel<AxisKernel>(module));
}

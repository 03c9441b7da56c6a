import { Kernel, ModuleWriter, countUp, f64x2, i32, v128 } from '@lacuna/core/wasm';

/** Columns that are summed at once. */
const COLUMNS = 16;

/** Addresses in bytes. */
interface LinesKernel {
  /**
   * Sums lines of float32, `pitch` bytes apart, times their weights (float64), one after the other, in float64. Writes
   * float32. `columns` is a multiple of 16.
   */
  sumLines(lines: number, pitch: number, weights: number, count: number, to: number, columns: number): void;
}

let kernel: Kernel<LinesKernel> | undefined;

export function linesKernel(): Kernel<LinesKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  module.add('sumLines', 6, (writer, ...parameters) => {
    const [lines, pitch, weights, count, to, columns] = parameters;
    const c = writer.local('i32');
    const k = writer.local('i32');
    const line = writer.local('i32');
    const at = writer.local('i32');
    const weight = writer.local('v128');
    // Eight sums of two columns each, none of which waits for another.
    const sums = Array.from({ length: COLUMNS / 2 }, () => writer.local('v128'));
    const added = sums.map((sum, i) =>
      sum.set(f64x2.add(sum.get, f64x2.mul(weight.get, f64x2.promote(v128.load64(line.get, 8 * i))))),
    );
    const quarter = (i: number) =>
      v128.store(
        i32.add(to.get, c.get),
        v128.shuffle(
          f64x2.demote(sums[2 * i].get),
          f64x2.demote(sums[2 * i + 1].get),
          [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
        ),
        16 * i,
      );
    return {
      body: [
        countUp(c, i32.shiftLeft(columns.get, i32.const(2)), 4 * COLUMNS, [
          line.set(i32.add(lines.get, c.get)),
          at.set(weights.get),
          ...sums.map((sum) => sum.set(f64x2.splat(0))),
          k.set(i32.const(0)),
          countUp(k, count.get, 1, [
            weight.set(v128.loadSplat64(at.get)),
            ...added,
            line.set(i32.add(line.get, pitch.get)),
            at.set(i32.add(at.get, i32.const(8))),
          ]),
          ...[0, 1, 2, 3].map(quarter),
        ]),
      ],
    };
  });
  return (kernel = new Kernel<LinesKernel>(module));
}

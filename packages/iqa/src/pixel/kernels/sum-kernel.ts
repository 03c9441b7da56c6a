import {
  Kernel,
  Layout,
  ModuleWriter,
  countUp,
  f64,
  f64x2,
  i32,
  v128,
  type Code,
  type FunctionWriter,
} from '@lacuna/core/wasm';

/** Sums over float32, in float64: addresses in bytes, counts in multiples of {@link STEP}. */
interface SumKernel {
  squares(a: number, count: number): number;
  squaredDifferences(a: number, b: number, count: number): number;
}

/** Pixels of one turn of the loop. */
const STEP = 8;
/** Pixels that are copied at once: both pieces stay in the processor's nearest caches. */
const PIECE = 4096;

let kernel: Kernel<SumKernel> | undefined;

function sumKernel(): Kernel<SumKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  module.add('squares', 2, (writer, a, count) =>
    sumOf(writer, count.get, (at, offset) => f64x2.promote(v128.load64(i32.add(a.get, at), offset))),
  );
  module.add('squaredDifferences', 3, (writer, a, b, count) =>
    sumOf(writer, count.get, (at, offset) =>
      f64x2.sub(
        f64x2.promote(v128.load64(i32.add(a.get, at), offset)),
        f64x2.promote(v128.load64(i32.add(b.get, at), offset)),
      ),
    ),
  );
  return (kernel = new Kernel<SumKernel>(module));
}

/** Σ value², two values at once in each of four sums: one alone would wait for itself at every addition. */
function sumOf(writer: FunctionWriter, count: Code<'i32'>, value: (at: Code<'i32'>, offset: number) => Code<'v128'>) {
  const x = writer.local('i32');
  const term = writer.local('v128');
  const sums = [0, 8, 16, 24].map((offset) => ({ offset, local: writer.local('v128') }));
  const at = i32.shiftLeft(x.get, i32.const(2));
  const [p, q, r, s] = sums.map(({ local }) => local.get);
  const total = writer.local('v128');
  return {
    body: [
      countUp(
        x,
        count,
        STEP,
        sums.flatMap(({ offset, local }) => [
          term.set(value(at, offset)),
          local.set(f64x2.add(local.get, f64x2.mul(term.get, term.get))),
        ]),
      ),
      total.set(f64x2.add(f64x2.add(p, q), f64x2.add(r, s))),
    ],
    result: f64.add(f64x2.lane(total.get, 0), f64x2.lane(total.get, 1)),
  };
}

const layout = new Layout();
const firstAt = layout.take(4 * PIECE);
const secondAt = layout.take(4 * PIECE);

/** Σ a². */
export function sumSquares(a: Float32Array): number {
  const { functions, buffer } = sumKernel().reserve(layout.bytes);
  const first = new Float32Array(buffer, firstAt, PIECE);
  return byPieces(a.length, (from, to, padded) => {
    copy(a, from, to, first, padded);
    return functions.squares(firstAt, padded);
  });
}

/** Σ (a - b)². */
export function sumSquaredDifferences(a: Float32Array, b: Float32Array): number {
  const { functions, buffer } = sumKernel().reserve(layout.bytes);
  const first = new Float32Array(buffer, firstAt, PIECE);
  const second = new Float32Array(buffer, secondAt, PIECE);
  return byPieces(a.length, (from, to, padded) => {
    copy(a, from, to, first, padded);
    copy(b, from, to, second, padded);
    return functions.squaredDifferences(firstAt, secondAt, padded);
  });
}

function byPieces(length: number, sum: (from: number, to: number, padded: number) => number): number {
  let total = 0;
  for (let from = 0; from < length; from += PIECE) {
    const to = Math.min(from + PIECE, length);
    total += sum(from, to, Math.ceil((to - from) / STEP) * STEP);
  }
  return total;
}

/** Copies a piece, with zeros up to the length that the kernel reads. */
function copy(data: Float32Array, from: number, to: number, piece: Float32Array, padded: number): void {
  piece.set(data.subarray(from, to));
  piece.fill(0, to - from, padded);
}

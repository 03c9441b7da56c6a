import {
  Kernel,
  ModuleWriter,
  countUp,
  f64,
  f64x2,
  i32,
  v128,
  when,
  type Code,
  type FunctionWriter,
  type Local,
} from '@lacuna/core/wasm';
import { addPromotion } from './filter-kernel.js';

/** Pixels of the window along each axis. */
export const SIZE = 11;

/**
 * A window of 11 pixels, its loop over them unrolled; in float64. Addresses are in bytes; six weights, the first to the
 * middle one, stand at `weights`.
 */
export interface WindowKernel {
  promote(from: number, to: number, count: number): void;
  /** x y and x² + y². */
  multiply(x: number, y: number, product: number, squares: number, count: number): void;
  across(from: number, to: number, count: number, weights: number): void;
  /**
   * Goes down 11 rows, each of the means of x, y, xy, x² + y² one after the other (`section` bytes each), whose
   * addresses stand at `rows`; writes SSIM to `out`. @returns the sum.
   */
  similarity(rows: number, out: number, count: number, section: number, constants: number, weights: number): number;
  /** The same of the contrast-structure term, (2 σxy + C2) / (σx² + σy² + C2). */
  contrast(rows: number, out: number, count: number, section: number, constants: number, weights: number): number;
}

export function makeWindowKernel(): Kernel<WindowKernel> {
  const module = new ModuleWriter();
  const bytes = (pixels: Code<'i32'>) => i32.shiftLeft(pixels, i32.const(3));
  addPromotion(module);
  module.add('multiply', 5, (writer, ...parameters) => {
    const [x, y, product, squares, count] = parameters;
    const i = writer.local('i32');
    const p = writer.local('v128');
    const q = writer.local('v128');
    return {
      body: [
        i.set(i32.const(0)),
        countUp(i, bytes(count.get), 16, [
          p.set(v128.load(i32.add(x.get, i.get))),
          q.set(v128.load(i32.add(y.get, i.get))),
          v128.store(i32.add(product.get, i.get), f64x2.mul(p.get, q.get)),
          v128.store(i32.add(squares.get, i.get), f64x2.add(f64x2.mul(p.get, p.get), f64x2.mul(q.get, q.get))),
        ]),
      ],
    };
  });
  module.add('across', 4, (writer, from, to, count, weights) => {
    const i = writer.local('i32');
    const at = writer.local('i32');
    const { load, weigh } = openWeights(writer, weights);
    return {
      body: [
        ...load,
        i.set(i32.const(0)),
        countUp(i, bytes(count.get), 16, [
          at.set(i32.add(from.get, i.get)),
          v128.store(
            i32.add(to.get, i.get),
            weigh((k) => v128.load(at.get, 8 * k)),
          ),
        ]),
      ],
    };
  });
  for (const name of ['similarity', 'contrast'] as const) addDown(module, name);
  return new Kernel<WindowKernel>(module);
}

/**
 * Weights in variables, where the loop finds them in registers: `weigh` is Σ w (p + q) over the pairs around the
 * middle.
 */
function openWeights(writer: FunctionWriter, address: Local<'i32'>) {
  const middle = (SIZE - 1) / 2;
  const weights = Array.from({ length: middle + 1 }, () => writer.local('v128'));
  const weigh = (at: (k: number) => Code<'v128'>): Code<'v128'> =>
    weights
      .map((weight, k) => f64x2.mul(weight.get, k === middle ? at(k) : f64x2.add(at(k), at(SIZE - 1 - k))))
      .reduce(f64x2.add);
  return { load: weights.map((weight, k) => weight.set(v128.loadSplat64(address.get, 8 * k))), weigh };
}

function addDown(module: ModuleWriter, name: 'similarity' | 'contrast'): void {
  module.add(name, 6, (writer, ...parameters) => {
    const [rows, out, count, section, constants, weights] = parameters;
    const { load, weigh } = openWeights(writer, weights);
    const i = writer.local('i32');
    const end = writer.local('i32');
    const sum = writer.local('v128');
    const value = writer.local('v128');
    const at = Array.from({ length: SIZE }, () => writer.local('i32'));
    const [x, y, xy, squares, mixed, means] = Array.from({ length: 6 }, () => writer.local('v128'));
    const c1 = v128.loadSplat64(constants.get);
    const c2 = v128.loadSplat64(constants.get, 8);
    const double = (a: Code<'v128'>) => f64x2.add(a, a);
    const mean = () => weigh((k) => v128.load(at[k].get));
    const next = at.map((address) => address.set(i32.add(address.get, section.get)));
    const covariance = f64x2.add(double(f64x2.sub(xy.get, mixed.get)), c2);
    const variance = f64x2.add(f64x2.sub(squares.get, means.get), c2);
    const two = [
      ...at.map((address, k) => address.set(i32.add(i32.load(rows.get, 4 * k), i.get))),
      x.set(mean()),
      ...next,
      y.set(mean()),
      ...next,
      xy.set(mean()),
      ...next,
      squares.set(mean()),
      mixed.set(f64x2.mul(x.get, y.get)),
      means.set(f64x2.add(f64x2.mul(x.get, x.get), f64x2.mul(y.get, y.get))),
      value.set(
        name === 'contrast'
          ? f64x2.div(covariance, variance)
          : f64x2.div(
              f64x2.mul(f64x2.add(double(mixed.get), c1), covariance),
              f64x2.mul(f64x2.add(means.get, c1), variance),
            ),
      ),
      v128.store(i32.add(out.get, i.get), value.get),
    ];
    const firstLane = v128.bytes([...new Array<number>(8).fill(255), ...new Array<number>(8).fill(0)]);
    return {
      body: [
        ...load,
        end.set(i32.shiftLeft(i32.and(count.get, i32.const(-2)), i32.const(3))),
        sum.set(f64x2.splat(0)),
        i.set(i32.const(0)),
        countUp(i, end.get, 16, [...two, sum.set(f64x2.add(sum.get, value.get))]),
        // The second pixel of an odd row's last pair is none.
        when(i32.and(count.get, i32.const(1)), [...two, sum.set(f64x2.add(sum.get, v128.and(value.get, firstLane)))]),
      ],
      result: f64.add(f64x2.lane(sum.get, 0), f64x2.lane(sum.get, 1)),
    };
  });
}

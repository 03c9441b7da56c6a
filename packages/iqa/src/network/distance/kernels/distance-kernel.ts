import {
  Kernel,
  ModuleWriter,
  countUp,
  f64x2,
  i16x8,
  i32,
  i32x4,
  i8x16,
  v128,
  when,
  type FunctionWriter,
  type Local,
} from '@lacuna/core/wasm';

/** Columns of a row, rounded up: what one turn of each loop handles. */
export const STEP = 16;

/** Steps and squared distances along lines. Addresses in bytes, counts in multiples of {@link STEP}. */
export interface DistanceKernel {
  /** Steps up the column to the nearest target: those of the row above plus one, 0 where a byte equals `target`. */
  down(bytes: number, target: number, above: number, to: number, count: number): void;
  /** Takes the way down where it is shorter. */
  up(steps: number, below: number, count: number): void;
  /** steps² times the number at `unit`, as float64. */
  square(steps: number, unit: number, to: number, count: number): void;
  /**
   * min over |k| <= reach of line(i + k) + k² unit, neighbours `pitch` bytes apart.
   * @returns 0 if that is the minimum over the whole line everywhere, else 1.
   */
  nearest(line: number, pitch: number, reach: number, unit: number, to: number, count: number): number;
  /** The root of the same. */
  nearestRoot(line: number, pitch: number, reach: number, unit: number, to: number, count: number): number;
}

let kernel: Kernel<DistanceKernel> | undefined;

export function distanceKernel(): Kernel<DistanceKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  const by = (index: Local<'i32'>, shift: number) => i32.shiftLeft(index.get, i32.const(shift));
  module.add('down', 5, (writer, ...parameters) => {
    const [bytes, target, above, to, count] = parameters;
    const x = writer.local('i32');
    const mask = writer.local('v128');
    const half = writer.local('v128');
    const targets = i32x4.splat(i32.mul(target.get, i32.const(0x01010101)));
    const store = (part: number, bits: typeof half.get) =>
      v128.store(
        i32.add(to.get, by(x, 2)),
        v128.and(i32x4.add(v128.load(i32.add(above.get, by(x, 2)), 16 * part), i32x4.splat(i32.const(1))), bits),
        16 * part,
      );
    return {
      body: [
        countUp(x, count.get, STEP, [
          // A byte of 1 becomes one of all bits: the steps stay there, and become 0 elsewhere.
          mask.set(i8x16.negate(v128.xor(v128.load(i32.add(bytes.get, x.get)), targets))),
          half.set(i16x8.extendLow(mask.get)),
          store(0, i32x4.extendLow(half.get)),
          store(1, i32x4.extendHigh(half.get)),
          half.set(i16x8.extendHigh(mask.get)),
          store(2, i32x4.extendLow(half.get)),
          store(3, i32x4.extendHigh(half.get)),
        ]),
      ],
    };
  });
  module.add('up', 3, (writer, steps, below, count) => {
    const x = writer.local('i32');
    const here = i32.add(steps.get, by(x, 2));
    return {
      body: [
        countUp(x, count.get, 4, [
          v128.store(
            here,
            i32x4.min(v128.load(here), i32x4.add(v128.load(i32.add(below.get, by(x, 2))), i32x4.splat(i32.const(1)))),
          ),
        ]),
      ],
    };
  });
  module.add('square', 4, (writer, steps, unit, to, count) => {
    const x = writer.local('i32');
    const n = writer.local('v128');
    return {
      body: [
        countUp(x, count.get, 2, [
          n.set(f64x2.convert(v128.load64(i32.add(steps.get, by(x, 2))))),
          v128.store(i32.add(to.get, by(x, 3)), f64x2.mul(f64x2.mul(n.get, n.get), v128.loadSplat64(unit.get))),
        ]),
      ],
    };
  });
  module.add('nearest', 6, (writer, ...parameters) => nearest(writer, parameters, (best) => best));
  module.add('nearestRoot', 6, (writer, ...parameters) => nearest(writer, parameters, f64x2.sqrt));
  return (kernel = new Kernel<DistanceKernel>(module));
}

/** Eight pixels at once look outwards, until what is farther along the line can be nearer for none of them. */
function nearest(writer: FunctionWriter, parameters: readonly Local<'i32'>[], finish: typeof f64x2.sqrt) {
  const [line, pitch, reach, unit, to, count] = parameters;
  const x = writer.local('i32');
  const k = writer.local('i32');
  const end = writer.local('i32');
  const here = writer.local('i32');
  const left = writer.local('i32');
  const right = writer.local('i32');
  const unresolved = writer.local('i32');
  const square = writer.local('v128');
  const pixels = [0, 16, 32, 48].map((offset) => ({ offset, best: writer.local('v128') }));
  const eight = i32.const(3);
  const squareOf = (distance: Local<'i32'>) =>
    f64x2.mul(f64x2.convert(i32x4.splat(i32.mul(distance.get, distance.get))), v128.loadSplat64(unit.get));
  /** Whether any of the eight may still find a nearer one at distance k. */
  const isOpen = v128.any(pixels.map(({ best }) => f64x2.lt(square.get, best.get)).reduce((a, b) => v128.or(a, b)));
  return {
    body: [
      countUp(x, count.get, 8, [
        here.set(i32.add(line.get, i32.shiftLeft(x.get, eight))),
        ...pixels.map(({ offset, best }) => best.set(v128.load(here.get, offset))),
        left.set(here.get),
        right.set(here.get),
        k.set(i32.const(1)),
        square.set(squareOf(k)),
        end.set(i32.mul(isOpen, i32.add(reach.get, i32.const(1)))),
        countUp(k, end.get, 1, [
          left.set(i32.sub(left.get, pitch.get)),
          right.set(i32.add(right.get, pitch.get)),
          ...pixels.map(({ offset, best }) =>
            best.set(
              f64x2.lesser(
                best.get,
                f64x2.add(f64x2.lesser(v128.load(left.get, offset), v128.load(right.get, offset)), square.get),
              ),
            ),
          ),
          // The square of the next distance decides whether to go on.
          here.set(i32.add(k.get, i32.const(1))),
          square.set(squareOf(here)),
          when(i32.isZero(isOpen), [end.set(i32.const(0))]),
        ]),
        // Left at its end, and not by a decision: farther ones may be nearer.
        unresolved.set(i32.or(unresolved.get, i32.lt_s(i32.const(0), end.get))),
        here.set(i32.add(to.get, i32.shiftLeft(x.get, eight))),
        ...pixels.map(({ offset, best }) => v128.store(here.get, finish(best.get), offset)),
      ]),
    ],
    result: unresolved.get,
  };
}

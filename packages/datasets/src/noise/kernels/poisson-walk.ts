import { Kernel, ModuleWriter, countUp, f64x2, i32, i64x2, v128, when, type Code } from '@lacuna/core/wasm';

/** Numbers that walk together. */
export const TOGETHER = 8;

/** Addresses in bytes; arrays are of 64 bits each, `count` a multiple of {@link TOGETHER}. */
interface PoissonKernel {
  /**
   * Walks up each Poisson distribution from 0: `left` begins as the cumulative probability to reach, `probability` as
   * exp(-mean) and is changed; `reciprocals` holds 1/1, 1/2, ... 1/`most`. Writes how many steps each took, as whole
   * numbers of 64 bits.
   */
  walk(
    left: number,
    probability: number,
    mean: number,
    reciprocals: number,
    most: number,
    steps: number,
    count: number,
  ): void;
}

let kernel: Kernel<PoissonKernel> | undefined;

/**
 * Inversion of Poisson distributions, eight at a time: one walk waits for each product before the next, eight fill the
 * waiting. Each makes the roundings of a walk by itself, so the counts are the same.
 */
export function poissonKernel(): Kernel<PoissonKernel> {
  if (kernel) return kernel;
  const module = new ModuleWriter();
  module.add('walk', 7, (writer, ...parameters) => {
    const [left, probability, mean, reciprocals, most, steps, count] = parameters;
    const i = writer.local('i32');
    const k = writer.local('i32');
    const end = writer.local('i32');
    const reciprocal = writer.local('v128');
    const walking = writer.local('v128');
    const pairs = [0, 16, 32, 48].map((offset) => ({
      offset,
      left: writer.local('v128'),
      probability: writer.local('v128'),
      steps: writer.local('v128'),
    }));
    const at = (array: Code<'i32'>) => i32.add(array, i.get);
    const zero = f64x2.splat(0);
    return {
      body: [
        countUp(i, i32.shiftLeft(count.get, i32.const(3)), 8 * TOGETHER, [
          ...pairs.flatMap((pair) => [
            pair.left.set(v128.load(at(left.get), pair.offset)),
            pair.probability.set(v128.load(at(probability.get), pair.offset)),
            pair.steps.set(zero),
          ]),
          end.set(most.get),
          k.set(i32.const(0)),
          countUp(k, end.get, 1, [
            reciprocal.set(v128.loadSplat64(i32.add(reciprocals.get, i32.shiftLeft(k.get, i32.const(3))))),
            ...pairs.flatMap((pair) => [
              walking.set(f64x2.lt(pair.probability.get, pair.left.get)),
              // A walk that is there has 0 left, and stays.
              pair.left.set(v128.and(f64x2.sub(pair.left.get, pair.probability.get), walking.get)),
              // All bits are -1.
              pair.steps.set(i64x2.sub(pair.steps.get, walking.get)),
              pair.probability.set(
                f64x2.mul(pair.probability.get, f64x2.mul(v128.load(at(mean.get), pair.offset), reciprocal.get)),
              ),
            ]),
            when(i32.isZero(v128.any(pairs.map(({ left: rest }) => rest.get).reduce((a, b) => v128.or(a, b)))), [
              end.set(i32.const(0)),
            ]),
          ]),
          ...pairs.map((pair) => v128.store(at(steps.get), pair.steps.get, pair.offset)),
        ]),
      ],
    };
  });
  return (kernel = new Kernel<PoissonKernel>(module));
}

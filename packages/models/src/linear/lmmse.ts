import type { ForwardKernel } from '../losses/consistency.js';
import type { Pixels } from '../training/predict.js';
import { solvePositiveDefinite } from './cholesky.js';
import { secondMoments } from './covariance.js';
import { requireOddKernel, type LinearFilter } from './linear-filter.js';

export interface LmmseOptions {
  readonly kernel: number;
  readonly factor: number;
  /** What the instrument does along each axis, without its noise. */
  readonly forward: { readonly x: ForwardKernel; readonly y: ForwardKernel };
  /** Of an LR pixel, in squared intensities. */
  readonly noiseVariance: number;
}

/**
 * The linear filter of least expected squared error over k x k LR pixels y = A x + n (Wiener's, with finite support):
 *
 *     W = (A R Aᵀ + noise · I)⁻¹ A R,  sr = mean + Wᵀ (lr - mean)
 *
 * R: covariance of HR pixels by their lag, from HR images alone; A and the noise are known. No pair is seen. A blurs
 * what is constant to itself (its taps sum to 1).
 */
export function fitLmmse(hr: readonly Pixels[], options: LmmseOptions): LinearFilter {
  const { kernel, factor, noiseVariance } = options;
  requireOddKernel('lmmse', kernel);
  const taps = kernel * kernel;
  const phases = factor * factor;
  const half = (kernel - 1) / 2;
  const { x, y } = options.forward;
  const reach = kernel * factor + 2 * Math.max(x.kernel.length, y.kernel.length);
  const { mean, covariance } = secondMoments(hr, reach);
  const blurredBoth = blurredCovariance(covariance, autocorrelation(y), autocorrelation(x));
  const blurredOnce = blurredCovariance(covariance, y, x);
  const matrix = new Float64Array(taps * taps);
  const cross = new Float64Array(taps * phases);
  for (let i = 0; i < taps; i++) {
    const row = Math.floor(i / kernel) - half;
    const column = (i % kernel) - half;
    for (let j = 0; j <= i; j++) {
      const otherRow = Math.floor(j / kernel) - half;
      const otherColumn = (j % kernel) - half;
      matrix[i * taps + j] = blurredBoth((row - otherRow) * factor, (column - otherColumn) * factor);
    }
    matrix[i * taps + i] += noiseVariance;
    for (let p = 0; p < phases; p++) {
      const dy = row * factor - Math.floor(p / factor);
      const dx = column * factor - (p % factor);
      cross[i * phases + p] = blurredOnce(dy, dx);
    }
  }
  const weights = solvePositiveDefinite(matrix, cross, taps);
  const bias = new Float64Array(phases).fill(mean);
  for (let i = 0; i < taps; i++) {
    for (let p = 0; p < phases; p++) bias[p] -= mean * weights[i * phases + p];
  }
  return { kernel, factor, weights, bias };
}

/** sum over (s, t) of a[s] · b[t] · covariance(dy + offset of a + s, dx + offset of b + t), kept by lag. */
function blurredCovariance(
  covariance: (dy: number, dx: number) => number,
  a: ForwardKernel,
  b: ForwardKernel,
): (dy: number, dx: number) => number {
  const known = new Map<string, number>();
  return (dy, dx) => {
    const key = `${dy},${dx}`;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    let sum = 0;
    a.kernel.forEach((weight, s) => {
      b.kernel.forEach((other, t) => {
        sum += weight * other * covariance(dy + a.offset + s, dx + b.offset + t);
      });
    });
    known.set(key, sum);
    return sum;
  };
}

/** h correlated with itself, centred: the blur of a covariance when both of its pixels are blurred. */
function autocorrelation({ kernel }: ForwardKernel): ForwardKernel {
  const out = new Array<number>(2 * kernel.length - 1).fill(0);
  kernel.forEach((a, i) => {
    kernel.forEach((b, k) => {
      out[i - k + kernel.length - 1] += a * b;
    });
  });
  return { kernel: out, offset: 1 - kernel.length };
}

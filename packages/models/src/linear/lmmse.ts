import type { ForwardKernel } from '../losses/consistency.js';
import type { Pixels } from '../pixels.js';
import { solvePositiveDefinite } from './cholesky.js';
import { secondMoments } from './covariance.js';
import { factorOf, type PerAxis } from '../graph/index.js';
import { filterGrid, type LinearFilter, type Offset } from './linear-filter.js';

export interface LmmseOptions {
  readonly kernel: number;
  /** A number for planes, one for each axis (z, y, x) for volumes. */
  readonly factor: PerAxis;
  /** Planes of volumes that give the middle one, where factor is of planes; 1 by default. */
  readonly planes?: number;
  /** What the instrument does along each axis, without its noise; nothing along z where it is left out. */
  readonly forward: { readonly x: ForwardKernel; readonly y: ForwardKernel; readonly z?: ForwardKernel | null };
  /** Of an LR pixel, in squared intensities. */
  readonly noiseVariance: number;
}

/**
 * The linear filter of least expected squared error over k x k LR pixels (k x k x k of a volume) y = A x + n (Wiener's,
 * with finite support):
 *
 *     W = (A R Aᵀ + noise · I)⁻¹ A R,  sr = mean + Wᵀ (lr - mean)
 *
 * R: covariance of HR pixels by their lag, from HR images alone; A and the noise are known. No pair is seen. A blurs
 * what is constant to itself (its taps sum to 1).
 */
export function fitLmmse(hr: readonly Pixels[], options: LmmseOptions): LinearFilter {
  const { kernel, factor, planes = 1 } = options;
  const { factors, taps, phases } = filterGrid('lmmse', kernel, factor, planes);
  const forward = instrumentOf(options);
  const deep = planes > 1 ? planes : kernel;
  const reachOf = (axis: 'x' | 'y' | 'z') =>
    (axis === 'z' ? deep : kernel) * factors[axis] + 2 * forward[axis].kernel.length;
  const reach = { x: reachOf('x'), y: reachOf('y'), z: hasDepth(options) ? reachOf('z') : 0 };
  const { mean, covariance } = secondMoments(hr, reach);
  const weights = wienerWeights(covariance, options);
  const bias = new Float64Array(phases.length).fill(mean);
  for (let i = 0; i < taps.length; i++) {
    for (let p = 0; p < phases.length; p++) bias[p] -= mean * weights[i * phases.length + p];
  }
  return { kernel, factor, ...(planes === 1 ? {} : { planes }), weights, bias };
}

/** W = (A R Aᵀ + noise · I)⁻¹ A R, [taps, phases], for an R that is given by the lag of two HR pixels. */
export function wienerWeights(covariance: (lag: Offset) => number, options: LmmseOptions): Float64Array {
  const { kernel, factor, planes = 1, noiseVariance } = options;
  const { factors, taps, phases } = filterGrid('lmmse', kernel, factor, planes);
  const forward = instrumentOf(options);
  const blurredBoth = blurredCovariance(covariance, {
    x: autocorrelation(forward.x),
    y: autocorrelation(forward.y),
    z: autocorrelation(forward.z),
  });
  const blurredOnce = blurredCovariance(covariance, forward);
  const matrix = new Float64Array(taps.length * taps.length);
  const cross = new Float64Array(taps.length * phases.length);
  taps.forEach((tap, i) => {
    for (let j = 0; j <= i; j++) {
      const other = taps[j];
      matrix[i * taps.length + j] = blurredBoth({
        z: (tap.z - other.z) * factors.z,
        y: (tap.y - other.y) * factors.y,
        x: (tap.x - other.x) * factors.x,
      });
    }
    matrix[i * taps.length + i] += noiseVariance;
    phases.forEach((phase, p) => {
      cross[i * phases.length + p] = blurredOnce({
        z: tap.z * factors.z - phase.z,
        y: tap.y * factors.y - phase.y,
        x: tap.x * factors.x - phase.x,
      });
    });
  });
  return solvePositiveDefinite(matrix, cross, taps.length);
}

const hasDepth = ({ planes = 1, factor }: LmmseOptions): boolean => planes > 1 || factorOf(factor).length === 3;

/** The instrument along each axis; single planes have no z. */
const instrumentOf = (options: LmmseOptions) => {
  const { x, y, z } = options.forward;
  return { x, y, z: (hasDepth(options) ? z : null) ?? untouched };
};

/** Along an axis that the instrument leaves as it is. */
const untouched: ForwardKernel = { kernel: [1], offset: 0 };

/**
 * sum over (r, s, t) of kz[r] · ky[s] · kx[t] · covariance(lag + offsets + (r, s, t)): along one axis after the other,
 * each sum kept by its lag, since the same ones return for many taps.
 */
function blurredCovariance(
  covariance: (lag: Offset) => number,
  { x, y, z }: { readonly x: ForwardKernel; readonly y: ForwardKernel; readonly z: ForwardKernel },
): (lag: Offset) => number {
  return blurredAlong('z', z, blurredAlong('y', y, blurredAlong('x', x, covariance)));
}

function blurredAlong(
  axis: 'x' | 'y' | 'z',
  { kernel, offset }: ForwardKernel,
  inner: (lag: Offset) => number,
): (lag: Offset) => number {
  if (kernel.length === 1 && kernel[0] === 1 && offset === 0) return inner;
  const known = new Map<number, number>();
  return (lag) => {
    const key = (lag.z * LAGS + lag.y) * LAGS + lag.x;
    const earlier = known.get(key);
    if (earlier !== undefined) return earlier;
    let sum = 0;
    kernel.forEach((weight, k) => {
      sum += weight * inner({ ...lag, [axis]: lag[axis] + offset + k });
    });
    known.set(key, sum);
    return sum;
  };
}

/** More than any lag along an axis, both ways. */
const LAGS = 2 ** 16;

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

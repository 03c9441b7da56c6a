const LOWEST = 0.2;
const STEP = 0.001;
const COUNT = 9801;

/** Parameters of an asymmetric generalised Gaussian: shape, left and right scale. NaN where one side has no values. */
export interface GaussianFit {
  readonly shape: number;
  readonly left: number;
  readonly right: number;
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Γ(x) for x > 0 (Lanczos, g = 7): 1e-14 relative. */
export function gammaFunction(x: number): number {
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gammaFunction(1 - x));
  const z = x - 1;
  const t = z + 7.5;
  let sum = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += LANCZOS[k] / (z + k);
  return Math.sqrt(2 * Math.PI) * t ** (z + 0.5) * Math.exp(-t) * sum;
}

let ratios: Float64Array | undefined;

/** Γ(2/a)² / (Γ(1/a) Γ(3/a)) over the grid of shapes, rising. */
function ratioTable(): Float64Array {
  return (ratios ??= Float64Array.from({ length: COUNT }, (_, i) => {
    const inverse = 1 / (LOWEST + i * STEP);
    return gammaFunction(2 * inverse) ** 2 / (gammaFunction(inverse) * gammaFunction(3 * inverse));
  }));
}

/**
 * Moment matching of an asymmetric generalised Gaussian (Lasmar et al. 2009), the shape on a grid of .2 to 10 by .001:
 * the one whose ratio of moments is nearest. Zeros count for the moments, not for a side.
 */
export function fitGaussian(values: Float64Array): GaussianFit {
  let leftSquares = 0;
  let rightSquares = 0;
  let left = 0;
  let right = 0;
  let absolute = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v < 0) {
      leftSquares += v * v;
      left++;
      absolute -= v;
    } else if (v > 0) {
      rightSquares += v * v;
      right++;
      absolute += v;
    }
  }
  const leftDeviation = Math.sqrt(leftSquares / left);
  const rightDeviation = Math.sqrt(rightSquares / right);
  const n = values.length;
  const gamma = leftDeviation / rightDeviation;
  const ratio = (absolute / n) ** 2 / ((leftSquares + rightSquares) / n);
  const wanted = (ratio * (gamma ** 3 + 1) * (gamma + 1)) / (gamma * gamma + 1) ** 2;
  if (Number.isNaN(wanted)) return { shape: LOWEST, left: NaN, right: NaN };
  const shape = LOWEST + nearest(ratioTable(), wanted) * STEP;
  const scale = Math.sqrt(gammaFunction(1 / shape) / gammaFunction(3 / shape));
  return { shape, left: leftDeviation * scale, right: rightDeviation * scale };
}

function nearest(rising: Float64Array, value: number): number {
  let low = 0;
  let high = rising.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (rising[middle] < value) low = middle;
    else high = middle;
  }
  return value - rising[low] <= rising[high] - value ? low : high;
}

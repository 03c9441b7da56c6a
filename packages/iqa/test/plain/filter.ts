/** Correlation of a row with symmetric weights, where the window lies inside: the twin of the filter's kernel. */
export function filterRow(row: ArrayLike<number>, weights: ArrayLike<number>): number[] {
  const size = weights.length;
  return Array.from({ length: row.length - size + 1 }, (_, x) => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += weights[k] * row[x + k];
    return sum;
  });
}

/** SSIM and its contrast-structure term of one window of two images, by their definitions. */
export function similarityOf(
  x: readonly number[],
  y: readonly number[],
  weights: readonly number[],
  dataRange: number,
): { similarity: number; contrast: number } {
  const mean = (value: (k: number) => number) => weights.reduce((sum, w, k) => sum + w * value(k), 0);
  const [mx, my] = [mean((k) => x[k]), mean((k) => y[k])];
  const variances = mean((k) => (x[k] - mx) ** 2) + mean((k) => (y[k] - my) ** 2);
  const covariance = mean((k) => (x[k] - mx) * (y[k] - my));
  const [c1, c2] = [(0.01 * dataRange) ** 2, (0.03 * dataRange) ** 2];
  const contrast = (2 * covariance + c2) / (variances + c2);
  return { similarity: (contrast * (2 * mx * my + c1)) / (mx * mx + my * my + c1), contrast };
}

/** Σ (a - b)², one term after the other. */
export function squaredDifferences(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum;
}

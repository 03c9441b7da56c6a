/** Weights of a sampled, normalised Gaussian at -radius..radius. */
export function gaussianWeights(sigma: number, radius: number): Float64Array {
  const weights = new Float64Array(2 * radius + 1);
  let sum = 0;
  for (let i = -radius; i <= radius; i++) sum += weights[i + radius] = Math.exp((-0.5 * i * i) / (sigma * sigma));
  return weights.map((w) => w / sum);
}

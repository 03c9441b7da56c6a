import type { Rng } from '@lacuna/core';
import { vector, type Vector } from './vector.js';

/** A sum of sines whose periods vary by a fifth and whose phases are free. */
export function waves(
  rng: Rng,
  parts: readonly { readonly amplitude: number; readonly period: number }[],
): (v: number) => number {
  const drawn = parts.map(({ amplitude, period }) => ({
    amplitude,
    frequency: (2 * Math.PI) / (period * (0.8 + 0.4 * rng.uniform())),
    phase: 2 * Math.PI * rng.uniform(),
  }));
  return (v) =>
    drawn.reduce((sum, { amplitude, frequency, phase }) => sum + amplitude * Math.sin(frequency * v + phase), 0);
}

/** Normal between two limits: what falls outside is drawn again. */
export function truncatedNormal(
  rng: Rng,
  {
    mean,
    deviation,
    low,
    high,
  }: { readonly mean: number; readonly deviation: number; readonly low: number; readonly high: number },
): number {
  for (;;) {
    const value = mean + deviation * rng.normal();
    if (value >= low && value <= high) return value;
  }
}

/** Log-normal with the given mean and standard deviation. */
export function logNormal(rng: Rng, mean: number, deviation: number): number {
  const spread = Math.log(1 + (deviation / mean) ** 2);
  return mean * Math.exp(Math.sqrt(spread) * rng.normal() - spread / 2);
}

/** A direction, uniform over the sphere. */
export function direction(rng: Rng): Vector {
  const z = 2 * rng.uniform() - 1;
  const azimuth = 2 * Math.PI * rng.uniform();
  const across = Math.sqrt(1 - z * z);
  return vector(across * Math.cos(azimuth), across * Math.sin(azimuth), z);
}

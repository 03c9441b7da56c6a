import type { SeedCurve } from '../types.js';

/** Mean and range of the seeds at one step. */
export interface BandPoint {
  readonly step: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** How many seeds have a value here. */
  readonly seeds: number;
}

/**
 * Mean, lowest and highest seed by step. Curves of more than `most` points are first averaged in `most` equal spans of
 * steps (each span at the mean of its steps), so that a noisy loss of every step stays readable; shorter ones are
 * taken as they are. Values that are not finite are left out.
 */
export function averageSeeds(seeds: readonly SeedCurve[], most: number): BandPoint[] {
  const lastStep = Math.max(1, ...seeds.flatMap((seed) => seed.points.map(([step]) => step)));
  const thin = seeds.some((seed) => seed.points.length > most);
  const groups = new Map<number, { steps: number[]; values: Map<number, number[]> }>();
  seeds.forEach((seed, index) => {
    for (const [step, value] of seed.points) {
      if (!Number.isFinite(value)) continue;
      const key = thin ? Math.min(most - 1, Math.floor((step / lastStep) * most)) : step;
      const group = groups.get(key) ?? { steps: [], values: new Map<number, number[]>() };
      group.steps.push(step);
      group.values.set(index, [...(group.values.get(index) ?? []), value]);
      groups.set(key, group);
    }
  });
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([, { steps, values }]) => {
      const perSeed = [...values.values()].map(mean);
      return {
        step: mean(steps),
        mean: mean(perSeed),
        low: Math.min(...perSeed),
        high: Math.max(...perSeed),
        seeds: perSeed.length,
      };
    });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

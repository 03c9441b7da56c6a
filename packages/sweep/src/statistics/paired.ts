import { InputError, type Rng } from '@lacuna/core';
import { hierarchicalBootstrap, requireScores, type Interval, type Resampler, type SeedScores } from './bootstrap.js';

/**
 * What may be exchanged between two methods if they are equally good: a region's scores over all seeds, a seed's, or
 * each.
 */
export type ExchangeUnit = 'region' | 'seed' | 'each';

/** A difference of two methods on the same regions. */
export interface PairedDifference extends Interval {
  /** Two-sided p of the permutation test. */
  readonly p: number;
  /** Units that were exchanged, and how many of their exchanges were looked at. */
  readonly units: number;
  readonly exchanges: number;
  /** Whether all exchanges were looked at. */
  readonly exact: boolean;
}

/** Options of {@link pairedDifference}. */
export interface PairedOptions {
  readonly rng: Rng;
  /**
   * No default: it decides p. `region` asks whether the difference holds for other regions, `seed` whether it holds for
   * other seeds, `each` takes all pairs as independent, which scores of one region under several seeds seldom are.
   */
  readonly unit: ExchangeUnit;
  /** Of the bootstrap, and the most exchanges that are looked at; 10,000 by default. */
  readonly draws?: number;
  /** Draws of the bootstrap that were made beforehand, in place of those from `rng`. */
  readonly resample?: Resampler;
}

/** Up to so many units all exchanges are looked at. */
const EXACT_UP_TO = 13;

/**
 * Mean of `a - b` over seeds and regions, with the hierarchical bootstrap's interval and a permutation test: under the
 * hypothesis that the methods are equal, the sign of each unit's difference is as likely as its opposite. p is the
 * share of exchanges whose mean difference is at least as large in size; up to 13 units all of them are looked at, else
 * as many as `draws`, drawn, and the actual one counts as one of them (Phipson and Smyth 2010, doi
 * 10.2202/1544-6115.1585). The smallest p of n units is 2 / 2ⁿ: five regions cannot reach .05.
 * @param a scores of one method, `[seed][region]`. @param b the other's, of the same seeds and regions.
 * @throws {InputError} if they are of other sizes, or hold values that are not finite.
 */
export function pairedDifference(
  a: SeedScores,
  b: SeedScores,
  { rng, unit, draws = 10_000, resample }: PairedOptions,
): PairedDifference {
  requireScores('pairedDifference', a);
  requireScores('pairedDifference', b);
  if (a.length !== b.length || a.some((list, s) => list.length !== b[s].length))
    throw new InputError({
      who: 'pairedDifference',
      got: `${sizesOf(a)} against ${sizesOf(b)} scores`,
      wanted: 'the same seeds and regions for both methods',
      remedy: 'leave out what only one of them has',
    });
  const differences = a.map((list, s) => list.map((value, r) => value - b[s][r]));
  const parts = unitsOf(differences, unit);
  const interval = resample?.(differences) ?? hierarchicalBootstrap(differences, { rng: rng.fork('bootstrap'), draws });
  const exact = parts.length <= EXACT_UP_TO;
  const share = exact ? shareOfAll(parts) : shareOfDrawn(parts, draws, rng.fork('exchanges'));
  return { ...interval, p: share, units: parts.length, exchanges: exact ? 2 ** parts.length : draws, exact };
}

const sizesOf = (scores: SeedScores): string => scores.map((list) => list.length).join('+');

/** What each unit adds to the mean difference. */
function unitsOf(differences: readonly (readonly number[])[], unit: ExchangeUnit): number[] {
  const weighed = differences.map((list) => list.map((value) => value / (list.length * differences.length)));
  if (unit === 'each') return weighed.flat();
  if (unit === 'seed') return weighed.map((list) => list.reduce((sum, value) => sum + value, 0));
  const regions = Math.max(...weighed.map((list) => list.length));
  return Array.from({ length: regions }, (_, r) => weighed.reduce((sum, list) => sum + (list[r] ?? 0), 0));
}

/** Sums that differ by rounding alone are equal. */
function tolerated(parts: readonly number[]): number {
  const actual = Math.abs(parts.reduce((sum, part) => sum + part, 0));
  return actual - 1e-12 * parts.reduce((sum, part) => sum + Math.abs(part), 0);
}

function shareOfAll(parts: readonly number[]): number {
  const least = tolerated(parts);
  let reached = 0;
  const count = 2 ** parts.length;
  for (let signs = 0; signs < count; signs++) {
    let sum = 0;
    for (let k = 0; k < parts.length; k++) sum += (signs >> k) & 1 ? -parts[k] : parts[k];
    if (Math.abs(sum) >= least) reached++;
  }
  return reached / count;
}

function shareOfDrawn(parts: readonly number[], draws: number, rng: Rng): number {
  const least = tolerated(parts);
  let reached = 1;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (const part of parts) sum += rng.uniform() < 0.5 ? -part : part;
    if (Math.abs(sum) >= least) reached++;
  }
  return reached / (draws + 1);
}

import type { Image } from '@lacuna/core';
import { extractGraph, knownShares } from '@lacuna/iqa';
import { controlRisk } from '@lacuna/sweep';
import type { CalibrationCase } from './calibration-cases.js';
import { GIVEN_FROM } from '../halves.js';
import { readNetwork } from '../read-network.js';

/** Levels that are tried, normalised, from the strictest: fixed beforehand, as the promise wants it. */
const LEVELS: readonly number[] = Array.from({ length: 48 }, (_, k) => 0.015 ** (k / 47));
/** How many levels below the last that is allowed are tried as well: what is drawn beyond it. */
const BEYOND = 3;

/** A restored calibration image. */
export interface RestoredCase {
  readonly map: Image;
  readonly reference: CalibrationCase['reference'];
}

/** How the networks of cases are read and held to their references. */
export interface Counting {
  readonly smoothing: number;
  readonly tolerancePx: number;
}

/** One level that was tried. */
interface TriedLevel {
  readonly level: number;
  /** Mean share of false branches of the calibration images. */
  readonly meanLoss: number;
  /** What the expected share of one more image does not pass; null where that is more than α. */
  readonly bound: number | null;
}

/** The level of a promise, and how it came about. */
export interface ConformalLevel {
  readonly level: number;
  readonly bound: number;
  /** From the strictest on. */
  readonly tried: readonly TriedLevel[];
}

/**
 * A level at which, of the branches reported in one more image, an expected share of at most α is false: conformal risk
 * control ({@link controlRisk}) of the level, with the share of false branches (0 where none is reported) as the loss.
 * @returns null where no level keeps it.
 * @throws {InputError} where so few images cannot promise it.
 */
export function conformalLevel(cases: readonly RestoredCase[], alpha: number, how: Counting): ConformalLevel | null {
  const losses: number[][] = cases.map(() => []);
  const tried: TriedLevel[] = [];
  requirePromise(cases.length, alpha);
  for (const [k, level] of LEVELS.entries()) {
    cases.forEach((each, i) => losses[i].push(shareOf(falseBranches(each, level, how))));
    const meanLoss = losses.reduce((sum, row) => sum + row[k], 0) / cases.length;
    const risk = controlRisk(losses, alpha);
    tried.push({ level, meanLoss, bound: risk?.index === k ? risk.bound : null });
    const beyond = tried.length - 1 - tried.findLastIndex(({ bound }) => bound !== null);
    if (beyond >= BEYOND) break;
  }
  const best = tried.findLast(({ bound }) => bound !== null);
  return best === undefined ? null : { level: best.level, bound: best.bound!, tried };
}

/**
 * For callers that have work before them.
 * @throws {InputError} where so few images cannot promise so little.
 */
export function requirePromise(images: number, alpha: number): void {
  controlRisk(
    Array.from({ length: images }, () => [0]),
    alpha,
  );
}

/** Branches above a level, and those of them that the reference does not have. */
export interface FalseBranches {
  readonly count: number;
  readonly wrong: number;
}

export function falseBranches(
  { map, reference }: RestoredCase,
  level: number,
  { smoothing, tolerancePx }: Counting,
): FalseBranches {
  const { x, y, z = x } = map.pixelSize ?? { x: 1, y: 1, z: 1 };
  const spacing = { x, y, z };
  const { branches } = extractGraph(readNetwork(map, { level, smoothing }).skeleton, { spacing });
  const shares = knownShares(branches, reference, { tolerance: tolerancePx * x, spacing });
  return { count: branches.length, wrong: shares.filter((share) => share < GIVEN_FROM).length };
}

/** The loss of an image: 0 where no branch is reported. */
export const shareOf = ({ count, wrong }: FalseBranches): number => (count === 0 ? 0 : wrong / count);

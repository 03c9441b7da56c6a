import { InputError } from '@lacuna/core';

/** Whole numbers up to here are all float32 numbers. */
const MOST_EXACT = 2 ** 24;

/**
 * Checks that values keep what they are as float32: whole numbers of 32 and 64 bits, and doubles of that size, may have
 * more digits than it holds. Doubles below are rounded to seven digits, which the opened image says.
 * @throws {InputError} for the first that would change.
 */
export function requireExact(who: string, values: ArrayLike<number>): void {
  const wide = values instanceof Uint32Array || values instanceof Int32Array || values instanceof Float64Array;
  if (!wide) return;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value <= MOST_EXACT && value >= -MOST_EXACT) continue;
    const kept = Math.fround(value);
    if (kept === value || Number.isNaN(value)) continue;
    throw Number.isFinite(kept) ? inexact(who, String(value)) : tooLarge(who, value);
  }
}

/**
 * 64-bit integers as numbers.
 * @throws {InputError} for those beyond 2^53, which no number of JavaScript holds.
 */
export function numbersOf(who: string, values: BigInt64Array | BigUint64Array): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    out[i] = Number(values[i]);
    if (!Number.isSafeInteger(out[i])) throw inexact(who, String(values[i]));
  }
  return out;
}

function tooLarge(who: string, value: number): InputError {
  return new InputError({
    who,
    got: `the value ${value}, which is beyond 32-bit floats`,
    wanted: 'values of at most 3.4e38',
    remedy: 'divide by a constant and save it again',
  });
}

function inexact(who: string, value: string): InputError {
  return new InputError({
    who,
    got: `the value ${value}, which 32-bit floats do not hold exactly`,
    wanted: 'values that keep all their digits: whole numbers up to 16777216',
    remedy: 'take a constant offset away and save it again, as 16-bit integers for example',
  });
}

import { InputError } from '@lacuna/core';

/** The most permissive candidate that is allowed. */
export interface ControlledRisk {
  /** Of the candidate. */
  readonly index: number;
  /** n/(n+1) · mean loss + 1/(n+1): what the expected loss of a new image does not pass. */
  readonly bound: number;
  /** Mean loss of the calibration images there. */
  readonly meanLoss: number;
}

/**
 * Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster 2022, arXiv:2208.02814): of candidates from the
 * strictest to the most permissive, the last one at which
 *
 *     n/(n+1) · R(k) + 1/(n+1) <= α,   R(k) = mean over images of max over j <= k of L_i(j)
 *
 * Then the expected loss of one more image is at most α, whatever the distribution, if it is exchangeable with the n
 * calibration images. Losses lie in 0..1. The theorem is for losses that never fall towards permissive candidates; each
 * image's largest loss so far is such a one and is never below its loss.
 * @param losses [image][candidate].
 * @returns null where not even the strictest candidate is allowed.
 * @throws {InputError} for α below 1/(n+1), which n images cannot promise, losses outside of 0..1, and tables that are
 * not rectangular.
 */
export function controlRisk(losses: readonly (readonly number[])[], alpha: number): ControlledRisk | null {
  const n = losses.length;
  requireAttainable(n, alpha);
  const count = losses[0].length;
  for (const row of losses) {
    if (row.length === count && row.every((loss) => loss >= 0 && loss <= 1)) continue;
    throw new InputError({
      who: 'risk control',
      got: `losses ${row.join(', ')}`,
      wanted: `${count} numbers of 0 to 1 for each image`,
    });
  }
  const worst = losses.map(() => 0);
  let best: ControlledRisk | null = null;
  for (let k = 0; k < count; k++) {
    losses.forEach((row, i) => (worst[i] = Math.max(worst[i], row[k])));
    const bound = (worst.reduce((sum, loss) => sum + loss, 0) + 1) / (n + 1);
    if (bound > alpha) break;
    best = { index: k, bound, meanLoss: losses.reduce((sum, row) => sum + row[k], 0) / n };
  }
  return best;
}

/** @throws {InputError} where so few images cannot promise so little. */
function requireAttainable(n: number, alpha: number): void {
  if (!(alpha > 0 && alpha < 1))
    throw new InputError({ who: '--alpha', got: String(alpha), wanted: 'a share between 0 and 1, such as 0.1' });
  if (alpha * (n + 1) >= 1) return;
  const least = Math.ceil(1 / alpha) - 1;
  throw new InputError({
    who: '--alpha',
    got: `${alpha} with ${n} calibration image${n === 1 ? '' : 's'}`,
    wanted: `at least ${(1 / (n + 1)).toPrecision(2)}, 1/(n+1): fewer images cannot promise less`,
    remedy: `give at least ${least} images, or a larger --alpha`,
  });
}

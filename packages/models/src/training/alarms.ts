/** Why a trial was ended before its time: a reason for people, never a score. */
export class Divergence extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.name = 'Divergence';
    this.reason = reason;
  }
}

/** A discriminator whose loss stays below this has won: the generator learns nothing more from it. */
const COLLAPSED_LOSS = 1e-3;
const COLLAPSED_STEPS = 200;

/**
 * Watches the losses of each step; counts are part of the loop's state, so that a resumed trial alarms at the same
 * step.
 */
export class LossAlarms {
  readonly counts: Record<string, number>;
  private readonly discriminators: readonly string[];

  constructor(discriminators: readonly string[], counts: Readonly<Record<string, number>> = {}) {
    this.discriminators = discriminators;
    this.counts = { ...counts };
  }

  /** @throws {Divergence} */
  check(step: number, losses: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(losses)) {
      if (!Number.isFinite(value)) throw new Divergence(`${name} is ${value} at step ${step}`);
    }
    for (const name of this.discriminators) {
      this.counts[name] = losses[name] < COLLAPSED_LOSS ? (this.counts[name] ?? 0) + 1 : 0;
      if (this.counts[name] >= COLLAPSED_STEPS)
        throw new Divergence(
          `discriminator collapse: ${name} stayed below ${COLLAPSED_LOSS} for ${COLLAPSED_STEPS} steps, ` +
            `until step ${step}`,
        );
    }
  }
}

/**
 * Looks at an SR image beside its LR image enlarged to the same grid.
 * - flat output: the standard deviation is below 2 % of the LR image's;
 * - inverted contrast: their correlation is below -0.1.
 * @throws {Divergence}
 */
export function checkOutput(step: number, sr: Float32Array, enlargedLr: Float32Array): void {
  const n = sr.length;
  let a = 0;
  let b = 0;
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(sr[i])) throw new Divergence(`the output holds ${sr[i]} at step ${step}`);
    a += sr[i] / n;
    b += enlargedLr[i] / n;
  }
  let aa = 0;
  let bb = 0;
  let ab = 0;
  for (let i = 0; i < n; i++) {
    const p = sr[i] - a;
    const q = enlargedLr[i] - b;
    aa += p * p;
    bb += q * q;
    ab += p * q;
  }
  if (bb === 0) return;
  if (aa < 4e-4 * bb)
    throw new Divergence(
      `flat output: standard deviation ${Math.sqrt(aa / n).toExponential(2)} at step ${step}, ` +
        `${Math.sqrt(bb / n).toExponential(2)} in the LR image`,
    );
  const correlation = ab / Math.sqrt(aa * bb);
  if (correlation < -0.1)
    throw new Divergence(`inverted contrast: correlation ${correlation.toFixed(2)} with the LR image at step ${step}`);
}

/**
 * Kendall's tau-b of two orderings (ties counted): (concordant - discordant) / sqrt((n0 - ties in a)(n0 - ties in b)),
 * n0 = n (n - 1) / 2.
 * @returns in [-1, 1]; null if one of them is all ties, or has fewer than two values.
 */
export function kendallTau(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let score = 0;
  let untiedA = 0;
  let untiedB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = i + 1; j < a.length; j++) {
      const p = Math.sign(a[i] - a[j]) || 0;
      const q = Math.sign(b[i] - b[j]) || 0;
      score += p * q;
      untiedA += Math.abs(p);
      untiedB += Math.abs(q);
    }
  }
  return untiedA === 0 || untiedB === 0 ? null : score / Math.sqrt(untiedA * untiedB);
}

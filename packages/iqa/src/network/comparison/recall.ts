/** A branch as recall tables see it: what it is sorted by, how long it is, how much of it was found. */
export interface Weighed {
  readonly value: number;
  readonly length: number;
  readonly recall: number;
}

/** Recall of the branches whose value lies in [from, to], weighted by length. */
export interface RecallBin {
  readonly from: number;
  readonly to: number;
  readonly branches: number;
  readonly length: number;
  readonly recall: number;
}

/** Sorts branches by value and cuts them into bins of about equal length; bins without branches are left out. */
export function binRecall(branches: readonly Weighed[], bins: number): RecallBin[] {
  const sorted = [...branches].sort((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, b) => sum + b.length, 0);
  const groups: Weighed[][] = Array.from({ length: bins }, () => []);
  let before = 0;
  for (const branch of sorted) {
    // A branch belongs where its middle falls.
    const middle = total > 0 ? (before + branch.length / 2) / total : 0;
    groups[Math.min(bins - 1, Math.floor(middle * bins))].push(branch);
    before += branch.length;
  }
  return groups
    .filter((group) => group.length > 0)
    .map((group) => {
      const length = group.reduce((sum, b) => sum + b.length, 0);
      return {
        from: group[0].value,
        to: group[group.length - 1].value,
        branches: group.length,
        length,
        recall: length > 0 ? group.reduce((sum, b) => sum + b.length * b.recall, 0) / length : 0,
      };
    });
}

/**
 * Recall of the branches of lowest value that make up a third of the length, each cut where the third ends; null
 * without length.
 */
export function weakRecall(branches: readonly Weighed[], share = 1 / 3): number | null {
  const sorted = [...branches].sort((a, b) => a.value - b.value);
  const wanted = sorted.reduce((sum, b) => sum + b.length, 0) * share;
  if (!(wanted > 0)) return null;
  let left = wanted;
  let found = 0;
  for (const branch of sorted) {
    const part = Math.min(left, branch.length);
    found += part * branch.recall;
    left -= part;
    if (left <= 0) break;
  }
  return found / wanted;
}

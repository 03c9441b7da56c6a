/**
 * Area under the curve of true against false alarms: the probability that a random positive has a larger score than a
 * random negative, ties counting half (Hanley and McNeil 1982, doi 10.1148/radiology.143.1.7063747). 0.5 says nothing.
 * @returns null without positives or without negatives.
 */
export function areaUnderRoc(scores: readonly number[], isPositive: readonly boolean[]): number | null {
  const order = scores.map((_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let positives = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && scores[order[to]] === scores[order[from]]) to++;
    // Equal scores share the mean of their ranks, which begin at 1.
    const rank = (from + to + 1) / 2;
    for (let k = from; k < to; k++) {
      if (!isPositive[order[k]]) continue;
      positives++;
      rankSum += rank;
    }
    from = to;
  }
  const negatives = scores.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

import { metricNames, metricOf } from '@lacuna/iqa';

/** Which way a stored score is better: the catalogue's word; distances from the reference are better small. */
export function betterIs(score: string): 'higher' | 'lower' {
  const name = metricNames.find((known) => known === score);
  return name !== undefined && metricOf(name).better === 'higher' ? 'higher' : 'lower';
}

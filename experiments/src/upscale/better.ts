import { metricNames, metricOf } from '@lacuna/iqa';
import { OWN_LEVEL_SCORE } from '../trial/scores/validation-scores.js';

/** Which way a stored score is better: the catalogue's word; distances from the reference are better small. */
export function betterIs(score: string): 'higher' | 'lower' {
  if (score === OWN_LEVEL_SCORE) return 'higher';
  const name = metricNames.find((known) => known === score);
  return name !== undefined && metricOf(name).better === 'higher' ? 'higher' : 'lower';
}

import type { FitSource } from '@lacuna/models';
import type { Dimensions } from './dimensions.js';
import type { Pair } from './pair.js';
import type { PreparedData } from './prepare.js';
import { pairsFor } from './slices.js';
import { pixelsOf } from './sr-images.js';

/** The training split as fits in closed form take it. */
export function fitSource(
  { training, forward }: Pick<PreparedData, 'training' | 'forward'>,
  dimensions: Dimensions,
): FitSource {
  return {
    pairs: training
      .flatMap((pair) => pairsFor(pair, dimensions))
      .map(({ lr, hr }) => ({ lr: pixelsOf(lr), hr: pixelsOf(hr) })),
    forward,
    noiseVariance: () => noiseVariance(training),
  };
}

/** Mean square of what the known degradation leaves unexplained in the training scans: the noise of an LR pixel. */
function noiseVariance(pairs: readonly Pair[]): number {
  let sum = 0;
  let count = 0;
  for (const { lr, hr, forward } of pairs) {
    const expected = forward(hr).data;
    lr.data.forEach((value, i) => {
      sum += (value - expected[i]) ** 2;
    });
    count += lr.data.length;
  }
  return sum / count;
}

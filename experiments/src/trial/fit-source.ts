import type { Engine, FitSource } from '@lacuna/models';
import type { TrialSpec } from '../sweep/spec.js';
import { exchangeableAxes, modelDimensions } from './dimensions.js';
import type { Pair } from './pair.js';
import type { PreparedData } from './prepare.js';
import { pairsFor } from './slices.js';
import { pixelsOf } from './sr-images.js';

/** The training split as fits in closed form take it. */
export function fitSource(
  spec: Pick<TrialSpec, 'training' | 'degradation' | 'slicewise'>,
  data: Pick<PreparedData, 'training' | 'forward' | 'dimensions'>,
  engine: Engine,
): FitSource {
  const { training, forward } = data;
  const dimensions = modelDimensions(spec, data.dimensions);
  const { augment } = spec.training;
  return {
    engine,
    turns: {
      mirrors: augment !== 'none',
      exchange: augment === 'flips-and-rotations' ? exchangeableAxes(spec, data) : 'none',
    },
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

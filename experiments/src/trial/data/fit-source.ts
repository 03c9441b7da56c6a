import type { Engine, FitSource } from '@lacuna/models';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import { exchangeableAxes } from './exchange.js';
import type { Pair } from './pair.js';
import type { PreparedData } from './prepare.js';
import { pairsFor } from '../view/slices.js';
import { pixelsOf } from '../sr-images.js';
import { forwardInView, viewOf, type View } from '../view/view.js';

/** The training split as fits in closed form take it: each plane by itself, for what a model does to the middle one. */
export function fitSource(
  spec: Pick<TrialSpec, 'training' | 'degradation' | 'slicewise'>,
  data: Pick<PreparedData, 'training' | 'forward' | 'dimensions'>,
  engine: Engine,
): FitSource {
  const { training, forward } = data;
  const view = viewOf(spec, data.dimensions);
  const { slices } = view;
  const alone: View = { ...view, slices: slices && { ...slices, neighbours: 0 } };
  const { augment } = spec.training;
  return {
    engine,
    turns: {
      mirrors: augment !== 'none',
      exchange: augment === 'flips-and-rotations' ? exchangeableAxes(spec, data) : 'none',
    },
    pairs: training
      .flatMap((pair) => pairsFor(pair, alone))
      .map(({ lr, hr }) => ({ lr: pixelsOf(lr), hr: pixelsOf(hr) })),
    forward: forwardInView(forward, view),
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

import type { TrainedRegimeSpec } from '@lacuna/models';
import type { BaselineSpec } from '../baseline/spec.js';
import type { TrialSpec } from './spec.js';

type Regime = TrialSpec['regime'];

/** A network of others, which runs as it is. */
export const isBaseline = (regime: Regime): regime is BaselineSpec =>
  regime.kind === 'onnx' || regime.kind === 'pretrained';

/** A regime in which something is trained. */
export const isTrained = (regime: Regime): regime is TrainedRegimeSpec =>
  regime.kind !== 'interpolation' && !isBaseline(regime);

/** What turns LR into SR, for people: a family of the catalogue, a file, a pretrained model, a way of interpolating. */
export function networkName({ model, regime }: Pick<TrialSpec, 'model' | 'regime'>): string {
  if (regime.kind === 'onnx') return regime.path;
  if (regime.kind === 'pretrained') return regime.model;
  return regime.kind === 'interpolation' ? '–' : model.name;
}

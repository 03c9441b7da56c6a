import type { TrainedRegimeSpec } from '@lacuna/models';
import { kernelOf } from '../../baseline/linear-kernel.js';
import type { DeconvolutionSpec, LinearSpec } from '../../baseline/linear-spec.js';
import type { BaselineSpec } from '../../baseline/spec.js';
import { planesOf, plannedView } from '../../trial/view/view.js';
import type { TrialSpec } from './spec.js';

type Regime = TrialSpec['regime'];

/** A network of others, which runs as it is. */
export const isBaseline = (regime: Regime): regime is BaselineSpec =>
  regime.kind === 'onnx' || regime.kind === 'pretrained';

/** A filter in closed form, or deconvolution: made from the data without steps of training. */
export const isFitted = (regime: Regime): regime is LinearSpec | DeconvolutionSpec =>
  regime.kind === 'linear' || regime.kind === 'deconvolution';

/** A fit in which what was seen of one direction holds for others, as far as images may be turned. */
export const isOriented = (regime: Regime): boolean => regime.kind === 'linear' && regime.fit === 'oriented-ridge';

/** A regime in which something is trained step by step. */
export const isTrained = (regime: Regime): regime is TrainedRegimeSpec =>
  regime.kind !== 'interpolation' && !isFitted(regime) && !isBaseline(regime);

type Seen = Pick<TrialSpec, 'dimensions' | 'slicewise' | 'data' | 'degradation'>;

/** "7 x 7", "5 x 5 x 5", "7 x 7 x 3" of three planes: the filter's own extent. */
function sidesOf(spec: Seen, regime: LinearSpec): string {
  const view = plannedView(spec);
  const { dimensions } = view;
  const sides = new Array<number>(dimensions).fill(kernelOf(regime, dimensions));
  const planes = planesOf(view);
  return (planes === 1 ? sides : [...sides, planes]).join(' x ');
}

/** What turns LR into SR, for people: a family of the catalogue, a filter, a file; – for interpolation. */
export function networkName(spec: Seen & Pick<TrialSpec, 'model' | 'regime'>): string {
  const { model, regime } = spec;
  switch (regime.kind) {
    case 'onnx':
      return regime.path;
    case 'pretrained':
      return regime.model;
    case 'linear':
      return regime.fit === 'smoothed-bicubic' ? regime.fit : `${regime.fit} ${sidesOf(spec, regime)}`;
    case 'deconvolution':
      return regime.method;
    case 'interpolation':
      return '–';
    default:
      return model.name;
  }
}

import { factorsOf, type Exchange } from '@lacuna/datasets';
import type { TrialSpec } from '../../sweep/spec/spec.js';
import type { PreparedData } from './prepare.js';
import { inView, patchOf, viewOf } from '../view/view.js';

/**
 * Axes that look alike in what a model sees. Voxels that are as long along z as across it look alike from every side,
 * others from those of the plane alone. Of planes of z and another axis both look alike where voxels and factor do.
 */
export function exchangeableAxes(
  spec: Pick<TrialSpec, 'degradation' | 'slicewise'>,
  { dimensions, training }: Pick<PreparedData, 'dimensions' | 'training'>,
): Exchange {
  const view = viewOf(spec, dimensions);
  const { x, y, z } = inView(factorsOf(spec.degradation), view);
  const { pixelSize } = training[0].hr;
  const isCubic = pixelSize === null || pixelSize.z === undefined || pixelSize.z === pixelSize.x;
  const isOblique = view.slices !== null && view.slices.axis !== 'z';
  if (x !== y || (isOblique && !isCubic)) return 'none';
  return view.dimensions === 3 && isCubic && x === z ? 'xyz' : 'xy';
}

/** {@link exchangeableAxes}, of patches: axes along which they have other lengths are not exchanged. */
export function exchangeInPatches(spec: TrialSpec, data: Pick<PreparedData, 'dimensions' | 'training'>): Exchange {
  const view = viewOf(spec, data.dimensions);
  const { x, y, z } = inView(patchOf(spec, view), view);
  const exchange = exchangeableAxes(spec, data);
  if (x !== y) return 'none';
  return exchange === 'xyz' && x !== z ? 'xy' : exchange;
}

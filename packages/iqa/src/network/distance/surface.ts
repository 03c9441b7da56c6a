import { InputError, percentileOfSorted } from '@lacuna/core';
import { requireSameMaskSize, type Mask, type Spacing } from '../../mask.js';
import { distanceToMask } from './distance.js';

/** Distances between the borders of two masks, in the unit of the spacing. */
export interface SurfaceDistances {
  /** Largest distance from one border to the other, both ways. */
  readonly hd: number;
  /** The larger of the two directed 95th percentiles. */
  readonly hd95: number;
  /** Mean over both borders. */
  readonly assd: number;
  /** Share of both borders within the tolerance. */
  readonly nsd: number;
  readonly flag?: 'both empty' | 'reference empty' | 'estimate empty';
}

/**
 * Hausdorff distance, its 95th percentile, average symmetric distance and normalised surface distance (definitions of
 * Metrics Reloaded, doi 10.1038/s41592-023-02151-z). A border pixel has a face neighbour in the background; outside is
 * background.
 * @returns 0, 0, 0, 1 flagged for two empty masks; Infinity and 0 flagged where one is empty.
 */
export function surfaceDistances(
  reference: Mask,
  estimate: Mask,
  { spacing = { x: 1, y: 1 }, tolerance }: { spacing?: Spacing; tolerance: number },
): SurfaceDistances {
  requireSameMaskSize('surfaceDistances', reference, estimate);
  if (!(tolerance >= 0))
    throw new InputError({
      who: 'surfaceDistances',
      got: `a tolerance of ${tolerance}`,
      wanted: 'a number >= 0, in the unit of the spacing',
    });
  const r = border(reference);
  const e = border(estimate);
  const toE = pick(r, distanceToMask(e, { spacing }));
  const toR = pick(e, distanceToMask(r, { spacing }));
  if (toE.length === 0 && toR.length === 0) return { hd: 0, hd95: 0, assd: 0, nsd: 1, flag: 'both empty' };
  if (toE.length === 0 || toR.length === 0) {
    return {
      hd: Infinity,
      hd95: Infinity,
      assd: Infinity,
      nsd: 0,
      flag: toE.length === 0 ? 'reference empty' : 'estimate empty',
    };
  }
  let sum = 0;
  let near = 0;
  for (const list of [toE, toR])
    for (const d of list) {
      sum += d;
      if (d <= tolerance) near++;
    }
  const n = toE.length + toR.length;
  return {
    hd: Math.max(toE[toE.length - 1], toR[toR.length - 1]),
    hd95: Math.max(percentileOfSorted(toE, 0.95), percentileOfSorted(toR, 0.95)),
    assd: sum / n,
    nsd: near / n,
  };
}

/** Foreground pixels with a face neighbour in the background. */
function border(mask: Mask): Mask {
  const { data, width, height, depth } = mask;
  const out = new Uint8Array(data.length);
  const plane = width * height;
  let i = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        if (!data[i]) continue;
        const inside =
          x > 0 &&
          x < width - 1 &&
          y > 0 &&
          y < height - 1 &&
          data[i - 1] &&
          data[i + 1] &&
          data[i - width] &&
          data[i + width] &&
          (depth === 1 || (z > 0 && z < depth - 1 && data[i - plane] && data[i + plane]));
        if (!inside) out[i] = 1;
      }
  return { data: out, width, height, depth };
}

function pick(mask: Mask, values: Float64Array): Float64Array {
  return values.filter((_, i) => mask.data[i] === 1).sort();
}

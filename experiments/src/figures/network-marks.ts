import { distanceToMask, thinZhang, type Mask } from '@lacuna/iqa';
import { mark } from './types.js';

/** The true network once: its mask, centreline, and the distance of every pixel to each. */
export interface NetworkReference {
  readonly mask: Mask;
  /** 1 on the centreline. */
  readonly centreline: Uint8Array;
  readonly toMask: Float64Array;
}

/** Prepares the true network of a plane for {@link markNetwork}. */
export function referenceNetwork(mask: Mask): NetworkReference {
  return { mask, centreline: thinZhang(mask).data, toMask: distanceToMask(mask) };
}

/**
 * Compares a method's network with the true one, pixel by pixel of the centrelines, as clDice does but with room for a shift:
 * a true centreline pixel is found if the estimate's mask comes within `tolerance`, else missed; an estimated centreline pixel farther than that from the true mask is
 * invented. Where both apply the true centreline wins.
 * @param options.tolerance in px.
 * @returns codes of {@link mark}, [height][width].
 */
export function markNetwork(reference: NetworkReference, estimate: Mask, { tolerance }: { tolerance: number }): Uint8Array {
  const toEstimate = distanceToMask(estimate);
  const centreline = thinZhang(estimate).data;
  const marks = new Uint8Array(centreline.length);
  for (let i = 0; i < marks.length; i++) {
    if (reference.centreline[i] === 1) marks[i] = toEstimate[i]! <= tolerance ? mark.found : mark.missed;
    else if (centreline[i] === 1 && reference.toMask[i]! > tolerance) marks[i] = mark.invented;
  }
  return marks;
}

import type { Mask } from '../../mask.js';

/** Thicknesses of the foreground's pixels; none of a mask without background, where they are infinite. */
export function definedThickness(map: Float64Array): Float64Array {
  return map.filter((thickness) => thickness > 0 && thickness < Infinity);
}

/**
 * Share of the thinner half of a network that an estimate covers: of the pixels whose local thickness is at most the
 * median over the foreground.
 * @param reference local thickness of the reference, 0 in the background.
 * @returns null for an empty reference, or one without background.
 */
export function thinRecall(reference: Float64Array, estimate: Mask): number | null {
  const sorted = definedThickness(reference).sort();
  if (sorted.length === 0) return null;
  const median = sorted[(sorted.length - 1) >> 1];
  let thin = 0;
  let found = 0;
  for (let i = 0; i < reference.length; i++) {
    if (!(reference[i] > 0 && reference[i] <= median)) continue;
    thin++;
    found += estimate.data[i];
  }
  return found / thin;
}

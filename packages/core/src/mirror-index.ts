/**
 * The pixel that stands for place `i` where an image of `length` pixels is mirrored about its edges, edge pixels
 * repeated (b a | a b c): NumPy's `symmetric`, MATLAB's imresize.
 */
export function mirrorIndex(i: number, length: number): number {
  if (i >= 0 && i < length) return i;
  const period = 2 * length;
  const folded = ((i % period) + period) % period;
  return folded < length ? folded : period - 1 - folded;
}

/** The same about the edge pixels, which are not repeated (c b | a b c): NumPy's `reflect`. */
export function reflectIndex(i: number, length: number): number {
  if (i >= 0 && i < length) return i;
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const folded = ((i % period) + period) % period;
  return folded < length ? folded : period - folded;
}

/** The pixel that stands for place `i` where the edge is repeated (a a | a b c). */
export function clampIndex(i: number, length: number): number {
  if (i < 0) return 0;
  return i >= length ? length - 1 : i;
}

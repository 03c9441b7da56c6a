/** An index beyond either end of `size` pixels, mirrored at the edge (d c b a | a b c d | d c b a), once. */
export function mirrorIndex(i: number, size: number): number {
  if (i < 0) return -1 - i;
  return i >= size ? 2 * size - 1 - i : i;
}

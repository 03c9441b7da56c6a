/** Keys' cubic interpolation kernel with a = -0.5 (IEEE Trans. ASSP 29, 1153, 1981): that of MATLAB's imresize. */
export function keysCubic(t: number): number {
  const x = Math.abs(t);
  if (x <= 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}

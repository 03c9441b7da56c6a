import type { Mask, Spacing } from '../../src/index.js';

/** By definition: every pixel against every target. */
export function byDefinition(
  { data, width, height }: Mask,
  target: 0 | 1,
  { x: sx, y: sy, z: sz = 1 }: Spacing,
): Float64Array {
  const count = data.length;
  const at = new Float64Array(3 * count);
  const targets: number[] = [];
  for (let i = 0; i < count; i++) {
    at.set([(i % width) * sx, (Math.floor(i / width) % height) * sy, Math.floor(i / (width * height)) * sz], 3 * i);
    if (data[i] === target) targets.push(3 * i);
  }
  const out = new Float64Array(count);
  for (let i = 0, p = 0; i < count; i++, p += 3) {
    let best = Infinity;
    for (const t of targets)
      best = Math.min(best, (at[p] - at[t]) ** 2 + (at[p + 1] - at[t + 1]) ** 2 + (at[p + 2] - at[t + 2]) ** 2);
    out[i] = Math.sqrt(best);
  }
  return out;
}

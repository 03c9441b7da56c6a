import type { Intensities } from '../../intensities.js';
import type { Mask } from '../../mask.js';
import type { Branch } from '../graph/graph.js';

/** px to every side in which a branch's background is looked for. */
const REACH = 6;

/**
 * Mean intensity along a branch, and its contrast: that mean less the mean of the background pixels within `reach` px
 * (6 by default) in the plane of the branch's own pixels (every branch pixel weighs its surroundings once).
 */
export function branchIntensity(
  branch: Pick<Branch, 'pixels'>,
  mask: Mask,
  image: Intensities | undefined,
  reach = REACH,
): { intensity: number | null; contrast: number | null } {
  if (!image) return { intensity: null, contrast: null };
  const { data, width, height } = mask;
  const { channels } = image;
  let sum = 0;
  let background = 0;
  let count = 0;
  for (const i of branch.pixels) {
    sum += image.data[i * channels];
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const plane = i - y * width - x;
    // Every second pixel of the window is enough for a mean, and four times cheaper.
    for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v += 2) {
      for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u += 2) {
        const j = plane + v * width + u;
        if (data[j]) continue;
        background += image.data[j * channels];
        count++;
      }
    }
  }
  const intensity = sum / branch.pixels.length;
  return { intensity, contrast: count > 0 ? intensity - background / count : null };
}

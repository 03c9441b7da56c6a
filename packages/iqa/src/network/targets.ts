import type { Mask } from '../mask.js';
import { distanceToMask, distanceTransform } from './distance/distance.js';
import { thinZhang } from './thinning/thin-zhang.js';
import { requirePlane } from '../mask.js';

/** What geometry losses and heads learn from, all [h·w] row-major float32. */
export interface TrainingTargets {
  /** The skeleton dilated by the radius, within the mask's image: 1 or 0. */
  readonly tube: Float32Array;
  /** The Zhang skeleton: 1 or 0. */
  readonly skeleton: Float32Array;
  /** Distance to the background over `distanceScale`, in [0, 1]; 0 in the background. */
  readonly distance: Float32Array;
  /** exp(-d² / 2σ²) of the distance d to the nearest centreline pixel, in [0, 1]. */
  readonly centreline: Float32Array;
  /**
   * cos 2θ then sin 2θ of the nearest centreline's direction in the mask (two planes, [2·h·w]); 0 in the background.
   */
  readonly orientation: Float32Array;
}

/**
 * Maps that a network's mask gives to training losses (skeleton recall, arXiv:2404.03010) and to geometry heads.
 *
 * The direction is the main axis of the skeleton within `orientationRadius`; the angle is doubled, since a line has no
 * sign.
 * @param options.tubeRadius dilation in px, a square of 2 r + 1; 1 by default (3 x 3).
 * @param options.centrelineSigma σ of the heat map in px; 1.5 by default.
 * @param options.distanceScale distance that counts as 1, in px; 8 by default; larger distances are cut.
 * @throws {InputError} for a volume.
 */
export function trainingTargets(
  mask: Mask,
  options: { tubeRadius?: number; centrelineSigma?: number; distanceScale?: number; orientationRadius?: number } = {},
): TrainingTargets {
  requirePlane('trainingTargets', mask);
  const { tubeRadius = 1, centrelineSigma = 1.5, distanceScale = 8, orientationRadius = 4 } = options;
  const skeleton = thinZhang(mask);
  const toBackground = distanceTransform(mask);
  const toLine = distanceToMask(skeleton);
  const n = mask.data.length;
  const distance = new Float32Array(n);
  const centreline = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    distance[i] = Math.min(1, toBackground[i] / distanceScale);
    centreline[i] = Math.exp((-0.5 * toLine[i] * toLine[i]) / (centrelineSigma * centrelineSigma));
  }
  return {
    tube: Float32Array.from(dilateSquare(skeleton, tubeRadius).data),
    skeleton: Float32Array.from(skeleton.data),
    distance,
    centreline,
    orientation: orientationMap(mask, skeleton, orientationRadius),
  };
}

/** Dilation of a plane by a square of side 2 radius + 1, cut at the image's edge. */
export function dilateSquare(mask: Mask, radius: number): Mask {
  const { data, width, height } = mask;
  const across = new Uint8Array(data.length);
  const out = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x])
        across.fill(1, y * width + Math.max(0, x - radius), y * width + Math.min(width, x + radius + 1));
    }
  }
  for (let y = 0; y < height; y++) {
    for (let j = Math.max(0, y - radius); j <= Math.min(height - 1, y + radius); j++) {
      for (let x = 0; x < width; x++) out[y * width + x] |= across[j * width + x];
    }
  }
  return { data: out, width, height, depth: 1 };
}

function orientationMap(mask: Mask, skeleton: Mask, radius: number): Float32Array {
  const { width, height } = mask;
  const n = width * height;
  const out = new Float32Array(2 * n);
  const known = new Uint8Array(n);
  let frontier: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!skeleton.data[i]) continue;
      let xx = 0;
      let xy = 0;
      let yy = 0;
      for (let dy = -radius; dy <= radius; dy++) {
        for (let dx = -radius; dx <= radius; dx++) {
          const nx = x + dx;
          const ny = y + dy;
          if (nx < 0 || ny < 0 || nx >= width || ny >= height || !skeleton.data[ny * width + nx]) continue;
          xx += dx * dx;
          xy += dx * dy;
          yy += dy * dy;
        }
      }
      // tan 2θ = 2 xy / (xx - yy) for the main axis of the second moments: the doubled angle comes without any
      // arctangent.
      const length = Math.hypot(xx - yy, 2 * xy);
      known[i] = 1;
      if (length > 0) {
        out[i] = (xx - yy) / length;
        out[n + i] = (2 * xy) / length;
      }
      frontier.push(i);
    }
  }
  // From the centreline the direction spreads through the mask, ring by ring.
  while (frontier.length) {
    const next: number[] = [];
    for (const i of frontier) {
      const x = i % width;
      const y = (i - x) / width;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const nx = x + dx;
          const ny = y + dy;
          const j = ny * width + nx;
          if (nx < 0 || ny < 0 || nx >= width || ny >= height || known[j] || !mask.data[j]) continue;
          known[j] = 1;
          out[j] = out[i];
          out[n + j] = out[n + i];
          next.push(j);
        }
      }
    }
    frontier = next;
  }
  return out;
}

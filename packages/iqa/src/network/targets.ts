import type { PixelSize } from '@lacuna/core';
import type { Mask } from '../mask.js';
import { distanceToMask, distanceTransform } from './distance/distance.js';
import { skeletonize } from './thinning/skeletonize.js';
import { directionTensors } from './direction-tensors.js';

/** What geometry losses and heads learn from, all [h·w] or [d·h·w] row-major float32. */
export interface TrainingTargets {
  /** The skeleton dilated by the radius, within the mask's image: 1 or 0. */
  readonly tube: Float32Array;
  /** The skeleton, as {@link skeletonize} thins planes and volumes: 1 or 0. */
  readonly skeleton: Float32Array;
  /** Distance to the background over `distanceScale`, in [0, 1]; 0 in the background. */
  readonly distance: Float32Array;
  /** exp(-d² / 2σ²) of the distance d to the nearest centreline pixel, in [0, 1]. */
  readonly centreline: Float32Array;
  /**
   * Direction of the nearest centreline in the mask, 0 in the background: in a plane cos 2θ, sin 2θ (two maps after
   * one another), in a volume xx, yy, zz, xy, xz, yz of d dᵀ for the unit vector d (six maps).
   */
  readonly orientation: Float32Array;
}

/** How targets are made. Lengths are in pixels along x. */
interface TargetOptions {
  /** Dilation of the skeleton, a square or a cube of 2 r + 1; 1 by default (3 x 3). */
  readonly tubeRadius?: number;
  /** σ of the centreline's heat map; 1.5 by default. */
  readonly centrelineSigma?: number;
  /** Distance that counts as 1; 8 by default; larger distances are cut. */
  readonly distanceScale?: number;
  /** Reach of the skeleton from which a direction is taken; 4 by default. */
  readonly orientationRadius?: number;
  /** Lengths along z count by the ratio of z to x; voxels of unknown size are cubes. */
  readonly pixelSize?: PixelSize | null;
  /** The network's centreline, where it is known; thinned from the mask by default. */
  readonly skeleton?: Mask;
}

/**
 * Maps that a network's mask gives to training losses (skeleton recall, arXiv:2404.03010) and to geometry heads.
 *
 * The direction is the main axis of the skeleton within `orientationRadius`; it has no sign: in a plane the angle is
 * doubled, in a volume it is the tensor d dᵀ.
 */
export function trainingTargets(mask: Mask, options: TargetOptions = {}): TrainingTargets {
  const { tubeRadius = 1, centrelineSigma = 1.5, distanceScale = 8, orientationRadius = 4, pixelSize } = options;
  const isVolume = mask.depth > 1;
  const spacing = { x: 1, y: 1, z: pixelSize?.z === undefined ? 1 : pixelSize.z / pixelSize.x };
  const skeleton = options.skeleton ?? skeletonize(mask);
  const toBackground = distanceTransform(mask, { spacing });
  const toLine = distanceToMask(skeleton, { spacing });
  const n = mask.data.length;
  const distance = new Float32Array(n);
  const centreline = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    distance[i] = Math.min(1, toBackground[i] / distanceScale);
    centreline[i] = Math.exp((-0.5 * toLine[i] * toLine[i]) / (centrelineSigma * centrelineSigma));
  }
  return {
    tube: Float32Array.from((isVolume ? dilateCube : dilateSquare)(skeleton, tubeRadius).data),
    skeleton: Float32Array.from(skeleton.data),
    distance,
    centreline,
    orientation: isVolume
      ? directionTensors(mask, skeleton, { radius: orientationRadius, spacing })
      : orientationMap(mask, skeleton, orientationRadius),
  };
}

/** Dilation of a volume by a cube of side 2 radius + 1, cut at the volume's edge. */
function dilateCube(mask: Mask, radius: number): Mask {
  const { width, height, depth } = mask;
  const plane = width * height;
  const planes = Array.from({ length: depth }, (_, z) =>
    dilateSquare({ data: mask.data.subarray(z * plane, (z + 1) * plane), width, height, depth: 1 }, radius),
  );
  const out = new Uint8Array(mask.data.length);
  for (let z = 0; z < depth; z++) {
    for (let k = Math.max(0, z - radius); k <= Math.min(depth - 1, z + radius); k++) {
      const { data } = planes[k];
      for (let i = 0; i < plane; i++) out[z * plane + i] |= data[i];
    }
  }
  return { data: out, width, height, depth };
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

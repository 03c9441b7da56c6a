import { InputError } from '@lacuna/core';
import { requireSameMaskSize, type Connectivity, type Mask } from '../../mask.js';
import { bettiNumbers, type Betti } from './betti.js';
import { labelComponents, type Components } from './components.js';
import { matchTunnels } from './match-tunnels.js';
import { matchMerges } from './match-merges.js';

/** How the features of two masks correspond, by dimension: components, tunnels (in planes: holes), cavities. */
export interface BettiMatching {
  /** Unmatched features of both masks together: the Betti matching error. */
  readonly error: number;
  /** Unmatched features of both masks, [components, tunnels, cavities]. */
  readonly errors: readonly [number, number, number];
  /** Pairs of features that correspond. */
  readonly matched: readonly [number, number, number];
  readonly reference: Betti;
  readonly estimate: Betti;
}

/** Options of {@link bettiMatching}. */
export interface BettiMatchingOptions {
  readonly connectivity?: Connectivity;
  /** Largest volume in voxels whose tunnels are matched; 2^22 by default: 96³ take 2 s and 150 MB on one core */
  readonly largestVolume?: number;
}

/**
 * Betti matching error (Stucki et al. 2023, arXiv:2211.15272): the topological features of either mask that have no
 * counterpart at the same place in the other. Unlike Betti errors it does not let a missed branch cancel an invented
 * one.
 *
 * Both masks lie inside their union. A feature of one corresponds to a feature of the other if both live on in the
 * union and die there by the same cell as the union grows to the whole image; the error counts the others: sum over
 * dimensions of β(reference) + β(estimate) - 2 matched. A mask's features at one level: on binary images the authors'
 * loss equals this count.
 *
 * Background cells enter in the order of the authors' Python code (constructions `T` for `full`, `V` for `face`):
 * binary images are all ties, and which of two features of one neighbourhood is matched may depend on that order, as it
 * does there. Where one mask is empty all features of the other are unmatched (there, the first component pays 2).
 * @returns 0 for identical masks, and for two empty ones.
 * @throws {ShapeError} if sizes differ. @throws {InputError} for volumes above `largestVolume`: cut them into blocks.
 */
export function bettiMatching(
  reference: Mask,
  estimate: Mask,
  { connectivity = 'full', largestVolume = 2 ** 22 }: BettiMatchingOptions = {},
): BettiMatching {
  requireSameMaskSize('bettiMatching', reference, estimate);
  const volume = reference.depth > 1;
  if (volume && reference.data.length > largestVolume) {
    throw new InputError({
      who: 'bettiMatching',
      got: `a volume of ${reference.data.length} voxels`,
      wanted: `at most ${largestVolume}`,
      remedy: 'match it block by block, or raise largestVolume',
    });
  }
  const union: Mask = { ...reference, data: reference.data.map((v, i) => v | estimate.data[i]) };
  const a = bettiNumbers(reference, { connectivity });
  const b = bettiNumbers(estimate, { connectivity });
  const components = matchMerges(reference, estimate, union, connectivity);
  const enclosed = matchEnclosed(reference, estimate, union, connectivity);
  const matched: [number, number, number] = volume
    ? [components, a.b1 && b.b1 ? matchTunnels(reference, estimate, union, connectivity) : 0, enclosed]
    : [components, enclosed, 0];
  const errors: [number, number, number] = [
    a.b0 + b.b0 - 2 * matched[0],
    a.b1 + b.b1 - 2 * matched[1],
    a.b2 + b.b2 - 2 * matched[2],
  ];
  return { error: errors[0] + errors[1] + errors[2], errors, matched, reference: a, estimate: b };
}

/**
 * Holes of planes and cavities of volumes, by duality: they are components of the background that do not reach the
 * outside. A cavity of a mask dies in the union with the last of the union's cavities that lie in it; two match if that
 * is the same one.
 */
function matchEnclosed(reference: Mask, estimate: Mask, union: Mask, connectivity: Connectivity): number {
  const dual = connectivity === 'full' ? 'face' : 'full';
  const background = (mask: Mask) => labelComponents(mask, { connectivity: dual, of: 'background' });
  const ofUnion = background(union);
  if (ofUnion.count === 0) return 0;
  const rank = ranks(ofUnion, connectivity);
  const bounded = enclosed(union, ofUnion);
  /**
   * For each of the union's cavities, the one that outlives all others in the same cavity of the mask; 0 if that is no
   * cavity.
   */
  const survivors = (mask: Mask): Int32Array => {
    const cavities = background(mask);
    const inside = enclosed(mask, cavities);
    const owner = new Int32Array(ofUnion.count + 1);
    const last = new Int32Array(cavities.count + 1);
    for (let i = 0; i < ofUnion.labels.length; i++) {
      const c = ofUnion.labels[i];
      if (c && !owner[c]) owner[c] = cavities.labels[i];
    }
    for (let c = 1; c <= ofUnion.count; c++) {
      if (bounded[c] && inside[owner[c]] && (!last[owner[c]] || rank[c] > rank[last[owner[c]]])) last[owner[c]] = c;
    }
    return owner.map((p) => last[p]);
  };
  const p = survivors(reference);
  const q = survivors(estimate);
  let matched = 0;
  for (let c = 1; c <= ofUnion.count; c++) if (bounded[c] && p[c] === c && q[c] === c) matched++;
  return matched;
}

/**
 * When each background component dies: `full` cells enter in raster order, so the last pixel counts; `face` cells
 * against it, so the first.
 */
function ranks({ labels, count }: Components, connectivity: Connectivity): Int32Array {
  const rank = new Int32Array(count + 1);
  if (connectivity === 'full') for (let i = 0; i < labels.length; i++) rank[labels[i]] = i;
  else for (let label = 1; label <= count; label++) rank[label] = count - label;
  return rank;
}

/** 1 for each background component that does not reach the image's edge. */
function enclosed({ width, height, depth }: Mask, { labels, count }: Components): Uint8Array {
  const inside = new Uint8Array(count + 1).fill(1);
  inside[0] = 0;
  let i = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++) {
      const wholeRow = y === 0 || y === height - 1 || (depth > 1 && (z === 0 || z === depth - 1));
      for (let x = 0; x < width; x += wholeRow ? 1 : Math.max(1, width - 1)) inside[labels[i + x]] = 0;
      i += width;
    }
  return inside;
}

import { InputError } from '@lacuna/core';
import { requireSameMaskSize, type Mask, type Spacing } from '../../mask.js';
import { extractGraph } from '../graph/graph.js';
import { cosine, directionFrom, distance, freeEnds, placeOf, type FreeEnd } from './free-ends.js';
import { minimalPath, type Box } from './minimal-path.js';
import { pairsWithin } from './pairs-within.js';

/** A link between two free ends that the network lacks and the image suggests. It is a proposal: nothing is changed. */
export interface ProposedLink {
  /** Its ends, nodes of the skeleton's graph. */
  readonly from: number;
  readonly to: number;
  /** From one end to the other, indices in the image. */
  readonly pixels: Int32Array;
  /** Along its pixels, in the unit of the spacing. */
  readonly length: number;
  /** Mean of the image along what lies outside of the mask, and the background about it. */
  readonly intensity: number;
  readonly background: number;
  /**
   * (q - background) / (level - background), q the lower quartile of the image there: a link is as strong as its weak
   * parts, and the soft edges of both ends say nothing. 0 is no brighter than around, 1 as bright as network.
   */
  readonly evidence: number;
  /** Product of the cosines of the angles by which the link leaves both branches' own directions, 0 to 1. */
  readonly alignment: number;
  /** See {@link proposeLinks}, 0 to 1. */
  readonly score: number;
}

/** What links are proposed from. */
export interface LinkSource {
  /** The network at its level, and its centreline. */
  readonly mask: Mask;
  readonly skeleton: Mask;
  /** What the mask was cut from, on its grid; networks are bright. */
  readonly image: ArrayLike<number>;
  readonly level: number;
}

/** How far links reach. */
export interface LinkOptions {
  /** Size of a pixel; 1 px by default. */
  readonly spacing?: Spacing;
  /** Longest distance of two ends, in the unit of the spacing; 16 times the smallest spacing by default. */
  readonly most?: number;
  /** Largest angle between a link and the branch that it goes on, degrees below 90; 45 by default. */
  readonly angle?: number;
}

/** What a unit of length costs along a path that is as bright as network; beside it 1, for background. */
const LEAST_COST = 0.1;
/** A branch's direction is read off so many pixels before its end. */
const REACH = 8;
/** Longer than this many times the straight distance a path is a detour. */
const DETOUR = 1.5;

/**
 * Links between free ends that are likely gaps of one branch. Two ends are candidates where they lie within `most`, and
 * the straight line between them leaves neither branch's direction by more than `angle`. Their link is the path of
 * least Σ length · (1 - b + 0.1), b the image's brightness from the background (0) to the level (1). It is left out
 * where it runs through a third branch, or is a detour (over 1.5 times the straight distance). What is left is scored,
 *
 *     score = (evidence · alignment · (1 - d / (1.5 most)))^(1/3),   d the length of the path,
 *
 * and taken best first, each end once.
 * @returns by falling score.
 * @throws {ShapeError} if sizes differ. @throws {InputError} for an angle or distance that there is none of.
 */
export function proposeLinks(source: LinkSource, options: LinkOptions = {}): ProposedLink[] {
  const { mask, skeleton, image } = source;
  const { spacing = { x: 1, y: 1, z: 1 } } = options;
  const pixel = smallestSpacing(spacing, mask.depth > 1);
  const { most = 16 * pixel, angle = 45 } = options;
  requireSameMaskSize('proposeLinks', mask, skeleton);
  requireLimits(most, angle);
  if (image.length !== mask.data.length)
    throw new InputError({
      who: 'proposeLinks',
      got: `an image of ${image.length} pixels`,
      wanted: `${mask.data.length}, those of the mask`,
    });
  const ends = freeEnds(extractGraph(skeleton, { spacing }), mask, { spacing, reach: REACH * pixel });
  const least = Math.cos((angle * Math.PI) / 180);
  const found: ProposedLink[] = [];
  pairsWithin(
    ends.map(({ place }) => place),
    most,
    (i, j) => {
      const [a, b] = [ends[i], ends[j]];
      if (a.branch === b.branch) return;
      const [leaving, reaching] = cosinesOf(a, b);
      if (Math.min(leaving, reaching) < least) return;
      const link = linkBetween(a, b, { source, spacing, most, alignment: leaving * reaching });
      if (link !== null) found.push(link);
    },
  );
  return bestOfEnds(found);
}

function requireLimits(most: number, angle: number): void {
  const refuse = (got: string, wanted: string) => new InputError({ who: 'proposeLinks', got, wanted });
  if (!(most > 0)) throw refuse(`a longest distance of ${most}`, 'a number above 0, in the unit of the spacing');
  if (!(angle > 0 && angle < 90)) throw refuse(`an angle of ${angle} degrees`, 'a number between 0 and 90');
}

const smallestSpacing = ({ x, y, z = 1 }: Spacing, isVolume: boolean): number =>
  Math.min(x, y, isVolume ? z : Infinity);

/** By how much the straight line between two ends goes on either branch. */
function cosinesOf(a: FreeEnd, b: FreeEnd): [leaving: number, reaching: number] {
  const there = directionFrom(a.place, b.place);
  const back = directionFrom(b.place, a.place);
  return [cosine(a.direction, there), cosine(b.direction, back)];
}

/** What a candidate is judged with. */
interface Candidate {
  readonly source: LinkSource;
  readonly spacing: Spacing;
  readonly most: number;
  readonly alignment: number;
}

/** The link between two ends, scored; null where the image has no path that only bridges a gap. */
function linkBetween(a: FreeEnd, b: FreeEnd, candidate: Candidate): ProposedLink | null {
  const { source, spacing, most, alignment } = candidate;
  const { mask, image, level } = source;
  const box = boxAbout(a, b, { mask, spacing, margin: most / 2 });
  const background = backgroundIn(box, source);
  const brightness = (pixel: number) =>
    Math.min(1, Math.max(0, (image[pixel] - background) / Math.max(level - background, Number.MIN_VALUE)));
  const cost = (pixel: number) => 1 - brightness(pixel) + LEAST_COST;
  const pixels = minimalPath(a.pixel, b.pixel, { size: mask, spacing, box, cost });
  const gap = gapOf(pixels, mask);
  const length = lengthOf(pixels, mask, spacing);
  if (gap === null || length > DETOUR * distance(a.place, b.place)) return null;
  const intensity = gap.reduce((sum, pixel) => sum + image[pixel], 0) / gap.length;
  const evidence = Float64Array.from(gap, brightness).sort()[gap.length >> 2];
  const nearness = 1 - length / (DETOUR * most);
  const score = Math.cbrt(evidence * alignment * nearness);
  return { from: a.node, to: b.node, pixels, length, intensity, background, evidence, alignment, score };
}

/** The pixels of an image about two ends. */
function boxAbout(
  a: FreeEnd,
  b: FreeEnd,
  { mask, spacing: { x, y, z = 1 }, margin }: { mask: Mask; spacing: Spacing; margin: number },
): Box {
  const rangeOf = (axis: 0 | 1 | 2, length: number, step: number) => {
    const [nearest, furthest] = [a.place[axis], b.place[axis]].sort((one, other) => one - other);
    const low = Math.floor((nearest - margin) / step);
    const high = Math.ceil((furthest + margin) / step);
    return { low: Math.max(0, low), high: Math.min(length - 1, high) };
  };
  const [alongX, alongY, alongZ] = [rangeOf(0, mask.width, x), rangeOf(1, mask.height, y), rangeOf(2, mask.depth, z)];
  return { low: [alongX.low, alongY.low, alongZ.low], high: [alongX.high, alongY.high, alongZ.high] };
}

/** Median of the image outside of the mask; the level where there is nothing outside. */
function backgroundIn({ low, high }: Box, { mask, image, level }: LinkSource): number {
  const values: number[] = [];
  for (let z = low[2]; z <= high[2]; z++)
    for (let y = low[1]; y <= high[1]; y++)
      for (let x = low[0]; x <= high[0]; x++) {
        const pixel = (z * mask.height + y) * mask.width + x;
        if (!mask.data[pixel]) values.push(image[pixel]);
      }
  if (values.length === 0) return level;
  return Float64Array.from(values).sort()[values.length >> 1];
}

/**
 * The one stretch of a path outside of the mask; null where there is none, since the ends are joined already, and where
 * there are several, since the path then runs through a third branch.
 */
function gapOf(pixels: Int32Array, { data }: Mask): number[] | null {
  const first = pixels.findIndex((pixel) => !data[pixel]);
  if (first < 0) return null;
  const last = pixels.findLastIndex((pixel) => !data[pixel]);
  const gap = Array.from(pixels.subarray(first, last + 1));
  return gap.some((pixel) => data[pixel]) ? null : gap;
}

function lengthOf(pixels: Int32Array, size: Mask, spacing: Spacing): number {
  let length = 0;
  for (let i = 1; i < pixels.length; i++)
    length += distance(placeOf(pixels[i - 1], size, spacing), placeOf(pixels[i], size, spacing));
  return length;
}

/** Best first, each end once. */
function bestOfEnds(links: readonly ProposedLink[]): ProposedLink[] {
  const taken = new Set<number>();
  return [...links]
    .sort((a, b) => b.score - a.score || a.from - b.from || a.to - b.to)
    .filter(({ from, to }) => {
      if (taken.has(from) || taken.has(to)) return false;
      taken.add(from);
      taken.add(to);
      return true;
    });
}

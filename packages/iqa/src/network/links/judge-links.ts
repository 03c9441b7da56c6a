import { requireSameMaskSize, type Mask, type Spacing } from '../../mask.js';
import { nearMask } from '../distance/near-mask.js';
import { labelComponents } from '../topology/components.js';
import type { ProposedLink } from './propose-links.js';

/** What proposed links are worth where the network is known. */
export interface LinkJudgement {
  /** Of each link: it runs along the true network. */
  readonly right: readonly boolean[];
  /** Share of the links that are right; null where none is proposed. */
  readonly precision: number | null;
  /** Gaps of the network: stretches of a true branch that it lacks, though it goes on at both sides. */
  readonly gaps: number;
  /** Share of the gaps that a right link bridges; null where there is none. */
  readonly recall: number | null;
}

/** The true centreline and the one that links are proposed for, on one grid. */
export interface JudgedNetworks {
  readonly reference: Mask;
  readonly estimate: Mask;
}

/** How much of a gap a link has to cover to bridge it. */
const BRIDGED = 0.5;

/**
 * Judges proposed links by the true centreline. A link is right where every pixel of it lies within the tolerance of
 * it. A gap is a connected stretch of the true centreline beyond the tolerance of the estimate's that meets found parts
 * of it in two places at least; it is bridged where half of it lies within the tolerance of right links.
 * @param options.tolerance in the unit of the spacing.
 * @throws {ShapeError} if sizes differ.
 */
export function judgeLinks(
  links: readonly Pick<ProposedLink, 'pixels'>[],
  { reference, estimate }: JudgedNetworks,
  { tolerance, spacing = { x: 1, y: 1, z: 1 } }: { readonly tolerance: number; readonly spacing?: Spacing },
): LinkJudgement {
  requireSameMaskSize('judgeLinks', reference, estimate);
  const isTrue = nearMask(reference, tolerance, spacing);
  const right = links.map(({ pixels }) => pixels.every(isTrue));
  const bridges = withPixels(
    reference,
    links.flatMap(({ pixels }, i) => (right[i] ? [pixels] : [])),
  );
  const isBridged = nearMask(bridges, tolerance, spacing);
  const gaps = gapsOf(reference, estimate, { tolerance, spacing });
  const bridged = gaps.filter((gap) => gap.filter(isBridged).length >= BRIDGED * gap.length).length;
  const count = right.filter(Boolean).length;
  return {
    right,
    precision: links.length === 0 ? null : count / links.length,
    gaps: gaps.length,
    recall: gaps.length === 0 ? null : bridged / gaps.length,
  };
}

function withPixels(size: Mask, sets: readonly Int32Array[]): Mask {
  const data = new Uint8Array(size.data.length);
  for (const pixels of sets) for (const pixel of pixels) data[pixel] = 1;
  return { ...size, data };
}

/** Stretches of the reference that the estimate lacks and that meet found ones twice: their pixels. */
function gapsOf(
  reference: Mask,
  estimate: Mask,
  { tolerance, spacing }: { readonly tolerance: number; readonly spacing: Spacing },
): number[][] {
  const isFound = nearMask(estimate, tolerance, spacing);
  const [missed, found] = [true, false].map((isMissing): Mask => ({
    ...reference,
    data: reference.data.map((value, pixel) => (value && isFound(pixel) !== isMissing ? 1 : 0)),
  }));
  const { labels, count } = labelComponents(missed);
  const pixels = Array.from({ length: count }, (): number[] => []);
  const meetings = Array.from({ length: count }, () => new Set<number>());
  labels.forEach((label, pixel) => {
    if (label === 0) return;
    pixels[label - 1].push(pixel);
    for (const next of neighboursOf(pixel, reference)) if (found.data[next]) meetings[label - 1].add(next);
  });
  return pixels.filter((_, gap) => groupsOf(meetings[gap], reference) > 1);
}

/** How many connected groups some pixels are. */
function groupsOf(pixels: ReadonlySet<number>, size: Mask): number {
  const left = new Set(pixels);
  let groups = 0;
  for (const first of left) {
    groups++;
    const open = [first];
    left.delete(first);
    for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop())
      for (const next of neighboursOf(pixel, size)) if (left.delete(next)) open.push(next);
  }
  return groups;
}

/** The 8 neighbours of a pixel, 26 in volumes, as far as they are in the image. */
function neighboursOf(pixel: number, { width, height, depth }: Mask): number[] {
  const x = pixel % width;
  const y = Math.floor(pixel / width) % height;
  const z = Math.floor(pixel / (width * height));
  const found: number[] = [];
  for (let w = Math.max(0, z - 1); w <= Math.min(depth - 1, z + 1); w++)
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++)
        if (u !== x || v !== y || w !== z) found.push((w * height + v) * width + u);
  return found;
}

import { padMask, requireSameMaskSize, type Mask } from '../../mask.js';
import { labelComponents } from './components.js';

/** The wrong regions of an estimate that change the topology of its reference. */
export interface CriticalRegions {
  /** 0 where the estimate is right or harmlessly wrong, else 1..count, in the order of the image. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Pixels of each region; index 0 holds all others. */
  readonly sizes: Int32Array;
}

/**
 * Finds the critical regions of Topograph (Lux et al. 2024, arXiv:2411.03228). A region is a set of connected pixels
 * that are invented (in the estimate alone) or missed (in the reference alone). It is regular if it touches exactly one
 * component of correct background and exactly one of foreground; else it splits, joins, adds or removes something, and
 * is critical. The foreground that an invented region touches is the reference's, the foreground that a missed one
 * touches the estimate's.
 *
 * Foreground hangs together by 8 neighbours in planes and by 26 in volumes, background by 4 and 6. Pixels of a wrong
 * region do by their faces, and where they touch at an edge or a corner with nothing but background beside it.
 *
 * Topograph is defined in planes, where a loop parts the background. In volumes it does not, and a loop that is cut
 * would count for nothing: there components are those of the region's own neighbourhood, as a simple voxel is told by
 * them: 26 neighbours for foreground, 18 for background (Bertrand and Malandain 1994).
 * @throws {ShapeError} if the sizes differ.
 */
export function criticalRegions(reference: Mask, estimate: Mask): CriticalRegions {
  requireSameMaskSize('critical regions', reference, estimate);
  const grid = gridOf(reference, estimate);
  const regions = wrongRegions(grid);
  const isRegular = reference.depth > 1 ? regularNearby(grid, regions) : regularAtLarge(grid, regions);
  const numbers = new Int32Array(regions.length + 1);
  const sizes = [reference.data.length];
  regions.forEach((pixels, i) => {
    if (isRegular(i)) return;
    numbers[i + 1] = sizes.push(pixels.length) - 1;
    sizes[0] -= pixels.length;
  });
  return { labels: labelsWithin(grid, regions, numbers), count: sizes.length - 1, sizes: Int32Array.from(sizes) };
}

/** What a pixel is. Foreground of the estimate has the first bit, of the reference the second. */
const BACKGROUND = 0;
const INVENTED = 1;
const MISSED = 2;
/** The margin around the image: neither of both. */
const OUTSIDE = 4;

/** Both masks with a margin, so that every pixel of the image has all neighbours. */
interface Grid {
  readonly kinds: Uint8Array;
  readonly reference: Mask;
  readonly estimate: Mask;
  /** Pixels of the image among those of the grid, in its order. */
  readonly inside: Int32Array;
  readonly steps: readonly Step[];
}

/** To one of the neighbours. */
interface Step {
  readonly offset: number;
  readonly isFace: boolean;
  /** Offsets of the other pixels of the box between the two; none across a face. */
  readonly between: readonly number[];
}

function gridOf(wanted: Mask, drawn: Mask): Grid {
  const { width, height, depth } = wanted;
  const reference = padMask(wanted);
  const estimate = padMask(drawn);
  const marginZ = depth > 1 ? 1 : 0;
  const inside = new Int32Array(wanted.data.length);
  for (let z = 0, i = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const row = ((z + marginZ) * reference.height + y + 1) * reference.width + 1;
      for (let x = 0; x < width; x++) inside[i++] = row + x;
    }
  }
  const kinds = new Uint8Array(reference.data.length).fill(OUTSIDE);
  for (const at of inside) kinds[at] = estimate.data[at] + 2 * reference.data[at];
  return { kinds, reference, estimate, inside, steps: stepsOf(reference, marginZ) };
}

function stepsOf({ width, height }: Mask, reachZ: number): Step[] {
  const offsetOf = (x: number, y: number, z: number) => (z * height + y) * width + x;
  const steps: Step[] = [];
  for (let z = -reachZ; z <= reachZ; z++) {
    for (let y = -1; y <= 1; y++) {
      for (let x = -1; x <= 1; x++) {
        const offset = offsetOf(x, y, z);
        if (offset === 0) continue;
        const box = [0, x].flatMap((i) => [0, y].flatMap((j) => [0, z].map((k) => offsetOf(i, j, k))));
        const between = [...new Set(box)].filter((corner) => corner !== 0 && corner !== offset);
        steps.push({ offset, isFace: between.length === 0, between });
      }
    }
  }
  return steps;
}

/** The pixels of each wrong region, by union-find over pixels. */
function wrongRegions({ kinds, inside, steps }: Grid): number[][] {
  const isWrong = (at: number) => kinds[at] === INVENTED || kinds[at] === MISSED;
  const parents = new Int32Array(kinds.length);
  for (let i = 0; i < parents.length; i++) parents[i] = i;
  const rootOf = (i: number): number => {
    while (parents[i] !== i) {
      parents[i] = parents[parents[i]];
      i = parents[i];
    }
    return i;
  };
  const earlier = steps.filter(({ offset }) => offset < 0);
  for (const at of inside) {
    if (!isWrong(at)) continue;
    for (const { offset, isFace, between } of earlier) {
      if (kinds[at + offset] !== kinds[at]) continue;
      if (!isFace && between.some((corner) => kinds[at + corner] !== BACKGROUND)) continue;
      const [one, other] = [rootOf(at), rootOf(at + offset)];
      parents[Math.max(one, other)] = Math.min(one, other);
    }
  }
  const regions = new Map<number, number[]>();
  for (const at of inside) {
    if (!isWrong(at)) continue;
    const root = rootOf(at);
    const region = regions.get(root);
    if (region) region.push(at);
    else regions.set(root, [at]);
  }
  return [...regions.values()];
}

/** Of a pixel of a region: what counts as foreground beside it. */
const isForeground = (kind: number, ofRegion: number): boolean =>
  kind < OUTSIDE && (kind & (ofRegion === INVENTED ? MISSED : INVENTED)) !== 0;

/** In planes: one component of background and one of foreground, whole ones of the image. */
function regularAtLarge({ kinds, reference, estimate, steps }: Grid, regions: readonly number[][]) {
  const background = { ...reference, data: new Uint8Array(kinds.length) };
  for (let i = 0; i < kinds.length; i++) background.data[i] = kinds[i] === BACKGROUND ? 1 : 0;
  const backgrounds = labelComponents(background, { connectivity: 'face' }).labels;
  const wanted = labelComponents(reference).labels;
  const drawn = labelComponents(estimate).labels;
  return (region: number): boolean => {
    const pixels = regions[region];
    const ofRegion = kinds[pixels[0]];
    const foregrounds = ofRegion === INVENTED ? wanted : drawn;
    const touched = { background: new Set<number>(), foreground: new Set<number>() };
    for (const at of pixels) {
      for (const { offset, isFace } of steps) {
        const near = at + offset;
        if (kinds[near] === BACKGROUND && isFace) touched.background.add(backgrounds[near]);
        if (isForeground(kinds[near], ofRegion)) touched.foreground.add(foregrounds[near]);
      }
    }
    return touched.background.size === 1 && touched.foreground.size === 1;
  };
}

/** A neighbour along all three axes: what lies between are its six other neighbours in the cube. */
const isCorner = (between: readonly number[]): boolean => between.length > 2;

/** In volumes: one component of background that it touches by a face, and one of foreground, among its neighbours. */
function regularNearby({ kinds, steps }: Grid, regions: readonly number[][]) {
  // Marks of the neighbours of the region at hand; 0 once a component took them in.
  const background = new Int32Array(kinds.length);
  const foreground = new Int32Array(kinds.length);
  const faces = new Int32Array(kinds.length);
  const near: number[] = [];
  /** The component of a neighbour: its pixels lose their marks. @returns whether the region touches it by a face. */
  const takeIn = (first: number, marks: Int32Array, mark: number, byFaces: boolean): boolean => {
    const stack = [first];
    marks[first] = 0;
    let isTouched = false;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      isTouched ||= faces[at] === mark;
      for (const { offset, isFace } of steps) {
        if (marks[at + offset] !== mark || (byFaces && !isFace)) continue;
        marks[at + offset] = 0;
        stack.push(at + offset);
      }
    }
    return isTouched;
  };
  return (region: number): boolean => {
    const pixels = regions[region];
    const ofRegion = kinds[pixels[0]];
    const mark = region + 1;
    near.length = 0;
    for (const at of pixels) {
      for (const { offset, isFace, between } of steps) {
        const kind = kinds[at + offset];
        const isBackground = kind === BACKGROUND;
        if (!isBackground && !isForeground(kind, ofRegion)) continue;
        if (isBackground && isCorner(between)) continue;
        if (isFace) faces[at + offset] = mark;
        const marks = isBackground ? background : foreground;
        if (marks[at + offset] === mark) continue;
        marks[at + offset] = mark;
        near.push(at + offset);
      }
    }
    let backgrounds = 0;
    let foregrounds = 0;
    for (const at of near) {
      if (background[at] === mark && takeIn(at, background, mark, true)) backgrounds++;
      if (foreground[at] === mark) {
        takeIn(at, foreground, mark, false);
        foregrounds++;
      }
    }
    return backgrounds === 1 && foregrounds === 1;
  };
}

/** Labels of the image without its margin; `numbers` is by region, from 1 on. */
function labelsWithin({ kinds, inside }: Grid, regions: readonly number[][], numbers: Int32Array): Int32Array {
  const all = new Int32Array(kinds.length);
  regions.forEach((pixels, i) => {
    for (const at of pixels) all[at] = numbers[i + 1];
  });
  const labels = new Int32Array(inside.length);
  for (let i = 0; i < labels.length; i++) labels[i] = all[inside[i]];
  return labels;
}

import { InputError, type LengthUnit, type PixelSize } from '@lacuna/core';
import { distanceTransform, extractGraph, type Branch, type GraphNode, type Mask, type Spacing } from '@lacuna/iqa';

/** What a node is: of several branches, of one, of one at the border, of none, or on a loop without any. */
type NodeKind = 'junction' | 'end' | 'border' | 'point' | 'loop';

/** A node of a measured network; lengths and places in the network's unit. */
export interface MeasuredNode {
  readonly id: number;
  readonly kind: NodeKind;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly radius: number;
  /** Branch ends that meet here; a loop counts twice. */
  readonly degree: number;
}

/** A branch of a measured network. */
export interface MeasuredBranch {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly length: number;
  readonly meanRadius: number;
  readonly minRadius: number;
  /** Length over the straight distance of its ends; null for loops. */
  readonly tortuosity: number | null;
  /** Of the image along its centreline, in the numbers of the file. */
  readonly meanIntensity: number;
  readonly minIntensity: number;
  /**
   * Share of the network's length in branches of stronger mean intensity, the branch itself up to its middle: 0 the
   * strongest, 1 the weakest, above 2/3 the weakest third.
   */
  readonly weakness: number;
  /** Pixels in order, indices in the image. */
  readonly pixels: Int32Array;
}

/** A network with all that its files say of it. */
export interface MeasuredNetwork {
  readonly unit: LengthUnit | 'px';
  /** Size of a pixel along each axis, in the unit. */
  readonly spacing: Required<Spacing>;
  readonly nodes: readonly MeasuredNode[];
  readonly branches: readonly MeasuredBranch[];
  /** Radius at a pixel of the centreline. */
  readonly radiusAt: (pixel: number) => number;
  /** Where a pixel's centre lies. */
  readonly placeOf: (pixel: number) => Place;
  /** Length of all branches and of the steps inside junctions. */
  readonly length: number;
}

/**
 * A point in the network's unit, from the outer corner of the first pixel, so that images of one place with pixels of
 * other sizes agree; z of planes is 0.
 */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** The unit of a network's lengths: the image's own where it knows a pixel's size along every axis, else px. */
function unitOf(
  pixelSize: PixelSize | null,
  depth: number,
): { readonly unit: LengthUnit | 'px'; readonly spacing: Required<Spacing> } {
  if (pixelSize === null || (depth > 1 && pixelSize.z === undefined))
    return { unit: 'px', spacing: { x: 1, y: 1, z: 1 } };
  const { x, y, z = x, unit } = pixelSize;
  return { unit, spacing: { x, y, z } };
}

/**
 * Measures a network. A pixel's radius is its distance to the nearest background pixel's centre less half of a pixel
 * (the smallest spacing): a line one pixel wide has half a pixel.
 * @param intensities of a pixel of the centreline, in the numbers of the file.
 * @param options.dark the network is darker than what is around: weak branches are the bright ones.
 * @throws {InputError} for a mask without background, which has no radii.
 */
export function measureNetwork(
  { mask, skeleton }: { readonly mask: Mask; readonly skeleton: Mask },
  intensities: (pixel: number) => number,
  options: { readonly pixelSize: PixelSize | null; readonly dark: boolean; readonly name: string },
): MeasuredNetwork {
  const { unit, spacing } = unitOf(options.pixelSize, mask.depth);
  if (!mask.data.includes(0))
    throw new InputError({
      who: options.name,
      got: 'an image that is network everywhere at this level',
      wanted: 'a network and what is around it',
      remedy: 'choose another --level',
    });
  const distances = distanceTransform(mask, { spacing });
  const half = Math.min(spacing.x, spacing.y, mask.depth > 1 ? spacing.z : Infinity) / 2;
  const radiusAt = (pixel: number) => distances[pixel] - half;
  const pointOf = ({ x, y, z }: Place): Place => ({
    x: (x + 0.5) * spacing.x,
    y: (y + 0.5) * spacing.y,
    z: mask.depth > 1 ? (z + 0.5) * spacing.z : 0,
  });
  const placeOf = (pixel: number) => pointOf(indicesOf(pixel, mask));
  const graph = extractGraph(skeleton, { spacing });
  const nodes = graph.nodes.map((node, id): MeasuredNode => ({
    id,
    kind: kindOf(node, mask),
    ...pointOf(node),
    radius: Math.max(...node.pixels.map(radiusAt)),
    degree: node.degree,
  }));
  const branches = graph.branches.map((branch, id) => {
    const measured = { id, ...measureBranch(branch, radiusAt, intensities) };
    if (branch.from >= 0) return measured;
    // A loop that no node touches begins and ends at one of its own pixels.
    const [first] = branch.pixels;
    nodes.push({ id: nodes.length, kind: 'loop', ...placeOf(first), radius: radiusAt(first), degree: 2 });
    return { ...measured, from: nodes.length - 1, to: nodes.length - 1 };
  });
  return { unit, spacing, nodes, branches: ranked(branches, options.dark), radiusAt, placeOf, length: graph.length };
}

function indicesOf(pixel: number, { width, height }: Mask): Place {
  return {
    x: pixel % width,
    y: Math.floor(pixel / width) % height,
    z: Math.floor(pixel / (width * height)),
  };
}

function kindOf({ degree, pixels }: GraphNode, mask: Mask): NodeKind {
  if (degree === 0) return 'point';
  if (degree > 1) return 'junction';
  return pixels.some((pixel) => isAtBorder(pixel, mask)) ? 'border' : 'end';
}

function isAtBorder(pixel: number, mask: Mask): boolean {
  const { width, height, depth } = mask;
  const { x, y, z } = indicesOf(pixel, mask);
  const alongZ = depth > 1 && (z === 0 || z === depth - 1);
  return x === 0 || y === 0 || x === width - 1 || y === height - 1 || alongZ;
}

function measureBranch(
  { from, to, length, chord, pixels }: Branch,
  radiusAt: (pixel: number) => number,
  intensities: (pixel: number) => number,
): Omit<MeasuredBranch, 'id' | 'weakness'> {
  let radii = 0;
  let thinnest = Infinity;
  let sum = 0;
  let least = Infinity;
  for (const pixel of pixels) {
    const radius = radiusAt(pixel);
    radii += radius;
    thinnest = Math.min(thinnest, radius);
    const value = intensities(pixel);
    sum += value;
    least = Math.min(least, value);
  }
  return {
    from,
    to,
    length,
    meanRadius: radii / pixels.length,
    minRadius: thinnest,
    tortuosity: chord > 0 ? length / chord : null,
    meanIntensity: sum / pixels.length,
    minIntensity: least,
    pixels,
  };
}

/** Adds each branch's weakness, keeping the order. */
function ranked(branches: readonly Omit<MeasuredBranch, 'weakness'>[], dark: boolean): MeasuredBranch[] {
  const sign = dark ? -1 : 1;
  const strongestFirst = [...branches].sort((a, b) => sign * (b.meanIntensity - a.meanIntensity));
  const total = branches.reduce((sum, { length }) => sum + length, 0);
  const weakness = new Float64Array(branches.length);
  let before = 0;
  for (const { id, length } of strongestFirst) {
    weakness[id] = (before + length / 2) / total;
    before += length;
  }
  return branches.map((branch) => ({ ...branch, weakness: weakness[branch.id] }));
}

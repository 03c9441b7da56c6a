import { z } from 'zod';
import { InputError } from '@lacuna/core';
import {
  channelsOf,
  conv,
  factorOf,
  meanByTie,
  orbits,
  perAxis,
  prelu,
  sizeOf,
  type ConvOptions,
  type Graph,
  type PerAxis,
  type Tensor,
} from '../graph/index.js';
import type { FittedWeights } from '../linear/index.js';
import { orderOf, symmetries, symmetryGroup, type Symmetry, type SymmetryGroup } from './symmetry-group.js';

/** The symmetry of a network as specs name it. */
export const symmetryOption = z
  .enum(symmetries)
  .optional()
  .describe(
    'weights are tied so that an image that is turned or mirrored gives the SR image turned or mirrored, at the same ' +
      'work: square (8 symmetries, an eighth of the weights), of volumes also prism (16: z is mirrored as well) and ' +
      'cube (48: all axes alike); none when left out',
  );

/** What a convolution is told besides: whether it reads or makes an image in place of features, and phases. */
interface SymmetricConvOptions extends ConvOptions {
  readonly reads?: 'image';
  readonly makes?: 'image';
  /** What a depth-to-space will make of the channels. */
  readonly block?: PerAxis;
}

/** The layers of a network that may be held to a symmetry. */
export interface SymmetricLayers {
  conv(g: Graph, name: string, x: Tensor, options: SymmetricConvOptions): Tensor;
  prelu(g: Graph, name: string, x: Tensor): Tensor;
}

/**
 * Layers with tied weights, or the plain ones where no symmetry is named.
 *
 * Channels of features are functions on the group G (its regular representation; Cohen and Welling 2016,
 * arXiv:1602.07576): channel h·c + i is feature i as seen from h, and R takes it to the place R p and the channel
 * (R h)·c + i. An image's channels stay, and phases of a sub-pixel convolution move as HR pixels do. A convolution is
 * equivariant if and only if
 *
 *     W[R t][R a, R b] = W[t][a, b]  for every R of G, tap t, input a, output b,
 *
 * so that one number is stored for each orbit: an eighth of the weights for the square. The plain convolution that it
 * is expanded to has the work of any other.
 */
export function symmetricLayers(symmetry: Symmetry | undefined, rank: number): SymmetricLayers {
  if (symmetry === undefined) return { conv, prelu };
  requireRank(symmetry, rank);
  const group = groupOf(symmetry, rank);
  return {
    conv: (g, name, x, options) =>
      conv(g, name, x, { ...options, tie: tieOf(symmetry, { rank, channels: channelsOf(x.shape) }, options) }),
    prelu: (g, name, x) => prelu(g, name, x, orbits([featureMoves(channelsOf(x.shape), group)])),
  };
}

const groups = new Map<string, SymmetryGroup>();

function groupOf(symmetry: Symmetry, rank: number): SymmetryGroup {
  const key = `${symmetry} ${rank}`;
  const group = groups.get(key) ?? symmetryGroup(symmetry, rank);
  groups.set(key, group);
  return group;
}

/** Widths that hold whole orbits of features: for `refine` of an architecture's options. */
export const isWhole = (symmetry: Symmetry | undefined, widths: readonly number[]): boolean =>
  symmetry === undefined || widths.every((width) => width % orderOf[symmetry] === 0);

/**
 * Refuses a symmetry that a trial's images cannot have.
 * @throws {InputError} for prism and cube of planes, and where axes that it turns into each other grow unequally.
 */
export function requireSymmetry(model: object, factor: readonly number[]): void {
  const { symmetry } = model as { readonly symmetry?: Symmetry };
  if (symmetry === undefined) return;
  requireRank(symmetry, factor.length);
  const turned = symmetry === 'cube' ? factor : factor.slice(-2);
  if (turned.every((each) => each === turned[0])) return;
  throw new InputError({
    who: `model.symmetry ${symmetry}`,
    got: `factors ${factor.join(' x ')} (${factor.length === 3 ? 'z, y, x' : 'y, x'})`,
    wanted: 'equal ones along axes that it turns into each other',
    remedy: symmetry === 'cube' ? 'set model.symmetry to prism' : 'leave model.symmetry out',
  });
}

function requireRank(symmetry: Symmetry, rank: number): void {
  if (rank === 3 || symmetry === 'square') return;
  throw new InputError({
    who: `model.symmetry ${symmetry}`,
    got: 'planes',
    wanted: 'square, or volumes',
    remedy: 'set model.symmetry to square',
  });
}

type ConvTie = NonNullable<ConvOptions['tie']>;

const ties = new Map<string, ConvTie>();

/** Which weights of a convolution are one; known ones are kept, since a graph is built more than once. */
function tieOf(
  symmetry: Symmetry,
  { rank, channels }: { readonly rank: number; readonly channels: number },
  options: SymmetricConvOptions,
): ConvTie {
  const { filters, reads, makes } = options;
  const group = groupOf(symmetry, rank);
  const kernel = perAxis('kernel', options.kernel, rank);
  const block = perAxis('block', options.block ?? 1, rank);
  const key = JSON.stringify([symmetry, kernel, block, channels, filters, reads, makes]);
  const known = ties.get(key);
  if (known) return known;
  const inputs = reads === 'image' ? still(channels, group) : featureMoves(channels, group);
  const each = filters / sizeOf(block);
  const made = makes === 'image' ? still(each, group) : featureMoves(each, group);
  const outputs = group.cells(block).map((cells, r) => cells.flatMap((cell) => made[r].map((to) => cell * each + to)));
  const tie = { weight: orbits([group.cells(kernel), inputs, outputs]), bias: orbits([outputs]) };
  ties.set(key, tie);
  return tie;
}

/** What every element does to the channels of an image: nothing. */
const still = (channels: number, { order }: SymmetryGroup): number[][] =>
  Array.from({ length: order }, () => Array.from({ length: channels }, (_, i) => i));

/** What every element does to the channels of features. */
function featureMoves(channels: number, { order, elements }: SymmetryGroup): number[][] {
  const count = channels / order;
  return elements.map((moved) => moved.flatMap((to) => Array.from({ length: count }, (_, i) => to * count + i)));
}

/**
 * A filter from an image to phases, by its names, as tied layers store it: the mean over each orbit, which is the
 * nearest filter that has the symmetry.
 */
export function tieFilter(
  symmetry: Symmetry | undefined,
  weights: FittedWeights,
  { kernel, factor }: { readonly kernel: number; readonly factor: PerAxis },
): FittedWeights {
  if (symmetry === undefined) return weights;
  const block = factorOf(factor);
  const options = { kernel, block, filters: sizeOf(block), reads: 'image', makes: 'image' } as const;
  const tie = tieOf(symmetry, { rank: block.length, channels: 1 }, options);
  return Object.fromEntries(
    Object.entries(weights).map(([name, { values }]) => {
      const of = name.endsWith('.bias') ? tie.bias : tie.weight;
      return [name, { shape: [of.count], values: meanByTie(of, values) }];
    }),
  );
}

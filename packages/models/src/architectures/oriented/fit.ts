import type { Engine, Executable } from '../../engine/index.js';
import { Graph, createProgram } from '../../graph/index.js';
import { filterGrid, type FilterGrid, type FittedWeights, type LinearPair } from '../../linear/linear-filter.js';
import {
  MOST_PRODUCTS,
  addMoments,
  addSample,
  noMoments,
  meanVariance,
  productsOfSample,
  solveRidge,
  walkPatches,
  type Moments,
} from '../../linear/moments.js';
import { pixelsOf, requireSamples, type RidgeOptions } from '../../linear/ridge.js';
import { sharedMoments, type Turns } from '../../linear/symmetries.js';
import { edgeNames, orientedGates } from './gates.js';
import { bankOf, bucketsOf, type Bank, type OrientedOptions } from './options.js';
import { structureOf } from './structure-tensor.js';

export interface OrientedRidgeOptions extends Omit<RidgeOptions, 'kernel'> {
  readonly bank: OrientedOptions;
  /** Pixels of the whole that each bucket is given besides its own: where it has few, its filter is the plain one. */
  readonly shrinkage: number;
  /** The symmetries of the images, by which buckets share what they saw. */
  readonly turns: Turns;
  /** What computes the gates. */
  readonly engine: Engine;
}

/** The shrinkage of fits that are told none. */
export const SHRINKAGE = 20;

/** A gate below this counts as closed. */
const CLOSED = 1e-3;

/**
 * The bank of least squared error over training pairs, in closed form: for each bucket b
 *
 *     W_b = argmin over W of  sum over i of gate_b(i) |t_i - W p_i|²
 *           + shrinkage · s_b · mean over i of |t_i - W p_i|² + ridge
 *
 * over the pixels i of all pairs, with the gates of the model itself, and s_b the variance of the bucket's patches over
 * that of all. The middle term is, but for a constant, shrinkage · s_b · tr (W - W₀)ᵀ cov(P) (W - W₀), W₀ being the
 * ridge of all pixels. (Romano et al. 2017, arXiv:1606.01299, fit each bucket by itself.) Bins end at quantiles of the
 * training images. With one bucket this is plain ridge.
 * @returns the weights by name, from the model's own scope on.
 * @throws {InputError} if no image holds a whole patch.
 */
export async function fitOrientedRidge(
  pairs: readonly LinearPair[],
  options: OrientedRidgeOptions,
): Promise<FittedWeights> {
  const { factor, ridge, turns, engine } = options;
  const rank = typeof factor === 'number' ? 2 : factor.length;
  const bank = bankOf(options.bank, rank);
  const grid = filterGrid('oriented ridge', bank.kernel, factor);
  const reader = new GateReader(bank, rank, engine);
  try {
    await reader.fitEdges(pairs);
    const own = await bucketMoments(pairs, bank, grid, reader);
    requireSamples(sumOf(own, grid), { ...options, kernel: bank.kernel });
    const moments = sharedMoments({ grid, directions: bank.directions, moments: own }, turns);
    shrink(moments, sumOf(moments, grid), options.shrinkage);
    const filters = moments.map((each) => solveRidge(each, ridge));
    return { ...filterWeights(filters, bank, grid, rank), ...reader.weights() };
  } finally {
    reader.dispose();
  }
}

function sumOf(moments: readonly Moments[], { taps, phases }: FilterGrid): Moments {
  const sum = noMoments(taps.length, phases.length);
  for (const each of moments) addMoments(sum, each, 1);
  return sum;
}

/** Share of the whole's variance that a bucket counts for at the least. */
const LEAST_VARIANCE = 1e-3;

/** Gives each bucket some pixels of the whole, of as much variance as its own have. */
function shrink(moments: readonly Moments[], whole: Moments, shrinkage: number): void {
  const variance = meanVariance(whole);
  for (const each of moments) {
    // Flat places, such as clipped ground, have no variance: their filter is then all but that of the whole.
    const scale = each.count < 1 ? 1 : Math.max(LEAST_VARIANCE, meanVariance(each) / variance);
    addMoments(each, whole, (shrinkage * scale) / whole.count);
  }
}

/** Gated sums of each bucket; every n-th place of all where they would cost more than seconds. */
async function bucketMoments(
  pairs: readonly LinearPair[],
  bank: Bank,
  grid: FilterGrid,
  reader: GateReader,
): Promise<Moments[]> {
  const buckets = bucketsOf(bank);
  const { taps, phases } = grid;
  const moments = Array.from({ length: buckets }, () => noMoments(taps.length, phases.length));
  let every: number | null = null;
  let before = 0;
  for (const pair of pairs) {
    const gates = await reader.gates(pair);
    every ??= everyNth(pairs, gates, buckets, grid);
    before = walkPatches(pair, { grid, every, before }, (patch, target, centre) => {
      for (let b = 0; b < buckets; b++) {
        const gate = gates[centre * buckets + b];
        if (gate > CLOSED) addSample(moments[b], patch, target, gate);
      }
    });
  }
  return moments;
}

/** How many places there are to one that is taken, by the gates that are open in the first image. */
function everyNth(pairs: readonly LinearPair[], gates: Float32Array, buckets: number, grid: FilterGrid): number {
  let open = 0;
  for (const gate of gates) if (gate > CLOSED) open++;
  const products = (open * buckets * productsOfSample(grid.taps.length, grid.phases.length)) / gates.length;
  return Math.max(1, Math.ceil((pixelsOf(pairs) * products) / MOST_PRODUCTS));
}

/** The gates of a bank on images, by the graph of the model. */
class GateReader {
  private readonly bySize = new Map<string, Executable>();
  private edges: Record<string, Float32Array> = {};

  constructor(
    private readonly bank: Bank,
    private readonly rank: number,
    private readonly engine: Engine,
  ) {}

  /**
   * Lets bins of coherence end where each holds as many of the pixels as the others, and bins of strength where each
   * holds as much of the strength: most pixels are background, and its bins would be of noise alone.
   */
  async fitEdges(pairs: readonly LinearPair[]): Promise<void> {
    const { coherences, strengths } = this.bank;
    if (coherences === 1 && strengths === 1) return;
    const seen = { coherence: [] as Float32Array[], strength: [] as Float32Array[] };
    for (const pair of pairs) {
      const values = await this.run('structure', pair);
      seen.coherence.push(values['coherence']);
      seen.strength.push(values['strength']);
    }
    if (coherences > 1) this.edges[edgeNames.coherence] = quantiles(seen.coherence, coherences, () => 1);
    if (strengths > 1) this.edges[edgeNames.strength] = quantiles(seen.strength, strengths, Math.exp);
  }

  /** [pixels, buckets] */
  async gates(pair: LinearPair): Promise<Float32Array> {
    if (bucketsOf(this.bank) === 1) return new Float32Array(pair.lr.data.length).fill(1);
    return (await this.run('gates', pair))['gates'];
  }

  weights(): FittedWeights {
    return Object.fromEntries(
      Object.entries(this.edges).map(([name, values]) => [name, { shape: [values.length], values }]),
    );
  }

  dispose(): void {
    for (const executable of this.bySize.values()) executable.dispose();
  }

  private async run(action: 'structure' | 'gates', { lr }: LinearPair): Promise<Record<string, Float32Array>> {
    const sizes = [lr.depth ?? 1, lr.height, lr.width].slice(-this.rank);
    const key = sizes.join('x');
    let executable = this.bySize.get(key);
    if (!executable) {
      const g = new Graph();
      const image = g.input('lr', [1, ...sizes, 1]);
      const { coherence, strength } = structureOf(g, image);
      const gates = orientedGates(g, image, this.bank)!;
      const program = createProgram(g, {
        structure: { fetches: { coherence, strength } },
        gates: { fetches: { gates } },
      });
      this.bySize.set(key, (executable = await this.engine.compile(program)));
    }
    await executable.write(this.edges);
    return executable.run(action, { lr: lr.data });
  }
}

/** Values that cut those of all lists into parts of equal weight. */
function quantiles(lists: readonly Float32Array[], parts: number, weightOf: (value: number) => number): Float32Array {
  const total = lists.reduce((sum, { length }) => sum + length, 0);
  const step = Math.max(1, Math.floor(total / MOST_SORTED));
  const taken = Float32Array.from(lists.flatMap((list) => [...list.filter((_, i) => i % step === 0)])).sort();
  const whole = taken.reduce((sum, value) => sum + weightOf(value), 0);
  const edges = new Float32Array(parts - 1);
  let below = 0;
  let edge = 0;
  for (let i = 0; i < taken.length && edge < edges.length; i++) {
    below += weightOf(taken[i]);
    if (below * parts >= whole * (edge + 1)) edges[edge++] = taken[i];
  }
  return edges;
}

/** As many values say what a quantile is. */
const MOST_SORTED = 1e6;

/** Filters of all buckets as the one convolution of the model: buckets change fastest, then phases, then taps. */
function filterWeights(
  filters: readonly { readonly weights: Float64Array; readonly bias: Float64Array }[],
  { kernel }: Bank,
  { taps, phases }: FilterGrid,
  rank: number,
): FittedWeights {
  const outputs = phases.length * filters.length;
  const weights = new Float32Array(taps.length * outputs);
  const bias = new Float32Array(outputs);
  filters.forEach((filter, b) => {
    filter.weights.forEach((value, i) => {
      weights[i * filters.length + b] = value;
    });
    filter.bias.forEach((value, p) => {
      bias[p * filters.length + b] = value;
    });
  });
  return {
    'filter.weight': { shape: [...new Array<number>(rank).fill(kernel), 1, outputs], values: weights },
    'filter.bias': { shape: [outputs], values: bias },
  };
}

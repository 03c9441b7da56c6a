import { spatialRank, type Graph, type Initializer, type Tensor } from '../../graph/index.js';
import { bucketsOf, type Bank } from './options.js';
import { structureOf, type Structure } from './structure-tensor.js';

/** Softness of the bins: a tenth of the way is left to the neighbour at 2.2 widths from an edge. */
const WIDTHS = { coherence: 0.05, strength: 0.15 } as const;

/** Where bins end before a fit says it: evenly over what coherence may be, and over the slopes of plain images. */
const RANGES = { coherence: [0, 1], strength: [Math.log(0.003), Math.log(0.1)] } as const;

/** Names of the weights that hold the edges of the bins. */
export const edgeNames = { coherence: 'coherence.edges', strength: 'strength.edges' } as const;

/**
 * How much each filter of a bank counts at each pixel of an image: [n, spatial, buckets], not below 0, of sum 1; null
 * where there is one bucket. Buckets are ordered by strength, then coherence, then orientation. Gates of orientations
 * are cos^2n of the angle between a bucket's direction and the structure's, divided by their sum; bins of coherence and
 * of strength meet in logistic slopes. The edges of the bins are weights of the model that no step of training moves.
 */
export function orientedGates(g: Graph, lr: Tensor, bank: Bank): Tensor | null {
  if (bucketsOf(bank) === 1) return null;
  const structure: Structure = structureOf(g, lr);
  const gates = [
    binGates(g, 'strength', structure.strength, bank.strengths),
    binGates(g, 'coherence', structure.coherence, bank.coherences),
    orientationGates(g, structure.direction, bank),
  ];
  return gates.filter((each) => each !== null).reduce((outer, each) => products(g, outer, each));
}

/** Null where there is one direction alone. */
function orientationGates(g: Graph, direction: Tensor, { directions, sharpness }: Bank): Tensor | null {
  if (directions.length === 1) return null;
  const rank = spatialRank(direction.shape);
  const squaredCosines =
    rank === 2 ? planarCosines(g, direction, directions) : spatialCosines(g, direction, directions);
  const powers = power(g, squaredCosines, sharpness);
  return g.div(powers, g.shift(g.sum(powers, { axes: [rank + 1], keepDims: true }), 1e-20));
}

/** (1 + cos 2(θ - θk)) / 2 from cos and sin of 2θ. */
function planarCosines(g: Graph, direction: Tensor, directions: Bank['directions']): Tensor {
  const rows = [directions.map(([x, y]) => (x * x - y * y) / 2), directions.map(([x, y]) => x * y)];
  return g.relu(g.shift(mixed(g, direction, rows), 0.5));
}

/** dᵀ P d from the six entries of P. */
function spatialCosines(g: Graph, direction: Tensor, directions: Bank['directions']): Tensor {
  const rows = [
    directions.map(([x]) => x * x),
    directions.map(([, y]) => y * y),
    directions.map(([, , z]) => z * z),
    directions.map(([x, y]) => 2 * x * y),
    directions.map(([x, , z]) => 2 * x * z),
    directions.map(([, y, z]) => 2 * y * z),
  ];
  return g.relu(mixed(g, direction, rows));
}

/** Null where there is one bin alone. */
function binGates(g: Graph, name: keyof typeof edgeNames, value: Tensor, bins: number): Tensor | null {
  if (bins === 1) return null;
  const [low, high] = RANGES[name];
  const start: Initializer = {
    kind: 'values',
    values: Float32Array.from({ length: bins - 1 }, (_, i) => low + ((i + 1) / bins) * (high - low)),
  };
  const edges = g.weight(edgeNames[name], [bins - 1], start, { trainable: false });
  const above = g.sigmoid(g.scale(g.sub(value, edges), 1 / WIDTHS[name]));
  // Bin i: above the edge before it, and not above the one after it.
  const rows = Array.from({ length: bins - 1 }, (_, edge) =>
    Array.from({ length: bins }, (_, bin) => Number(bin === edge + 1) - Number(bin === edge)),
  );
  const first = Array.from({ length: bins }, (_, bin) => Number(bin === 0));
  return g.biasAdd(mixed(g, above, rows), g.constant(first, [bins]));
}

/** Each channel of a by each of b; those of b change fastest. */
function products(g: Graph, a: Tensor, b: Tensor): Tensor {
  const [m, n] = [a.shape.at(-1)!, b.shape.at(-1)!];
  const pairs = Array.from({ length: m * n }, (_, i) => ({ ofA: Math.floor(i / n), ofB: i % n }));
  const spread = (x: Tensor, count: number, channel: (pair: { ofA: number; ofB: number }) => number) =>
    mixed(
      g,
      x,
      Array.from({ length: count }, (_, row) => pairs.map((pair) => Number(channel(pair) === row))),
    );
  return g.mul(
    spread(a, m, ({ ofA }) => ofA),
    spread(b, n, ({ ofB }) => ofB),
  );
}

/** Channels mixed by a fixed matrix, a row for each channel of x. */
function mixed(g: Graph, x: Tensor, rows: readonly (readonly number[])[]): Tensor {
  const ones = new Array<number>(spatialRank(x.shape)).fill(1);
  return g.conv(x, g.constant(rows.flat(), [...ones, rows.length, rows[0].length]));
}

/** x to a whole power, by squares. */
function power(g: Graph, x: Tensor, exponent: number): Tensor {
  if (exponent === 1) return x;
  const half = power(g, g.square(x), Math.floor(exponent / 2));
  return exponent % 2 === 0 ? half : g.mul(half, x);
}

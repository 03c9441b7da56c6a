import { channelsOf, normal, sizeOf, spatialSizes, zeros, type Graph, type Tensor } from '../graph/index.js';

/** Length of the vectors that are compared. */
const DIMENSIONS = 256;

/** Keeps a vector of length 0 from being divided by it: the original adds as much to the length. */
const SHORTEST = 1e-7;

const initializer = normal(0.02);

/** Two layers that make a feature of each place a vector of length 1, [n, places, 256]. */
function project(g: Graph, x: Tensor): Tensor {
  const dense = (name: string, y: Tensor) => {
    const weight = g.weight(`${name}.weight`, [y.shape.at(-1)!, DIMENSIONS], initializer);
    return g.add(g.matmul(y, weight), g.weight(`${name}.bias`, [DIMENSIONS], zeros));
  };
  const y = dense('second', g.relu(dense('first', x)));
  const squares = g.sum(g.square(y), { axes: [2], keepDims: true });
  return g.mul(y, g.rsqrt(g.shift(squares, SHORTEST ** 2)));
}

/** Features at a lattice of at most `count` places, the same in every image: [n, places, channels]. */
function latticeOf(g: Graph, x: Tensor, count: number): Tensor {
  const sizes = spatialSizes(x.shape);
  const step = Math.ceil((sizeOf(sizes) / count) ** (1 / sizes.length));
  const places = sizes.map((length) => Math.max(1, Math.floor(length / step)));
  const steps = sizes.map((length) => Math.min(step, length));
  const [n, channels] = [x.shape[0], channelsOf(x.shape)];
  const covered = places.map((each, axis) => each * steps[axis]);
  const begin = sizes.map((length, axis) => Math.floor((length - covered[axis]) / 2));
  const inside = g.slice(x, [0, ...begin, 0], [n, ...covered, channels]);
  const blocks = g.reshape(inside, [n, ...places.flatMap((each, axis) => [each, steps[axis]]), channels]);
  const middle = places.flatMap((_, axis) => [0, Math.floor(steps[axis] / 2)]);
  const one = g.slice(blocks, [0, ...middle, 0], [n, ...places.flatMap((each) => [each, 1]), channels]);
  return g.reshape(one, [n, sizeOf(places), channels]);
}

/**
 * PatchNCE (Park et al. 2020, arXiv:2007.15651): at each place the features of an image are to be told, among those of
 * all places of the image that it was made from, as those of the same place. Cross entropy of the products over a
 * temperature, a mean over places and layers; the original's features take no gradient. A scalar.
 *
 * Places are a lattice, where the paper draws them: patches lie at random places already.
 * @param made features by layer of the image that was made. @param of those of the original, alike.
 * @param options.places of a layer that are compared.
 */
export function patchNce(
  g: Graph,
  made: readonly Tensor[],
  of: readonly Tensor[],
  { temperature, places }: { readonly temperature: number; readonly places: number },
): Tensor {
  const layers = made.map((features, i) =>
    g.scope(`layer.${i}`, () => {
      const query = project(g, latticeOf(g, features, places));
      const key = g.stopGradient(project(g, latticeOf(g, of[i], places)));
      const products = g.scale(g.matmul(query, key, { transposeB: true }), 1 / temperature);
      const same = g.scale(g.sum(g.mul(query, key), { axes: [2] }), 1 / temperature);
      return g.mean(g.sub(g.log(g.sum(g.exp(products), { axes: [2] })), same));
    }),
  );
  return g.scale(
    layers.reduce((sum, layer) => g.add(sum, layer)),
    1 / layers.length,
  );
}

import { createRng, median, percentileOfSorted, type Image } from '@lacuna/core';
import type { Mask } from '@lacuna/iqa';
import {
  Graph,
  createProgram,
  firstLayerOf,
  lineSelectivity,
  openEngine,
  type FirstLayer,
  type LineSelectivity,
} from '@lacuna/models';
import type { FigureImage } from '../../figures/index.js';
import { preferredEngine } from '../../machine/workers.js';
import type { LookedAt } from '../looked-at.js';
import { graphOf, inUnits, variablesOf } from '../model-graph.js';
import { PartUnavailable } from '../part-unavailable.js';
import type { Subject } from '../subject.js';

/** A filter of the first layer, and what it does on a scan. */
export interface SeenFilter {
  /** In the order of the layer. */
  readonly id: number;
  /** Of a plane the filter itself, of a volume its cuts through the middle: xy, xz, yz. */
  readonly pictures: readonly FigureImage[];
  /** Share of the layer's energy, the mean square of the responses to the scan. */
  readonly energy: number;
  /** How it answers to lines; null where the layer sees more than one channel. */
  readonly lines: LineSelectivity | null;
  /**
   * Median magnitude of the response where the centreline is, over that where no network is; null where the scan has
   * not both.
   */
  readonly onNetwork: number | null;
  /** The response at each pixel of the layer. */
  readonly response: Float32Array;
}

/** The first layer on a part of a scan. */
export interface SeenLayer {
  /** The strongest first. */
  readonly filters: readonly SeenFilter[];
  /** Sides of a filter, spatial axes. */
  readonly kernel: readonly number[];
  /** Selectivity for lines that 95 in 100 random filters of this shape do not pass; null where filters have none. */
  readonly chance: number | null;
  /** Of the responses; coarser or finer than the scan where the layer is. */
  readonly grid: Pick<Image, 'width' | 'height' | 'depth'>;
}

/**
 * What the convolution that sees the scan itself gives on a part of it.
 * @throws {PartUnavailable} for ops that our graph lacks, models of neighbouring planes, and networks without
 * convolution.
 */
export async function firstLayerOn({ scan, fine }: LookedAt, subject: Subject): Promise<SeenLayer> {
  const { model, read } = subject;
  const imported = graphOf(model, 'layer');
  const isVolume = model.volume !== null;
  const sides = [...(isVolume ? [scan.depth] : []), scan.height, scan.width];
  const g = new Graph();
  const input = g.input('input', [1, ...sides, 1]);
  const layer = firstLayerOf([inUnits(g, imported, input, model)], input);
  if (layer === null)
    throw new PartUnavailable({
      who: '--parts layer',
      got: `${model.label}, whose input goes through no convolution`,
      wanted: 'a convolutional network',
      remedy: 'leave the part out',
    });
  const [depth, height, width] = [...(isVolume ? [] : [1]), ...layer.response.shape.slice(1, -1)];
  const grid = { width, height, depth };
  const responses = await run(g, layer, { input: scan.data, variables: variablesOf(imported) });
  const weights = imported.weights[layer.filters].values;
  const count = layer.shape.at(-1)!;
  const place = placesOf(read, fine, grid);
  const numbers = Array.from({ length: count }, (_, k) => strengthOf(responses, { k, count }, place));
  const total = numbers.reduce((sum, { energy }) => sum + energy, 0);
  const isOfOne = layer.shape.at(-2) === 1;
  const spacing = spacingOf(scan, sides, layer);
  const lines = isOfOne ? lineSelectivity(weights, layer.shape, spacing) : null;
  const kernel = layer.shape.slice(0, -2);
  const filters = numbers.map(({ energy, onNetwork }, k): SeenFilter => ({
    id: k,
    pictures: picturesOf(weights, layer.shape, k),
    energy: total > 0 ? energy / total : 0,
    lines: lines === null ? null : lines[k],
    onNetwork,
    response: Float32Array.from({ length: responses.length / count }, (_, i) => responses[i * count + k]),
  }));
  return {
    filters: filters.sort((a, b) => b.energy - a.energy),
    kernel,
    chance: isOfOne ? chanceSelectivity(kernel, spacing) : null,
    grid,
  };
}

/** Random filters that chance is told by, and the share of them that is below it. */
const RANDOM = { filters: 100, share: 0.95 };

function chanceSelectivity(kernel: readonly number[], spacing: readonly number[]): number {
  const rng = createRng(0).fork('random filters');
  const shape = [...kernel, 1, RANDOM.filters];
  const weights = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => rng.normal());
  const found = lineSelectivity(weights, shape, spacing).map(({ selectivity }) => selectivity);
  return percentileOfSorted(Float64Array.from(found).sort(), RANDOM.share);
}

async function run(
  g: Graph,
  { response }: FirstLayer,
  given: { readonly input: Float32Array; readonly variables: Readonly<Record<string, Float32Array>> },
): Promise<Float32Array> {
  const engine = await openEngine({ prefer: preferredEngine() });
  const executable = await engine.compile(createProgram(g, { look: { fetches: { response } } }));
  try {
    await executable.write(given.variables);
    return (await executable.run('look', { input: given.input }))['response'];
  } finally {
    executable.dispose();
  }
}

/** Pixels of the layer along its axes, in the unit of the scan's; a layer of an enlarged scan has finer ones. */
function spacingOf({ pixelSize }: Image, sides: readonly number[], { response }: FirstLayer): number[] {
  const { x, y, z = x } = pixelSize ?? { x: 1, y: 1 };
  const coarse = sides.length === 3 ? [z, y, x] : [y, x];
  return coarse.map((length, axis) => (length * sides[axis]) / response.shape[1 + axis]);
}

/** What of the network is at a pixel of the layer. */
const NOTHING = 0;
const NETWORK = 1;
const CENTRELINE = 2;

/** By pixel of the layer: nothing, network, or its centreline. */
function placesOf(
  { mask, skeleton }: { readonly mask: Mask; readonly skeleton: Mask },
  box: LookedAt['fine'],
  grid: SeenLayer['grid'],
): Uint8Array {
  const places = new Uint8Array(grid.width * grid.height * grid.depth);
  for (let z = 0; z < box.depth; z++) {
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) {
        const from = ((box.z + z) * mask.height + box.y + y) * mask.width + box.x + x;
        if (mask.data[from] === 0) continue;
        const [u, v, w] = [
          Math.floor((x * grid.width) / box.width),
          Math.floor((y * grid.height) / box.height),
          Math.floor((z * grid.depth) / box.depth),
        ];
        const to = (w * grid.height + v) * grid.width + u;
        places[to] = Math.max(places[to], skeleton.data[from] === 0 ? NETWORK : CENTRELINE);
      }
    }
  }
  return places;
}

/** Mean square of a filter's response, and its median magnitude on the centreline over that beside the network. */
function strengthOf(
  responses: Float32Array,
  { k, count }: { readonly k: number; readonly count: number },
  places: Uint8Array,
): Pick<SeenFilter, 'energy' | 'onNetwork'> {
  const beside: number[] = [];
  const along: number[] = [];
  let sum = 0;
  places.forEach((place, i) => {
    const value = responses[i * count + k];
    sum += value ** 2;
    if (place === NOTHING) beside.push(Math.abs(value));
    if (place === CENTRELINE) along.push(Math.abs(value));
  });
  const ratio = median(along) / median(beside);
  return { energy: sum / places.length, onNetwork: Number.isFinite(ratio) ? ratio : null };
}

/** Pictures of one filter, [spatial, inputs, filters], of its first input. */
function picturesOf(weights: Float32Array, shape: readonly number[], k: number): FigureImage[] {
  const [inputs, outputs] = shape.slice(-2);
  const [depth, height, width] = [...(shape.length === 5 ? [] : [1]), ...shape.slice(0, -2)];
  const cut = (columns: number, rows: number, at: (u: number, v: number) => number): FigureImage => ({
    width: columns,
    height: rows,
    data: Float32Array.from({ length: columns * rows }, (_, i) => {
      const place = at(i % columns, Math.floor(i / columns));
      return weights[place * inputs * outputs + k];
    }),
  });
  const index = (x: number, y: number, z: number) => (z * height + y) * width + x;
  const [midX, midY, midZ] = [width >> 1, height >> 1, depth >> 1];
  const plane = cut(width, height, (u, v) => index(u, v, midZ));
  if (shape.length !== 5) return [plane];
  return [plane, cut(width, depth, (u, v) => index(u, midY, v)), cut(height, depth, (u, v) => index(midX, u, v))];
}

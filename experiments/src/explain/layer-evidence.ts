import { InputError, cropImage } from '@lacuna/core';
import { Graph, createProgram, firstLayerOf, openEngine } from '@lacuna/models';
import { drawEvidence, drawFirstLayer, type FirstFilter } from '../figures/index.js';
import { preferredEngine } from '../machine/workers.js';
import type { Evidence } from './evidence.js';
import { graphOf, inUnits, variablesOf } from './model-graph.js';
import { shownImage } from './shown.js';
import type { Subject } from './subject.js';

/** Longest sides of the part of a scan that filters are tried on: planes, volumes. */
const SIDES = { plane: 256, volume: 48 };

/** What the first layer sees: its filters, by how much of its energy each makes on the scan; the head's probability. */
export async function layerEvidence(subject: Subject): Promise<Evidence> {
  const { model, name } = subject;
  const filters = await filtersOf(subject);
  const sorted = [...filters].sort((a, b) => b.energy - a.energy);
  const top = Math.ceil(filters.length / 4);
  const strongest = sorted.slice(0, top).reduce((sum, { energy }) => sum + energy, 0);
  const kernel = sorted[0].picture.width;
  return {
    columns: [],
    lines: [
      `${filters.length} filters of ${kernel} coarse pixels; ${Math.round(100 * strongest)} % of their energy on the ` +
        `scan is made by ${top} of them`,
    ],
    facts: { filters: filters.length, kernel, energy_of_strongest_quarter: strongest },
    figures: [
      {
        name: 'layer',
        svg: drawFirstLayer({
          title: `What the first layer sees: ${model.label}`,
          note: `share of the layer's energy on ${name}; each filter has a span of its own`,
          filters: sorted,
        }),
      },
      ...headFigure(subject),
    ],
  };
}

/** Filters of the first layer with the energy of their responses, which sum to 1. */
async function filtersOf({ model, lr }: Subject): Promise<FirstFilter[]> {
  const imported = graphOf(model, 'layer');
  const isVolume = model.volume !== null;
  const side = isVolume ? SIDES.volume : SIDES.plane;
  const multiple = isVolume ? model.volume!.multiple : [1, model.run.multiple, model.run.multiple];
  const fit = (length: number, axis: number) => {
    const most = Math.min(length, side);
    return most - (most % multiple[axis]);
  };
  const crop = cropImage(lr, {
    x: 0,
    y: 0,
    z: 0,
    width: fit(lr.width, 2),
    height: fit(lr.height, 1),
    depth: isVolume ? fit(lr.depth, 0) : 1,
  });
  const g = new Graph();
  const input = g.input('input', [1, ...(isVolume ? [crop.depth] : []), crop.height, crop.width, 1]);
  const layer = firstLayerOf([inUnits(g, imported, input, model)], input);
  if (layer === null)
    throw new InputError({
      who: '--parts layer',
      got: `${model.label}, whose input goes through no convolution`,
      wanted: 'a convolutional network',
      remedy: 'leave the part out',
    });
  const { response } = layer;
  const axes = response.shape.slice(0, -1).map((_, axis) => axis);
  const energy = g.mean(g.square(response), { axes });
  const engine = await openEngine({ prefer: preferredEngine() });
  const executable = await engine.compile(createProgram(g, { look: { fetches: { energy } } }));
  try {
    await executable.write(variablesOf(imported));
    const found = await executable.run('look', { input: crop.data });
    const total = found['energy'].reduce((sum, value) => sum + value, 0);
    const weights = imported.weights[layer.filters].values;
    return Array.from(found['energy'], (value, k) => ({
      energy: total > 0 ? value / total : 0,
      picture: filterPicture(weights, layer.shape, k),
    }));
  } finally {
    executable.dispose();
  }
}

/** One filter, [.., height, width, 1, filters]; of a volume its middle plane. */
function filterPicture(weights: Float32Array, shape: readonly number[], k: number): FirstFilter['picture'] {
  const [height, width, inputs, outputs] = shape.slice(-4);
  const plane = shape.length === 5 ? (shape[0] >> 1) * height * width : 0;
  return {
    width,
    height,
    data: Float32Array.from({ length: width * height }, (_, i) => weights[(plane + i) * inputs * outputs + k]),
  };
}

/** The probability that a head gives, beside the image. */
function headFigure({ restored, restorer, model, name }: Subject): Evidence['figures'] {
  if (!restorer.readsHead) return [];
  return [
    {
      name: 'head',
      svg: drawEvidence({
        title: `What the head says: ${name}, ${model.label}`,
        note: 'probability of network',
        cells: [
          { ...shownImage(restored.image), heading: 'Enlarged', note: '' },
          { ...shownImage(restored.map), heading: 'Probability of network', note: '0 to 1', window: [0, 1] },
        ],
      }),
    },
  ];
}

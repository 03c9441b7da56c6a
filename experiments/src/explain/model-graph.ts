import { InputError } from '@lacuna/core';
import type { Graph, Tensor } from '@lacuna/models';
import { importOnnx, type ImportedModel } from '@lacuna/onnx';
import type { UpscaleModel } from '../upscale/open-model.js';
import { PartUnavailable } from './part-unavailable.js';

/**
 * A model as a graph of ours.
 * @throws {PartUnavailable} for ops that our graph lacks, and models that see neighbouring planes.
 */
export function graphOf({ onnx, label, slicing }: UpscaleModel, part: string): ImportedModel {
  if (slicing !== null)
    throw new PartUnavailable({
      who: `--parts ${part}`,
      got: `${label}, which sees neighbouring planes`,
      wanted: 'a model of single planes or of volumes',
      remedy: 'leave the part out',
    });
  try {
    return importOnnx(onnx);
  } catch (error) {
    throw error instanceof InputError ? new PartUnavailable(error.parts, { cause: error }) : error;
  }
}

/** The enlarged image of a model, on inputs and outputs in [0, 1]. */
export function inUnits(g: Graph, model: ImportedModel, input: Tensor, { run: { range } }: UpscaleModel): Tensor {
  const [low, high] = range;
  const [sr] = model.buildAll(g, g.shift(g.scale(input, high - low), low));
  return g.scale(g.shift(sr, -low), 1 / (high - low));
}

/** Values by name, as engines take them. */
export const variablesOf = ({ weights }: ImportedModel): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(weights).map(([name, { values }]) => [name, values]));

import { InputError } from '@lacuna/core';
import { buildGenerator } from '../architectures/index.js';
import type { Engine } from '../engine/index.js';
import { Graph, createProgram, factorOf } from '../graph/index.js';
import { parseModelMetadata } from '../load.js';
import type { Pixels } from '../pixels.js';
import { GENERATOR, directionChannels, headMaps } from '../regimes/index.js';
import { readTensorFile } from '../training/index.js';

/** What the heads that helped to train a model say of an image, on the fine grid. */
export interface HeadMaps {
  /** Distance to the background, as a share of the longest that training told apart; about 0..1. */
  readonly distance: Float32Array;
  /** Nearness of a centreline, about 0..1. */
  readonly centreline: Float32Array;
  /**
   * Direction of the network, maps after one another: in a plane cos 2θ and sin 2θ, in a volume xx, yy, zz, xy, xz, yz
   * of d·dᵀ.
   */
  readonly direction: readonly Float32Array[];
}

/**
 * Asks the heads of a model's training what they see: the model's last features, and the one convolution that training
 * read them by.
 * @param files of a trial's checkpoints: the model and its heads, of one step.
 * @param lr of one channel and of sides that the model takes whole, in [0, 1].
 * @throws {InputError} for damaged files, heads of another model or step, and a model that sees neighbouring planes.
 */
export async function predictHeads(
  engine: Engine,
  files: { readonly model: string; readonly heads: string },
  lr: Pixels,
): Promise<HeadMaps> {
  const own = readTensorFile(files.model);
  const { model, factor, channels, slicing, networkHead } = parseModelMetadata(files.model, own.metadata);
  const refuse = (got: string, wanted: string) => new InputError({ who: files.heads, got, wanted });
  if (slicing !== undefined) throw refuse('a model that sees neighbouring planes', 'one of planes or of volumes');
  const sides = factorOf(factor).length === 3 ? [lr.depth ?? 1, lr.height, lr.width] : [lr.height, lr.width];
  const g = new Graph();
  const input = g.input('lr', [1, ...sides, channels]);
  const made = buildGenerator(g, GENERATOR, input, model, { factor, channels, training: false, networkHead });
  const maps = headMaps(g, made);
  const heads = readTensorFile(files.heads);
  const weights = { ...own.tensors, ...heads.tensors };
  const executable = await engine.compile(createProgram(g, { look: { fetches: { maps } } }));
  try {
    const values = [...g.variables.values()].map(({ name, shape }) => {
      const tensor = weights[name];
      if (tensor === undefined || tensor.shape.join() !== shape.join())
        throw refuse(`no weight ${name} of [${shape.join(',')}]`, 'the heads of the model beside them');
      return [name, tensor.values] as const;
    });
    // Both are written after a validation, the heads first: a trial may have been ended between the two.
    const [step, modelStep] = [heads, own].map(({ metadata }) => metadata['step'] ?? 'unknown');
    if (step !== modelStep) throw refuse(`heads of step ${step}`, `those of step ${modelStep}, as the model`);
    await executable.write(Object.fromEntries(values));
    const { maps: found } = await executable.run('look', { lr: lr.data });
    const directions = directionChannels(made.features);
    const [distance, centreline, ...direction] = Array.from({ length: 2 + directions }, (_, c) =>
      channelOf(found, c, 2 + directions),
    );
    return { distance, centreline, direction };
  } finally {
    executable.dispose();
  }
}

/** One channel of values that lie together by pixel. */
const channelOf = (values: Float32Array, channel: number, channels: number): Float32Array =>
  Float32Array.from({ length: values.length / channels }, (_, i) => values[i * channels + channel]);

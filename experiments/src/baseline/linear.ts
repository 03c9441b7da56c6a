import { join } from 'node:path';
import { InputError, makeFolder } from '@lacuna/core';
import {
  describeModel,
  fitLmmse,
  fitRidge,
  linearWeights,
  loadModel,
  modelCost,
  openEngine,
  smoothedInterpolation,
  writeTensorFile,
  type Engine,
  type LinearFilter,
  type LinearPair,
  type LmmseOptions,
  type ModelSpec,
} from '@lacuna/models';
import { preferredEngine } from '../machine/workers.js';
import { layout } from '../sweep/results.js';
import type { TrialContext, UntrainedMethod } from '../trial/context.js';
import { modelDimensions, modelFactor } from '../trial/dimensions.js';
import { modelMetadata } from '../trial/model-metadata.js';
import type { Pair } from '../trial/pair.js';
import { enlargeWith, pairsFor } from '../trial/slices.js';
import { estimateAll, pixelsOf } from '../trial/sr-images.js';
import { chooseOnValidation } from './choose.js';
import { kernelOf } from './linear-kernel.js';
import type { LinearSpec } from './linear-spec.js';

/**
 * A linear filter in closed form, as a model of the architecture `linear`: it is written as trained models are, so that
 * it enlarges files and leaves as ONNX like them.
 */
export async function openLinear(context: TrialContext, spec: LinearSpec): Promise<UntrainedMethod> {
  const { options } = context;
  const dimensions = modelDimensions(context.spec, context.data.dimensions);
  const started = performance.now();
  const engine = await openEngine({
    prefer: preferredEngine(),
    ...(options.threads === null ? {} : { threads: options.threads }),
  });
  const filter = await fit(context, spec, engine);
  const written = writeFilter(filter, context);
  const model = await loadModel(written.path, { engine });
  const { parameters, macs720p, macsPerPixel, receptiveField } = modelCost(written.model, {
    factor: filter.factor,
    channels: 1,
  });
  return {
    engine: engine.description,
    cost: { parameters, macs720p, macsPerPixel, receptiveField },
    fitSeconds: (performance.now() - started) / 1000,
    enlarge: async (lr) => ({ ...lr, ...(await enlargeWith(lr, dimensions, model.predict)) }),
    dispose: () => Promise.resolve(model.dispose()),
  };
}

function fit(context: TrialContext, spec: LinearSpec, engine: Engine): Promise<LinearFilter> | LinearFilter {
  const { data } = context;
  const dimensions = modelDimensions(context.spec, data.dimensions);
  const factor = modelFactor(context.spec, dimensions);
  const { ridge, sigmas } = spec;
  const training = data.training.flatMap((pair) => pairsFor(pair, dimensions));
  const kernel = kernelOf(spec, dimensions);
  switch (spec.fit) {
    case 'ridge':
      return fitRidge(training.map(linearPair), { kernel, factor, ridge });
    case 'lmmse':
      return fitLmmse(
        training.map(({ hr }) => pixelsOf(hr)),
        { kernel, factor, forward: knownForward(context), noiseVariance: noiseVariance(data.training) },
      );
    case 'smoothed-bicubic':
      return chooseOnValidation(context, {
        candidates: sigmas.map((sigma) => smoothedInterpolation({ factor, sigma })),
        estimate: async (filter, pairs) => {
          const model = await loadModel(writeFilter(filter, context).path, { engine });
          const images = await estimateAll(pairs, (lr) => enlargeWith(lr, dimensions, model.predict));
          model.dispose();
          return images;
        },
      });
  }
}

const linearPair = ({ lr, hr }: Pair): LinearPair => ({ lr: pixelsOf(lr), hr: pixelsOf(hr) });

/** @throws {InputError} where the degradation draws another blur for each region. */
function knownForward({ data }: TrialContext): LmmseOptions['forward'] {
  const { forward } = data;
  if (forward === null) {
    throw new InputError({
      who: 'regime linear, fit lmmse',
      got: 'degradation.kind blind, which draws another blur for each region',
      wanted: 'a known one',
      remedy: 'use fit: ridge, or degradation.kind: confocal, ct or bicubic',
    });
  }
  return 'kernel' in forward ? { x: forward, y: forward } : forward;
}

/** Mean square of what the known degradation leaves unexplained in the training scans: the noise of an LR pixel. */
function noiseVariance(pairs: readonly Pair[]): number {
  let sum = 0;
  let count = 0;
  for (const { lr, hr, forward } of pairs) {
    const expected = forward(hr).data;
    lr.data.forEach((value, i) => {
      sum += (value - expected[i]) ** 2;
    });
    count += lr.data.length;
  }
  return sum / count;
}

function writeFilter(filter: LinearFilter, context: TrialContext): { path: string; model: ModelSpec } {
  const model: ModelSpec = { name: 'linear', kernel: filter.kernel };
  const folder = layout.checkpoints(context.options.folder);
  makeFolder(folder);
  const path = join(folder, 'best.safetensors');
  writeTensorFile(path, {
    tensors: linearWeights(filter, 'generator'),
    metadata: { ...describeModel({ model, factor: filter.factor, channels: 1 }), ...modelMetadata(context) },
  });
  return { path, model };
}

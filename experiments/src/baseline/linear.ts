import { join } from 'node:path';
import { makeFolder } from '@lacuna/core';
import {
  describeModel,
  fitLmmse,
  fitRidge,
  linearWeights,
  loadModel,
  modelCost,
  openEngine,
  requireForward,
  smoothedInterpolation,
  writeTensorFile,
  type Engine,
  type LinearFilter,
  type ModelSpec,
} from '@lacuna/models';
import { preferredEngine } from '../machine/workers.js';
import { layout } from '../sweep/results.js';
import type { TrialContext, UntrainedMethod } from '../trial/context.js';
import { modelDimensions, modelFactor } from '../trial/dimensions.js';
import { fitSource } from '../trial/fit-source.js';
import { modelMetadata } from '../trial/model-metadata.js';
import { enlargeWith } from '../trial/slices.js';
import { estimateAll } from '../trial/sr-images.js';
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
  const source = fitSource(data, dimensions);
  const kernel = kernelOf(spec, dimensions);
  switch (spec.fit) {
    case 'ridge':
      return fitRidge(source.pairs, { kernel, factor, ridge });
    case 'lmmse':
      return fitLmmse(
        source.pairs.map(({ hr }) => hr),
        {
          kernel,
          factor,
          forward: requireForward(source.forward, { who: 'regime linear, fit lmmse', instead: 'fit: ridge' }),
          noiseVariance: source.noiseVariance(),
        },
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

import { join } from 'node:path';
import { makeFolder } from '@lacuna/core';
import {
  GENERATOR,
  SHRINKAGE,
  describeModel,
  fitLmmse,
  fitOrientedRidge,
  fitRidge,
  linearWeights,
  loadModel,
  modelCost,
  openEngine,
  orientedOptions,
  requireForward,
  smoothedInterpolation,
  writeTensorFile,
  type Engine,
  type FittedWeights,
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
import { kernelOf, linearModel } from './linear-kernel.js';
import type { LinearSpec } from './linear-spec.js';

/** A fit as the model that it becomes, with its weights by their names in model files. */
interface Fitted {
  readonly model: ModelSpec;
  readonly weights: FittedWeights;
}

/**
 * A linear filter in closed form, as a model of the architecture `linear`, or a bank of them, as one of the architecture
 * `oriented`: it is written as trained models are, so that it enlarges files and leaves as ONNX like them.
 */
export async function openLinear(context: TrialContext, spec: LinearSpec): Promise<UntrainedMethod> {
  const { options } = context;
  const dimensions = modelDimensions(context.spec, context.data.dimensions);
  const factor = modelFactor(context.spec, dimensions);
  const started = performance.now();
  const engine = await openEngine({
    prefer: preferredEngine(),
    ...(options.threads === null ? {} : { threads: options.threads }),
  });
  const fitted = await fit(context, spec, engine);
  const model = await loadModel(writeFitted(fitted, context), { engine });
  const { parameters, macs720p, macsPerPixel, receptiveField } = modelCost(fitted.model, { factor, channels: 1 });
  return {
    engine: engine.description,
    cost: { parameters, macs720p, macsPerPixel, receptiveField },
    fitSeconds: (performance.now() - started) / 1000,
    enlarge: async (lr) => ({ ...lr, ...(await enlargeWith(lr, dimensions, model.predict)) }),
    dispose: () => Promise.resolve(model.dispose()),
  };
}

async function fit(context: TrialContext, spec: LinearSpec, engine: Engine): Promise<Fitted> {
  const { data } = context;
  const dimensions = modelDimensions(context.spec, data.dimensions);
  const factor = modelFactor(context.spec, dimensions);
  const { ridge, sigmas } = spec;
  const source = fitSource(context.spec, data, engine);
  const kernel = kernelOf(spec, dimensions);
  switch (spec.fit) {
    case 'ridge':
      return asLinear(fitRidge(source.pairs, { kernel, factor, ridge }));
    case 'oriented-ridge': {
      const { turns } = source;
      const { shrinkage = SHRINKAGE, bank: given } = spec;
      const bank = orientedOptions.parse({ kernel, ...given });
      const options = { bank, factor, ridge, shrinkage, turns, engine };
      const weights = Object.entries(await fitOrientedRidge(source.pairs, options));
      return {
        model: linearModel(spec, dimensions),
        weights: Object.fromEntries(weights.map(([name, weight]) => [`${GENERATOR}.${name}`, weight])),
      };
    }
    case 'lmmse':
      return asLinear(
        fitLmmse(
          source.pairs.map(({ hr }) => hr),
          {
            kernel,
            factor,
            forward: requireForward(source.forward, { who: 'regime linear, fit lmmse', instead: 'fit: ridge' }),
            noiseVariance: source.noiseVariance(),
          },
        ),
      );
    case 'smoothed-bicubic':
      return chooseOnValidation(context, {
        candidates: sigmas.map((sigma) => asLinear(smoothedInterpolation({ factor, sigma }))),
        estimate: async (fitted, pairs) => {
          const model = await loadModel(writeFitted(fitted, context), { engine });
          const images = await estimateAll(pairs, (lr) => enlargeWith(lr, dimensions, model.predict));
          model.dispose();
          return images;
        },
      });
  }
}

const asLinear = (filter: LinearFilter): Fitted => ({
  model: { name: 'linear', kernel: filter.kernel },
  weights: linearWeights(filter, GENERATOR),
});

/** Writes a fit as trained models are written. */
function writeFitted({ model, weights }: Fitted, context: TrialContext): string {
  const dimensions = modelDimensions(context.spec, context.data.dimensions);
  const factor = modelFactor(context.spec, dimensions);
  const folder = layout.checkpoints(context.options.folder);
  makeFolder(folder);
  const path = join(folder, 'best.safetensors');
  writeTensorFile(path, {
    tensors: weights,
    metadata: { ...describeModel({ model, factor, channels: 1 }), ...modelMetadata(context) },
  });
  return path;
}

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
import { layout } from '../sweep/results/results.js';
import type { TrialContext, UntrainedMethod } from '../trial/context.js';
import { fitSource } from '../trial/data/fit-source.js';
import { modelMetadata } from '../trial/model-metadata.js';
import { enlargeWith, volumesFor } from '../trial/view/slices.js';
import { estimateAll, pixelsOf } from '../trial/sr-images.js';
import { costInView, modelFactor, planesOf, slicingOf, viewOf, type View } from '../trial/view/view.js';
import { chooseOnValidation } from './choose.js';
import { kernelOf, linearModel, requireReader } from './linear-kernel.js';
import type { LinearSpec } from './linear-spec.js';

/** A fit as the model that it becomes, with its weights by their names in model files. */
interface Fitted {
  readonly model: ModelSpec;
  readonly weights: FittedWeights;
}

/**
 * A linear filter in closed form, as a model of the architecture `linear`, or a bank of them, as one of architecture
 * `oriented`: it is written as trained models are, so that it enlarges files and leaves as ONNX like them.
 */
export async function openLinear(context: TrialContext, spec: LinearSpec): Promise<UntrainedMethod> {
  const { options } = context;
  const view = viewOf(context.spec, context.data.dimensions);
  const started = performance.now();
  const engine = await openEngine({
    prefer: preferredEngine(),
    ...(options.threads === null ? {} : { threads: options.threads }),
  });
  const fitted = await fit(context, spec, { engine, view });
  const modelPath = writeFitted(fitted, context);
  const model = await loadModel(modelPath, { engine });
  const { parameters, macs720p, macsPerPixel, receptiveField } = costInView(fitted.model, context.spec, view);
  return {
    engine: engine.description,
    cost: { parameters, macs720p, macsPerPixel, receptiveField },
    fitSeconds: (performance.now() - started) / 1000,
    modelPath,
    enlarge: async (lr) => ({ ...lr, ...(await enlargeWith(lr, view, model.predict)) }),
    dispose: () => Promise.resolve(model.dispose()),
  };
}

async function fit(
  context: TrialContext,
  spec: LinearSpec,
  { engine, view }: { readonly engine: Engine; readonly view: View },
): Promise<Fitted> {
  const { data } = context;
  const planes = planesOf(view);
  requireReader(spec, view);
  const factor = modelFactor(context.spec, view);
  const { ridge, sigmas } = spec;
  const source = fitSource(context.spec, data, engine);
  // A filter over several planes is fitted as one of the volume: its taps lie in the planes beside.
  const pairs =
    planes === 1
      ? source.pairs
      : data.training
          .map((pair) => volumesFor(pair, view.slices!))
          .map(({ lr, hr }) => ({ lr: pixelsOf(lr), hr: pixelsOf(hr) }));
  const kernel = kernelOf(spec, view.dimensions);
  switch (spec.fit) {
    case 'ridge':
      return asLinear(fitRidge(pairs, { kernel, factor, planes, ridge }));
    case 'oriented-ridge': {
      const { turns } = source;
      const { shrinkage = SHRINKAGE, bank: given } = spec;
      const bank = orientedOptions.parse({ kernel, ...given });
      const options = { bank, factor, ridge, shrinkage, turns, engine };
      const weights = Object.entries(await fitOrientedRidge(source.pairs, options));
      return {
        model: linearModel(spec, view.dimensions),
        weights: Object.fromEntries(weights.map(([name, weight]) => [`${GENERATOR}.${name}`, weight])),
      };
    }
    case 'lmmse':
      return asLinear(
        fitLmmse(
          pairs.map(({ hr }) => hr),
          {
            kernel,
            factor,
            planes,
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
          const images = await estimateAll(pairs, (lr) => enlargeWith(lr, view, model.predict));
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
  const view = viewOf(context.spec, context.data.dimensions);
  const factor = modelFactor(context.spec, view);
  const folder = layout.checkpoints(context.options.folder);
  makeFolder(folder);
  const path = join(folder, 'best.safetensors');
  writeTensorFile(path, {
    tensors: weights,
    metadata: { ...describeModel({ model, factor, channels: 1, ...slicingOf(view) }), ...modelMetadata(context) },
  });
  return path;
}

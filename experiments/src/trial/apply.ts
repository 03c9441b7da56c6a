import type { Image } from '@lacuna/core';
import { enlarge } from '@lacuna/datasets';
import type { BaselineSpec } from '../baseline/spec.js';
import type { InferenceCost, MethodOutcome, TrialContext } from './context.js';
import { withPrefix } from './metrics-log.js';
import { scoreRegions } from './scores.js';
import { estimateAll, saveImages } from './sr-images.js';

/** What a method without training does to a region, and what it costs. */
interface UntrainedMethod {
  readonly engine: string;
  readonly cost: InferenceCost;
  readonly enlarge: (lr: Image) => Promise<Image>;
  readonly dispose: () => Promise<void>;
}

/** Interpolation, or a network of others as it is. */
async function openUntrained({ spec, options }: TrialContext): Promise<UntrainedMethod> {
  const { regime } = spec;
  const { factor } = spec.degradation;
  if (regime.kind === 'interpolation') {
    return {
      engine: 'none',
      cost: { parameters: 0, macs720p: 0, macsPerPixel: 0, receptiveField: null },
      enlarge: (lr) => Promise.resolve(enlarge(lr, factor, regime.method)),
      dispose: () => Promise.resolve(),
    };
  }
  // Loaded here: where onnxruntime has no build for the machine, other methods do not depend on it.
  const { openBaseline } = await import('../baseline/baseline.js');
  return openBaseline(regime as BaselineSpec, { factor, baseDir: options.baseDir, threads: options.threads });
}

/** A method without training: validation, then the test split, once. */
export async function applyUntrained(context: TrialContext): Promise<MethodOutcome> {
  const { spec, data, protocol, tracking, options } = context;
  const method = await openUntrained(context);
  try {
    const validated = await estimateAll(data.validation, method.enlarge);
    const validation = scoreRegions(data.validation, validated, protocol);
    // Written at the first and last step, so that charts show a line to hold the others to.
    for (const step of [0, spec.training.steps]) context.logPoints(step, withPrefix('validation', validation.values));
    await tracking.logSr(spec.training.steps, data.validation[0], validated[0]);
    const pairs = data.test();
    const images = await estimateAll(pairs, method.enlarge);
    const test = scoreRegions(pairs, images, protocol);
    saveImages(options.folder, pairs[0], images[0], data);
    return {
      status: 'finished',
      steps: 0,
      bestStep: null,
      validation,
      test,
      engine: method.engine,
      cost: { ...method.cost, trainSeconds: 0, stepMs: null, dataWaitShare: null },
    };
  } finally {
    await method.dispose();
  }
}

import { enlarge } from '@lacuna/datasets';
import { openDeconvolution } from '../baseline/deconvolution.js';
import { openLinear } from '../baseline/linear.js';
import type { BaselineSpec } from '../baseline/spec.js';
import type { MethodOutcome, TrialContext, UntrainedMethod } from './context.js';
import { withPrefix } from './metrics-log.js';
import { noteOwnLevels } from './model-metadata.js';
import { beginPhase } from './phases.js';
import { estimateAll } from './sr-images.js';
import { testMethod } from './scores/test-method.js';

/** Interpolation, a filter in closed form, deconvolution, or a network of others as it is. */
async function openUntrained(context: TrialContext): Promise<UntrainedMethod> {
  const { spec, options, data } = context;
  const { regime } = spec;
  const { factor } = spec.degradation;
  if (regime.kind === 'interpolation') {
    return {
      engine: 'none',
      cost: { parameters: 0, macs720p: 0, macsPerPixel: 0, receptiveField: null },
      enlarge: (lr) => Promise.resolve(enlarge(lr, factor, regime.method)),
      fitSeconds: 0,
      dispose: () => Promise.resolve(),
    };
  }
  if (regime.kind === 'linear') return openLinear(context, regime);
  if (regime.kind === 'deconvolution') return openDeconvolution(context, regime);
  // Loaded here: where onnxruntime has no build for the machine, other methods do not depend on it.
  const { openBaseline } = await import('../baseline/baseline.js');
  const { threads } = spec.training;
  const baseline = await openBaseline(regime as BaselineSpec, {
    factor,
    dimensions: data.dimensions,
    baseDir: options.baseDir,
    threads,
  });
  return { ...baseline, fitSeconds: null };
}

/** A method without training: validation, then the test split, once. */
export async function applyUntrained(context: TrialContext): Promise<MethodOutcome> {
  const { spec, data, tracking } = context;
  beginPhase('engine');
  const method = await openUntrained(context);
  beginPhase('scores');
  try {
    const validated = await estimateAll(data.validation, method.enlarge);
    await tracking.logSr(spec.training.steps, data.validation[0], validated[0]);
    const tested = await testMethod(context, method.enlarge, validated);
    if (method.modelPath !== undefined) noteOwnLevels(method.modelPath, tested.levels);
    // Written at the first and last step, so that charts show a line to hold the others to.
    for (const step of [0, spec.training.steps])
      context.logPoints(step, withPrefix('validation', tested.validation.values));
    return {
      status: 'finished',
      steps: 0,
      bestStep: null,
      ...tested,
      engine: method.engine,
      cost: { ...method.cost, trainSeconds: method.fitSeconds, stepMs: null, dataWaitShare: null },
    };
  } finally {
    await method.dispose();
  }
}

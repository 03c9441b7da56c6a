import { resolve } from 'node:path';
import { generatorShapes, keepsNetworkHead, requireFit } from '@lacuna/models';
import type { Trial } from '@lacuna/sweep';
import { readInitialWeights } from '../../trial/initial-weights.js';
import { modelFactor, planesOf, plannedView } from '../../trial/view/view.js';
import { withDimensions } from './check-headers.js';
import type { LacunaSweep } from '../plan/plan.js';
import type { TrialSpec } from '../spec/spec.js';

type Trials = readonly Trial<TrialSpec>[];

/**
 * Opens the model files that new trials begin with, and holds the weights of each, or of the method that it begins
 * with, to its own model.
 * @throws {InputError} naming the tensor that does not fit.
 */
export async function checkInit(trials: Trials, sweep: LacunaSweep): Promise<void> {
  const baseDir = process.cwd();
  if (trials.every(({ config }) => !config.init)) return;
  // Whether the user's files are planes or volumes decides the shapes of weights.
  const known = await withDimensions(sweep, { baseDir });
  const byId = new Map(known.trials.map((trial) => [trial.id, trial]));
  const seen = new Set<string>();
  for (const { id } of trials) {
    const trial = byId.get(id)!;
    const { init } = trial.config;
    if (!init || seen.has(trial.group)) continue;
    seen.add(trial.group);
    const who = `${trial.group}: init.from`;
    if (init.from.file !== undefined) {
      const { who: file, tensors } = await readInitialWeights(`${who}.file`, resolve(baseDir, init.from.file));
      requireFit(file, tensors, shapesOf(trial.config));
      continue;
    }
    const before = byId.get(trial.after ?? '')!;
    const shapes = shapesOf(before.config);
    const tensors = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
    requireFit(`${who}.method ${before.method}`, tensors, shapesOf(trial.config));
  }
}

function shapesOf(spec: TrialSpec): Readonly<Record<string, readonly number[]>> {
  const view = plannedView(spec);
  const networkHead = keepsNetworkHead(spec.regime);
  return generatorShapes(spec.model, {
    factor: modelFactor(spec, view),
    channels: 1,
    planes: planesOf(view),
    networkHead,
  });
}

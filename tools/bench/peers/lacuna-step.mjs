// What a training step of a trial computes, in ms of processor time.
import { createRng } from '../../../packages/core/dist/index.js';
import { createTensorFlowEngine, initialVariables } from '../../../packages/models/dist/index.js';
import { plannedRegime } from '../../../experiments/dist/sweep/plan/planned-regime.js';
import { patchOf, plannedView } from '../../../experiments/dist/trial/view/view.js';
import { stepFeeds } from '../step-feeds.mjs';

const WARM = 3;
const STEPS = 10;

/** Median over some steps on patches of noise, of the whole process: its threads count. */
export async function cpuMsOfStep(config) {
  const view = plannedView(config);
  const { batch, steps, threads } = config.training;
  const regime = plannedRegime(config, config.regime, { patch: patchOf(config, view), batch, view, teacher: null });
  const executable = await createTensorFlowEngine({ threads }).compile(regime.program);
  try {
    await executable.write(initialVariables(regime.program.graph, createRng(0)));
    const feeds = stepFeeds(regime);
    const times = [];
    for (let step = 1; step <= WARM + STEPS; step++) {
      const before = process.cpuUsage();
      for (const action of regime.actionsAt(step, steps)) await executable.run(action, feeds);
      const { user, system } = process.cpuUsage(before);
      if (step > WARM) times.push((user + system) / 1e3);
    }
    return times.sort((a, b) => a - b)[STEPS >> 1];
  } finally {
    executable.dispose();
  }
}

import { rmSync } from 'node:fs';
import type { LacunaTrial } from '../plan/plan.js';
import { layout, readResult } from '../results/results.js';

/** What is run again besides trials without a result: nothing, diverged trials, or everything from the beginning. */
export const RETRIES = ['failed', 'diverged', 'all'] as const;
export type Retry = (typeof RETRIES)[number];

/**
 * Trials that are to be run: those without a result (a failed one has none), and what `retry` adds. What is run again
 * loses its result and begins from nothing: a diverged trial's checkpoint would only diverge once more.
 */
export function takePending(trials: readonly LacunaTrial[], folder: string, retry: Retry): LacunaTrial[] {
  return trials.filter(({ id }) => {
    const trial = layout.trial(folder, id);
    const result = readResult(trial);
    if (!result) return true;
    if (retry === 'failed' || (retry === 'diverged' && result.status !== 'diverged')) return false;
    for (const path of [layout.result, layout.checkpoints, layout.metrics, layout.kept, layout.record])
      rmSync(path(trial), { recursive: true, force: true });
    return true;
  });
}

import { InputError } from '@lacuna/core';
import { readJournal, withinBudget, type JobSource } from '@lacuna/sweep';
import { visibleGpus } from '../../machine/workers.js';
import { requireCounter } from '../../search/search-jobs.js';
import type { LacunaSweep } from '../plan/plan.js';
import { layout, readResult } from '../results/results.js';

/** @throws {InputError} where the machine cannot measure what a budget is of. */
export function requireMeasurable({ budget }: LacunaSweep): void {
  if (budget?.energy !== undefined) requireCounter('budget.energy');
  if (budget?.gpuHours === undefined || visibleGpus().length > 0) return;
  throw new InputError({
    who: 'budget.gpuHours',
    got: 'a machine without a GPU',
    wanted: 'budget.hours',
    remedy: 'set budget.hours in its place',
  });
}

/** The jobs of a sweep as far as its budget goes. */
export function budgeted(
  jobs: JobSource,
  { sweep, folder, workers }: { readonly sweep: LacunaSweep; readonly folder: string; readonly workers: number },
): JobSource {
  const { budget } = sweep;
  if (budget === null) return jobs;
  const gpus = visibleGpus().length;
  return withinBudget(jobs, {
    budget,
    earlier: readJournal(folder),
    joulesOfTrial: (id) => readResult(layout.trial(folder, id))?.cost.energy.joules ?? 0,
    gpusOfTrial: gpus === 0 ? 0 : Math.min(1, gpus / workers),
    onUsedUp: (what) => console.log(`budget     used up: ${what}; nothing else begins`),
  });
}

import { InputError } from '@lacuna/core';
import { readPoints } from '@lacuna/sweep';
import type { LacunaSweep, LacunaTrial } from '../sweep/plan/plan.js';
import { layout } from '../sweep/results/results.js';

/** A sweep with the trials of the points that its search has chosen so far, as its folder tells. */
export function withPoints(sweep: LacunaSweep, folder: string): LacunaSweep {
  const { search } = sweep;
  if (!search) return sweep;
  const byId = new Map<string, LacunaTrial>();
  for (const { number, point } of readPoints(layout.points(folder)))
    for (const trial of plannedOr(() => search.plan(number, point))) if (!byId.has(trial.id)) byId.set(trial.id, trial);
  return { ...sweep, trials: [...byId.values()] };
}

/** Points whose values do not go together, or are none of a space that was changed since, have no trials. */
function plannedOr(plan: () => readonly LacunaTrial[]): readonly LacunaTrial[] {
  try {
    return plan();
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

import { existsSync } from 'node:fs';
import { startRun } from 'mlflow-ts-client';
import type { DrawnFigure } from '../figures/index.js';
import type { LacunaSweep } from '../sweep/plan/plan.js';
import { layout } from '../sweep/results/results.js';
import { trackingCredentials } from '../tracking/address.js';
import { PLANNED_TAG, SWEEP_TAG, runKey } from '../tracking/sweep-identity.js';
import type { SweepTracking } from '../tracking/sweep-tracking.js';
import type { Found } from './found.js';
import { countsOf } from './found-text.js';
import { searchesOf } from './search-figures.js';

/** What the run of a search is made from. */
interface SearchRun {
  readonly sweep: LacunaSweep;
  readonly folder: string;
  readonly tracking: Pick<SweepTracking, 'uri' | 'identity'>;
  readonly figures: readonly DrawnFigure[];
}

/** Figures that are of the search itself. */
const FIGURES = ['pareto-front', 'search'];

/**
 * Gives a search a run of its own in MLflow, beside those of its trials: its points, front and importances as
 * artifacts, shares of the fields as metrics. It is written to a journal, which is delivered as theirs are.
 */
export async function trackSearch(found: Found, { sweep, folder, tracking, figures }: SearchRun): Promise<void> {
  const identity = tracking.identity();
  const uri = tracking.uri();
  const { spec, points } = found;
  const run = await startRun({
    spoolDir: layout.searchSpool(folder),
    experimentName: sweep.common.tracking.experiment,
    runName: `${sweep.name}: search by ${spec.kind}`,
    trialKey: runKey(identity, 'search'),
    env: trackingCredentials(),
    ...(uri === null ? {} : { trackingUri: uri }),
    // No trial: the comparison of the trials leaves it out.
    tags: { [SWEEP_TAG]: identity, [PLANNED_TAG]: 'no' },
  });
  run.setTag('lacuna.status', countsOf(found));
  const [data] = searchesOf(sweep, folder);
  for (const { objective, shares } of data?.importances ?? [])
    for (const { field, share } of shares)
      run.logMetric(`importance/${objective}/${field}`, share, { step: points.length });
  for (const figure of figures.filter(({ name }) => FIGURES.includes(name)))
    for (const file of [figure.svg, figure.png]) if (file !== undefined) await run.logArtifact(file, 'figures');
  for (const path of [layout.pointTable(folder), layout.importances(folder)])
    if (existsSync(path)) await run.logArtifact(path);
  await run.logText(JSON.stringify(spec, null, 2), 'search.json');
  // The sweep delivers the journal with those of the trials.
  await run.end('FINISHED', { timeoutMs: 0 });
}

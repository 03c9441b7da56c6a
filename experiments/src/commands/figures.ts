import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { FailureError } from '@lacuna/core';
import { drawSweepFigures, type SweepFigures } from '../sweep/summary/sweep-figures.js';
import type { LacunaSweep } from '../sweep/plan/plan.js';
import { layout, readResults } from '../sweep/results/results.js';
import type { SweepSelection } from '../sweep/plan/selection.js';
import { sweepFolder } from '../sweep/plan/sweep-folder.js';
import { restoreFromTracking } from '../tracking/restore.js';
import { openSweepTracking } from '../tracking/sweep-tracking.js';
import { onSweep, type SelectionOptions } from './options.js';
import { planResults, requireResults, sayMissing } from './sweep-results.js';

interface FigureOptions extends SelectionOptions {
  readonly from?: 'disk' | 'mlflow';
  readonly trackingUri?: string;
}

/** `lacuna figures`: from what a sweep left on disk, or from MLflow's copy of it. */
export function register(program: Command): void {
  const figures = program
    .command('figures')
    .description('draw the figures of a sweep again (SVG, PDF, PNG)')
    .addOption(
      new Option(
        '--from <where>',
        "where results are read; by default the sweep's folder, and MLflow where that holds none",
      ).choices(['disk', 'mlflow']),
    )
    .option('--tracking-uri <uri>', 'an MLflow server in place of the local one');
  onSweep<FigureOptions>(figures, figuresCommand);
}

async function figuresCommand(selection: SweepSelection, { from, trackingUri }: FigureOptions): Promise<void> {
  const sweep = planResults(selection);
  const folder = sweepFolder(sweep.name, selection.out);
  const ids = sweep.trials.map(({ id }) => id);
  const onDisk = existsSync(folder) && readResults(folder, ids).length > 0;
  if (from === 'disk' || (from === undefined && onDisk)) {
    requireResults(selection, sweep);
    sayFigures(await drawSweepFigures(sweep, folder), folder);
    sayMissing(selection, sweep);
  } else sayFigures(await drawFromTracking(sweep, folder, trackingUri), folder);
}

function sayFigures({ drawn }: SweepFigures, folder: string): void {
  for (const { name } of drawn) console.log(join(layout.figures(folder), `${name}.svg`));
}

async function drawFromTracking(
  sweep: LacunaSweep,
  folder: string,
  trackingUri: string | undefined,
): Promise<SweepFigures> {
  const tracking = openSweepTracking(sweep, folder, { trackingUri, enabled: true });
  const uri = await tracking.opened();
  if (uri === null)
    throw new FailureError({
      who: 'figures',
      got: tracking.unavailable() ?? 'no MLflow server',
      wanted: `results of ${sweep.name} on disk or in MLflow`,
      remedy: `run the sweep, or name its folder with --out (there is none at ${resolve(folder)})`,
    });
  const copy = mkdtempSync(join(tmpdir(), 'lacuna-from-mlflow-'));
  try {
    await restoreFromTracking(sweep, uri, copy);
    return await drawSweepFigures(sweep, copy, layout.figures(folder));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

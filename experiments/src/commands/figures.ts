import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { FailureError } from '@lacuna/core';
import { drawSweepFigures } from '../sweep/comparisons.js';
import { planSweep, type LacunaSweep } from '../sweep/plan.js';
import { layout, readResults } from '../sweep/results.js';
import { requireSweepFolder, sweepFolder } from '../sweep/sweep-folder.js';
import { restoreFromTracking } from '../tracking/restore.js';
import { openSweepTracking } from '../tracking/sweep-tracking.js';
import { existingPath } from '../machine/workspace.js';
import { withSweepSelection, type SweepSelection } from './options.js';

interface FigureOptions extends SweepSelection {
  readonly from?: 'disk' | 'mlflow';
  readonly trackingUri?: string;
}

/** `lacuna figures`: from what a sweep left on disk, or from MLflow's copy of it. */
export function register(program: Command): void {
  withSweepSelection(program.command('figures').description('draw the figures of a sweep again (SVG, PDF, PNG)'))
    .addOption(
      new Option(
        '--from <where>',
        "where results are read; by default the sweep's folder, and MLflow where that holds none",
      ).choices(['disk', 'mlflow']),
    )
    .option('--tracking-uri <uri>', 'an MLflow server in place of the local one')
    .action(async (options: FigureOptions) => {
      const sweep = planSweep(existingPath(options.spec), { sets: options.set, baseDir: process.cwd() });
      const folder = sweepFolder(sweep.name, options.out);
      const onDisk =
        existsSync(folder) &&
        readResults(
          folder,
          sweep.trials.map(({ id }) => id),
        ).length > 0;
      const figures =
        options.from === 'disk' || (options.from === undefined && onDisk)
          ? await drawSweepFigures(sweep, requireSweepFolder(sweep.name, options.out))
          : await drawFromTracking(sweep, folder, options.trackingUri);
      for (const { name } of figures) console.log(join(layout.figures(folder), `${name}.svg`));
    });
}

async function drawFromTracking(
  sweep: LacunaSweep,
  folder: string,
  trackingUri: string | undefined,
): ReturnType<typeof drawSweepFigures> {
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

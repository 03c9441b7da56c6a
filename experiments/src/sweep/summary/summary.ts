import { join } from 'node:path';
import { packRegions, packVolumes, writeReport } from '../../report/index.js';
import { foundBy } from '../../search/found.js';
import { withFound } from '../../search/found-text.js';
import { trackSearch } from '../../search/track-search.js';
import type { SweepTracking } from '../../tracking/sweep-tracking.js';
import { comparisonsOf } from '../results/comparisons.js';
import { drawSweepFigures } from './sweep-figures.js';
import { leaderboardText } from '../leaderboard/leaderboard.js';
import type { LacunaSweep } from '../plan/plan.js';
import { layout } from '../results/results.js';
import { commandFor, type SweepSelection } from '../plan/selection.js';
import { sweepReport } from './sweep-report.js';
import { writeTrialsCsv } from '../results/trials-csv.js';
import { writeLeaderboard } from '../leaderboard/write-leaderboard.js';

/** What the end of a sweep is told. */
export interface SummaryOptions {
  readonly selection: SweepSelection;
  /** Only the leaderboard's files, for a sweep that was stopped. */
  readonly quiet: boolean;
  /** Ends the delivery to MLflow at once. */
  readonly signal: AbortSignal;
}

/** How long a sweep that was stopped goes on delivering, in ms. */
const STOPPED_MS = 5000;

/** Trials of a sweep whose leaderboard, figures and report are made: more are a table for other programs. */
const MOST_DRAWN = 10_000;

/**
 * Leaderboard, figures, report, the best model, and where to look; nothing to show where no trial has ended. The
 * tracking server comes last: it may be slow or gone, and everything else is there by then.
 */
export async function summarizeSweep(
  sweep: LacunaSweep,
  folder: string,
  tracking: SweepTracking,
  { selection, quiet, signal }: SummaryOptions,
): Promise<void> {
  if (sweep.trials.length > MOST_DRAWN) {
    await summarizeVeryMany(sweep, folder);
    await tracking.finish({ signal, ...(quiet ? { timeoutMs: STOPPED_MS } : {}) });
    return;
  }
  const comparisons = comparisonsOf(sweep, folder);
  const found = foundBy(sweep, folder);
  if (comparisons.length > 0 || found) writeLeaderboard(comparisons, folder, found);
  if (quiet || comparisons.length === 0) {
    await tracking.finish({ signal, timeoutMs: STOPPED_MS });
    return;
  }
  console.log(`\n${withFound(found, leaderboardText(comparisons))}\n`);
  const { drawn: figures, volumes: shown, planes, curves } = await drawSweepFigures(sweep, folder);
  const volumes = packVolumes(shown);
  const regions = packRegions(planes);
  const report = layout.report(folder);
  const write = (address: string | null) =>
    writeReport(sweepReport({ sweep, comparisons, figures, volumes, regions, curves, address, selection }), report);
  write(null);
  console.log(`report     ${report}`);
  const names = figures.map(({ name }) => name).join(', ');
  const formats = ['svg', ...sweep.common.figures.formats].map((format) => format.toUpperCase()).join(', ');
  if (figures.length > 0) console.log(`figures    ${layout.figures(folder)} (${names}; ${formats})`);
  if (volumes.length > 0) console.log('volumes    in the report: planes to go through, networks to turn');
  if (found) await trackSearch(found, { sweep, folder, tracking, figures });
  await exportBest(sweep, folder);
  const address = await tracking.finish({ signal });
  if (address !== null) write(address);
  console.log(`MLflow     ${trackingSummary(tracking, address, { folder, selection })}`);
}

async function summarizeVeryMany(sweep: LacunaSweep, folder: string): Promise<void> {
  const { finished, others, lacking } = await writeTrialsCsv(sweep, folder);
  console.log(`\n${finished} trials finished, ${others} diverged or pruned, ${lacking} without a result`);
  console.log(`trials     ${join(folder, 'trials.csv')}: one a line, with scores and costs`);
  console.log(`leaderboard, figures and report are made of at most ${MOST_DRAWN.toLocaleString('en')} trials`);
}

/** Where the runs are, or how their journals get there. */
function trackingSummary(
  tracking: SweepTracking,
  address: string | null,
  { folder, selection }: { folder: string; selection: SweepSelection },
): string {
  const sync = commandFor('sync', selection);
  if (address === null) {
    const reason = tracking.unavailable() ?? 'no answer yet';
    return `${reason}; the journals are kept in ${layout.trials(folder)}: ${sync} delivers them`;
  }
  const behind = tracking.behind();
  return behind === null ? address : `${address}\n           not all delivered: ${behind}; ${sync} goes on`;
}

async function exportBest(sweep: LacunaSweep, folder: string): Promise<void> {
  try {
    // Loaded here: where onnxruntime has no build for the machine, the sweep's results do not depend on it.
    const { describeBestModel, exportBestModel } = await import('../../export/best-model.js');
    const best = await exportBestModel(sweep, folder);
    if (best) console.log(describeBestModel(best));
  } catch (error) {
    // The results stand; the model can be exported again.
    console.log(`model      not exported: ${error instanceof Error ? error.message : String(error)}`);
  }
}

import { withoutUserInfo } from '../../tracking/address.js';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { stringify } from 'yaml';
import type { CurveData, DrawnFigure } from '../../figures/index.js';
import { version } from '../../machine/workspace.js';
import {
  divergenceWarnings,
  leaderboardFromResults,
  ownLevelBoard,
  trainingData,
  type Leaderboard,
} from '../../report/from-results.js';
import type { PackedRegion, PackedVolumes, ReportData, ReportRow } from '../../report/index.js';
import type { Comparison } from '../results/comparison.js';
import { differencesOf } from '../leaderboard/differences.js';
import { emptyRegionLines } from '../results/empty-regions.js';
import { sampleSize } from '../results/interval.js';
import { leaderboardRows, sampleOf, winsOfOneLevel } from '../leaderboard/leaderboard-rows.js';
import { methodOrder } from '../spec/method-order.js';
import type { LacunaSweep } from '../plan/plan.js';
import { commandFor, type SweepSelection } from '../plan/selection.js';
import { boardScores, ownScores } from '../results/shown-scores.js';

/** What the report of a sweep is made from. */
export interface SweepReportInput {
  readonly sweep: LacunaSweep;
  readonly comparisons: readonly Comparison[];
  readonly figures: readonly DrawnFigure[];
  readonly volumes: readonly PackedVolumes[];
  readonly regions: readonly PackedRegion[];
  readonly curves: readonly CurveData[];
  /** The comparison in MLflow, where a server has it. */
  readonly address: string | null;
  /** What the commands that are printed name. */
  readonly selection: SweepSelection;
}

/** What each figure shows, by the name of its file without a number. */
const captions: Readonly<Record<string, string>> = {
  panel:
    'One crop of the test split, chosen by the rule of the spec: the fine image, the coarse scan, and what each ' +
    'method makes of it; below, branches found, missed and invented.',
  'scores-vs-cost':
    'Scores of the test split against parameters and work, at the common level and at each method’s own; bars are ' +
    '95 % intervals over regions and seeds, a dashed line is what the fine image itself scores.',
  disagreement:
    "Kendall's tau of the methods' order by each two metrics, the mean over images and seeds of the test split; " +
    'bold where its 95 % interval leaves out 0. Right: the metrics that agree least, and how each of them ranks ' +
    'the methods.',
  'recall-at-invention':
    'Recall of the network on the test split where at most so much of what a method draws is invented, over all ' +
    'levels at which its images can be cut: no level favours a method. Lines are means over seeds, bands their range.',
  filters:
    'What an LR pixel of 1 among pixels of 0 becomes by each filter of a bank: a row for each direction along which ' +
    'intensities change least, a column for each bin of strength and coherence; of volumes the middle plane. Blue is ' +
    'above 0, red below; colours span what the filters of a column reach.',
  'pareto-front':
    'Every finished point of the search: its score on validation against what it costs; the line joins the points ' +
    'that none is better than in both.',
  search:
    'The points of the search in the order in which they were chosen, pruned ones at their last score; and the share ' +
    'of each field in what makes points good (PED-ANOVA, arXiv 2304.10255).',
  'training-curves': 'Loss and validation scores over the steps; lines are means over seeds, bands their range.',
};

/** Leaderboard, figures, spec and environment of a sweep, as its report shows them. */
export function sweepReport(input: SweepReportInput): ReportData {
  const { sweep, comparisons, figures, volumes, regions, curves, address, selection } = input;
  const [first] = comparisons;
  const boards = comparisons.map((comparison) =>
    leaderboardFromResults(comparison.results, {
      order: methodOrder(comparison),
      scores: boardScores(comparison).common,
      ceilings: comparison.ceilings,
      energy: comparison.energy,
    }),
  );
  const rows = togetherOf(boards, comparisons);
  const seeds = Math.max(...rows.map((row) => row.seeds), 0);
  const split = boards.length === 1 ? `test split of ${first.title}` : 'test split';
  const own = { spec: selection.spec, set: ['data={source: folder, path: my/tiffs}'] };
  const threads = sweep.trials.map(({ config }) => config.training.threads);
  return {
    title: sweep.name,
    summary: withoutUserInfo(sweep.description) || first.title,
    warnings: warningsOf(comparisons, seeds),
    columns: boards[0].columns,
    rows,
    interval: `${split} at the common level, mean; ${sampleOf(comparisons.flatMap(leaderboardRows))}`,
    ...ownLevelOf(comparisons, split),
    differences: comparisons.flatMap((comparison) => differencesOf(comparison) ?? []),
    figures: figures.map(({ name, title, svg }) => ({
      title,
      caption: captions[name.replace(/-\d+$/, '')] ?? '',
      svg: readFileSync(svg, 'utf8'),
    })),
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(regions.length > 0 ? { regions } : {}),
    curves,
    spec: { name: sweep.name, text: stringify(withoutUserInfo(sweep.resolved)) },
    environment: [
      ['Lacuna', version],
      ['Node', process.version],
      ['engine', first.results.find((result) => result.engine !== 'none')?.engine ?? 'none'],
      ['threads of a trial', [...new Set(threads)].join(', ')],
      ['CPU', `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`],
      ['memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
      ...trainingData(comparisons.flatMap(({ results }) => results)),
    ],
    next: [
      ...(address ? [{ text: 'Compare the runs in MLflow:', command: address }] : []),
      { text: 'Draw the figures again:', command: commandFor('figures', selection) },
      { text: 'Use your own images:', command: commandFor('sweep', own) },
    ],
  };
}

/** Several points of the axes share one table: each row then says which it is of. */
function togetherOf(boards: readonly Leaderboard[], comparisons: readonly Comparison[]): ReportRow[] {
  return boards.flatMap((board, i) =>
    board.rows.map((row) =>
      boards.length === 1 ? row : { ...row, method: `${row.method} (${comparisons[i].title})` },
    ),
  );
}

/** The table of own levels; none where no result has one. */
function ownLevelOf(comparisons: readonly Comparison[], split: string): Pick<ReportData, 'ownLevel'> {
  const boards = comparisons.map((comparison) =>
    ownLevelBoard(comparison.results, {
      order: methodOrder(comparison),
      scores: boardScores(comparison).fair,
      ceilings: comparison.ceilings,
    }),
  );
  const rows = togetherOf(boards, comparisons);
  if (rows.every(({ cells }) => cells.every((cell) => cell === null))) return {};
  const winners = comparisons.flatMap((comparison) =>
    winsOfOneLevel(leaderboardRows(comparison), ownScores(comparison.trials[0].config.evaluation)).map((line) =>
      comparisons.length === 1 ? line : `${comparison.title}: ${line}`,
    ),
  );
  const interval = `${split}, each method cut at the level of largest clDice on validation; recalls over all levels`;
  return { ownLevel: { columns: boards[0].columns, rows, interval, winners } };
}

/** What a reader must know before believing a number. */
function warningsOf(comparisons: readonly Comparison[], seeds: number): string[] {
  const few = `${seeds} seed${seeds === 1 ? '' : 's'}: too few for a claim; intervals over so few are too narrow.`;
  const regions = Math.max(...comparisons.map(({ results }) => sampleSize(results).regions), 0);
  return [
    ...comparisons.flatMap(({ results }) => divergenceWarnings(results)),
    ...comparisons.flatMap((comparison) => {
      const lines = emptyRegionLines(leaderboardRows(comparison), boardScores(comparison).common);
      return lines.map((line) => (comparisons.length === 1 ? `${line}.` : `${comparison.title}: ${line}.`));
    }),
    ...(seeds < 3 ? [few] : []),
    ...(regions < 2 ? ['One test region: nothing is known of how scores differ between specimens.'] : []),
    ...('structure' in comparisons[0].trials[0].config.data ? ['The images are synthetic.'] : []),
  ];
}

import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { writeFileAtomic } from '@lacuna/core';
import { estimate, formatEstimate, renderTable, type Estimate } from '@lacuna/sweep';
import { shownMetrics } from '../trial/scores.js';
import { writeJson } from '../machine/json-file.js';
import { comparisonsOf, drawSweepFigures, methodOrder, type Comparison } from './comparisons.js';
import type { LacunaSweep } from './plan.js';
import { divergenceWarnings, leaderboardFromResults, trainingData } from '../report/from-results.js';
import { writeReport } from '../report/index.js';
import { layout, type TrialResult } from './results.js';
import type { SweepTracking } from '../tracking/sweep-tracking.js';
import { version } from '../machine/workspace.js';

/** Leaderboard, figures, report, and where to look. */
export async function finishSweep(
  sweep: LacunaSweep,
  folder: string,
  tracking: SweepTracking,
  options: { specPath: string; quiet: boolean },
): Promise<void> {
  const comparisons = comparisonsOf(sweep, folder);
  if (comparisons.length === 0) return;
  const text = leaderboardText(comparisons);
  writeFileAtomic(join(folder, 'leaderboard.txt'), `${text}\n`);
  writeFileAtomic(join(folder, 'leaderboard.csv'), leaderboardCsv(comparisons));
  writeJson(
    join(folder, 'leaderboard.json'),
    comparisons.map(({ title, results }) => ({ title, results })),
  );
  if (options.quiet) return;
  console.log(`\n${text}\n`);
  const figures = await drawSweepFigures(sweep, folder);
  const address = await tracking.finish();
  const report = await reportOf(
    sweep,
    folder,
    comparisons,
    figures,
    address,
    relative(process.cwd(), options.specPath) || options.specPath,
  );
  console.log(`report     ${report}`);
  console.log(`figures    ${layout.figures(folder)} (${figures.map(({ name }) => name).join(', ')}; SVG, PDF, PNG)`);
  const behind = tracking.behind();
  if (address)
    console.log(
      `MLflow     ${address}${behind === null ? '' : `\n           not all delivered: ${behind}; lacuna sync --spec ${options.specPath} goes on`}`,
    );
  else
    console.log(
      `MLflow     ${tracking.unavailable() ?? 'no answer yet'}; the journals are kept in ${join(folder, 'trials')}: lacuna sync --spec ${options.specPath} delivers them`,
    );
  try {
    // Loaded here: where onnxruntime has no build for the machine, the sweep's results do not depend on it.
    const { describeHandOver, handOver } = await import('../export/best-model.js');
    const handed = await handOver(sweep, folder);
    if (handed) console.log(describeHandOver(handed));
  } catch (error) {
    // The results stand; the model can be exported again.
    console.log(`model      not exported: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Row {
  readonly method: string;
  readonly results: readonly TrialResult[];
  readonly diverged: number;
}

const rowsOf = (comparison: Comparison): Row[] =>
  methodOrder(comparison)
    .map((method) => {
      const all = comparison.results.filter((result) => result.method === method);
      return {
        method,
        results: all.filter((result) => result.status === 'finished'),
        diverged: all.filter((result) => result.status === 'diverged').length,
      };
    })
    .filter((row) => row.results.length + row.diverged > 0);

const over = (row: Row, read: (result: TrialResult) => number | null | undefined): Estimate | null =>
  estimate(
    row.results
      .map(read)
      .filter((value): value is number => value !== null && value !== undefined && Number.isFinite(value)),
  );

/** A table for each point of the axes: mean and 95 % interval over seeds, of the test split. */
export function leaderboardText(comparisons: readonly Comparison[]): string {
  return comparisons
    .map((comparison) => {
      const metrics = shownMetrics(comparison.trials[0].config.evaluation);
      const rows = rowsOf(comparison);
      const measured = rows.some((row) => row.results.some(({ cost }) => cost.energy.joules !== null));
      const table = renderTable(rows, [
        {
          title: 'method',
          align: 'left',
          text: ({ method, diverged }) => (diverged > 0 ? `${method} (${diverged} diverged)` : method),
        },
        ...metrics.map(({ metric, name, digits, better }) => {
          const value = (row: Row) => over(row, (result) => result.test.values[metric]);
          return {
            title: name,
            text: (row: Row) => formatEstimate(value(row), digits),
            best: { value: (row: Row) => value(row)?.mean ?? null, better },
          };
        }),
        {
          title: 'parameters',
          text: (row) => over(row, ({ cost }) => cost.parameters)?.mean.toLocaleString('en') ?? '–',
        },
        { title: 'GMACs', text: (row) => over(row, ({ cost }) => cost.macs720p / 1e9)?.mean.toFixed(2) ?? '–' },
        { title: 'time', text: (row) => `${over(row, ({ cost }) => cost.trainSeconds)?.mean.toFixed(0) ?? '–'} s` },
        ...(measured
          ? [
              {
                title: 'energy',
                text: (row: Row) =>
                  `${over(row, ({ cost }) => (cost.energy.joules === null ? null : cost.energy.joules / 3600))?.mean.toFixed(2) ?? '–'} Wh`,
              },
            ]
          : []),
      ]);
      const seeds = Math.max(...rows.map((row) => row.results.length));
      const energy = measured ? '' : '; energy: not measurable on this machine';
      return `${comparison.title}: test split, mean${seeds > 1 ? ` ± 95 % interval over ${seeds} seeds` : ''}; * best; GMACs for a 1280 x 720 image${energy}\n\n${table}`;
    })
    .join('\n\n');
}

function leaderboardCsv(comparisons: readonly Comparison[]): string {
  const lines: string[] = ['comparison,method,seeds,diverged,metric,mean,half_width_95,standard_deviation'];
  for (const comparison of comparisons) {
    for (const row of rowsOf(comparison)) {
      const names = [...shownMetrics(comparison.trials[0].config.evaluation).map(({ metric }) => metric)];
      const quantities: [string, (result: TrialResult) => number | null | undefined][] = [
        ...names.map((name): [string, (result: TrialResult) => number | null | undefined] => [
          name,
          (result) => result.test.values[name],
        ]),
        ['parameters', ({ cost }) => cost.parameters],
        ['macs_720p', ({ cost }) => cost.macs720p],
        ['train_seconds', ({ cost }) => cost.trainSeconds],
        ['energy_joules', ({ cost }) => cost.energy.joules],
      ];
      for (const [name, read] of quantities) {
        const value = over(row, read);
        lines.push(
          [
            quote(comparison.title),
            quote(row.method),
            row.results.length,
            row.diverged,
            name,
            value?.mean ?? '',
            value?.halfWidth ?? '',
            value?.standardDeviation ?? '',
          ].join(','),
        );
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;

async function reportOf(
  sweep: LacunaSweep,
  folder: string,
  comparisons: readonly Comparison[],
  figures: readonly { name: string; title: string; svg: string }[],
  address: string | null,
  specPath: string,
): Promise<string> {
  const [first] = comparisons;
  const boards = comparisons.map((comparison) =>
    leaderboardFromResults(comparison.results, {
      order: methodOrder(comparison),
      metrics: shownMetrics(comparison.trials[0].config.evaluation),
    }),
  );
  const { columns } = boards[0];
  // Several points of the axes share one table: each row then says which it is of.
  const rows = boards.flatMap((board, i) =>
    board.rows.map((row) =>
      boards.length === 1 ? row : { ...row, method: `${row.method} (${comparisons[i].title})` },
    ),
  );
  const seeds = Math.max(...rows.map((row) => row.seeds), 0);
  const path = layout.report(folder);
  writeReport(
    {
      title: sweep.name,
      summary: sweep.description || first.title,
      warnings: [
        ...comparisons.flatMap(({ results }) => divergenceWarnings(results)),
        ...(seeds < 3
          ? [`${seeds} seed${seeds === 1 ? '' : 's'}: intervals this wide say that more are needed before a claim.`]
          : []),
        ...('structure' in first.trials[0].config.data ? ['The images are synthetic.'] : []),
      ],
      columns,
      rows,
      interval:
        seeds > 1
          ? `mean and 95 % interval over ${seeds} seeds, test split${boards.length === 1 ? ` of ${first.title}` : ''}`
          : `test split${boards.length === 1 ? ` of ${first.title}` : ''}`,
      figures: figures.map(({ name, title, svg }) => ({
        title,
        caption: captions[name.replace(/-\d+$/, '')] ?? '',
        svg: readFileSync(svg, 'utf8'),
      })),
      spec: { name: sweep.name, text: stringify(sweep.resolved) },
      environment: [
        ['Lacuna', version],
        ['Node', process.version],
        ['engine', first.results.find((result) => result.engine !== 'none')?.engine ?? 'none'],
        ['CPU', `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`],
        ['memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
        ...trainingData(comparisons.flatMap(({ results }) => results)),
      ],
      next: [
        ...(address ? [{ words: 'Compare the runs in MLflow:', command: address }] : []),
        { words: 'Draw the figures again:', command: `npx nx run experiments:figures --spec=${specPath}` },
        { words: 'Use your own images:', command: 'npm run sweep -- --set "data={source: folder, path: my/tiffs}"' },
      ],
    },
    path,
  );
  return path;
}

const captions: Readonly<Record<string, string>> = {
  panel:
    'One crop of the test split, chosen by the rule of the spec: the fine image, the coarse scan, and what each method makes of it; below, branches found, missed and invented.',
  'scores-vs-cost': 'Scores of the test split against parameters and work; bars are 95 % intervals over seeds.',
  disagreement:
    "Kendall's tau of the methods' order by each two metrics, the mean over images and seeds of the test split; bold where its 95 % interval leaves out 0. Right: the metrics that agree least, and how each of them ranks the methods.",
  'training-curves': 'Loss and validation scores over the steps; lines are means over seeds, bands their range.',
};

import { formatDuration } from '@lacuna/sweep';
import { differenceTitle, formatP, signed } from '../sweep/leaderboard/differences-text.js';
import {
  leaderboardRows,
  meanOf,
  ownLevelOf,
  sampleOf,
  scoreOf,
  type LeaderboardRow,
} from '../sweep/leaderboard/leaderboard-rows.js';
import { boardScores, type ShownScore } from '../sweep/results/shown-scores.js';
import { CLAIM, type DataSetVerdict } from './claim.js';
import type { Contribution } from './contributions.js';
import type { ScoreVerdict } from './deciding-scores.js';
import type { Provenance } from './kept-study.js';
import type { StudyComparison } from './study-comparisons.js';

/** Scores of a data set's table, where its spec measures them, in this order. */
const SHOWN = [
  { metric: 'psnr', level: 'common' },
  { metric: 'cldice', level: 'common' },
  { metric: 'cldice', level: 'own' },
  { metric: 'dice', level: 'own' },
  { metric: 'recall_at_invention_10', level: 'common' },
  { metric: 'weak_branch_recall', level: 'own' },
  { metric: 'betti_matching_error', level: 'own' },
  { metric: 'betti0_error', level: 'own' },
] as const;

/** What the page is made from besides the comparisons. */
export interface ResultsPageInput {
  readonly comparisons: readonly StudyComparison[];
  readonly verdicts: readonly DataSetVerdict[];
  readonly contributions: readonly Contribution[];
  /** Networks of others beside Lacuna's, at the same processor time (tools/bench/peers). */
  readonly peers: readonly StudyComparison[];
  /** Links to figures by title of their comparison, and those over all data sets. */
  readonly figures: ReadonlyMap<string, readonly PageFigure[]>;
  readonly overall: readonly PageFigure[];
}

export interface PageFigure {
  readonly title: string;
  /** Relative to the page. */
  readonly path: string;
}

/** docs/results.md: what the finished studies say. */
export function resultsPage(input: ResultsPageInput): string {
  return [
    '# Results',
    introduction(input),
    claimSection(input.verdicts),
    ...contributionsSection(input.contributions),
    ...peersSection(input.peers),
    ...overallSection(input.overall),
    ...input.comparisons.map((each) => dataSetSection(each, input)),
    madeSection([...input.comparisons, ...input.peers]),
    '',
  ].join('\n\n');
}

function introduction({ comparisons }: ResultsPageInput): string {
  const trials = comparisons.reduce((sum, { comparison }) => sum + comparison.results.length, 0);
  const planned = comparisons.reduce(
    (sum, { study, comparison }) => sum + plannedTrials(study.resolved, comparison),
    0,
  );
  return [
    `Which model keeps the network? ${comparisons.length} data sets, ${trials} of ${planned} trials so far. This page`,
    'is made by `npx nx run experiments:results` from the numbers kept in `docs/results/`; nothing is written by hand.',
    'Specs are in `experiments/specs/study/`; [scores.md](scores.md) says what the scores mean.',
    '',
    'Scores are means over test regions and seeds, in brackets the 95 % interval of the hierarchical bootstrap. *Own',
    'level*: each method is cut at the level of largest clDice on validation. *Recall at .10*: how much of the network',
    'is found where at most a tenth of what is drawn is invented, over all levels. Differences are paired (same',
    'regions, seeds and noise), p by permutation.',
    '',
    'Methods were developed on these very data, unless the description of a data set says otherwise: such tables are',
    'kinder to what is trained than fresh specimens would be.',
  ].join('\n');
}

/** Trials of a comparison by its spec: methods times seeds. */
function plannedTrials(resolved: Readonly<Record<string, unknown>>, { trials }: StudyComparison['comparison']): number {
  const { methods, seeds } = resolved as { methods?: Record<string, unknown>; seeds?: readonly number[] };
  const count = Object.values(methods ?? { default: {} }).filter((method) => method !== null).length;
  return Math.max(trials.length, count * (seeds?.length ?? 1));
}

function claimSection(verdicts: readonly DataSetVerdict[]): string {
  const held = verdicts.filter(({ holds }) => holds);
  const head = [
    'data set',
    'method',
    'seeds',
    'parameters',
    ...scoreTitles(verdicts),
    `PSNR to ${CLAIM.peer}`,
    'below',
    'holds',
  ];
  const rows = verdicts.map((each) => [
    each.title,
    each.subject,
    String(each.seeds),
    `1/${Math.floor(1 / each.parameterShare)}`,
    ...each.scores.map(describeVerdict),
    each.psnrToPeer === null ? '–' : `${signed(each.psnrToPeer, 2)} dB`,
    each.above.length === 0
      ? 'none'
      : [...new Set(each.above.map(({ method, score }) => `${method} (${score})`))].join(', '),
    each.holds ? '**yes**' : 'no',
  ]);
  return [
    '## Does geometry win?',
    '',
    `The claim: ${CLAIM.subjects.map((name) => `\`${name}\``).join(' or ')}, with at most 1/20 of the parameters of`,
    `\`${CLAIM.rival}\`, is better than it by all three scores (p < .05 after Holm's correction over all of this`,
    `table), within ${CLAIM.mostLoss} dB of \`${CLAIM.peer}\`, and below no method without training.`,
    `**It holds on ${dataSets(held)} of ${dataSets(verdicts)} data sets that have finished so far.**`,
    ...CLAIM.subjects.flatMap((subject) => describeSubject(verdicts.filter((each) => each.subject === subject))),
    '',
    verdicts.length === 0 ? `Nowhere have both finished yet.` : table(head, rows),
    '',
    '*below*: methods without training whose mean is above, and by which score.',
  ].join('\n');
}

/** What stands short of the claim: where a subject is told apart from its rival at all, and is not below a filter. */
function describeSubject(verdicts: readonly DataSetVerdict[]): string[] {
  if (verdicts.length === 0) return [];
  const countOf = (wanted: ScoreVerdict['verdict']) =>
    verdicts.filter(({ scores }) => scores.some(({ verdict }) => verdict === wanted)).length;
  const belowNone = verdicts.filter(({ above }) => above.length === 0).length;
  return [
    `\`${verdicts[0].subject}\` is better than \`${CLAIM.rival}\` by at least one score on ${countOf('better')} of`,
    `${verdicts.length}, worse by at least one on ${countOf('worse')},`,
    `and below no method without training on ${belowNone}.`,
  ];
}

/** Methods that differ in one thing, grouped by that thing. */
function contributionsSection(contributions: readonly Contribution[]): string[] {
  if (contributions.length === 0) return [];
  const head = ['what', 'method', 'held to', 'data set', ...scoreTitles(contributions), 'PSNR'];
  const rows = contributions.map(({ what, method, to, title, scores, psnr }) => [
    what,
    method,
    to,
    title,
    ...scores.map(describeVerdict),
    psnr === null ? '–' : `${signed(psnr, 2)} dB`,
  ]);
  const section = [
    '## Which part of geometry pays?',
    '',
    'Methods that differ in one thing. *The geometry loss*: the same network, trained on pixels and on the network,',
    'or on pixels alone. *Tied weights*: a network that knows that a structure may lie any way round, trained on',
    'pixels alone. *Filters by orientation*: linear filters, fitted in closed form. *In place of a discriminator*:',
    'another network too, the lightest that knows the geometry, held to Pix2Pix. Nothing was claimed of these',
    'beforehand; p is corrected over all of this table.',
    '',
    table(head, rows),
  ];
  return [section.join('\n')];
}

const dataSets = (verdicts: readonly DataSetVerdict[]): number => new Set(verdicts.map(({ title }) => title)).size;

const scoreTitles = (rows: readonly { readonly scores: readonly ScoreVerdict[] }[]): string[] =>
  (rows[0]?.scores ?? []).map(({ score }) => differenceTitle(score));

function describeVerdict({ score, difference, corrected, verdict }: ScoreVerdict): string {
  const { mean, low, high } = difference;
  const interval =
    low === null || high === null ? '' : ` [${signed(low, score.digits)}, ${signed(high, score.digits)}]`;
  return `${signed(mean, score.digits)}${interval}, p ${formatP(corrected)}: ${verdict}`;
}

function overallSection(figures: readonly PageFigure[]): string[] {
  if (figures.length === 0) return [];
  return ['## Over all data sets', ...figures.map(picture)];
}

const picture = ({ title, path }: PageFigure): string => `![${title}](${path})`;

/** What a user would pick instead: trained on the same pairs for the same processor time, one seed each. */
function peersSection(peers: readonly StudyComparison[]): string[] {
  if (peers.length === 0) return [];
  const introduction = [
    '## Networks of others',
    '',
    'Networks that a microscopist would pick instead, scored by the same protocol',
    '([how](../tools/bench/peers/README.md)). `care` (CARE by CAREamics) and `edsr` (EDSR-baseline by',
    'super-image) were trained on the very pairs of a study for as much processor time as the networks of Lacuna',
    'beside them. One seed each: those tables tell orders, not differences. The column of training is the clock',
    'on the wall, which other work on the machine lengthens. `published-edsr` is the 3D-EDSR of the authors of',
    '`rock-pair`, with their weights; it was trained on crops of this pair, test regions among them, as they were',
    'measured: not registered, which every other method here has the good of.',
  ].join('\n');
  return [introduction, ...peers.map((each) => `### ${each.comparison.title}\n\n${scoresOf(each)}`)];
}

function dataSetSection(each: StudyComparison, { figures }: ResultsPageInput): string {
  const { title } = each.comparison;
  return [`## ${title}`, scoresOf(each), ...(figures.get(title) ?? []).map(picture)].join('\n\n');
}

/** What a comparison is of, and its table. */
function scoresOf({ study, comparison }: StudyComparison): string {
  const rows = leaderboardRows(comparison);
  const scores = shownScores(comparison);
  const best = new Map(scores.map((score) => [score, bestOf(rows, score)]));
  const head = [
    'method',
    'parameters',
    'MACs per px',
    ...scores.map(differenceTitle),
    'own level',
    'training',
    'seeds',
  ];
  const lines = rows.map((row) => [
    row.diverged > 0 ? `${row.method} (${row.diverged} diverged)` : row.method,
    wholeNumber(meanOf(row, ({ cost }) => cost.parameters)),
    wholeNumber(meanOf(row, ({ cost }) => cost.macsPerPixel)),
    ...scores.map((score) => scoreCell(row, score, best.get(score) ?? null)),
    ownLevelOf(row)?.toFixed(3) ?? '–',
    trainingTime(row),
    row.isCeiling ? '–' : String(row.results.length),
  ]);
  const sample = `${study.description.trim()} ${sampleOf(rows)}. Bold: the best mean of the methods with most seeds.`;
  return `${sample}\n\n${table(head, lines)}`;
}

const wholeNumber = (value: number | null): string => (value === null ? '–' : Math.round(value).toLocaleString('en'));

function shownScores(comparison: StudyComparison['comparison']): ShownScore[] {
  const { common, fair } = boardScores(comparison);
  const known = [...common, ...fair];
  return SHOWN.flatMap(
    ({ metric, level }) => known.find((score) => score.metric === metric && score.level === level) ?? [],
  );
}

/** The best mean as the table prints it, among the methods of which most seeds have finished. */
function bestOf(rows: readonly LeaderboardRow[], score: ShownScore): string | null {
  const most = Math.max(...rows.map(({ results }) => results.length));
  const means = rows
    .filter(({ isCeiling, results }) => !isCeiling && results.length === most)
    .flatMap((row) => scoreOf(row, score)?.mean ?? []);
  if (means.length < 2) return null;
  const best = score.better === 'higher' ? Math.max(...means) : Math.min(...means);
  return best.toFixed(score.digits);
}

function scoreCell(row: LeaderboardRow, score: ShownScore, best: string | null): string {
  const estimate = scoreOf(row, score);
  if (estimate === null) return '–';
  const { mean, low, high } = estimate;
  const text = mean.toFixed(score.digits);
  const interval = low === high ? '' : ` [${low.toFixed(score.digits)}, ${high.toFixed(score.digits)}]`;
  return `${text === best && !row.isCeiling ? `**${text}**` : text}${interval}`;
}

function trainingTime(row: LeaderboardRow): string {
  const seconds = meanOf(row, ({ cost }) => cost.trainSeconds);
  return seconds === null ? '–' : formatDuration(seconds);
}

/** Where the numbers come from: commits, days and machines, with the trials of each. */
function madeSection(comparisons: readonly StudyComparison[]): string {
  const counts = new Map<string, { readonly made: Provenance; trials: number }>();
  for (const { study, comparison } of comparisons)
    for (const { trial, made } of study.trials) {
      if (!comparison.trials.some(({ id }) => id === trial.id)) continue;
      const key = JSON.stringify(made);
      const entry = counts.get(key) ?? { made, trials: 0 };
      entry.trials++;
      counts.set(key, entry);
    }
  const rows = [...counts.values()].map(({ made, trials }) => [
    made.date,
    made.commit ?? '–',
    made.machine,
    `${trials}`,
  ]);
  return [
    '## Where the numbers come from',
    'Day, commit and machine are those of when the numbers were kept: trials may have run on earlier commits.',
    'Training times are of machines that did other work beside, and say the order of magnitude alone.',
    table(['kept on', 'commit', 'machine', 'trials'], rows),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

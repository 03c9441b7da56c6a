import { renderTable, type Column } from '@lacuna/sweep';
import type { Estimate } from '../../figures/types.js';
import type { Comparison } from '../results/comparison.js';
import { FROM_HEAD } from '../../trial/scores/head-scores.js';
import { differencesOf } from './differences.js';
import { differencesText } from './differences-text.js';
import { co2eGrams, describeEmissionFactor, type EmissionFactor } from '../results/emissions.js';
import { emptyRegionLines } from '../results/empty-regions.js';
import {
  leaderboardRows,
  meanOf,
  ownLevelOf,
  sampleOf,
  scoreOf,
  winsOfOneLevel,
  type LeaderboardRow,
} from './leaderboard-rows.js';
import { boardScores, type ShownScore } from '../results/shown-scores.js';

/**
 * For each point of the axes: scores of the test split at the common level, at each method's own, and the differences
 * to one method.
 */
export function leaderboardText(comparisons: readonly Comparison[]): string {
  return comparisons.map(textOf).join('\n\n');
}

function textOf(comparison: Comparison): string {
  const differences = differencesOf(comparison);
  return [
    commonTable(comparison),
    ...linesAsText(emptyLines(comparison)),
    ...fairTable(comparison),
    ...(differences === null ? [] : [differencesText(differences)]),
  ].join('\n\n');
}

/** Nothing has no unit. */
const withUnit = (value: number | null, digits: number, unit: string): string =>
  value === null ? '–' : `${value.toFixed(digits)} ${unit}`;

const method: Column<LeaderboardRow> = {
  title: 'method',
  align: 'left',
  text({ method: name, diverged, results }) {
    const isHeadRead = results.some(({ test }) => test.protocol.endsWith(FROM_HEAD));
    const read = isHeadRead ? ` (${FROM_HEAD})` : '';
    return `${name}${diverged > 0 ? ` (${diverged} diverged)` : ''}${read}`;
  },
};

function commonTable(comparison: Comparison): string {
  const rows = leaderboardRows(comparison);
  const measured = rows.some((row) => row.results.some(({ cost }) => cost.energy.joules !== null));
  const energy: Column<LeaderboardRow> = {
    title: 'energy',
    text: (row) =>
      withUnit(
        meanOf(row, ({ cost }) => (cost.energy.joules === null ? null : cost.energy.joules / 3600)),
        2,
        'Wh',
      ),
  };
  const { energy: factor } = comparison;
  const emissions: Column<LeaderboardRow> = {
    title: 'CO2e',
    text: (row) =>
      withUnit(
        meanOf(row, ({ cost }) => co2eGrams(cost.energy.joules, factor)),
        1,
        'g',
      ),
  };
  const table = renderTable(rows, [
    method,
    ...boardScores(comparison).common.map(scoreColumn),
    { title: 'parameters', text: (row) => meanOf(row, ({ cost }) => cost.parameters)?.toLocaleString('en') ?? '–' },
    { title: 'GMACs', text: (row) => meanOf(row, ({ cost }) => cost.macs720p / 1e9)?.toFixed(2) ?? '–' },
    {
      title: 'time',
      text: (row) =>
        withUnit(
          meanOf(row, ({ cost }) => cost.trainSeconds),
          0,
          's',
        ),
    },
    ...(measured ? [energy] : []),
    ...(measured && factor !== undefined ? [emissions] : []),
  ]);
  const aboutEnergy = measured ? emissionsText(factor) : '; energy: not measurable on this machine';
  const scores = `test split at the common level, mean; ${sampleOf(rows)}`;
  return `${comparison.title}: ${scores}; * best; GMACs for a 1280 x 720 image${aboutEnergy}\n\n${table}`;
}

const emissionsText = (factor: EmissionFactor | undefined): string =>
  factor === undefined ? '' : `; CO2e at ${describeEmissionFactor(factor)}`;

/** Nothing where no result has such scores: older ones, and specs without a metric of the network. */
function fairTable(comparison: Comparison): string[] {
  const { fair: scores } = boardScores(comparison);
  const rows = leaderboardRows(comparison);
  if (rows.every((row) => scores.every((score) => scoreOf(row, score) === null))) return [];
  const level: Column<LeaderboardRow> = { title: 'level', text: (row) => ownLevelOf(row)?.toFixed(3) ?? '–' };
  const table = renderTable(rows, [method, level, ...scores.map(scoreColumn)]);
  const own = scores.filter(({ level: which }) => which === 'own');
  const overLevels = own.length < scores.length ? '; recall and its area over all levels' : '';
  const legend = `test split, each method at its own level (of largest clDice on validation)${overLevels}`;
  const lines = [...emptyRegionLines(rows, scores), ...winsOfOneLevel(rows, own)];
  return [`${comparison.title}: ${legend}\n\n${table}`, ...linesAsText(lines)];
}

/** What flatters the means of a comparison at the common level. */
const emptyLines = (comparison: Comparison): string[] =>
  emptyRegionLines(leaderboardRows(comparison), boardScores(comparison).common);

const linesAsText = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : [lines.join('\n')]);

function scoreColumn(score: ShownScore): Column<LeaderboardRow> {
  return {
    title: score.name,
    text: (row) => formatInterval(scoreOf(row, score), score.digits),
    best: { value: (row) => (row.isCeiling ? null : (scoreOf(row, score)?.mean ?? null)), better: score.better },
  };
}

/** "28.31 [28.10, 28.52]", "28.31" where there is no interval, "–" for none. */
function formatInterval(value: Estimate | null, digits: number): string {
  if (value === null) return '–';
  const [mean, low, high] = [value.mean, value.low, value.high].map((number) => number.toFixed(digits));
  return value.low === value.high ? mean : `${mean} [${low}, ${high}]`;
}

import { renderTable, type Column } from '@lacuna/sweep';
import { writeCsv } from '../iqa/csv.js';
import { differenceTitle, formatP } from '../sweep/leaderboard/differences-text.js';
import { FEW_DATA_SETS, type Ranking } from './compare-sweeps.js';

/** A table for each score: mean rank, and the mean on each data set. */
export const rankingsText = (rankings: readonly Ranking[]): string => rankings.map(rankingText).join('\n\n');

function rankingText(ranking: Ranking): string {
  const { methods, meanRanks, table, order, score } = ranking;
  const rows = order.map((i) => ({
    method: methods[i],
    rank: meanRanks[i],
    values: table.map(({ values }) => values[i]),
  }));
  type Row = (typeof rows)[number];
  const columns = table.map(({ name }, d): Column<Row> => ({
    title: name,
    text: ({ values }) => values[d].toFixed(score.digits),
    best: { value: ({ values }) => values[d], better: score.better },
  }));
  const text = renderTable(rows, [
    { title: 'method', align: 'left', text: ({ method }) => method },
    { title: 'mean rank', text: ({ rank }) => rank.toFixed(2) },
    ...columns,
  ]);
  return `${differenceTitle(score)}: ${describeRanking(ranking)}\n\n${text}`;
}

/** Friedman's test, the critical difference, and the methods that cannot be told apart. */
function describeRanking({ methods, table, p, criticalDifference, groups }: Ranking): string {
  const count = table.length;
  const alike = groups.map((group) => group.map((i) => methods[i]).join(', ')).join('; ');
  const told = alike === '' ? 'all methods can be told apart' : `not told apart: ${alike}`;
  const few = count < FEW_DATA_SETS ? ` (few: only large differences can show)` : '';
  const distance = criticalDifference.toFixed(2);
  const what = `${count} data sets${few}, ${describeTest({ p })}`;
  return `${what}, mean ranks differ from ${distance} on (Nemenyi, .05); ${told}`;
}

/** Friedman's test in a word. */
export const describeTest = ({ p }: Pick<Ranking, 'p'>): string =>
  p === null ? 'all methods tie' : `Friedman p ${formatP(p)}`;

/** Means and mean ranks, a line for each score, method and data set. */
export function rankingsCsv(rankings: readonly Ranking[]): string {
  const lines = rankings.flatMap(({ score, methods, meanRanks, table, p, criticalDifference }) =>
    methods.flatMap((method, i) =>
      table.map(({ name, values }) => {
        const key = [score.metric, score.level, method, name];
        return [...key, values[i], meanRanks[i], criticalDifference, p];
      }),
    ),
  );
  const head = ['metric', 'level', 'method', 'data_set', 'mean', 'mean_rank', 'critical_difference', 'friedman_p'];
  return writeCsv([head, ...lines]);
}

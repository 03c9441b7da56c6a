import { renderTable, type Column } from '@lacuna/sweep';
import { writeCsv } from '../../iqa/csv.js';
import { headlineScores } from '../../trial/scores/scores.js';
import type { Differences, MethodDifference } from './differences.js';
import type { ShownScore } from '../results/shown-scores.js';

/** Scores that are compared where there is little room: those of summaries, and recall at equal invented share. */
export function shownDifferences({ scores }: Differences): Differences['scores'] {
  const isShown = ({ metric }: ShownScore) => headlineScores().includes(metric) || metric.startsWith('recall_');
  const shown = scores.filter(({ score }) => isShown(score));
  return shown.length > 0 ? shown : scores;
}

/** "clDice, own level". */
export const differenceTitle = ({ name, level }: ShownScore): string => (level === 'own' ? `${name}, own level` : name);

/** What stands behind the differences, and what their p can be at best. */
export function describeDifferences({ to, unit, units, smallestP }: Differences): string {
  const few = smallestP > 0.05 ? ': fewer than six, so none can be below .05' : '';
  const count = `${units} ${unit === 'each' ? 'pair' : unit}${units === 1 ? '' : 's'}`;
  const smallest = `the smallest p that ${count} can reach is ${formatP(smallestP)}${few}`;
  const test = `permutation test over ${unit === 'each' ? 'regions and seeds' : `${unit}s`}`;
  const what = `differences to ${to} on the same regions and seeds, 95 % interval`;
  return `${what}, p (${test}; Holm over the methods); ${smallest}`;
}

/** A table of the differences, a column a score. */
export function differencesText(differences: Differences): string {
  const shown = shownDifferences(differences);
  const methods = [...new Set(shown.flatMap(({ methods: found }) => found.map(({ method }) => method)))];
  const columns = shown.map(({ score, methods: found }): Column<string> => {
    const by = new Map(found.map((difference) => [difference.method, difference]));
    return {
      title: differenceTitle(score),
      text: (method) => formatDifference(by.get(method), score.digits),
    };
  });
  const table = renderTable(methods, [{ title: 'method', align: 'left', text: (method) => method }, ...columns]);
  return `${differences.title}: ${describeDifferences(differences)}\n\n${table}`;
}

/** "+0.021 [+0.004, +0.038] p .031". */
function formatDifference(difference: MethodDifference | undefined, digits: number): string {
  if (difference === undefined) return '–';
  const { mean, low, high, corrected } = difference;
  const isPoint = low === null || high === null || low === high;
  const interval = isPoint ? '' : ` [${signed(low, digits)}, ${signed(high, digits)}]`;
  return `${signed(mean, digits)}${interval} p ${formatP(corrected)}`;
}

/** A number that always has its sign. */
export const signed = (value: number, digits: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(digits)}`;

/** ".031", "1". */
export function formatP(p: number): string {
  if (p >= 1) return '1';
  return p < 0.001 ? '< .001' : p.toFixed(3).slice(1);
}

const columns = [
  'comparison',
  'method',
  'to',
  'metric',
  'level',
  'difference',
  'low_95',
  'high_95',
  'p',
  'p_holm',
  'unit',
  'units',
];

/** Every difference, a line each. */
export function differencesCsv(all: readonly Differences[]): string {
  const lines = all.flatMap(({ title, to, unit, scores }) =>
    scores.flatMap(({ score, methods }) =>
      methods.map(({ method, mean, low, high, p, corrected, units }) => {
        const numbers = [mean, low ?? undefined, high ?? undefined, p, corrected];
        return [title, method, to, score.metric, score.level, ...numbers, unit, units];
      }),
    ),
  );
  return writeCsv([columns, ...lines]);
}

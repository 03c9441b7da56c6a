import type { Command } from 'commander';
import { InputError, nearestName, readRegularFile } from '@lacuna/core';
import { metricNames, metricOf, type MetricName, type ScoreRow } from '@lacuna/iqa';
import { renderTable } from '@lacuna/sweep';
import { drawFigures, disagreementFromRows, type Agreement, type DisagreementData } from '../figures/index.js';
import { readCsv } from '../iqa/csv.js';
import { shownMetric } from '../trial/scores/scores.js';
import { comparisonsOf, disagreementOf } from '../sweep/results/comparisons.js';
import { requireSweepFolder } from '../sweep/plan/sweep-folder.js';
import type { SweepSelection } from '../sweep/plan/selection.js';
import { loadExtensionsOfSpec } from '../extensions/in-spec.js';
import { selectionOf, withSelectionOptions, type SelectionOptions } from './options.js';
import { planResults } from './sweep-results.js';

interface DisagreementOptions extends SelectionOptions {
  readonly figures?: string;
  readonly json?: boolean;
}

/**
 * `lacuna disagreement`: where metrics order methods differently, over a sweep or over tables of `lacuna iqa --csv`.
 */
export function register(program: Command): void {
  withSelectionOptions(
    program
      .command('disagreement')
      .description('where metrics order the methods differently: of a sweep, or of tables that lacuna iqa --csv wrote')
      .argument('[tables...]', 'the spec (YAML), or METHOD=FILE.csv for two methods or more'),
  )
    .option('--figures <folder>', 'draw the figure there (SVG, PDF, PNG)')
    .option('--json', 'print JSON')
    .action(async (tables: readonly string[], options: DisagreementOptions) => {
      // METHOD=FILE.csv are tables; a name alone is that of a spec, unless it ends as a table does.
      const [spec] = tables;
      const isTable = spec !== undefined && (spec.includes('=') || spec.endsWith('.csv'));
      const isSweep = tables.length <= 1 && !isTable;
      if (isSweep) await loadExtensionsOfSpec(selectionOf(spec, options));
      const found = isSweep ? ofSweep(selectionOf(spec, options)) : [ofTables(tables)];
      if (options.figures !== undefined) await drawFigures({ disagreements: found }, options.figures);
      if (options.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
      else console.log(found.map(toText).join('\n\n'));
    });
}

function ofSweep(selection: SweepSelection): DisagreementData[] {
  const sweep = planResults(selection);
  const found = comparisonsOf(sweep, requireSweepFolder(sweep.name, selection.out)).flatMap(
    (comparison) => disagreementOf(comparison) ?? [],
  );
  if (found.length === 0)
    throw new InputError({
      who: 'disagreement',
      got: `a sweep (${sweep.name}) without two methods and two metrics that have finished`,
      wanted: 'at least two of each',
    });
  return found;
}

function ofTables(tables: readonly string[]): DisagreementData {
  const rows = new Map<string, { method: string; case: string; values: Record<string, number | null> }>();
  const methods: string[] = [];
  for (const word of tables) {
    const cut = word.indexOf('=');
    if (cut < 1 || cut === word.length - 1)
      throw new InputError({ who: 'disagreement', got: word, wanted: 'METHOD=FILE.csv' });
    const method = word.slice(0, cut);
    const path = word.slice(cut + 1);
    if (methods.includes(method))
      throw new InputError({ who: 'disagreement', got: `two tables of ${method}`, wanted: 'one of each method' });
    methods.push(method);
    for (const { image, metric, value, reference } of readScores(path)) {
      const key = JSON.stringify([method, image]);
      if (!rows.has(key)) rows.set(key, { method, case: image, values: {} });
      rows.get(key)!.values[metric] = comparable(metric, value, reference);
    }
  }
  const list: ScoreRow[] = [...rows.values()];
  const metrics = metricNames
    .filter((name) => list.some(({ values }) => name in values))
    .map((metric) => ({ ...shownMetric(metric), metric }));
  const found = disagreementFromRows(list, { title: `${methods.length} methods`, order: methods, metrics });
  if (!found)
    throw new InputError({
      who: 'disagreement',
      got: `${methods.length} methods and ${metrics.length} metrics`,
      wanted: 'at least two of each',
    });
  return found;
}

/** What describes one network alone is better the nearer to the reference's. */
function comparable(metric: MetricName, value: number | null, reference: number | null): number | null {
  if (value === null || metricOf(metric).better !== 'reference') return value;
  return reference === null ? null : Math.abs(value - reference);
}

interface Score {
  readonly image: string;
  readonly metric: MetricName;
  readonly value: number | null;
  readonly reference: number | null;
}

function readScores(path: string): Score[] {
  const content = readRegularFile(path, 'a table of lacuna iqa --csv').toString('utf8');
  const [header = [], ...lines] = readCsv(content);
  const column = (name: string): number => {
    const at = header.indexOf(name);
    if (at < 0)
      throw new InputError({
        who: path,
        got: `the columns ${header.join(', ') || '(none)'}`,
        wanted: 'image, metric, value and reference, as lacuna iqa --csv writes them',
      });
    return at;
  };
  const image = column('image');
  const metric = column('metric');
  const value = column('value');
  const reference = column('reference');
  return lines.map((cells, i) => {
    const read = (text: string | undefined): number | null => {
      if (text === undefined || text === '') return null;
      if (Number.isNaN(Number(text)))
        throw new InputError({ who: `${path}:${i + 2}`, got: JSON.stringify(text), wanted: 'a number or nothing' });
      return Number(text);
    };
    const name = metricNames.find((known) => known === cells[metric]);
    if (name === undefined) {
      const near = nearestName(cells[metric] ?? '', metricNames);
      throw new InputError({
        who: `${path}:${i + 2}`,
        got: `metric ${JSON.stringify(cells[metric] ?? '')}`,
        wanted: 'a metric of lacuna iqa',
        ...(near === undefined ? {} : { remedy: `did you mean ${near}?` }),
      });
    }
    return { image: cells[image] ?? '', metric: name, value: read(cells[value]), reference: read(cells[reference]) };
  });
}

function toText({ title, pairs }: DisagreementData): string {
  const two = (value: number) => value.toFixed(2);
  const shown = pairs.filter((pair) => pair.tau !== null);
  const table = renderTable<Agreement>(shown, [
    { title: 'metrics', align: 'left', text: ({ a, b }) => `${a} – ${b}` },
    { title: 'tau', text: ({ tau }) => two(tau!) },
    { title: '95 % interval', text: ({ interval }) => (interval ? `${two(interval[0])} to ${two(interval[1])}` : '–') },
    { title: 'cases', text: ({ cases }) => String(cases) },
    { title: 'least in', align: 'left', text: ({ worst }) => (worst ? `${worst.case} (${two(worst.tau)})` : '') },
    {
      title: 'the first prefers … to …, the second the other way',
      align: 'left',
      text: ({ conflicts }) =>
        conflicts
          .slice(0, 3)
          .map(({ preferredByA, preferredByB }) => `${preferredByA} to ${preferredByB}`)
          .join(', ') + (conflicts.length > 3 ? `, and ${conflicts.length - 3} more` : ''),
    },
  ]);
  const without = pairs.length - shown.length;
  const note = without > 0 ? `; ${without} pairs have no case in which both tell methods apart` : '';
  return `${title}: order of the methods, Kendall's tau, least agreement first${note}\n\n${table}`;
}

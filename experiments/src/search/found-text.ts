import { renderTable, type Column } from '@lacuna/sweep';
import { writeCsv } from '../iqa/csv.js';
import { objectivesIn, type Found, type FoundPoint } from './found.js';

/** Rows of the table for people; all points are in the CSV. */
const MOST_ROWS = 15;

/** Lines of points that ended early. */
const MOST_ENDED = 10;

/** The best points of a search, and how many ended in which way. */
function foundText(found: Found): string {
  const { ranked, spec } = found;
  const columns: Column<FoundPoint>[] = [
    { title: 'point', align: 'left', text: ({ title }) => title },
    ...objectivesIn(spec).map((name): Column<FoundPoint> => ({
      title: name,
      text: ({ objectives }) => formatNumber(objectives[name]),
    })),
    ...Object.keys(spec.space).map((path): Column<FoundPoint> => ({
      title: path,
      text: ({ values }) => formatValue(values[path]),
    })),
    { title: 'steps', text: ({ steps }) => String(steps) },
  ];
  const rows = ranked.slice(0, MOST_ROWS);
  const more = ranked.length > rows.length ? `; the best ${rows.length}` : '';
  const head = `search by ${spec.kind}: ${countsOf(found)}${more}`;
  const table = rows.length === 0 ? [] : [renderTable(rows, columns)];
  return [head, ...table, ...endedLines(found)].join('\n\n');
}

/** Points that ended early, with the reason; the last ones where there are many. */
function endedLines({ points }: Found): string[] {
  const ended = points.filter(({ state }) => state === 'pruned' || state === 'diverged' || state === 'failed');
  if (ended.length === 0) return [];
  const shown = ended.slice(-MOST_ENDED);
  const lines = shown.map(({ title, state, reason, steps }) => {
    const after = steps > 0 ? ` after ${steps} steps` : '';
    return `${state.toUpperCase()}  ${title}${after}: ${reason}`;
  });
  const others = ended.length - shown.length;
  return [[...(others > 0 ? [`... and ${others} more in search/points.csv`] : []), ...lines].join('\n')];
}

/** "60 points: 38 finished, 20 pruned, 2 diverged" */
export function countsOf({ points }: Found): string {
  const states = ['finished', 'pruned', 'diverged', 'failed', 'open'] as const;
  const counts = states
    .map((state) => ({ state, count: points.filter((point) => point.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`);
  return `${points.length} points${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`;
}

/** Every point of a search, in the order in which they were chosen. */
export function foundCsv({ points, spec }: Found): string {
  const fields = Object.keys(spec.space);
  const objectives = objectivesIn(spec);
  const head = ['point', 'state', 'reason', 'steps', ...objectives, ...fields, 'trials'];
  const lines = points.map(({ title, state, reason, steps, objectives: scores, values, trials }) => [
    title,
    state.toUpperCase(),
    reason,
    steps,
    ...objectives.map((name) => scores[name]),
    ...fields.map((path) => cellOf(values[path])),
    trials.map(({ id }) => id).join(' '),
  ]);
  return writeCsv([head, ...lines]);
}

const cellOf = (value: unknown): string | number | null =>
  typeof value === 'number' || typeof value === 'string' ? value : (JSON.stringify(value) ?? null);

/** A field's value as tables show it; – where the point's method has no such field. */
function formatValue(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Four digits, or a whole number. */
function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(4)));
}

/** A leaderboard under what a search found; of a sweep that is none, the leaderboard. */
export function withFound(found: Found | null, leaderboard: string): string {
  if (found === null || found.points.length === 0) return leaderboard;
  return leaderboard === '' ? foundText(found) : `${foundText(found)}\n\n${leaderboard}`;
}

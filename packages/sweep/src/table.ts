import { printable } from '@lacuna/core';
import type { Estimate } from './statistics/student-t.js';

/** A column of a table for people. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  /** The row's value where the best of the column is marked with an asterisk. */
  readonly best?: { readonly value: (row: Row) => number | null; readonly better: 'higher' | 'lower' };
  readonly align?: 'left' | 'right';
}

/** Aligned text; the best value of a column carries an asterisk. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const best = columns.map((column) => bestOf(rows, column));
  const cells = rows.map((row) =>
    columns.map((column, i) => `${printable(column.text(row))}${markOf(row, column, best[i])}`),
  );
  const titles = columns.map((column) => (column.best ? `${column.title} ` : column.title));
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((line) => line[i].length)));
  const line = (parts: readonly string[]) =>
    parts
      .map((part, i) => (columns[i].align === 'left' ? part.padEnd(widths[i]) : part.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(titles), line(widths.map((width) => '─'.repeat(width))), ...cells.map(line)].join('\n');
}

/** The best value of a column; null where there is nothing to compare. */
function bestOf<Row>(rows: readonly Row[], { best }: Column<Row>): number | null {
  if (!best) return null;
  const values = rows.map(best.value).filter((value): value is number => value !== null && !Number.isNaN(value));
  if (values.length < 2) return null;
  return best.better === 'higher' ? Math.max(...values) : Math.min(...values);
}

function markOf<Row>(row: Row, { best }: Column<Row>, bestValue: number | null): string {
  if (!best) return '';
  return bestValue !== null && best.value(row) === bestValue ? '*' : ' ';
}

/** "28.31 ± 0.12", "28.31" for one value, "–" for none. */
export function formatEstimate(value: Estimate | null, digits: number): string {
  if (!value) return '–';
  return value.halfWidth === null
    ? value.mean.toFixed(digits)
    : `${value.mean.toFixed(digits)} ± ${value.halfWidth.toFixed(digits)}`;
}

import { siLabel } from '../figures/drawing/axes.js';
import { methodStyle } from '../figures/drawing/theme.js';
import type { Estimate } from '../figures/types.js';
import { html, raw, type Markup } from './html.js';
import type { ReportColumn, ReportRow, ReportTable } from './types.js';

/** A table of scores: a row a method, the best of each column in bold, intervals below the means. */
export function leaderboardTable(data: ReportTable, label = 'Leaderboard'): Markup {
  const best = data.columns.map((column, c) => bestMean(data, column, c));
  return html`<div class="wide" tabindex="0" role="region" aria-label="${label}"><table class="sortable">
<caption><span>${data.interval}; bold: best mean of a column</span></caption>
<thead><tr><th scope="col">Method</th>${data.columns.map(columnHead)}</tr></thead>
<tbody>
${data.rows.map((row, r) => {
  const cells = row.cells.map((cell, c) => cellOf(cell, data.columns[c], row.isCeiling ? null : best[c]));
  return html`<tr>${methodHead(row, r)}${cells}</tr>
`;
})}</tbody></table></div>`;
}

function columnHead(column: ReportColumn): Markup {
  return html`<th scope="col">${column.name}${direction(column)}<small>${column.unit ?? ''}</small></th>`;
}

function methodHead({ method, seeds, isCeiling }: ReportRow, index: number): Markup {
  if (isCeiling) return html`<th scope="row">${method}</th>`;
  const count = seeds === 1 ? '1 seed' : `${seeds} seeds`;
  return html`<th scope="row">${swatch(index)}${method}<small>${count}</small></th>`;
}

/**
 * Ranks of the methods by each score, so that one sees at once where the scores disagree.
 * Ties (means that print alike) share the better rank. Empty where fewer than two scores say what is better.
 */
export function rankTable({ columns, rows: all }: ReportTable): Markup {
  const data = { columns, rows: all.filter(({ isCeiling }) => !isCeiling) };
  const compared = data.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => column.better !== null);
  if (compared.length < 2 || data.rows.length < 2) return raw('');
  const ranks = compared.map(({ column, index }) =>
    ranksOf(
      data.rows.map((row) => row.cells[index] ?? null),
      column,
    ),
  );
  const names = compared.map(({ column }) => html`<th scope="col">${column.name}</th>`);
  return html`<div class="wide" tabindex="0" role="region" aria-label="Ranks"><table>
<caption><span>Rank of each method by each score (1 is best; the darker, the better)</span></caption>
<thead><tr><th scope="col">Method</th>${names}</tr></thead>
<tbody>
${data.rows.map(({ method }, r) => {
  const cells = ranks.map((column) => rankCell(column[r], data.rows.length));
  return html`<tr><th scope="row">${swatch(r)}${method}</th>${cells}</tr>
`;
})}</tbody></table></div>`;
}

/** Ranks of means, 1 for the best; null for none. */
export function ranksOf(cells: readonly (Estimate | null)[], column: ReportColumn): (number | null)[] {
  const values = cells.map((cell) =>
    cell === null ? null : Number(cell.mean.toFixed(column.digits)) * (column.better === 'lower' ? -1 : 1),
  );
  return values.map((value) =>
    value === null ? null : 1 + values.filter((other) => other !== null && other > value).length,
  );
}

function bestMean(data: ReportTable, column: ReportColumn, index: number): string | null {
  const means = data.rows
    .filter(({ isCeiling }) => !isCeiling)
    .map((row) => row.cells[index]?.mean)
    .filter((mean) => mean !== undefined);
  if (column.better === null || means.length < 2) return null;
  return shown(column.better === 'higher' ? Math.max(...means) : Math.min(...means), column);
}

function cellOf(cell: Estimate | null, column: ReportColumn, best: string | null): Markup {
  if (cell === null) return html`<td><span title="no value">–</span></td>`;
  const mean = shown(cell.mean, column);
  const value = html` data-value="${cell.mean}"`;
  const interval =
    cell.low === cell.high ? raw('') : html`<small>${shown(cell.low, column)} – ${shown(cell.high, column)}</small>`;
  return mean === best
    ? html`<td class="best"${value}>${mean}${interval}</td>`
    : html`<td${value}>${mean}${interval}</td>`;
}

function shown(value: number, column: ReportColumn): string {
  return column.si ? siLabel(value) : value.toFixed(column.digits).replace('-', '−');
}

function direction(column: ReportColumn): Markup {
  if (column.better === null) return raw('');
  return column.better === 'higher'
    ? html` <span title="higher is better">↑</span>`
    : html` <span title="lower is better">↓</span>`;
}

function swatch(index: number): Markup {
  return html`<span class="swatch" style="background:${methodStyle(index).colour}" aria-hidden="true"></span>`;
}

function rankCell(rank: number | null, count: number): Markup {
  if (rank === null) return html`<td class="rank">–</td>`;
  const strength = count < 2 ? 0 : (count - rank) / (count - 1);
  return html`<td class="rank" style="background:rgba(0,114,178,${(0.42 * strength).toFixed(2)})">${rank}</td>`;
}

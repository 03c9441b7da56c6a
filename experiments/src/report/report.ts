import { writeFileAtomic } from '@lacuna/core';
import { differencesTable } from './differences.js';
import { explored } from './explore.js';
import { html, raw, type Markup } from './html.js';
import { leaderboardTable, rankTable } from './leaderboard.js';
import { renderPage } from './page.js';
import type { ReportData, ReportFigure, ReportTable } from './types.js';

/**
 * The report of a sweep as one HTML file: leaderboard, charts, where the scores disagree, figures, regions, spec,
 * environment and how to go on. It asks nothing of the network and prints on A4. Its scripts stand in it: where they do
 * not run, what they draw is missing; tables and figures are not.
 */
export function renderReport(data: ReportData): string {
  const ranks = rankTable(besideOwnLevels(data));
  const explore = explored(data);
  const content = html`<h1>${data.title}</h1>
<p>${data.summary}</p>
${warnings(data)}
<h2 id="leaderboard">Leaderboard</h2>
${leaderboardTable(data)}
${ownLevel(data)}
${explore.charts}
${differences(data)}
${
  ranks.html === ''
    ? raw('')
    : html`<h2 id="ranks">Where the scores disagree</h2>
${ranks}`
}
${
  data.figures.length === 0
    ? raw('')
    : html`<h2 id="figures">Figures</h2>
${data.figures.map(captioned)}`
}
${explore.regions}
${explore.volumes}
<h2 id="next">How to go on</h2>
<ul>${data.next.map(nextStep)}</ul>
<h2 id="spec">Spec: ${data.spec.name}</h2>
<pre tabindex="0">${data.spec.text.trimEnd()}</pre>
<h2 id="environment">Environment</h2>
<dl>${data.environment.map(described)}</dl>`;
  const allow = ['img-src data:', ...(explore.allow === '' ? [] : [`script-src ${explore.allow}`])].join('; ');
  return renderPage({ title: data.title, allow, style: explore.style }, content, explore.script);
}

/** Writes the report, whole or not at all. */
export function writeReport(data: ReportData, path: string): void {
  writeFileAtomic(path, renderReport(data));
}

/** The columns of both tables, for ranks by every score. */
function besideOwnLevels(data: ReportData): ReportTable {
  const own = data.ownLevel;
  if (!own || own.rows.length !== data.rows.length) return data;
  const names = new Set(data.columns.map(({ name }) => name));
  const columns = own.columns.map((column) =>
    names.has(column.name) ? { ...column, name: `${column.name}, own level` } : column,
  );
  const rows = data.rows.map((row, r) => ({ ...row, cells: [...row.cells, ...own.rows[r].cells] }));
  return { columns: [...data.columns, ...columns], rows, interval: data.interval };
}

/** Each method at its own level, and what wins at one level only. */
function ownLevel({ ownLevel: table }: ReportData): Markup {
  if (!table) return raw('');
  return html`<h2 id="own-level">Each method at its own level</h2>
${leaderboardTable(table, 'Own levels')}
${table.winners.map((winner) => html`<p>${winner}.</p>`)}`;
}

function differences({ differences: found = [] }: ReportData): Markup {
  if (found.length === 0) return raw('');
  return html`<h2 id="differences">Paired differences</h2>
${found.map(differencesTable)}`;
}

function warnings(data: ReportData): Markup {
  return data.warnings.length === 0
    ? raw('')
    : html`<div class="note" role="note">${data.warnings.map((warning) => html`<p>${warning}</p>`)}</div>`;
}

function captioned({ svg, title, caption }: ReportFigure): Markup {
  const text = html`<strong>${title}.</strong> ${caption}`;
  return html`<figure>${raw(svg.trim())}<figcaption>${text}</figcaption></figure>
`;
}

function nextStep({ text, command }: ReportData['next'][number]): Markup {
  return html`<li>${text} ${commandOf(command)}</li>
`;
}

function described([name, value]: readonly [name: string, value: string]): Markup {
  return html`<dt>${name}</dt><dd>${value}</dd>
`;
}

/** An address becomes a link, anything else stays what one types. */
function commandOf(command: string): Markup {
  return /^https?:\/\//.test(command)
    ? html`<a href="${command}"><code>${command}</code></a>`
    : html`<code>${command}</code>`;
}

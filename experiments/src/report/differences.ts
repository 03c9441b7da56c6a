import {
  describeDifferences,
  differenceTitle,
  formatP,
  shownDifferences,
  signed,
} from '../sweep/leaderboard/differences-text.js';
import type { Differences, MethodDifference } from '../sweep/leaderboard/differences.js';
import type { ShownScore } from '../sweep/results/shown-scores.js';
import { html, raw, type Markup } from './html.js';

/** A table of paired differences: their mean, interval and corrected p; bold where p is below .05. */
export function differencesTable(differences: Differences): Markup {
  const shown = shownDifferences(differences);
  const methods = [...new Set(shown.flatMap(({ methods: found }) => found.map(({ method }) => method)))];
  const heads = shown.map(
    ({ score }) => html`<th scope="col">${differenceTitle(score)}<small>${score.unit ?? ''}</small></th>`,
  );
  const caption = `${differences.title}: ${describeDifferences(differences)}; bold: p below .05`;
  return html`<div class="wide" tabindex="0" role="region" aria-label="Differences"><table>
<caption><span>${caption}</span></caption>
<thead><tr><th scope="col">Method</th>${heads}</tr></thead>
<tbody>
${methods.map((method) => {
  const cells = shown.map(({ score, methods: found }) =>
    cellOf(
      found.find((each) => each.method === method),
      score,
    ),
  );
  return html`<tr><th scope="row">${method}</th>${cells}</tr>
`;
})}</tbody></table></div>`;
}

function cellOf(difference: MethodDifference | undefined, { digits }: ShownScore): Markup {
  if (difference === undefined) return html`<td><span title="no value">–</span></td>`;
  const { mean, low, high, corrected } = difference;
  const shown = (value: number) => signed(value, digits).replace('-', '−');
  const isPoint = low === null || high === null || low === high;
  const interval = isPoint ? raw('') : html`<small>${shown(low)} – ${shown(high)}</small>`;
  const p = html`<small>p ${formatP(corrected)}</small>`;
  return corrected < 0.05
    ? html`<td class="best">${shown(mean)}${interval}${p}</td>`
    : html`<td>${shown(mean)}${interval}${p}</td>`;
}

// The table of a GPU bench, in Markdown.
import { cases } from '../train-step/cases.mjs';

const cell = (ms) => (ms === undefined ? '–' : ms.toFixed(ms < 10 ? 2 : 1));

/** "16 × 24² ×4", "2 × 16·16·16 ×1·4·4": batch, LR patch and factor. */
function sizesOf(name) {
  const [, batch, patch, factor] = cases.find((text) => text.startsWith(`${name}:`)).split(':');
  const side = patch.includes('x') ? patch.replaceAll('x', '·') : `${patch}²`;
  return `${batch} × ${side}, ×${factor.replaceAll('x', '·')}`;
}

const TITLES = [
  ...['model', 'batch × LR, factor', 'parameters', 'Lacuna ms'],
  ...['PyTorch ms', 'channels last', '`compile`', 'Lacuna / faster eager'],
];

/** @param {string} machine a line on what was measured on. */
export function tableOf(machine, rows) {
  const head = [`| ${TITLES.join(' | ')} |`, '|---|---|---:|---:|---:|---:|---:|---:|'];
  const lines = rows.map((row) => {
    const sizes = sizesOf(row.name);
    if (row.failed !== undefined) return `| ${row.name} | ${sizes} | not measured: ${row.failed} | | | | | |`;
    const times = [row.lacuna, row.contiguous, row.channels_last, row.compile].map(cell);
    const ratio = (row.lacuna / row.torch).toFixed(2);
    return `| ${row.name} | ${sizes} | ${row.parameters.toLocaleString('en')} | ${times.join(' | ')} | ${ratio} |`;
  });
  return `${[machine, '', ...head, ...lines].join('\n')}\n`;
}

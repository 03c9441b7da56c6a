// Writes the tables that docs/metrics.md and docs/models.md have of the catalogues. usage, after a build: node
// tools/tables.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { modelsTable } from '../experiments/dist/models/models-table.js';
import { metricsTable } from '../packages/iqa/dist/index.js';

/** Puts a table between a page's `NAME:begin` and `NAME:end`. */
function write(page, name, table) {
  const path = new URL(`../docs/${page}`, import.meta.url);
  const between = new RegExp(`(<!-- ${name}:begin -->\n)[^]*(<!-- ${name}:end -->)`);
  const text = readFileSync(path, 'utf8');
  if (!between.test(text)) throw new Error(`docs/${page}: got no ${name}:begin and ${name}:end, wanted both comments`);
  writeFileSync(
    path,
    text.replace(between, (_, start, end) => `${start}\n${table}\n\n${end}`),
  );
}

write('metrics.md', 'metrics', metricsTable());
write('models.md', 'models', modelsTable());

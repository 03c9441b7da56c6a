// Writes the table of metrics in packages/iqa/README.md from the catalogue. usage: node tools/metrics-table.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { metricsTable } from '../packages/iqa/dist/index.js';

const path = new URL('../packages/iqa/README.md', import.meta.url);
const readme = readFileSync(path, 'utf8');
const between = /(<!-- names -->\n)[^]*(<!-- \/names -->)/;
writeFileSync(
  path,
  readme.replace(between, (_, start, end) => `${start}\n${metricsTable()}\n\n${end}`),
);

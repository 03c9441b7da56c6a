// Writes the table of conformance into packages/iqa/README.md from the deviations that the tests kept. usage: conformance.mjs DEVIATIONS README
import { readFileSync, writeFileSync } from 'node:fs';

const [deviations, readme] = process.argv.slice(2);
const rows = new Map();
for (const line of readFileSync(deviations, 'utf8').trim().split('\n')) {
  const { metric, reference, deviation, tolerance } = JSON.parse(line);
  const key = `${metric}|${reference}`, row = rows.get(key) ?? { metric, reference, largest: 0, tolerance, checks: 0 };
  rows.set(key, { ...row, largest: Math.max(row.largest, deviation), tolerance: Math.max(row.tolerance, tolerance), checks: row.checks + 1 });
}
const show = (value) => (value === 0 ? 'exact' : value.toExponential(0));
const table = ['| metric | reference | checks | largest deviation | tolerance |', '| --- | --- | --- | --- | --- |',
  ...[...rows.values()].map((r) => `| ${r.metric} | ${r.reference} | ${r.checks} | ${show(r.largest)} | ${show(r.tolerance)} |`)].join('\n');
const text = readFileSync(readme, 'utf8'), from = '<!-- conformance -->', to = '<!-- /conformance -->';
if (!text.includes(from) || !text.includes(to)) throw new Error(`${readme}: no ${from} ... ${to}`);
writeFileSync(readme, `${text.slice(0, text.indexOf(from) + from.length)}\n${table}\n${text.slice(text.indexOf(to))}`);

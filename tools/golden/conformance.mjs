// Writes the table of conformance in packages/iqa/README.md from the deviations that the tests kept.
// usage: conformance.mjs DEVIATIONS README   (packages/iqa is built)
import { readFileSync, writeFileSync } from 'node:fs';
import { metricNames } from '../../packages/iqa/dist/index.js';

const [deviations, readme] = process.argv.slice(2);

function conformance() {
  const rows = new Map();
  for (const line of readFileSync(deviations, 'utf8').trim().split('\n')) {
    const { metric, reference, deviation, tolerance } = JSON.parse(line);
    const key = `${metric}|${reference}`;
    const row = rows.get(key) ?? { metric, reference, largest: 0, tolerance, checks: 0 };
    rows.set(key, {
      ...row,
      largest: Math.max(row.largest, deviation),
      tolerance: Math.max(row.tolerance, tolerance),
      checks: row.checks + 1,
    });
  }
  const unheld = metricNames.filter(
    (name) => ![...rows.values()].some(({ metric }) => metric.split(/[ :]/)[0] === name),
  );
  if (unheld.length > 0) throw new Error(`no reference holds ${unheld.join(', ')}`);
  const show = (value) => (value === 0 ? 'exact' : value.toExponential(0));
  return [
    '| metric | reference | checks | largest deviation | tolerance |',
    '| --- | --- | --- | --- | --- |',
    ...[...rows.values()]
      .sort((a, b) => (`${a.metric}|${a.reference}` < `${b.metric}|${b.reference}` ? -1 : 1))
      .map((r) => `| ${r.metric} | ${r.reference} | ${r.checks} | ${show(r.largest)} | ${show(r.tolerance)} |`),
  ];
}

function replace(text, mark, lines) {
  const from = `<!-- ${mark} -->`;
  const to = `<!-- /${mark} -->`;
  if (!text.includes(from) || !text.includes(to)) throw new Error(`${readme}: no ${from} ... ${to}`);
  return `${text.slice(0, text.indexOf(from) + from.length)}\n${lines.join('\n')}\n${text.slice(text.indexOf(to))}`;
}

writeFileSync(readme, replace(readFileSync(readme, 'utf8'), 'conformance', conformance()));

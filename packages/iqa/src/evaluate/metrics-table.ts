import { metricNames, metricOf } from './catalogue.js';

/** The catalogue as a table in Markdown: name, direction, unit, meaning and source of every metric. */
export function metricsTable(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = metricNames.map((name) => {
    const { better, unit, doc, source } = metricOf(name);
    return `| \`${name}\` | ${better} | ${unit} | ${cell(doc)} | ${cell(source)} |`;
  });
  return ['| name | better | unit | what it is | source |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

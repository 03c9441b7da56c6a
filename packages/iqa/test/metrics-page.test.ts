import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metricNames, metricOf, metricsTable } from '../src/index.js';

const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');

describe('docs/metrics.md', () => {
  it('holds the table of the catalogue (node tools/tables.mjs writes it)', () => {
    const between = /<!-- metrics:begin -->\n\n([^]*)\n\n<!-- metrics:end -->/.exec(page)?.[1];
    expect(between).toBe(metricsTable());
  });
});

describe('the catalogue', () => {
  it('says of every metric what tables need', () => {
    for (const name of metricNames) {
      const { label, digits, doc, source } = metricOf(name);
      expect(
        [label, doc, source].every((text) => text.length > 0),
        name,
      ).toBe(true);
      expect(Number.isInteger(digits) && digits >= 0 && digits <= 6, name).toBe(true);
    }
    expect(new Set(metricNames.map((name) => metricOf(name).label)).size).toBe(metricNames.length);
  });

  it('names few headlines', () => {
    expect(metricNames.filter((name) => metricOf(name).headline)).toEqual(['psnr', 'cldice', 'betti0_error']);
  });
});

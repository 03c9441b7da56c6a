import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawScoresVsCost } from '../../src/figures/index.js';
import { ranksOf } from '../../src/report/leaderboard.js';
import { packVolumes, renderReport, writeReport, type ReportData } from '../../src/report/index.js';
import { differencesOf } from '../../src/sweep/differences.js';
import { comparisonOf, resultOf } from '../sweep/fixtures.js';
import { drawnCosts } from '../figures/drawn.js';

const value = (mean: number, half = 0) => ({ mean, low: mean - half, high: mean + half });
const data: ReportData = {
  title: 'A <b>sweep</b>',
  summary: 'Two methods & one question.',
  warnings: ['Synthetic data.'],
  columns: [
    { name: 'clDice', digits: 2, better: 'higher' },
    { name: 'Betti-0 error', digits: 2, better: 'lower' },
    { name: 'Parameters', digits: 0, better: null, si: true },
  ],
  rows: [
    { method: 'Bicubic', seeds: 1, cells: [value(0.79), value(0.2), value(0)] },
    { method: 'FSRCNN', seeds: 3, cells: [value(0.83, 0.01), value(1.5), null] },
  ],
  interval: 'Mean and 95 % interval over seeds',
  figures: [{ title: 'Scores against cost', caption: 'Left is cheaper.', svg: drawScoresVsCost(drawnCosts()) }],
  spec: { name: 'quickstart.yaml', text: 'model: "fsrcnn" # <small>\n' },
  environment: [['Node', '20']],
  next: [
    { text: 'Compare:', command: 'http://127.0.0.1:5000/#/x?a=1&b=2' },
    { text: 'Again:', command: 'npm run sweep -- --set a="b"' },
  ],
};
const page = renderReport(data);

describe('the report of both levels', () => {
  const rows = [
    { method: 'Bicubic', seeds: 1, cells: [value(0.9)] },
    { method: 'FSRCNN', seeds: 1, cells: [value(0.8)] },
    { method: 'HR image (ceiling)', seeds: 0, cells: [value(0.99)], isCeiling: true },
  ];
  const columns = [{ name: 'clDice', digits: 2, better: 'higher' as const }];
  const winners = ['clDice: FSRCNN wins at the common level only'];
  const differences = differencesOf(
    comparisonOf([resultOf('a', 0, { common: [0.5, 0.6] }), resultOf('geometry', 0, { common: [0.6, 0.8] })]),
  )!;
  const both = renderReport({
    ...data,
    ownLevel: { columns, rows, interval: 'own', winners },
    differences: [differences],
  });
  const own = both.slice(both.indexOf('id="own-level"'), both.indexOf('id="differences"'));

  it('has a table of own levels, in which the HR image is shown and no method', () => {
    expect(own).toContain('<td class="best">0.90</td>');
    expect(own).toContain('HR image (ceiling)</th><td>0.99</td>');
    expect(own).toContain('<p>clDice: FSRCNN wins at the common level only.</p>');
    expect(page).not.toContain('id="own-level"');
    // Its two methods are not those of the first table's three rows: their ranks stay apart.
    expect(both).not.toContain('clDice, own level</th>');
  });

  it('ranks the methods by every score, at both levels, without the HR image', () => {
    const [, , ceiling] = rows;
    const table = { ...data, rows: [...data.rows, { ...ceiling, cells: [value(0.97), null, null] }] };
    const page = renderReport({ ...table, ownLevel: { columns, rows, interval: 'own', winners } });
    const ranks = page.slice(page.indexOf('id="ranks"'), page.indexOf('id="next"'));
    expect(ranks).toContain('<th scope="col">clDice, own level</th>');
    expect(ranks).not.toContain('HR image');
  });

  it('has the paired differences with interval and p', () => {
    const table = both.slice(both.indexOf('id="differences"'));
    expect(table).toContain('<td>+0.150<small>+0.100 – +0.200</small><small>p .500</small></td>');
    expect(table).toContain('differences to a on the same regions and seeds');
    expect(page).not.toContain('id="differences"');
  });
});

describe('the report', () => {
  it('escapes what came from outside', () => {
    expect(page).toContain('<title>A &lt;b&gt;sweep&lt;/b&gt;</title>');
    expect(page).toContain('model: &quot;fsrcnn&quot; # &lt;small&gt;');
    expect(page).toContain('npm run sweep -- --set a=&quot;b&quot;');
    expect(page).not.toContain('<b>');
  });

  it('asks nothing of the network: its only address is a link for the reader', () => {
    const references = [...page.matchAll(/(?:src|href|url|xlink:href)\s*[=(]\s*["']?([^"'\s)>]+)/g)].map((match) =>
      match[1].slice(0, 22),
    );
    expect([...new Set(references)]).toEqual(['http://127.0.0.1:5000/']);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|@import|<link/);
  });

  it('says each figure in words and each table with headings', () => {
    expect(page).toMatch(/<svg [^>]*role="img"[^>]*><title>Scores against cost<\/title><desc>/);
    expect(page.match(/<th scope="row">/g)!.length).toBe(4);
    expect(page).toContain('<caption>Mean and 95 % interval over seeds; bold: best mean of a column</caption>');
  });

  it('sets the best mean in bold, shows intervals, and a dash for no value', () => {
    expect(page).toContain('<td class="best">0.83<small>0.82 – 0.84</small></td>');
    expect(page).toContain('<td class="best">0.20</td>');
    expect(page).toContain('<span title="no value">–</span>');
  });

  it('ranks methods by each score, ties sharing the better rank', () => {
    expect(ranksOf([value(1.001), value(1.002), value(0.5), null], { name: 'x', digits: 2, better: 'higher' })).toEqual(
      [1, 1, 3, null],
    );
    expect(ranksOf([value(2), value(1)], { name: 'x', digits: 1, better: 'lower' })).toEqual([2, 1]);
    expect(page).toContain('Where the scores disagree');
  });

  it('holds volumes that keep it small, and no script where there are none', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toContain('script-src');
    const [width, height, depth] = [64, 64, 16];
    const noisy = (side: number) => ({
      width: width / side,
      height: height / side,
      depth,
      data: Float32Array.from(
        { length: (width * height * depth) / side ** 2 },
        (_, i) => (Math.imul(i + 1, 2654435761) >>> 8) / 2 ** 24,
      ),
    });
    const volume = {
      title: 'noise',
      hr: noisy(1),
      lr: noisy(2),
      factor: '2',
      pixelSize: null,
      network: new Uint8Array(width * height * depth),
      isNetworkKnown: true,
      methods: [{ name: 'a', volume: noisy(1), marks: null }],
    };
    const [whole] = packVolumes([volume]);
    expect(whole.grid).toMatchObject({ width: 64, height: 64, depth: 16 });
    // Room for half of the values of one, shared by two regions: each is cut to the middle, LR and HR alike.
    const most = (width * height * depth) / 2;
    const small = packVolumes([volume, volume], most);
    expect(small[0].title).toBe('noise, the middle');
    expect(small[0].volumes.map((one) => [one.width, one.height, one.depth])).toEqual([
      [20, 20, 16],
      [10, 10, 16],
      [20, 20, 16],
    ]);
    const values = small.flatMap(({ volumes }) => volumes.map((one) => one.width * one.height * one.depth));
    expect(values.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(most);
    const bytes = JSON.stringify(small.map(({ volumes }) => volumes)).length;
    // Noise in 64 levels is the worst there is: 6 bits a value, and a third more as text.
    expect(bytes).toBeLessThan(most);
    const shown = renderReport({ ...data, volumes: small });
    expect(shown).toContain("script-src 'sha256-");
    expect(shown.match(/<section class="volumes">/g)).toHaveLength(2);
  });

  it('is written whole, equal data to equal bytes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lacuna-report-'));
    try {
      writeReport(data, join(folder, 'report.html'));
      expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe(renderReport(structuredClone(data)));
      expect(readdirSync(folder)).toEqual(['report.html']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { drawScoresVsCost } from '../../src/figures/index.js';
import { ranksOf } from '../../src/report/leaderboard.js';
import type { ComparedNumbers } from '../../src/report/branch-numbers.js';
import {
  packRegions,
  packVolumes,
  renderReport,
  writeReport,
  type PackedVolumes,
  type ReportData,
} from '../../src/report/index.js';
import { differencesOf } from '../../src/sweep/leaderboard/differences.js';
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
/** What stands in a page beside its scripts. */
const withoutScripts = (text: string): string => text.replace(/<script[^]*?<\/script>/g, '');

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
    expect(own).toContain('<td class="best" data-value="0.9">0.90</td>');
    expect(own).toContain('HR image (ceiling)</th><td data-value="0.99">0.99</td>');
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
    expect(withoutScripts(page)).not.toContain('<b>');
    // Text of the data that stands in a script ends no element.
    const named = renderReport({ ...data, rows: [{ ...data.rows[0], method: '</script><b>' }] });
    expect(named).not.toContain('</script><b>');
  });

  it('asks nothing of the network: its only address is a link for the reader', () => {
    const references = [
      ...withoutScripts(page).matchAll(/(?:src|href|url|xlink:href)\s*[=(]\s*["']?([^"'\s)>]+)/g),
    ].map((match) => match[1].slice(0, 22));
    expect([...new Set(references)]).toEqual(['http://127.0.0.1:5000/']);
    expect(page).toContain("default-src 'none'");
    expect(withoutScripts(page)).not.toMatch(/@import|<link/);
    expect(page).not.toMatch(/<script[^>]* src/);
  });

  it('says each figure in words and each table with headings', () => {
    expect(page).toMatch(/<svg [^>]*role="img"[^>]*><title>Scores against cost<\/title><desc>/);
    expect(page.match(/<th scope="row">/g)!.length).toBe(4);
    expect(page).toContain(
      '<caption><span>Mean and 95 % interval over seeds; bold: best mean of a column</span></caption>',
    );
  });

  it('sets the best mean in bold, shows intervals, and a dash for no value', () => {
    expect(page).toContain('<td class="best" data-value="0.83">0.83<small>0.82 – 0.84</small></td>');
    expect(page).toContain('<td class="best" data-value="0.2">0.20</td>');
    expect(page).toContain('<span title="no value">–</span>');
  });

  it('ranks methods by each score, ties sharing the better rank', () => {
    expect(ranksOf([value(1.001), value(1.002), value(0.5), null], { name: 'x', digits: 2, better: 'higher' })).toEqual(
      [1, 1, 3, null],
    );
    expect(ranksOf([value(2), value(1)], { name: 'x', digits: 1, better: 'lower' })).toEqual([2, 1]);
    expect(page).toContain('Where the scores disagree');
  });

  it('runs no script but its own, which its policy names by their digests', () => {
    const scripts = [...page.matchAll(/<script>([^]*?)<\/script>/g)].map(([, text]) => text);
    expect(scripts).toHaveLength(1);
    const digest = createHash('sha256').update(scripts[0]).digest('base64');
    expect(page).toContain(`script-src 'sha256-${digest}'">`);
  });

  it('holds volumes that keep it small', () => {
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
    const along = (y: number) => Int32Array.from({ length: 4 }, (_, i) => (5 * height + y) * width + 20 + i);
    const doubtful = { given: 0.25, measured: null, isDoubtful: true };
    const volume = {
      title: 'noise',
      hr: noisy(1),
      lr: noisy(2),
      factor: '2',
      pixelSize: null,
      network: new Uint8Array(width * height * depth),
      isNetworkKnown: true,
      reference: [{ pixels: along(32), length: 3 }],
      methods: [
        {
          name: 'a',
          volume: noisy(1),
          marks: null,
          branches: [
            { kind: 'invented' as const, pixels: along(32), length: 3, share: 0, evidence: doubtful },
            { kind: 'missed' as const, pixels: along(2), length: 3, share: 0.25 },
          ],
        },
      ],
    };
    const [whole] = packVolumes([volume]);
    expect(whole.grid).toMatchObject({ width: 64, height: 64, depth: 16 });
    expect(whole.networks.map(({ name, counts }) => [name, counts])).toEqual([
      ['true network', [4]],
      ['a', [4, 4]],
    ]);
    const inflated = (text: string) => inflateSync(Buffer.from(text, 'base64'));
    const numbers = JSON.parse(inflated(whole.networks[1].branches).toString()) as ComparedNumbers[];
    const [{ kind, given, measured, isDoubtful }] = numbers;
    expect([kind, given, measured, isDoubtful]).toEqual(['invented', 0.25, undefined, true]);
    const points = ({ networks }: PackedVolumes) => new Int16Array(new Uint8Array(inflated(networks[0].points)).buffer);
    expect([...points(whole).subarray(0, 6)]).toEqual([20, 32, 5, 21, 32, 5]);
    // Room for half of the values of one, shared by two regions: each is cut to the middle, LR and HR alike.
    const most = (width * height * depth) / 2;
    const small = packVolumes([volume, volume], most);
    expect(small[0].title).toBe('noise, the middle');
    expect(small[0].volumes.map((one) => [one.width, one.height, one.depth])).toEqual([
      [20, 20, 16],
      [10, 10, 16],
      [20, 20, 16],
    ]);
    // The corner that is cut away is 22 x 22 HR voxels: of a branch that crosses its edge the part inside is left.
    expect([...points(small[0])]).toEqual([0, 10, 5, 1, 10, 5]);
    expect(small[0].networks[1].counts).toEqual([2]);
    const values = small.flatMap(({ volumes }) => volumes.map((one) => one.width * one.height * one.depth));
    expect(values.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(most);
    const bytes = JSON.stringify(small.map(({ volumes }) => volumes)).length;
    // Noise in 64 levels is the worst there is: 6 bits a value, and a third more as text.
    expect(bytes).toBeLessThan(most);
    const shown = renderReport({ ...data, volumes: small });
    expect(shown).toMatch(/script-src 'sha256-[^']+'">/);
    expect(shown.match(/<section class="volumes" data-index="[01]">/g)).toHaveLength(2);
  });

  it('holds regions of planes with their branches, cut to the middle where they are large', () => {
    const [width, height] = [32, 64];
    const image = (side: number) => ({
      width: width / side,
      height: height / side,
      data: Float32Array.from({ length: (width * height) / side ** 2 }, (_, i) => i % 7),
    });
    const along = (y: number) => Int32Array.from({ length: 4 }, (_, i) => y * width + 14 + i);
    const panel = {
      title: 'drawn',
      hr: image(1),
      lr: image(2),
      factor: 2,
      pixelSize: { x: 0.5, y: 0.5, unit: 'um' as const },
      network: new Uint8Array(width * height),
      isNetworkKnown: true,
      rule: { kind: 'median' as const, size: 16 },
      methods: [
        {
          name: 'a',
          sr: image(1),
          marks: new Uint8Array(width * height),
          branches: [
            { kind: 'missed' as const, pixels: along(32), length: 3, share: 0.25 },
            { kind: 'found' as const, pixels: along(0), length: 3, share: 1 },
          ],
          scores: [],
        },
      ],
    };
    const [whole] = packRegions([panel]);
    expect([whole.width, whole.height, whole.unit]).toEqual([32, 64, 'µm']);
    const [{ branches }] = whole.networks;
    expect(branches[0]).toMatchObject({
      kind: 'missed',
      length: 1.5,
      share: 0.25,
      points: [14, 32, 15, 32, 16, 32, 17, 32],
    });
    // (1038, ...) mod 7 of both images: 2, 3, 4, 5.
    expect([branches[0].hr, branches[0].sr]).toEqual([3.5, 3.5]);
    const [middle] = packRegions([panel], width * height);
    expect([middle.title, middle.width, middle.height]).toEqual(['drawn, the middle', 20, 42]);
    expect(middle.images.map((one) => [one.name, one.width])).toEqual([
      ['HR', 20],
      ['LR ×2', 10],
      ['a', 20],
    ]);
    // The corner that is cut away is 6 x 10 HR pixels; the branch at the rim lies outside.
    expect(middle.networks[0].branches.map(({ kind, points }) => [kind, points.slice(0, 2)])).toEqual([
      ['missed', [8, 22]],
    ]);
    expect(renderReport({ ...data, regions: [middle] })).toContain('<section class="region" data-index="0">');
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

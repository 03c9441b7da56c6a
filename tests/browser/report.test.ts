import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packVolumes, renderReport, type ReportData, type VolumeData } from '@lacuna/experiments';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeers } from './peers.js';

const peers = findPeers();
const isAbsent = peers.chromium === '';
if (isAbsent) console.log(`The volumes of a report are not tested: ${peers.absent}`);

const [width, height, depth] = [24, 20, 8];
/** Each plane of its own brightness, with a bar that moves on. */
const volume = (side: number, shift: number) => ({
  width: width / side,
  height: height / side,
  depth,
  data: Float32Array.from({ length: (width * height * depth) / side ** 2 }, (_, i) => {
    const plane = Math.floor(i / ((width * height) / side ** 2));
    return (i % (width / side)) * side === plane + shift ? 1 : 0.1 + 0.05 * plane;
  }),
});
const line = (kind: number, y: number, z: number) => {
  const marks = new Uint8Array(width * height * depth);
  marks.fill(kind, (z * height + y) * width + 2, (z * height + y) * width + 20);
  return marks;
};
const data: VolumeData = {
  title: 'Drawn volume <test>',
  hr: volume(1, 2),
  lr: volume(2, 2),
  factor: '2',
  pixelSize: { x: 0.2, y: 0.2, z: 0.4, unit: 'um' },
  network: line(1, 10, 4),
  isNetworkKnown: true,
  methods: [{ name: 'ridge', volume: volume(1, 3), marks: line(3, 4, 6) }],
};

const report: ReportData = {
  title: 'Two regions',
  summary: 'Which is which?',
  warnings: [],
  columns: [],
  rows: [],
  interval: '',
  figures: [],
  volumes: packVolumes([data, { ...data, title: 'Another region', methods: [] }]),
  spec: { name: 'spec.yaml', text: '' },
  environment: [],
  next: [],
};

describe.skipIf(isAbsent)('the volumes of a report in a browser', () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'lacuna-report-')), 'report.html');
    writeFileSync(path, renderReport(report));
    browser = await chromium.launch({ executablePath: peers.chromium, args: ['--no-sandbox', '--disable-gpu'] });
    page = await browser.newPage({ viewport: { width: 1200, height: 1400 } });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('body[data-ready=true]');
  }, 60_000);

  afterAll(async () => {
    expect(problems).toEqual([]);
    // The page itself, and nothing else.
    expect(asked).toHaveLength(1);
    await browser.close();
  });

  /** What is drawn on the canvases of a kind in one of the regions. */
  const pictures = (kind: 'plane' | 'network', region = 0) =>
    page
      .locator('section.volumes')
      .nth(region)
      .locator(`canvas.${kind}`)
      .evaluateAll((canvases) => canvases.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
  const first = () => page.locator('section.volumes').first();

  it('shows the middle plane of HR, LR and SR, and says where it is', async () => {
    expect(await first().locator('h3').first().textContent()).toBe('Drawn volume <test>');
    expect(await first().locator('figcaption').allTextContents()).toEqual([
      'HR',
      'LR ×2',
      'ridge',
      'true network',
      'ridge',
    ]);
    expect(await first().locator('.place').textContent()).toBe('plane 5 of 8, 1.60 µm deep');
    expect(new Set(await pictures('plane')).size).toBe(3);
  });

  it('goes through the planes of a region in step, by slider, keys and wheel', async () => {
    const before = await pictures('plane');
    const other = await pictures('plane', 1);
    await first().locator('.plane-number').press('ArrowRight');
    expect(await first().locator('.place').textContent()).toBe('plane 6 of 8, 2.00 µm deep');
    const after = await pictures('plane');
    for (const [i, drawn] of after.entries()) expect(drawn).not.toBe(before[i]);
    await first().locator('canvas.plane').nth(1).hover();
    await page.mouse.wheel(0, -100);
    await page.waitForFunction(() => document.querySelector('.place')!.textContent!.startsWith('plane 5 of 8'));
    expect(await pictures('plane')).toEqual(before);
    expect(await pictures('plane', 1)).toEqual(other);
  });

  it('turns the networks of a region together, by the pointer and by keys', async () => {
    const before = await pictures('network');
    const network = first().locator('canvas.network').first();
    await network.scrollIntoViewIfNeeded();
    const box = (await network.boundingBox())!;
    await page.mouse.move(box.x + 100, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + 160, box.y + 120, { steps: 4 });
    await page.mouse.up();
    const turned = await pictures('network');
    for (const [i, drawn] of turned.entries()) expect(drawn).not.toBe(before[i]);
    await first().locator('canvas.network').nth(1).press('ArrowLeft');
    expect((await pictures('network'))[0]).not.toBe(turned[0]);
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderReport } from '@lacuna/experiments';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPeers } from './peers.js';
import { height, report, width } from './small-report.js';

const peers = findPeers();
const isAbsent = peers.chromium === '';
if (isAbsent) console.log(`A report in a browser is not tested: ${peers.absent}`);

describe.skipIf(isAbsent)('a report in a browser', () => {
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
    await page.waitForSelector('body[data-explored=true]');
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
    await page.waitForFunction(() => document.querySelector('.place')!.textContent.startsWith('plane 5 of 8'));
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

  it('says the numbers of a branch of a volume that is pointed at, or that keys go to', async () => {
    const figure = first().locator('.networks figure').nth(1);
    const canvas = figure.locator('canvas');
    const said = () => figure.locator('.branch').textContent();
    await canvas.focus();
    const plain = (await pictures('network'))[1];
    // Doubtful branches come first, then what was missed, then what was found.
    await canvas.press('.');
    expect(await said()).toMatch(
      /^invented, doubtful: 3\.4 µm long; 0 % of it beside a branch of .*; halves of the light give 25 %; 40 % of/,
    );
    expect((await pictures('network'))[1]).not.toBe(plain);
    await canvas.press('.');
    expect(await said()).toMatch(/^missed: 2\.2 µm long; 10 % of it beside one of the method; intensity/);
    await canvas.press(',');
    await canvas.press(',');
    expect(await said()).toMatch(/^found: 3\.4 µm long; 100 % of it beside one of the method/);
    await canvas.press('Escape');
    expect(await said()).toBe('');
    expect((await pictures('network'))[1]).toBe(plain);
    // Some place of the picture is that of the found branch.
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    const names = new Set<string>();
    for (let step = 1; step < 40; step++) {
      await page.mouse.move(box.x + box.width / 2, box.y + (box.height * step) / 40);
      names.add(((await said()) ?? '').split(':')[0]);
    }
    expect([...names].sort()).toEqual(['', 'found', 'invented, doubtful', 'missed']);
  });

  it('tells found, missed, invented and doubtful branches of volumes apart, and stresses one kind', async () => {
    const networks = first().locator('.networks');
    expect(await first().textContent()).toContain('doubtful (a yellow edge:');
    const dashes = await first()
      .locator('svg.sample line')
      .evaluateAll((lines) => lines.map((each) => each.getAttribute('stroke-dasharray')));
    expect(dashes).toEqual(['', '7 4', '2 3', '', '']);
    const yellow = () =>
      networks.locator('canvas').evaluateAll((canvases) =>
        canvases.map((view) => {
          const canvas = view as HTMLCanvasElement;
          const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let i = 0; i < data.length; i += 4)
            if (data[i] > 200 && data[i + 1] > 190 && data[i + 2] < 120 && data[i + 3] > 90) count++;
          return count;
        }),
      );
    const [ofReference, ofMethod] = await yellow();
    expect(ofReference).toBe(0);
    expect(ofMethod).toBeGreaterThan(100);
    const before = await pictures('network');
    expect(await first().locator('.stress option').allTextContents()).toEqual([
      'all',
      'found',
      'missed',
      'invented',
      'doubtful',
    ]);
    await first().locator('.stress').selectOption({ label: 'missed' });
    expect((await yellow())[1]).toBe(0);
    await first().locator('.stress').selectOption({ label: 'all' });
    expect(await pictures('network')).toEqual(before);
  });

  it('sorts its leaderboard by a click or a key, rows without a value last', async () => {
    const table = page.locator('table.sortable').first();
    const order = () =>
      table.locator('tbody th').evaluateAll((heads) => heads.map((head) => head.childNodes[1].textContent));
    const head = (name: string) => table.getByRole('columnheader', { name }).getByRole('button');
    expect(await order()).toEqual(['bicubic', 'ridge', 'edsr']);
    await head('clDice').click();
    expect(await order()).toEqual(['ridge', 'bicubic', 'edsr']);
    expect(await table.getByRole('columnheader', { name: 'clDice' }).getAttribute('aria-sort')).toBe('descending');
    await head('clDice').press('Enter');
    expect(await order()).toEqual(['bicubic', 'ridge', 'edsr']);
    await head('Parameters').press('Enter');
    expect(await order()).toEqual(['edsr', 'ridge', 'bicubic']);
    // The third time is as it was.
    await head('Parameters').press('Enter');
    await head('Parameters').press('Enter');
    expect(await order()).toEqual(['bicubic', 'ridge', 'edsr']);
  });

  it('has charts that say what a pointer is at, along axes that are chosen', async () => {
    const chart = page.locator('#chart-scores');
    await chart.scrollIntoViewIfNeeded();
    // edsr has no clDice.
    const points = chart.locator('[aria-label=dot] path');
    expect(await points.count()).toBe(2);
    await points.nth(1).hover();
    await page.waitForFunction(() => document.querySelector('#chart-scores [aria-label=tip]')!.textContent !== '');
    const tip = await chart.locator('[aria-label=tip]').textContent();
    for (const said of ['ridge', 'Parameters: 800', 'clDice: 0.80', '95 %: 0.75 to 0.85']) expect(tip).toContain(said);
    await page.selectOption('#chart-y', { label: 'Parameters' });
    expect(await points.count()).toBe(3);
    expect(await page.locator('#chart-curves [aria-label=line] path').count()).toBe(1);
    // Curves are told apart by symbols, too: those of the points above.
    const symbolAt = (id: string, name: string) =>
      page.locator(`#${id} [class*=swatch]`, { hasText: name }).last().locator('path').getAttribute('d');
    expect(await symbolAt('chart-curves', 'ridge')).toBe(await symbolAt('chart-scores', 'ridge'));
    expect(await page.locator('#chart-curves [aria-label=dot] path').count()).toBeGreaterThan(1);
  });

  it('fits a narrow window: letters of charts, captions, planes below their slider', async () => {
    const narrow = await browser.newPage({ viewport: { width: 390, height: 800 } });
    try {
      await narrow.goto(page.url());
      const svg = narrow.locator('#chart-scores svg').last();
      const [drawn, shown] = await svg.evaluate((each) => [
        (each as SVGSVGElement).viewBox.baseVal.width,
        each.getBoundingClientRect().width,
      ]);
      expect(Math.abs(drawn - shown)).toBeLessThan(1);
      const ends = await narrow
        .locator('caption span')
        .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().right));
      expect(ends.length).toBeGreaterThan(0);
      for (const end of ends) expect(end).toBeLessThanOrEqual(390);
      const planes = narrow.locator('section.volumes').first().locator('.planes figure');
      const tops = await planes.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
      expect(tops[1]).toBe(tops[0]);
      // The slider stays in sight, above the pictures.
      await planes.last().evaluate((each) => each.scrollIntoView({ block: 'start' }));
      const isAbove = await narrow.evaluate(() => {
        const slider = document.querySelector('.plane-number')!;
        const { left, top, width: w, height: h } = slider.getBoundingClientRect();
        return document.elementFromPoint(left + w / 4, top + h / 2) === slider;
      });
      expect(isAbove).toBe(true);
    } finally {
      await narrow.close();
    }
  });

  it('compares two images of a region, and says the numbers of the branch that is pointed at', async () => {
    const region = page.locator('section.region');
    const canvas = region.locator('canvas');
    await canvas.scrollIntoViewIfNeeded();
    const drawn = () => canvas.evaluate((view) => (view as HTMLCanvasElement).toDataURL());
    const box = (await canvas.boundingBox())!;
    const scale = Math.min(box.width / width, box.height / height);
    const at = (x: number, y: number) => [
      box.x + (box.width - width * scale) / 2 + (x + 0.5) * scale,
      box.y + (box.height - height * scale) / 2 + (y + 0.5) * scale,
    ];
    await page.mouse.move(...(at(12, 10) as [number, number]));
    expect(await region.locator('.branch').textContent()).toMatch(
      /^missed: 3\.8 µm long; 10 % of it beside one of the method; intensity [\d.]+ in HR, [\d.]+ here$/,
    );
    await page.mouse.move(...(at(5, 4) as [number, number]));
    expect(await region.locator('.branch').textContent()).toMatch(
      /^invented, doubtful: 1\.8 µm long; .*; halves of the light give 25 %; 40 % of its contrast was measured/,
    );
    await page.mouse.move(...(at(5, 15) as [number, number]));
    expect(await region.locator('.branch').textContent()).toMatch(
      /^found: 1\.8 µm long; .*; halves of the light give 100 %$/,
    );
    const before = await drawn();
    await canvas.press('+');
    const zoomed = await drawn();
    expect(zoomed).not.toBe(before);
    await region.locator('.left').selectOption({ label: 'HR' });
    expect(await drawn()).not.toBe(zoomed);
    await region.locator('.whole').click();
    await region.locator('.left').selectOption({ label: 'LR ×2' });
    expect(await drawn()).toBe(before);
    await region.locator('.network').selectOption({ label: 'none' });
    expect(await drawn()).not.toBe(before);
  });

  it('marks doubtful branches by a yellow edge, and says what that means', async () => {
    const region = page.locator('section.region');
    expect(await region.textContent()).toContain('doubtful (a yellow edge:');
    // Of the middle column of a branch, from 4 px above to 4 px below: whether something is yellow.
    const isYellowAt = (y: number) =>
      region.locator('canvas').evaluate(
        (view, [row, columns, rows]) => {
          const canvas = view as HTMLCanvasElement;
          const scale = Math.min(canvas.width / columns, canvas.height / rows);
          const x = (canvas.width - columns * scale) / 2 + 6.5 * scale;
          const middle = (canvas.height - rows * scale) / 2 + (row + 0.5) * scale;
          const { data } = canvas.getContext('2d')!.getImageData(Math.round(x), Math.round(middle) - 4, 1, 9);
          const pixels = Array.from({ length: 9 }, (_, i) => [...data.slice(4 * i, 4 * i + 3)]);
          return pixels.some(([red, green, blue]) => red > 200 && green > 190 && blue < 120);
        },
        [y, width, height] as const,
      );
    await region.locator('.network').selectOption({ label: 'ridge' });
    expect([await isYellowAt(4), await isYellowAt(15)]).toEqual([true, false]);
  });
});

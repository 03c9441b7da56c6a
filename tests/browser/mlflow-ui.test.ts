import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildComparison, comparisonAddress, experimentKindTag } from '@lacuna/experiments';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answeringServer } from '../mlflow/answering-server.js';
import { findPeers } from './peers.js';
import { seedSweep, sweep } from './seed-sweep.js';

const peers = findPeers();
if (peers.absent !== null) console.log(`MLflow's UI is not tested: ${peers.absent}`);

const clDice = { key: 'test/clDice', name: 'clDice' };
const psnr = { key: 'test/PSNR', name: 'PSNR' };
const comparison = buildComparison({
  key: 'leaderboard',
  runTags: [sweep.tag],
  metrics: [clDice, psnr],
  params: ['method'],
  scatters: [{ x: psnr, y: clDice }],
  curves: [{ key: 'validation/clDice', name: 'validation clDice' }],
  images: [sweep.imageKey],
  imageStep: 200,
  orderBy: { metric: clDice.key, ascending: false },
});
const runCount = sweep.methods.length * sweep.seeds.length;

describe.skipIf(peers.absent !== null)('MLflow in a browser', () => {
  let uri: string;
  let browser: Browser;
  let page: Page;
  let experiment: string;
  const pageErrors: string[] = [];

  beforeAll(async () => {
    [{ uri }, browser] = await Promise.all([
      answeringServer(),
      chromium.launch({
        executablePath: peers.chromium,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      }),
    ]);
    experiment = await seedSweep(uri, [experimentKindTag, comparison]);
    page = await browser.newPage({ viewport: { width: 1600, height: 2600 } });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => pageErrors.push(error.message));
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
  });

  /** Kept where SCREENSHOTS names a folder, to be looked at. */
  const screenshot = async (name: string) => {
    if (process.env.SCREENSHOTS === undefined) return;
    mkdirSync(process.env.SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`) });
  };
  const card = (title: string) => page.getByTestId('experiment-view-compare-runs-card').filter({ hasText: title });

  it('lists the runs, and two ticked ones are compared in a chart and a table', async () => {
    await page.goto(`${uri}/#/experiments/${experiment}/runs?workflowType=machine_learning`);
    for (const name of ['geometry seed 2', 'bicubic seed 1'])
      await page.locator('[role=row]', { hasText: name }).locator('.ag-selection-checkbox input').check();
    await screenshot('runs');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByText('Comparing 2 Runs from 1 Experiment').waitFor();
    await page.locator('.parcoords').waitFor();
    await page.getByRole('link', { name: 'test/clDice' }).first().waitFor();
    await screenshot('compare');
    for (const score of ['0.82', '0.71', '28.2', '25.1'])
      expect(await page.getByText(score, { exact: true }).count()).toBeGreaterThan(0);
  }, 300_000);

  it('opens the prepared comparison filled: bars, images, trade-offs and curves, best run first', async () => {
    await page.goto(comparisonAddress(uri, experiment, 'leaderboard'));
    await card('Parallel Coordinates').locator('.parcoords').waitFor();
    await page.waitForFunction(
      (count) =>
        [...document.querySelectorAll<HTMLImageElement>('img.rc-image-img')].filter(
          (image) => image.naturalWidth === 48,
        ).length === count,
      runCount,
    );
    await card('validation/clDice').locator('.scatterlayer path.js-line').first().waitFor({ state: 'attached' });
    await screenshot('comparison');

    const sections = await page.getByTestId('experiment-view-compare-runs-section-header').allInnerTexts();
    expect(sections.map((text) => text.split('\n')[0]).slice(0, 4)).toEqual([
      'Leaderboard',
      'Images',
      'Trade-offs',
      'Training',
    ]);
    for (const metric of [clDice, psnr])
      expect(await card(metric.key).first().locator('.bars .point').count()).toBe(runCount);
    expect(await card('test/PSNR vs. test/clDice').locator('.scatterlayer .point').count()).toBe(runCount);
    const names = await page.locator('[role=row] [col-id="runName"], [role=row] a[href*="/runs/"]').allInnerTexts();
    expect([...new Set(names.map((name) => name.trim()).filter((name) => name.includes('seed')))]).toEqual([
      'geometry seed 2',
      'geometry seed 1',
      'bicubic seed 2',
      'bicubic seed 1',
    ]);
    expect(pageErrors).toEqual([]);
  }, 300_000);

  it('compares images of another step when the slider moves', async () => {
    const grid = card(sweep.imageKey);
    const shown = () =>
      grid
        .locator('img.rc-image-img')
        .evaluateAll((images) => images.map((image) => decodeURIComponent((image as HTMLImageElement).src)));
    expect((await shown()).every((source) => source.includes('+step+200+'))).toBe(true);
    const slider = grid.getByRole('slider');
    await slider.focus();
    await slider.press('ArrowLeft');
    await page.waitForFunction(
      (count) =>
        [...document.querySelectorAll<HTMLImageElement>('img.rc-image-img')].filter(
          (image) => decodeURIComponent(image.src).includes('+step+0+') && image.naturalWidth === 48,
        ).length === count,
      runCount,
    );
    expect((await shown()).length).toBe(runCount);
  }, 300_000);
});

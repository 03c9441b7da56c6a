import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MlflowClient } from 'mlflow-ts-client';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answeringServer } from '../mlflow/answering-server.js';
import { findPeers } from './peers.js';

const peers = findPeers();
if (peers.absent !== null) console.log(`the client in a browser is not tested: ${peers.absent}`);

const built = new URL('../../packages/mlflow-ts-client/dist/', import.meta.url), zod = new URL('.', pathToFileURL(createRequire(new URL('browser.js', built)).resolve('zod')));
/** No bundler: modules as they were built, and where the bare name of the one dependency leads. */
const html = `<!doctype html>
<script type="importmap">{ "imports": { "zod": "/client/zod/index.js" } }</script>
<script type="module">import * as client from '/client/browser.js'; globalThis.mlflow = client;</script>`;

describe.skipIf(peers.absent !== null)('the client in a browser', () => {
  let uri: string, browser: Browser, page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    [{ uri }, browser] = await Promise.all([answeringServer(), chromium.launch({ executablePath: peers.chromium, args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'] })]);
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
    // The page is of the server's own origin, as a page behind the same proxy is; its modules come from here.
    await page.route(`${uri}/client/**`, (route) => {
      const path = new URL(route.request().url()).pathname.slice('/client/'.length);
      if (path === 'page.html') return route.fulfill({ contentType: 'text/html', body: html });
      const file = path.startsWith('zod/') ? new URL(path.slice('zod/'.length), zod) : new URL(path, built);
      return route.fulfill({ contentType: 'text/javascript', body: readFileSync(fileURLToPath(file)) });
    });
    await page.goto(`${uri}/client/page.html`);
    await page.waitForFunction(() => 'mlflow' in globalThis);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
  });

  it('makes a run, logs, searches, and stores an artifact, with nothing of Node', async () => {
    const name = `browser-${Date.now()}`;
    const found = await page.evaluate(async ([server, experiment]) => {
      const { MlflowClient: Client, ProxiedArtifacts, where } = (globalThis as unknown as { mlflow: typeof import('mlflow-ts-client/browser') }).mlflow;
      const client = new Client({ trackingUri: server! });
      const experimentId = await client.createExperiment(experiment!);
      const run = await client.createRun(experimentId, { runName: 'from a browser' });
      await client.logBatch(run.info.runId, { metrics: [1, 2, 3].map((step) => ({ key: 'val/psnr', value: 20 + step, step, timestamp: Date.now() })), params: { model: 'fsrcnn' }, tags: { where: 'browser' } });
      await new ProxiedArtifacts(client.rest, run.info.artifactUri).upload('notes/note.txt', new TextEncoder().encode('written in a browser, µm'));
      await client.setTerminated(run.info.runId, 'FINISHED');
      const names: string[] = [];
      for await (const each of client.runs([experimentId], { filter: where.metric('val/psnr', '>', 22) })) names.push(each.info.runName);
      const refused = await client.getRun('no-such-run').then(() => 'nothing', (error: Error) => error.name);
      return { runId: run.info.runId, names, refused };
    }, [uri, name]);
    expect(found.names).toEqual(['from a browser']);
    expect(found.refused).toBe('MlflowServerError');
    const client = new MlflowClient({ trackingUri: uri }), run = await client.getRun(found.runId);
    expect(run.info.status).toBe('FINISHED');
    expect(run.data).toMatchObject({ metrics: { 'val/psnr': 23 }, params: { model: 'fsrcnn' }, tags: { where: 'browser' } });
    expect((await client.getMetricHistory(found.runId, 'val/psnr')).items.map(({ step, value }) => [step, value])).toEqual([[1, 21], [2, 22], [3, 23]]);
    expect((await client.listArtifacts(found.runId, 'notes')).map(({ path }) => path)).toEqual(['notes/note.txt']);
    // The browser itself notes the answer 404 to the run that is not there.
    expect(errors.filter((text) => !text.includes('404'))).toEqual([]);
  }, 120_000);
});

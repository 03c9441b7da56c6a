import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { MlflowClient } from 'mlflow-ts-client';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { answeringServer } from '../mlflow/answering-server.js';
import { findPeers } from './peers.js';

const peers = findPeers();
if (peers.absent !== null) console.log(`the client in a browser is not tested: ${peers.absent}`);

const built = new URL('../../packages/mlflow-ts-client/dist/', import.meta.url);
const zod = new URL('.', pathToFileURL(createRequire(new URL('browser.js', built)).resolve('zod')));
/** No bundler: modules as they were built, and where the bare name of the one dependency leads. */
const html = `<!doctype html>
<script type="importmap">{ "imports": { "zod": "/client/zod/index.js" } }</script>
<script type="module">import * as client from '/client/browser.js'; globalThis.mlflow = client;</script>`;

/** A page with the client, and its modules: all paths begin with /client/. */
function clientFile(pathname: string): { contentType: string; body: string | Buffer } {
  const path = pathname.slice('/client/'.length);
  if (path === 'page.html') return { contentType: 'text/html', body: html };
  return {
    contentType: 'text/javascript',
    body: readFileSync(
      fileURLToPath(path.startsWith('zod/') ? new URL(path.slice('zod/'.length), zod) : new URL(path, built)),
    ),
  };
}

describe.skipIf(peers.absent !== null)('the client in a browser', () => {
  let uri: string;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  const start = async (address: string): Promise<void> => {
    await page.goto(address);
    await page.waitForFunction(() => 'mlflow' in globalThis);
  };

  beforeAll(async () => {
    [{ uri }, browser] = await Promise.all([
      answeringServer(),
      chromium.launch({
        executablePath: peers.chromium,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--host-resolver-rules=MAP lab.example 127.0.0.1',
        ],
      }),
    ]);
    page = await browser.newPage();
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    // The page is of the server's own origin, as a page behind the same proxy is; its modules come from here.
    // The page is of the server's own origin, as a page behind the same proxy is; its modules come from here.
    await page.route(`${uri}/client/**`, (route) => route.fulfill(clientFile(new URL(route.request().url()).pathname)));
    await start(`${uri}/client/page.html`);
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
  });

  it('makes a run, logs, searches, and stores an artifact, with nothing of Node', async () => {
    const name = `browser-${Date.now()}`;
    const found = await page.evaluate(
      async ([server, experiment]) => {
        const {
          MlflowClient: Client,
          ProxiedArtifacts,
          where,
        } = (globalThis as unknown as { mlflow: typeof import('mlflow-ts-client/browser') }).mlflow;
        const client = new Client({ trackingUri: server });
        const experimentId = await client.createExperiment(experiment);
        const run = await client.createRun(experimentId, { runName: 'from a browser' });
        await client.logBatch(run.info.runId, {
          metrics: [1, 2, 3].map((step) => ({ key: 'val/psnr', value: 20 + step, step, timestamp: Date.now() })),
          params: { model: 'fsrcnn' },
          tags: { where: 'browser' },
        });
        await new ProxiedArtifacts(client.rest, run.info.artifactUri).upload(
          'notes/note.txt',
          new TextEncoder().encode('written in a browser, µm'),
        );
        await client.setTerminated(run.info.runId, 'FINISHED');
        const names: string[] = [];
        for await (const each of client.runs([experimentId], { filter: where.metric('val/psnr', '>', 22) }))
          names.push(each.info.runName);
        const refused = await client.getRun('no-such-run').then(
          () => 'nothing',
          (error: Error) => error.name,
        );
        return { runId: run.info.runId, names, refused };
      },
      [uri, name],
    );
    expect(found.names).toEqual(['from a browser']);
    expect(found.refused).toBe('MlflowServerError');
    const client = new MlflowClient({ trackingUri: uri });
    const run = await client.getRun(found.runId);
    expect(run.info.status).toBe('FINISHED');
    expect(run.data).toMatchObject({
      metrics: { 'val/psnr': 23 },
      params: { model: 'fsrcnn' },
      tags: { where: 'browser' },
    });
    expect(
      (await client.getMetricHistory(found.runId, 'val/psnr')).items.map(({ step, value }) => [step, value]),
    ).toEqual([
      [1, 21],
      [2, 22],
      [3, 23],
    ]);
    expect((await client.listArtifacts(found.runId, 'notes')).map(({ path }) => path)).toEqual(['notes/note.txt']);
    // The browser itself notes the answer 404 to the run that is not there.
    expect(errors.filter((text) => !text.includes('404'))).toEqual([]);
  }, 120_000);

  it('works from a page of another origin that the server allows, and says what to do where it does not', async () => {
    const attempt = () =>
      page.evaluate(async (server) => {
        const { MlflowClient: Client } = (
          globalThis as unknown as { mlflow: typeof import('mlflow-ts-client/browser') }
        ).mlflow;
        const client = new Client({ trackingUri: server });
        return client.createExperiment(`elsewhere-${Date.now()}`).then(
          () => 'done',
          (error: Error) => `${error.name}: ${error.message}`,
        );
      }, uri);
    // Pages of servers on this machine: Chromium lets no page from elsewhere reach it.
    const pages = createServer((request, response) => {
      const { contentType, body } = clientFile(request.url!);
      response.writeHead(200, { 'content-type': contentType }).end(body);
    });
    await new Promise<void>((listening) => pages.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void pages.close());
    const { port } = pages.address() as AddressInfo;
    // MLflow allows pages of localhost by default, at any port.
    await start(`http://localhost:${port}/client/page.html`);
    expect(await attempt()).toBe('done');
    await start(`http://lab.example:${port}/client/page.html`);
    const refusal = await attempt();
    expect(refusal).toMatch(/^MlflowConnectionError: POST .*no answer from http/);
    expect(refusal).toMatch(/This page comes from http:\/\/lab\.example:\d+: the server must allow it /);
    expect(refusal).toMatch(/ \(mlflow server --cors-allowed-origins http:\/\/lab\.example:\d+\)\.$/);
  }, 120_000);
});

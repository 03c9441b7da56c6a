import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MlflowClient, startRun, syncSpools, where } from 'mlflow-ts-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, whyNoLab, type Lab } from './lab.js';

const absent = whyNoLab();
if (absent !== null) console.warn(`skipped: ${absent}`);
const title = `MLflow as docs/tracking-server.md sets it up${absent === null ? '' : ` (skipped: ${absent})`}`;

/** nginx passes 1 MB by default, and S3's client sends from 8 MB on in parts. */
const LARGE = 9_000_000;

describe.skipIf(absent !== null)(title, () => {
  let lab: Lab;
  let spoolDir: string;
  const bob = { username: 'bob', password: 'p/w@bob#of?lab' };
  beforeAll(async () => {
    spoolDir = mkdtempSync(join(tmpdir(), 'spool-'));
    lab = await startLab();
  });
  afterAll(() => lab?.stop());

  /** The address with its login, as `MLFLOW_TRACKING_URI` takes it. */
  const envOf = ({ username, password }: typeof bob): Record<string, string> => ({
    MLFLOW_TRACKING_URI: lab.uri.replace('//', `//${username}:${encodeURIComponent(password)}@`),
    MLFLOW_TRACKING_INSECURE_TLS: 'true',
  });

  it('takes runs of people, with images and models, through path, login and store', async () => {
    const env = envOf(bob);
    const start = () => startRun({ env, spoolDir, experimentName: 'shared', trialKey: 't1', params: { lr: 1e-4 } });
    const early = await start();
    for (let step = 0; step < 100; step++) early.logMetric('loss', 1 / (step + 1), { step });
    expect(await early.end('FINISHED', { timeoutMs: 500 })).toMatchObject({
      delivered: false,
      error: { status: 502, remedy: 'Start the server: the proxy before it answers, and it does not.' },
    });

    await lab.startMlflow();
    const admin = new MlflowClient({ env: envOf({ username: 'admin', password: lab.password }) });
    await admin.createExperiment('shared');
    await lab.addUser(bob);
    expect(await syncSpools(spoolDir, { env })).toMatchObject([{ outcome: 'delivered', pendingBytes: 0 }]);

    const run = await start();
    for (let step = 100; step < 200; step++) run.logMetric('loss', 1 / (step + 1), { step });
    const pixels = { data: new Uint8Array(16 * 16 * 3).fill(99), width: 16, height: 16, channels: 3 } as const;
    await run.logImage('test/sr', pixels, { step: 5 });
    void run.logBytes(new Uint8Array(LARGE).fill(7), 'Bilder/größe 1+2.bin');
    void run.logModel({ name: 'edsr', files: { 'model.onnx': new Uint8Array(50_000) }, params: { depth: 8 } });
    expect(await run.flush({ timeoutMs: 120_000 })).toMatchObject({ delivered: true, rejected: 0 });
    const report = await run.end('FINISHED', { timeoutMs: 120_000 });

    const resumed = await start();
    resumed.logMetric('loss', 0.25, { step: 200 });
    const { runId } = await resumed.end('FINISHED', { timeoutMs: 120_000 });
    expect(runId).toBe(report.runId);

    const client = new MlflowClient({ env });
    const { experimentId } = await client.getExperimentByName('shared');
    const { items } = await client.searchRuns([experimentId], { filter: where.param('lr', '=', '0.0001') });
    expect(items.map(({ info }) => [info.runId, info.status])).toEqual([[runId, 'FINISHED']]);
    expect(items[0].data.metrics).toEqual({ loss: 0.25 });
    const steps: number[] = [];
    for await (const { step } of client.metricHistory(runId!, 'loss')) steps.push(step);
    expect(steps.sort((a, b) => a - b)).toEqual(Array.from({ length: 201 }, (_, step) => step));
    const large = await client.readArtifact(runId!, 'Bilder/größe 1+2.bin');
    expect(Buffer.compare(large, new Uint8Array(LARGE).fill(7))).toBe(0);
    const images = await client.listArtifacts(runId!, 'images');
    expect(images.map(({ path }) => path.replace(/^.*\./, '')).sort()).toEqual(['png', 'webp']);
    const stored = await lab.stored();
    expect(stored.filter((key) => key.includes(`/${runId}/`))).toHaveLength(3);
    expect(stored.filter((key) => key.endsWith('/model.onnx'))).toHaveLength(1);

    await expect(client.deleteExperiment(experimentId)).rejects.toMatchObject({ kind: 'auth', status: 403 });
    const stranger = new MlflowClient({ env: envOf({ username: 'bob', password: 'another' }) });
    await expect(stranger.getRun(runId!)).rejects.toMatchObject({ kind: 'auth', status: 401 });
  });
});

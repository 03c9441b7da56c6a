import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MlflowClient, startRun, syncSpools, where, type SpoolEvent } from '../src/index.js';
import { replay } from './support/contract.js';
import { startFaultProxy } from './support/fault-proxy.js';
import { startModelServer } from './support/model-server.js';
import { python, whyNoPython } from './support/python.js';
import { startRealServer, type RealServer } from './support/real-server.js';
import { runSchedule } from './support/schedule.js';

const REAL_SCHEDULES = Number(process.env['LACUNA_REAL_FAULT_SCHEDULES'] ?? 15);
const LANES = 4;
const packageDir = fileURLToPath(new URL('../', import.meta.url));

/** What `readback.py` prints of a run. */
interface ReadBack {
  readonly histories: Record<string, [number, string, number][]>;
  readonly artifacts: Record<string, [number, string]>;
  readonly params: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly status: string;
  readonly name: string;
  readonly user: string;
  readonly stage: string;
  readonly ended: boolean;
  readonly datasets: unknown;
  readonly tables: unknown;
  readonly models: unknown;
  readonly 'model files': unknown;
  readonly flavors: unknown;
}

/** One server for the whole file: it takes ten seconds and more to start. */
describe.skipIf(python === undefined)(
  `against a real MLflow server${python === undefined ? ` (skipped: ${whyNoPython})` : ''}`,
  () => {
    let server: RealServer;
    let client: MlflowClient;
    let dir: string;
    beforeAll(async () => {
      server = await startRealServer(python!);
      client = new MlflowClient({ trackingUri: server.uri, env: {} });
      dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mlflow-client-'));
    });
    afterAll(async () => {
      await server?.remove();
      fs.rmSync(dir, { recursive: true, force: true });
    });

    it('covers experiments: create, tags, search by page, rename, delete, restore', async () => {
      const id = await client.createExperiment('exp-a', { tags: { purpose: 'test' } });
      await client.setExperimentTag(id, 'mlflow.sharedViewState.k', '{"a":1}');
      await client.setExperimentTag(id, 'gone', 'x');
      await client.deleteExperimentTag(id, 'gone');
      for (const name of ['exp-b', 'exp-c']) await client.createExperiment(name);
      const held = await client.getExperiment(id);
      expect(held.tags).toEqual({ purpose: 'test', 'mlflow.sharedViewState.k': '{"a":1}' });
      const names: string[] = [];
      for await (const { name } of client.experiments({ filter: where.name('LIKE', 'exp-%'), maxResults: 1 }))
        names.push(name);
      expect(names.sort()).toEqual(['exp-a', 'exp-b', 'exp-c']);
      await client.renameExperiment(id, 'exp-z');
      await client.deleteExperiment(id);
      expect((await client.getExperimentByName('exp-z')).lifecycleStage).toBe('deleted');
      await client.restoreExperiment(id);
      expect((await client.getExperiment(id)).lifecycleStage).toBe('active');
      await expect(client.createExperiment('exp-z')).rejects.toMatchObject({
        kind: 'server',
        errorCode: 'RESOURCE_ALREADY_EXISTS',
      });
      await expect(client.getExperimentByName('nowhere')).rejects.toMatchObject({
        errorCode: 'RESOURCE_DOES_NOT_EXIST',
      });
    });

    it('covers runs: metrics with histories, params, tags, search, delete, restore', async () => {
      const experimentId = await client.createExperiment('runs');
      const { info } = await client.createRun(experimentId, { runName: 'one', tags: { sweep: "it's" } });
      const metrics = Array.from({ length: 30 }, (_, step) => ({
        key: 'val/psnr',
        value: 20 + step,
        timestamp: 1000 + step,
        step,
      }));
      await client.logBatch(info.runId, { metrics, params: { lr: '0.1' }, tags: { stage: 'a' } });
      await client.logMetric(info.runId, 'odd', NaN, { step: 3 });
      await client.logParam(info.runId, 'depth', '8');
      await client.setTag(info.runId, 'temporary', 'x');
      await client.deleteTag(info.runId, 'temporary');
      const run = await client.getRun(info.runId);
      expect(run.data.params).toEqual({ lr: '0.1', depth: '8' });
      expect(run.data.tags).toMatchObject({ sweep: "it's", stage: 'a', 'mlflow.runName': 'one' });
      expect(run.data.tags).not.toHaveProperty('temporary');
      expect(run.data.metrics).toEqual({ 'val/psnr': 49, odd: NaN });
      let pagesRead = 0;
      let token: string | undefined;
      do {
        const page = await client.getMetricHistory(info.runId, 'val/psnr', { maxResults: 12, pageToken: token });
        token = page.nextPageToken;
        pagesRead += 1;
      } while (token !== undefined);
      expect(pagesRead).toBe(3);
      expect(
        (await client.getMetricHistoryBulkInterval([info.runId], 'val/psnr', { maxResults: 5 })).length,
      ).toBeGreaterThan(4);
      const found = await client.searchRuns([experimentId], {
        filter: where
          .metric('val/psnr', '>', 40)
          .and(where.tag('sweep', '=', "it's"))
          .and(where.param('lr', '=', '0.1')),
      });
      expect(found.items.map((item) => item.info.runId)).toEqual([info.runId]);
      await client.setTerminated(info.runId, 'FAILED', 5000);
      expect((await client.getRun(info.runId)).info).toMatchObject({ status: 'FAILED', endTime: 5000 });
      await client.deleteRun(info.runId);
      expect((await client.searchRuns([experimentId])).items).toEqual([]);
      await expect(client.logMetric(info.runId, 'm', 1)).rejects.toMatchObject({
        kind: 'server',
        errorCode: 'INVALID_PARAMETER_VALUE',
      });
      await client.restoreRun(info.runId);
      expect((await client.searchRuns([experimentId])).items.length).toBe(1);
      await client.recordLoggedModel(
        info.runId,
        JSON.stringify({
          artifact_path: 'm',
          flavors: {},
          utc_time_created: '2026-01-01 00:00:00.000000',
          run_id: info.runId,
          model_uuid: 'abc',
        }),
      );
    });

    it('covers logged models and the registry', async () => {
      const experimentId = await client.createExperiment('models');
      const { info } = await client.createRun(experimentId);
      const model = await client.createLoggedModel(experimentId, {
        name: 'edsr',
        sourceRunId: info.runId,
        params: { depth: '8' },
        tags: { a: 'b' },
      });
      await client.logLoggedModelParams(model.modelId, { width: '64' });
      await client.setLoggedModelTags(model.modelId, { c: 'd', e: 'f' });
      await client.deleteLoggedModelTag(model.modelId, 'e');
      await client.finalizeLoggedModel(model.modelId, 'LOGGED_MODEL_READY');
      await client.logOutputs(info.runId, [{ modelId: model.modelId, step: 3 }]);
      await client.logInputs(info.runId, {
        modelIds: [model.modelId],
        datasets: [{ name: 'd', digest: '1', sourceType: 'local', source: '{}', context: 'test' }],
      });
      expect(await client.getLoggedModel(model.modelId)).toMatchObject({
        status: 'LOGGED_MODEL_READY',
        params: { depth: '8', width: '64' },
        tags: { a: 'b', c: 'd' },
      });
      expect(
        (
          await client.searchLoggedModels([experimentId], {
            filter: where.name('=', 'edsr'),
            orderBy: ['creation_timestamp DESC'],
          })
        ).items.length,
      ).toBe(1);
      expect((await client.getRun(info.runId)).outputs.modelOutputs).toEqual([{ modelId: model.modelId, step: 3 }]);
      expect(await client.searchDatasets([experimentId])).toEqual([
        { experimentId, name: 'd', digest: '1', context: 'test' },
      ]);
      expect((await client.listLoggedModelArtifacts(model.modelId)).items).toEqual([]);

      await client.createRegisteredModel('sr', { description: 'first', tags: { t: '1' } });
      const version = await client.createModelVersion('sr', `models:/${model.modelId}`, {
        runId: info.runId,
        modelId: model.modelId,
      });
      expect(version.version).toBe('1');
      await client.setModelVersionTag('sr', '1', 'k', 'v');
      await client.deleteModelVersionTag('sr', '1', 'k');
      await client.updateModelVersion('sr', '1', { description: 'better' });
      await client.setRegisteredModelAlias('sr', 'champion', '1');
      expect((await client.getModelVersionByAlias('sr', 'champion')).description).toBe('better');
      expect((await client.getRegisteredModel('sr')).aliases).toEqual({ champion: '1' });
      expect((await client.transitionModelVersionStage('sr', '1', 'Staging')).currentStage).toBe('Staging');
      expect((await client.getLatestVersions('sr', ['Staging'])).map((item) => item.version)).toEqual(['1']);
      expect(await client.getModelVersionDownloadUri('sr', '1')).toContain(model.modelId);
      await client.deleteRegisteredModelAlias('sr', 'champion');
      await client.setRegisteredModelTag('sr', 'k', 'v');
      await client.deleteRegisteredModelTag('sr', 'k');
      await client.updateRegisteredModel('sr', { description: 'second' });
      await client.renameRegisteredModel('sr', 'sr2');
      expect(
        (await client.searchRegisteredModels({ filter: where.name('=', 'sr2') })).items.map((item) => item.description),
      ).toEqual(['second']);
      expect(
        (await client.searchModelVersions({ filter: where.name('=', 'sr2') })).items.map((item) => item.version),
      ).toEqual(['1']);
      await client.transitionModelVersionStage('sr2', '1', 'None');
      await client.deleteModelVersion('sr2', '1');
      await client.deleteRegisteredModel('sr2');
      await expect(client.getRegisteredModel('sr2')).rejects.toMatchObject({ errorCode: 'RESOURCE_DOES_NOT_EXIST' });
      await client.deleteLoggedModel(model.modelId);
    });

    it('covers artifacts: streamed up and down, folders, odd names', async () => {
      const experimentId = await client.createExperiment('artifacts');
      const { info } = await client.createRun(experimentId);
      const local = path.join(dir, 'in');
      fs.mkdirSync(path.join(local, 'sub'), { recursive: true });
      const big = Buffer.alloc(3_000_000, 'lacuna');
      fs.writeFileSync(path.join(local, 'big file+ü.bin'), big);
      fs.writeFileSync(path.join(local, 'sub', 'small.txt'), 'hello');
      await client.logArtifacts(info.runId, local, 'data');
      await client.logArtifact(info.runId, path.join(local, 'sub', 'small.txt'));
      expect(
        (await client.listArtifacts(info.runId, 'data')).map((file) => [file.path, file.isDir, file.fileSize]),
      ).toEqual([
        ['data/big file+ü.bin', false, 3_000_000],
        ['data/sub', true, undefined],
      ]);
      const copy = await client.downloadArtifacts(info.runId, 'data', path.join(dir, 'out'));
      expect(
        createHash('sha256')
          .update(fs.readFileSync(path.join(copy, 'big file+ü.bin')))
          .digest('hex'),
      ).toBe(createHash('sha256').update(big).digest('hex'));
      expect(Buffer.from(await client.readArtifact(info.runId, 'small.txt')).toString()).toBe('hello');
    });

    it('examples/search.mjs finds what it looks for', async () => {
      const project = path.join(dir, 'example');
      fs.mkdirSync(path.join(project, 'node_modules'), { recursive: true });
      fs.symlinkSync(packageDir, path.join(project, 'node_modules', 'mlflow-ts-client'));
      fs.copyFileSync(path.join(packageDir, 'examples/search.mjs'), path.join(project, 'search.mjs'));
      const { stdout } = await promisify(execFile)(process.execPath, ['search.mjs'], {
        cwd: project,
        env: { ...process.env, FORCE_COLOR: '0', MLFLOW_TRACKING_URI: server.uri },
      });
      expect(stdout.trim().split('\n')).toEqual(['run-33 33', 'run-31 31']);
    });

    it('answers as the model server of the fault schedules does, call by call', async () => {
      const model = await startModelServer();
      const [wanted, got] = [await replay(server.uri, 'x7q'), await replay(model.uri, 'x7q')];
      expect(got).toEqual(wanted);
      await model.close();
    });

    it('what the fluent run logs, Python reads back, every field, as it would have written it', async () => {
      const events: SpoolEvent[] = [];
      const run = await startRun({
        trackingUri: server.uri,
        spoolDir: path.join(dir, 'spool'),
        experimentName: 'fluent',
        runName: 'all',
        tags: { team: 'x' },
        params: { lr: 1e-4, nested: { a: [1] } },
        onEvent: (event) => events.push(event),
        env: {},
      });
      for (let step = 0; step < 1500; step++)
        run.logMetric('train/loss', 1 / (step + 1), { step, timestamp: 1000 + step });
      run.logMetrics({ bad: NaN, high: Infinity, low: -Infinity }, { timestamp: 5 });
      run.logParam('long', 'ü'.repeat(7000));
      run.note('# Title');
      await run.logText('text', 'notes/a.txt');
      void run.logBytes(new Uint8Array(100_000).fill(7), 'blob.bin');
      void run.logTable({ method: ['a', 'b'], psnr: [30.5, 31.5] }, 'tables/scores.json');
      void run.logTable([{ x: 1 }, { x: 2 }], 'tables/x.json');
      void run.logFigure('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'figures/curve.svg');
      void run.logFigure(Uint8Array.of(0x25, 0x50, 0x44, 0x46), 'figures/curve.pdf');
      await run.logImage(
        'test/sr',
        { data: new Uint8Array(32 * 32 * 3).fill(99), width: 32, height: 32, channels: 3 },
        { step: 5, timestamp: 77 },
      );
      run.logInput({
        name: 'dentin',
        digest: 'abc',
        sourceType: 'local',
        source: '{"uri": "/d"}',
        schema: '{"s": 1}',
        profile: '{"n": 2}',
        context: 'training',
      });
      void run.logDict({ a: [1, 2] }, 'notes/a.json');
      void run.logModel({
        name: 'edsr',
        files: { 'model.onnx': new Uint8Array(50_000) },
        params: { depth: 8 },
        tags: { kind: 'sr' },
        flavors: { onnx: { data: 'model.onnx' } },
        step: 9,
      });
      const report = await run.end('FINISHED', { timeoutMs: 60_000 });
      expect(report).toMatchObject({ delivered: true, rejected: 0, pendingBytes: 0, error: undefined });
      expect(events.filter((event) => event.type === 'rejected')).toEqual([]);

      const { stdout } = await promisify(execFile)(
        python!,
        [
          fileURLToPath(new URL('./python/readback.py', import.meta.url)),
          server.uri,
          report.runId!,
          fs.mkdtempSync(path.join(dir, 'py-')),
        ],
        { maxBuffer: 1 << 26, env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' } },
      );
      const { ours, theirs } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { ours: ReadBack; theirs: ReadBack };
      expect(ours.histories['train/loss']).toEqual(
        Array.from({ length: 1500 }, (_, step) => [step, expect.any(String), 1000 + step]),
      );
      expect(ours.histories['train/loss'].every(([step, value]) => Number(value) === 1 / (step + 1))).toBe(true);
      expect(ours.histories).toEqual(theirs.histories);
      expect(ours.params['long']).toMatch(/whole in artifact params\/long\.txt\)$/);
      expect(ours.artifacts['params/long.txt'][0]).toBe(14_000);
      expect(ours.artifacts['blob.bin'][0]).toBe(100_000);
      for (const file of ['notes/a.txt', 'figures/curve.svg', 'figures/curve.pdf'])
        expect(ours.artifacts[file], file).toEqual(theirs.artifacts[file]);
      expect(
        Object.keys(ours.artifacts)
          .filter((file) => !['params/long.txt', 'blob.bin'].includes(file))
          .sort(),
      ).toEqual(Object.keys(theirs.artifacts).sort());
      const { long: _, ...params } = ours.params;
      expect(params).toEqual(theirs.params);
      for (const name of [
        'team',
        'mlflow.runName',
        'mlflow.note.content',
        'mlflow.loggedImages',
        'mlflow.user',
        'mlflow.source.type',
      ])
        expect(ours.tags[name], name).toBe(theirs.tags[name]);
      expect(JSON.parse(ours.tags['mlflow.loggedArtifacts'])).toEqual(
        JSON.parse(theirs.tags['mlflow.loggedArtifacts']),
      );
      for (const field of [
        'status',
        'name',
        'user',
        'stage',
        'ended',
        'datasets',
        'tables',
        'models',
        'model files',
        'flavors',
      ] as const)
        expect(ours[field], field).toEqual(theirs[field]);
      expect(ours).toMatchObject({
        status: 'FINISHED',
        models: [{ name: 'edsr', step: 9, 'of this run': true }],
        'model files': [{ 'model.onnx': 50_000 }],
      });
    });

    it('a run that goes on without its spool adds to the list of its tables', async () => {
      const options = { trackingUri: server.uri, experimentName: 'tables', env: {} };
      const first = await startRun({ ...options, spoolDir: path.join(dir, 'tables-1') });
      void first.logTable({ x: [1] }, 'a.json');
      void first.logTable({ x: [2] }, 'b.json');
      const { runId } = await first.end();
      const second = await startRun({ ...options, spoolDir: path.join(dir, 'tables-2'), runId });
      void second.logTable({ x: [3] }, 'b.json');
      void second.logTable({ x: [4] }, 'c.json');
      expect(await second.end()).toMatchObject({ delivered: true, rejected: 0 });
      const { data } = await client.getRun(runId!);
      expect(JSON.parse(data.tags['mlflow.loggedArtifacts'])).toEqual(
        ['a.json', 'b.json', 'c.json'].map((name) => ({ path: name, type: 'table' })),
      );
      expect(JSON.parse(Buffer.from(await client.readArtifact(runId!, 'b.json')).toString())).toEqual({
        columns: ['x'],
        data: [[3]],
      });
    });

    it('delivers what was logged while the server was killed, once and in order', async () => {
      const run = await startRun({
        trackingUri: server.uri,
        spoolDir: path.join(dir, 'outage'),
        experimentName: 'outage',
        trialKey: 'o1',
        env: {},
        delivery: { retryBaseMs: 20, retryMaxMs: 200 },
      });
      for (let step = 0; step < 50; step++) run.logMetric('m', step, { step });
      expect((await run.flush()).delivered).toBe(true);
      await server.kill();
      for (let step = 50; step < 100; step++) run.logMetric('m', step, { step });
      run.setTag('after', 'kill');
      const report = await run.end('FINISHED', { timeoutMs: 300 });
      expect(report).toMatchObject({ delivered: false, error: { kind: 'connection' } });
      await server.restart();
      expect(await syncSpools(path.join(dir, 'outage'), { trackingUri: server.uri, env: {} })).toMatchObject([
        { outcome: 'delivered', reaped: false, pendingBytes: 0 },
      ]);
      const steps: number[] = [];
      for await (const point of client.metricHistory(report.runId!, 'm')) steps.push(point.step);
      expect(steps.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, step) => step));
      expect(await client.getRun(report.runId!)).toMatchObject({
        info: { status: 'FINISHED' },
        data: { tags: { after: 'kill' } },
      });
    });

    it(`${REAL_SCHEDULES} seeded fault schedules leave exactly what was logged`, async () => {
      let next = 0;
      let abandoned = 0;
      await Promise.all(
        Array.from({ length: LANES }, async () => {
          const proxy = await startFaultProxy(server.uri);
          for (let seed = next++; seed < REAL_SCHEDULES; seed = next++) {
            try {
              const killed = await runSchedule({
                seed: 50_000 + seed,
                way: proxy,
                upstream: server,
                spoolDir: path.join(dir, `faults-${seed}`),
                settleMs: 150,
                steps: 6,
              });
              abandoned += killed;
            } catch (error) {
              throw new Error(`schedule ${50_000 + seed}: ${(error as Error).message}`, { cause: error });
            }
          }
          await proxy.close();
        }),
      );
      expect(abandoned).toBeGreaterThan(REAL_SCHEDULES / 2);
    }, 600_000);
  },
);

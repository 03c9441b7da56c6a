import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { where } from '../../src/index.js';
import { replay } from '../support/contract.js';
import { startModelServer } from '../support/model-server.js';
import type { Place } from './place.js';

const packageDir = fileURLToPath(new URL('../../', import.meta.url));

/** Each REST call of the client, as the server answers it. */
export function testRestCalls(place: () => Place): void {
  it('covers experiments: create, tags, search by page, rename, delete, restore', async () => {
    const id = await place().client.createExperiment('exp-a', { tags: { purpose: 'test' } });
    await place().client.setExperimentTag(id, 'mlflow.sharedViewState.k', '{"a":1}');
    await place().client.setExperimentTag(id, 'gone', 'x');
    await place().client.deleteExperimentTag(id, 'gone');
    for (const name of ['exp-b', 'exp-c']) await place().client.createExperiment(name);
    const held = await place().client.getExperiment(id);
    expect(held.tags).toEqual({ purpose: 'test', 'mlflow.sharedViewState.k': '{"a":1}' });
    const names: string[] = [];
    for await (const { name } of place().client.experiments({ filter: where.name('LIKE', 'exp-%'), maxResults: 1 }))
      names.push(name);
    expect(names.sort()).toEqual(['exp-a', 'exp-b', 'exp-c']);
    await place().client.renameExperiment(id, 'exp-z');
    await place().client.deleteExperiment(id);
    expect((await place().client.getExperimentByName('exp-z')).lifecycleStage).toBe('deleted');
    await place().client.restoreExperiment(id);
    expect((await place().client.getExperiment(id)).lifecycleStage).toBe('active');
    await expect(place().client.createExperiment('exp-z')).rejects.toMatchObject({
      kind: 'server',
      errorCode: 'RESOURCE_ALREADY_EXISTS',
    });
    await expect(place().client.getExperimentByName('nowhere')).rejects.toMatchObject({
      errorCode: 'RESOURCE_DOES_NOT_EXIST',
    });
  });

  it('covers runs: metrics with histories, params, tags, search, delete, restore', async () => {
    const experimentId = await place().client.createExperiment('runs');
    const { info } = await place().client.createRun(experimentId, { runName: 'one', tags: { sweep: "it's" } });
    const metrics = Array.from({ length: 30 }, (_, step) => ({
      key: 'val/psnr',
      value: 20 + step,
      timestamp: 1000 + step,
      step,
    }));
    await place().client.logBatch(info.runId, { metrics, params: { lr: '0.1' }, tags: { stage: 'a' } });
    await place().client.logMetric(info.runId, 'odd', NaN, { step: 3 });
    await place().client.logParam(info.runId, 'depth', '8');
    await place().client.setTag(info.runId, 'temporary', 'x');
    await place().client.deleteTag(info.runId, 'temporary');
    const run = await place().client.getRun(info.runId);
    expect(run.data.params).toEqual({ lr: '0.1', depth: '8' });
    expect(run.data.tags).toMatchObject({ sweep: "it's", stage: 'a', 'mlflow.runName': 'one' });
    expect(run.data.tags).not.toHaveProperty('temporary');
    expect(run.data.metrics).toEqual({ 'val/psnr': 49, odd: NaN });
    let pagesRead = 0;
    let token: string | undefined;
    do {
      const page = await place().client.getMetricHistory(info.runId, 'val/psnr', { maxResults: 12, pageToken: token });
      token = page.nextPageToken;
      pagesRead += 1;
    } while (token !== undefined);
    expect(pagesRead).toBe(3);
    expect(
      (await place().client.getMetricHistoryBulkInterval([info.runId], 'val/psnr', { maxResults: 5 })).length,
    ).toBeGreaterThan(4);
    const found = await place().client.searchRuns([experimentId], {
      filter: where
        .metric('val/psnr', '>', 40)
        .and(where.tag('sweep', '=', "it's"))
        .and(where.param('lr', '=', '0.1')),
    });
    expect(found.items.map((item) => item.info.runId)).toEqual([info.runId]);
    await place().client.setTerminated(info.runId, 'FAILED', 5000);
    expect((await place().client.getRun(info.runId)).info).toMatchObject({ status: 'FAILED', endTime: 5000 });
    await place().client.deleteRun(info.runId);
    expect((await place().client.searchRuns([experimentId])).items).toEqual([]);
    await expect(place().client.logMetric(info.runId, 'm', 1)).rejects.toMatchObject({
      kind: 'server',
      errorCode: 'INVALID_PARAMETER_VALUE',
    });
    await place().client.restoreRun(info.runId);
    expect((await place().client.searchRuns([experimentId])).items.length).toBe(1);
    await place().client.recordLoggedModel(
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
    const experimentId = await place().client.createExperiment('models');
    const { info } = await place().client.createRun(experimentId);
    const model = await place().client.createLoggedModel(experimentId, {
      name: 'edsr',
      sourceRunId: info.runId,
      params: { depth: '8' },
      tags: { a: 'b' },
    });
    await place().client.logLoggedModelParams(model.modelId, { width: '64' });
    await place().client.setLoggedModelTags(model.modelId, { c: 'd', e: 'f' });
    await place().client.deleteLoggedModelTag(model.modelId, 'e');
    await place().client.finalizeLoggedModel(model.modelId, 'LOGGED_MODEL_READY');
    await place().client.logOutputs(info.runId, [{ modelId: model.modelId, step: 3 }]);
    await place().client.logInputs(info.runId, {
      modelIds: [model.modelId],
      datasets: [{ name: 'd', digest: '1', sourceType: 'local', source: '{}', context: 'test' }],
    });
    expect(await place().client.getLoggedModel(model.modelId)).toMatchObject({
      status: 'LOGGED_MODEL_READY',
      params: { depth: '8', width: '64' },
      tags: { a: 'b', c: 'd' },
    });
    expect(
      (
        await place().client.searchLoggedModels([experimentId], {
          filter: where.name('=', 'edsr'),
          orderBy: ['creation_timestamp DESC'],
        })
      ).items.length,
    ).toBe(1);
    expect((await place().client.getRun(info.runId)).outputs.modelOutputs).toEqual([
      { modelId: model.modelId, step: 3 },
    ]);
    expect(await place().client.searchDatasets([experimentId])).toEqual([
      { experimentId, name: 'd', digest: '1', context: 'test' },
    ]);
    expect((await place().client.listLoggedModelArtifacts(model.modelId)).items).toEqual([]);

    await place().client.createRegisteredModel('sr', { description: 'first', tags: { t: '1' } });
    const version = await place().client.createModelVersion('sr', `models:/${model.modelId}`, {
      runId: info.runId,
      modelId: model.modelId,
    });
    expect(version.version).toBe('1');
    await place().client.setModelVersionTag('sr', '1', 'k', 'v');
    await place().client.deleteModelVersionTag('sr', '1', 'k');
    await place().client.updateModelVersion('sr', '1', { description: 'better' });
    await place().client.setRegisteredModelAlias('sr', 'champion', '1');
    expect((await place().client.getModelVersionByAlias('sr', 'champion')).description).toBe('better');
    expect((await place().client.getRegisteredModel('sr')).aliases).toEqual({ champion: '1' });
    expect((await place().client.transitionModelVersionStage('sr', '1', 'Staging')).currentStage).toBe('Staging');
    expect((await place().client.getLatestVersions('sr', ['Staging'])).map((item) => item.version)).toEqual(['1']);
    expect(await place().client.getModelVersionDownloadUri('sr', '1')).toContain(model.modelId);
    await place().client.deleteRegisteredModelAlias('sr', 'champion');
    await place().client.setRegisteredModelTag('sr', 'k', 'v');
    await place().client.deleteRegisteredModelTag('sr', 'k');
    await place().client.updateRegisteredModel('sr', { description: 'second' });
    await place().client.renameRegisteredModel('sr', 'sr2');
    expect(
      (await place().client.searchRegisteredModels({ filter: where.name('=', 'sr2') })).items.map(
        (item) => item.description,
      ),
    ).toEqual(['second']);
    expect(
      (await place().client.searchModelVersions({ filter: where.name('=', 'sr2') })).items.map((item) => item.version),
    ).toEqual(['1']);
    await place().client.transitionModelVersionStage('sr2', '1', 'None');
    await place().client.deleteModelVersion('sr2', '1');
    await place().client.deleteRegisteredModel('sr2');
    await expect(place().client.getRegisteredModel('sr2')).rejects.toMatchObject({
      errorCode: 'RESOURCE_DOES_NOT_EXIST',
    });
    await place().client.deleteLoggedModel(model.modelId);
  });

  it('covers artifacts: streamed up and down, folders, odd names', async () => {
    const experimentId = await place().client.createExperiment('artifacts');
    const { info } = await place().client.createRun(experimentId);
    const local = path.join(place().dir, 'in');
    fs.mkdirSync(path.join(local, 'sub'), { recursive: true });
    const big = Buffer.alloc(3_000_000, 'lacuna');
    fs.writeFileSync(path.join(local, 'big file+ü.bin'), big);
    fs.writeFileSync(path.join(local, 'sub', 'small.txt'), 'hello');
    await place().client.logArtifacts(info.runId, local, 'data');
    await place().client.logArtifact(info.runId, path.join(local, 'sub', 'small.txt'));
    expect(
      (await place().client.listArtifacts(info.runId, 'data')).map((file) => [file.path, file.isDir, file.fileSize]),
    ).toEqual([
      ['data/big file+ü.bin', false, 3_000_000],
      ['data/sub', true, undefined],
    ]);
    const copy = await place().client.downloadArtifacts(info.runId, 'data', path.join(place().dir, 'out'));
    expect(
      createHash('sha256')
        .update(fs.readFileSync(path.join(copy, 'big file+ü.bin')))
        .digest('hex'),
    ).toBe(createHash('sha256').update(big).digest('hex'));
    expect(Buffer.from(await place().client.readArtifact(info.runId, 'small.txt')).toString()).toBe('hello');
  });

  it('examples/search.mjs finds what it looks for', async () => {
    const project = path.join(place().dir, 'example');
    fs.mkdirSync(path.join(project, 'node_modules'), { recursive: true });
    fs.symlinkSync(packageDir, path.join(project, 'node_modules', 'mlflow-ts-client'));
    fs.copyFileSync(path.join(packageDir, 'examples/search.mjs'), path.join(project, 'search.mjs'));
    const { stdout } = await promisify(execFile)(process.execPath, ['search.mjs'], {
      cwd: project,
      env: { ...process.env, FORCE_COLOR: '0', MLFLOW_TRACKING_URI: place().uri },
    });
    expect(stdout.trim().split('\n')).toEqual(['run-33 33', 'run-31 31']);
  });

  it('answers as the model server of the fault schedules does, call by call', async () => {
    const model = await startModelServer();
    const [wanted, got] = [await replay(place().uri, 'x7q'), await replay(model.uri, 'x7q')];
    expect(got).toEqual(wanted);
    await model.close();
  });
}

import path from 'node:path';
import fs from 'node:fs';
import { fileBody, type MlflowClient } from '../client.js';
import { endpoints, invoke } from '../endpoints.js';
import { where } from '../filter.js';
import { openArtifacts, type ArtifactStore } from '../local-artifacts.js';
import type { ArtifactPart, HeaderRecord, Item } from '../spool/record.js';
import type { SpoolState } from '../spool/state.js';
import { datasetToJson } from '../to-log.js';
import { isRefusal } from './failures.js';
import { isListTag, joinLists } from './list-tag.js';
import { goneRun, isCode, KEY_TAG, removeDuplicates, RUN_NAME_TAG, unlessRefused, type LocatedRun } from './locate.js';

/** What a delivery works with. `state` is the sender's, saved by it after each window. */
export interface Target {
  /** The server, one try a request. */
  readonly client: MlflowClient;
  /** The run's folder in the spool. */
  readonly folder: string;
  /** What the run was started with. */
  readonly header: HeaderRecord;
  /** The run at the server. */
  readonly run: LocatedRun;
  /** How far the delivery is. */
  readonly state: SpoolState;
}

/** Metrics, params and tags in one request: the server takes all or none. */
export async function deliverBatch({ client, run }: Target, items: readonly Item[]): Promise<void> {
  const metrics: unknown[] = [];
  const params: unknown[] = [];
  const tags: unknown[] = [];
  for (const item of items) {
    if (item.t === 'metric')
      metrics.push({
        key: item.k,
        value: item.v,
        timestamp: item.ts,
        step: item.s,
        model_id: item.model,
        dataset_name: item.dn,
        dataset_digest: item.dd,
      });
    else if (item.t === 'param') params.push({ key: item.k, value: item.v });
    else if (item.t === 'tag') tags.push({ key: item.k, value: item.v });
  }
  await invoke(client.rest, endpoints.logBatch, { run_id: run.runId, metrics, params, tags });
}

/** One item of the other kinds. Each may be delivered again without doing anything twice. */
export async function deliverItem(target: Target, item: Item): Promise<void> {
  const { client, run, state } = target;
  switch (item.t) {
    case 'artifact':
      return deliverArtifact(target, item);
    case 'tag':
      return addToList(target, item.k, item.v);
    case 'inputs':
      return onceAtServer(
        invoke(client.rest, endpoints.logInputs, {
          run_id: run.runId,
          datasets: item.datasets.map(datasetToJson),
          models: item.modelIds.map((id) => ({ model_id: id })),
        }),
        async () => {
          const { inputs } = await client.getRun(run.runId);
          return (
            item.modelIds.every((id) => inputs.modelInputs.some(({ modelId }) => modelId === id)) &&
            item.datasets.every(({ name, digest }) =>
              inputs.datasetInputs.some(({ dataset }) => dataset.name === name && dataset.digest === digest),
            )
          );
        },
      );
    case 'untag':
      try {
        await client.deleteTag(run.runId, item.k);
      } catch (error) {
        // Deleted by an attempt whose answer was lost.
        if (!isCode(error, 'RESOURCE_DOES_NOT_EXIST')) throw error;
      }
      return;
    case 'name':
      return void (await client.updateRun(run.runId, { runName: item.v }));
    case 'mark':
      return;
    case 'open':
      return deliverOpen(target, item);
    case 'end':
      await client.updateRun(run.runId, { status: item.status, endTime: item.at });
      await removeDuplicates(client, target.header, run);
      return restoreTags(target);
    case 'model':
      return deliverModel(target, item);
    case 'model-ready': {
      const { modelId } = state.models[item.id];
      await removeDuplicateModels(target, item.id, modelId);
      await client.finalizeLoggedModel(modelId, 'LOGGED_MODEL_READY');
      return onceAtServer(client.logOutputs(run.runId, [{ modelId, step: item.step }]), async () => {
        const { outputs } = await client.getRun(run.runId);
        return outputs.modelOutputs.some((output) => output.modelId === modelId);
      });
    }
  }
}

/**
 * MLflow refuses a link between run and model that it has (a unique constraint, 400): then an attempt whose answer
 * was lost made it.
 */
async function onceAtServer(linking: Promise<void>, isThere: () => Promise<boolean>): Promise<void> {
  try {
    await linking;
  } catch (error) {
    if (!isRefusal(error) || !(await isThere())) throw error;
  }
}

/** A resumed run goes on: its status says so again. */
async function deliverOpen({ client, run }: Target, item: Extract<Item, { t: 'open' }>): Promise<void> {
  const { info } = await client.getRun(run.runId);
  if (info.lifecycleStage !== 'active') throw goneRun(run.runId);
  if (item.resumed && info.status !== 'RUNNING') await client.updateRun(run.runId, { status: 'RUNNING' });
}

async function deliverArtifact(
  { client, folder, run, state }: Target,
  item: Extract<Item, { t: 'artifact' }>,
): Promise<void> {
  const root = item.model === undefined ? run.artifactUri : state.models[item.model].artifactUri;
  const store = openArtifacts(client.rest, root);
  // The pair first: what makes the UI look is there when both are.
  for (const part of item.pair === undefined ? [item] : [item.pair, item]) await uploadPart(store, folder, part);
}

async function uploadPart(store: ArtifactStore, folder: string, { path: name, content }: ArtifactPart): Promise<void> {
  if ('base64' in content) return store.upload(name, Buffer.from(content.base64, 'base64'));
  const file = path.join(folder, 'files', content.file);
  // Gone already: uploaded by a sender that died before it could note so.
  if (!fs.existsSync(file)) return;
  await store.upload(name, fileBody(file));
}

/** Puts right what a request overwrote that a network had held back for longer than the sender waits. */
async function restoreTags(target: Target): Promise<void> {
  const { client, run, state } = target;
  const risks = Object.entries(state.risks);
  if (risks.length === 0) return;
  const { data } = await client.getRun(run.runId);
  const wrong = risks.filter(
    ([key, wanted]) =>
      (isListTag(key) ? joinLists(data.tags[key], wanted ?? '[]') : wanted) !== (data.tags[key] ?? null),
  );
  for (const [key, wanted] of wrong) await deliverOverwrite(target, key, wanted);
}

async function deliverOverwrite(target: Target, key: string, wanted: string | null): Promise<void> {
  if (wanted === null) await deliverItem(target, { t: 'untag', k: key });
  else if (key === RUN_NAME_TAG) await deliverItem(target, { t: 'name', v: wanted });
  else if (isListTag(key)) await addToList(target, key, wanted);
  else await deliverBatch(target, [{ t: 'tag', k: key, v: wanted }]);
}

/**
 * Adds to what the server's list holds by now: another process may have logged tables to this run, and its journal
 * may be elsewhere.
 */
async function addToList(target: Target, key: string, items: string): Promise<void> {
  const { data } = await target.client.getRun(target.run.runId);
  const joined = joinLists(data.tags[key], items);
  if (joined !== data.tags[key]) await deliverBatch(target, [{ t: 'tag', k: key, v: joined }]);
}

/** A creation that was repeated or duplicated on its way leaves more than one model. */
async function removeDuplicateModels({ client, run }: Target, id: string, keep: string): Promise<void> {
  const { items } = await client.searchLoggedModels([run.experimentId], { filter: where.tag(KEY_TAG, '=', id) });
  for (const { modelId } of items) if (modelId !== keep) await unlessRefused(client.deleteLoggedModel(modelId));
}

async function deliverModel({ client, run, state }: Target, item: Extract<Item, { t: 'model' }>): Promise<void> {
  const found = await client.searchLoggedModels([run.experimentId], {
    filter: where.tag(KEY_TAG, '=', item.id),
    orderBy: ['creation_timestamp ASC'],
  });
  const model =
    found.items[0] ??
    (await client.createLoggedModel(run.experimentId, {
      name: item.name,
      modelType: item.modelType,
      sourceRunId: run.runId,
      params: item.params,
      tags: { ...item.tags, [KEY_TAG]: item.id },
    }));
  state.models[item.id] = { modelId: model.modelId, artifactUri: model.artifactUri };
}
